//! Careful-clerk scenarios: the whole plan, line by line, as it was checked by reading.

use guidance::guide;

use crate::support::{CATALOGUE, facts, move_in_family, plan, scenarios, short};

#[test]
fn every_scenario_gives_the_plan_that_was_read_and_approved() {
    for (name, document) in scenarios() {
        insta::assert_snapshot!(name, short(&plan(document)).join("\n"));
    }
}

#[test]
fn the_reply_has_exactly_the_shape_of_the_interchange() {
    let reply = guide(&CATALOGUE, &move_in_family().to_string()).unwrap();
    let mut reply: serde_json::Value = serde_json::from_str(&reply).unwrap();
    assert_eq!(reply["catalogue"]["digest"], CATALOGUE.digest());
    reply["catalogue"]["digest"] = "…".into();
    insta::assert_json_snapshot!("reply", reply);
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    for (_, document) in scenarios() {
        let first = guide(&CATALOGUE, &document.to_string()).unwrap();
        let from_own_form = facts(document).to_json();
        assert_eq!(first, guide(&CATALOGUE, &from_own_form).unwrap());
    }
}

#[test]
fn a_card_holder_leaves_papers_at_home_and_is_told_why() {
    let plan = plan(move_in_family());
    let bring = &plan.line("tennyu").unwrap().bring;
    let certificate = bring
        .iter()
        .find(|bring| bring.item_id == "move_out_certificate")
        .unwrap();
    assert!(!certificate.needed);
    assert!(certificate.why.get("ja").contains("マイナンバーカード"));
    assert!(
        bring
            .iter()
            .any(|bring| bring.item_id == "my_number_card" && bring.needed)
    );
    assert!(
        !bring.iter().any(|bring| bring.item_id == "residence_card"),
        "nobody holds a residence card"
    );
}
