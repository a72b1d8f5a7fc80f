//! The event's own details and guidance's questions.

use guidance::Facts;
use session::screen::{Body, ChoicesBody, EntryBody, Pad, PlanBody};
use session::touch::{ChoiceId, Key, Touch};

use crate::kiosk::Kiosk;
use crate::reading;

fn stored_facts(kiosk: &Kiosk) -> Facts {
    Facts::from_value(&kiosk.stored.last().unwrap().facts).unwrap()
}

fn given(facts: &Facts, path: &str) -> Option<String> {
    facts
        .given(&path.parse().unwrap())
        .map(|value| value.to_string())
}

#[test]
fn a_family_moves_in_without_a_card() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_in")
        .choose("without")
        .is_at("move_in.date")
        .choose("day:yesterday");
    kiosk
        .is_at("details.together.movers")
        .choose("with:child-1")
        .next()
        .is_at("details.birth.title");
    kiosk
        .choose("era:showa")
        .keys("60")
        .keys("6")
        .keys("15")
        .next();
    kiosk.is_at("details.birth.title");
    kiosk
        .choose("era:reiwa")
        .keys("3")
        .touch(Touch::Key(Key::Part(1)))
        .keys("4")
        .keys("2")
        .next();
    kiosk.until("paper.storing.title");
    let facts = stored_facts(&kiosk);
    assert_eq!(given(&facts, "event.date").as_deref(), Some("2026-04-26"));
    assert_eq!(
        given(&facts, "persons[A].birth_date").as_deref(),
        Some("1985-06-15")
    );
    assert_eq!(given(&facts, "persons[B].role").as_deref(), Some("child"));
    assert_eq!(
        given(&facts, "persons[B].birth_date").as_deref(),
        Some("2021-04-02")
    );
    assert_eq!(given(&facts, "persons[B].moves").as_deref(), Some("true"));
}

#[test]
fn an_answer_taken_back_leaves_nothing() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_in")
        .choose("without")
        .choose("day:yesterday")
        .choose("with:spouse")
        .choose("with:child-2")
        .next()
        .is_at("details.birth.title");
    kiosk
        .back()
        .is_at("details.together.movers")
        .choose("with:spouse")
        .choose("with:child-1")
        .next()
        .until("paper.storing.title");
    assert_eq!(stored_facts(&kiosk).persons().collect::<Vec<_>>(), ["A"]);
}

#[test]
fn a_known_household_is_asked_only_who() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_within")
        .is_at("move_in.date")
        .choose("day:today")
        .is_at("move_in.who");
    let names = reading::strings(&kiosk.screen());
    assert!(names.contains(&"山田　さくら".to_owned()), "{names:?}");
    kiosk.choose("person:D").next();
    kiosk.until("paper.storing.title");
    let facts = stored_facts(&kiosk);
    assert_eq!(given(&facts, "persons[D].moves").as_deref(), Some("false"));
    assert_eq!(given(&facts, "persons[C].moves").as_deref(), Some("true"));
    assert_eq!(
        given(&facts, "persons[C].birth_date").as_deref(),
        Some("2017-09-20")
    );
}

#[test]
fn a_baby_is_added_to_a_known_household() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("birth")
        .choose("day:yesterday")
        .is_at("birth.who")
        .choose("person:B");
    kiosk.until("paper.storing.title");
    let facts = stored_facts(&kiosk);
    assert_eq!(given(&facts, "persons[B].role").as_deref(), Some("spouse"));
    assert_eq!(
        given(&facts, "persons[B].pregnant").as_deref(),
        Some("true")
    );
    assert_eq!(
        given(&facts, "persons[A].pregnant").as_deref(),
        Some("false")
    );
    assert_eq!(given(&facts, "persons[E].role").as_deref(), Some("newborn"));
    assert_eq!(
        given(&facts, "persons[E].birth_date").as_deref(),
        Some("2026-04-26")
    );
}

#[test]
fn the_resident_cannot_have_died() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("death")
        .choose("day:yesterday")
        .is_at("death.who");
    assert!(!reading::offered(&kiosk.screen()).contains(&"person:A".to_owned()));
    kiosk
        .touch(Touch::Choose(ChoiceId::Person("A".to_owned())))
        .is_at("death.who");
    kiosk.choose("person:B").until("paper.storing.title");
    assert_eq!(
        given(&stored_facts(&kiosk), "persons[B].role").as_deref(),
        Some("deceased")
    );
}

