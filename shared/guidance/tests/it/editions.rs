//! Editions: canonical form, law on a given day, staging, a town's parameters.

use guidance::{Catalogue, Editions, ParameterValue, PlanChange};
use jiff::civil::date;
use serde_json::json;

use crate::support::{CATALOGUE, facts, files, move_in_family, plan};

#[test]
fn the_canonical_document_loads_back_equal() {
    let document = std::str::from_utf8(CATALOGUE.edition_bytes()).unwrap();
    let again = Catalogue::from_document(document).unwrap();
    assert_eq!(again.edition_bytes(), CATALOGUE.edition_bytes());
    assert_eq!(again.digest(), CATALOGUE.digest());
    assert_eq!(CATALOGUE.digest().len(), 64);
    let facts = facts(move_in_family());
    assert_eq!(
        again.plan(&facts).to_json(),
        CATALOGUE.plan(&facts).to_json()
    );
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_files() {
    let mut reversed = files();
    reversed.sort();
    reversed.reverse();
    assert_eq!(
        Catalogue::from_files(reversed).unwrap().digest(),
        CATALOGUE.digest()
    );
}

#[test]
fn the_edition_calls_itself_a_sample() {
    assert!(CATALOGUE.edition().sample);
    assert!(CATALOGUE.edition().notice.get("ja").contains("見本"));
}

#[test]
fn any_day_replays_that_days_law() {
    let split = |as_of: &str, day: &str| {
        let plan = plan(
            json!({"as_of": as_of, "event": {"kind": "divorce", "date": day, "divorce_type": "agreement"},
            "household": {"surviving_spouse_of_employees_insured": true}}),
        );
        plan.line("nenkin_bunkatsu")
            .unwrap()
            .due
            .date()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        split("2026-03-31", "2026-03-31"),
        "2028-03-31",
        "two years before the reform"
    );
    assert_eq!(
        split("2026-05-01", "2026-03-31"),
        "2028-03-31",
        "and for divorces before it, afterwards too"
    );
    assert_eq!(
        split("2026-05-01", "2026-04-01"),
        "2031-04-01",
        "five years from it on"
    );
    let expecting = |as_of: &str| {
        plan(
            json!({"as_of": as_of, "event": {"kind": "pregnancy", "date": as_of},
        "persons": [{"id": "A", "pregnant": true}]}),
        )
    };
    assert!(expecting("2025-03-31").line("ninpu_shien1").is_none());
    assert!(expecting("2025-04-01").line("ninpu_shien1").is_some());
}

/// An edition for next year in which the moving-in notification is due after 20 days.
fn staged() -> Catalogue {
    let mut files = files();
    for (name, text) in &mut files {
        if name == "edition.toml" {
            *text = text
                .replace("sample-2026-04", "sample-2027-04")
                .replace("2026-04-01", "2027-04-01");
        }
        if name == "resident_record.toml" {
            *text = text.replacen("count = 14", "count = 20", 1);
        }
    }
    Catalogue::from_files(files).unwrap()
}

#[test]
fn a_future_edition_waits_for_its_day() {
    let mut editions = Editions::default();
    editions.insert(staged());
    editions.insert(CATALOGUE.clone());
    let name = |day| editions.on(day).unwrap().edition().name.clone();
    assert_eq!(name(date(2027, 3, 31)), "sample-2026-04");
    assert_eq!(name(date(2027, 4, 1)), "sample-2027-04");
    assert_eq!(
        name(date(2020, 1, 1)),
        "sample-2026-04",
        "before all of them: the earliest"
    );
    assert_eq!(editions.iter().count(), 2);
}

#[test]
fn two_editions_plans_can_be_compared() {
    let facts = facts(move_in_family());
    let changes = CATALOGUE.plan(&facts).changes_to(&staged().plan(&facts));
    let [PlanChange::Changed { before, after }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(before.procedure, "tennyu");
    assert_eq!(
        after.due.date(),
        Some(date(2026, 5, 18)),
        "the sixteenth is a Saturday"
    );
}

#[test]
fn a_town_sets_its_parameters() {
    let town = CATALOGUE
        .with_parameters([("cert_fee_juminhyo", ParameterValue::Count(200))])
        .unwrap();
    let facts = facts(
        json!({"as_of": "2026-04-27", "event": {"kind": "certificate", "what": "juminhyo"}, "persons": [{"id": "A"}]}),
    );
    assert_eq!(
        town.plan(&facts).line("cert_juminhyo").unwrap().fee_yen,
        200
    );
    assert_eq!(
        CATALOGUE
            .plan(&facts)
            .line("cert_juminhyo")
            .unwrap()
            .fee_yen,
        300
    );
    assert_ne!(town.digest(), CATALOGUE.digest());
    assert!(
        CATALOGUE
            .with_parameters([("no_such", ParameterValue::Flag(true))])
            .is_err()
    );
}
