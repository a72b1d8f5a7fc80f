//! What need not be done is offered, not imposed.

use session::screen::{Body, Choice, ChoicesBody};
use session::text::Text;

use crate::kiosk::Kiosk;
use crate::town;

/// A couple with a child has moved in; the card of the mother told who they are.
fn at_offer() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_in")
        .until("plan.title.lines")
        .next()
        .is_at("plan.offer.title");
    kiosk
}

fn offered(kiosk: &Kiosk) -> Vec<Choice> {
    match kiosk.screen().body {
        Body::Choices(ChoicesBody { choices, many, .. }) => {
            assert!(many);
            choices
        }
        _ => panic!("nothing is offered on {}", kiosk.title()),
    }
}

fn forms(kiosk: &Kiosk) -> Vec<(String, Vec<String>)> {
    let stored = kiosk.stored.last().unwrap();
    let uses = stored.forms.iter();
    uses.map(|one| (one.form.clone(), one.persons.clone()))
        .collect()
}

fn planned(kiosk: &Kiosk) -> Vec<String> {
    let stored = kiosk.stored.last().unwrap();
    let lines = stored.plan.lines.iter();
    lines.map(|line| line.procedure.clone()).collect()
}

#[test]
fn only_what_may_be_left_out_is_offered_each_with_what_it_is_for() {
    let kiosk = at_offer();
    let choices = offered(&kiosk);
    let ids: Vec<String> = choices.iter().map(|choice| choice.id.to_string()).collect();
    assert!(
        ids.iter().any(|id| id == "want:seal_new:A")
            && ids.iter().any(|id| id == "want:seal_new:B"),
        "{ids:?}"
    );
    assert!(!ids.iter().any(|id| id.starts_with("want:tennyu")));
    for choice in &choices {
        assert!(
            matches!(choice.lead, Some(Text::Words(_))),
            "{} is for what?",
            choice.id
        );
        let advised = choice.id.to_string().starts_with("want:kodomo_iryo");
        assert_eq!(choice.chosen, advised, "{}", choice.id);
    }
}

#[test]
fn a_may_makes_no_form_unless_it_is_wanted() {
    let mut kiosk = at_offer();
    kiosk.next().until("paper.storing.title");
    assert!(
        !forms(&kiosk)
            .iter()
            .any(|(form, _)| form == "seal_registration")
    );
    assert!(
        forms(&kiosk)
            .iter()
            .any(|(form, _)| form == "child_medical")
    );
    assert!(!planned(&kiosk).contains(&"seal_new".to_owned()));

    let mut kiosk = at_offer();
    kiosk
        .choose("want:seal_new:B")
        .next()
        .until("paper.storing.title");
    let seals: Vec<_> = forms(&kiosk)
        .into_iter()
        .filter(|(form, _)| form == "seal_registration")
        .collect();
    assert_eq!(
        seals,
        [("seal_registration".to_owned(), vec!["B".to_owned()])]
    );
    assert!(planned(&kiosk).contains(&"seal_new".to_owned()));
}

#[test]
fn advice_can_be_left_out_and_stays_on_the_plan() {
    let mut kiosk = at_offer();
    let advised: Vec<String> = offered(&kiosk)
        .into_iter()
        .filter(|choice| choice.chosen)
        .map(|choice| choice.id.to_string())
        .collect();
    assert!(!advised.is_empty());
    for id in &advised {
        kiosk.choose(id);
    }
    let screen = kiosk.screen();
    assert!(matches!(
        screen.frame.next,
        Some((Text::Key("plan.offer.none", _), true))
    ));
    kiosk.next().until("paper.storing.title");
    assert!(
        !forms(&kiosk)
            .iter()
            .any(|(form, _)| form == "child_medical")
    );
    assert!(planned(&kiosk).contains(&"kodomo_iryo".to_owned()));
    assert!(planned(&kiosk).contains(&"tennyu".to_owned()));
}

#[test]
fn the_answer_is_kept_when_the_resident_goes_back() {
    let mut kiosk = at_offer();
    kiosk.choose("want:seal_new:A").next().back();
    kiosk.is_at("plan.offer.title");
    let chosen = |kiosk: &Kiosk, id: &str| {
        offered(kiosk)
            .iter()
            .any(|choice| choice.id.to_string() == id && choice.chosen)
    };
    assert!(chosen(&kiosk, "want:seal_new:A") && !chosen(&kiosk, "want:seal_new:B"));
    kiosk.back().is_at("plan.title.lines").next();
    assert!(chosen(&kiosk, "want:seal_new:A"));
}

#[test]
fn where_law_demands_everything_nothing_is_offered() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("certificate")
        .choose("person:A")
        .choose("value:juminhyo")
        .is_at("plan.title.lines")
        .next();
    assert_ne!(kiosk.title(), "plan.offer.title");
}

#[test]
fn every_procedure_that_may_be_left_out_says_what_it_is_for() {
    for procedure in town::catalogue().procedures() {
        let optional = procedure
            .rule
            .iter()
            .any(|rule| rule.level != guidance::Level::Must);
        for language in ["ja", "ja-simple", "en"] {
            assert!(
                !optional || procedure.purpose.exact(language).is_some(),
                "{} in {language}",
                procedure.id
            );
        }
    }
}