#[test]
fn dates_that_cannot_be_are_said_so_kindly() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("birth")
        .choose("without")
        .keys("8")
        .touch(Touch::Key(Key::Part(1)))
        .keys("5")
        .keys("31")
        .next();
    let problem = |kiosk: &Kiosk| match kiosk.screen().body {
        Body::Entry(EntryBody {
            problem: Some(session::text::Text::Key(key, _)),
            ..
        }) => key,
        _ => "",
    };
    assert_eq!(problem(&kiosk), "date.problem.future");
    kiosk
        .touch(Touch::Key(Key::Clear))
        .keys("8")
        .touch(Touch::Key(Key::Part(1)))
        .keys("2")
        .keys("30")
        .next();
    assert_eq!(problem(&kiosk), "problem.date_impossible");
    kiosk.touch(Touch::Key(Key::Delete));
    assert_eq!(problem(&kiosk), "");
}

#[test]
fn the_pad_says_the_date_with_its_weekday() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("birth")
        .choose("without")
        .keys("8")
        .touch(Touch::Key(Key::Part(1)))
        .keys("4")
        .keys("2")
        .keys("6");
    let spoken = |kiosk: &Kiosk| match kiosk.screen().body {
        Body::Entry(EntryBody {
            pad: Pad::Date(pad),
            ..
        }) => pad.spoken,
        _ => None,
    };
    assert_eq!(spoken(&kiosk).as_deref(), Some("令和8年4月26日(日)"));
    kiosk.touch(Touch::Language(session::touch::Language("en".to_owned())));
    assert_eq!(spoken(&kiosk).as_deref(), Some("Sun 26 Apr 2026"));
}

#[test]
fn every_question_has_a_reason_and_back_takes_the_answer_back() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_in")
        .choose("without")
        .choose("day:yesterday")
        .next();
    kiosk
        .choose("era:showa")
        .keys("60")
        .keys("6")
        .keys("15")
        .next()
        .is_at("words");
    let mut asked = 0;
    while kiosk.title() == "words" && asked < 60 {
        let screen = kiosk.screen();
        if let Body::Choices(ChoicesBody { why, .. }) = &screen.body {
            let why = why.as_ref().expect("a reason");
            assert!(!why.procedures.is_empty() && !why.open);
        }
        if asked == 1 {
            kiosk.touch(Touch::Why);
            assert!(
                matches!(&kiosk.screen().body, Body::Choices(ChoicesBody { why: Some(why), .. }) if why.open)
            );
        }
        kiosk.answer_plainly();
        asked += 1;
    }
    assert!(asked > 2, "hardly anything was asked");
    kiosk.is_at("plan.title.lines");
    for _ in 0..asked {
        kiosk.back();
    }
    kiosk.is_at("words").back().is_at("details.birth.title");
}

#[test]
fn a_plan_names_due_day_counter_and_reason() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_in")
        .choose("day:yesterday")
        .next()
        .until("plan.title.lines");
    let Body::Plan(PlanBody { lines, bring, .. }) = kiosk.screen().body else {
        panic!("no plan")
    };
    assert!(lines.len() > 3);
    assert!(
        lines
            .iter()
            .any(|line| line.due.is_some() && line.overdue.is_none())
    );
    assert!(lines.iter().any(|line| line.here));
    assert!(
        lines
            .iter()
            .all(|line| !line.reasons.is_empty() && !line.statute.is_empty())
    );
    assert!(!bring.is_empty());
    let first = lines[0].id.to_string();
    kiosk
        .choose(&first)
        .is_at("plan.detail")
        .back()
        .is_at("plan.title.lines");
}

#[test]
fn a_late_filing_is_told_kindly() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_in")
        .keys("8")
        .touch(Touch::Key(Key::Part(1)))
        .keys("1")
        .touch(Touch::Key(Key::Part(2)));
    kiosk.keys("10").next().next().until("plan.title.lines");
    let Body::Plan(PlanBody { lines, .. }) = kiosk.screen().body else {
        panic!("no plan")
    };
    let late = lines
        .iter()
        .find(|line| line.overdue.is_some())
        .expect("a line past its day");
    assert!(
        matches!(&late.overdue, Some(session::text::Text::Key(key, _)) if key.starts_with("plan.overdue."))
    );
}
