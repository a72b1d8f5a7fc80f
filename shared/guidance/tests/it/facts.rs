//! Reading, writing and refusing facts.

use guidance::{FactId, FactKind, FactPath, FactValue, Facts, guide};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{CATALOGUE, facts, plan, scenarios, short};

fn refusal(document: Value) -> String {
    guide(&CATALOGUE, &document.to_string())
        .unwrap_err()
        .to_string()
}

fn with_person(person: Value) -> Value {
    json!({"as_of": "2026-04-27", "event": {"kind": "move_in"}, "persons": [{"id": "A"}, person]})
}

#[test]
fn refusals_name_the_path_and_what_would_be_right() {
    assert_eq!(
        refusal(with_person(
            json!({"id": "B", "health_insurance": "kokuhoo"})
        )),
        "persons[1].health_insurance: unknown value \"kokuhoo\"; expected one of national, employees, \
         employees_dependent, late_elderly, public_assistance, not_yet"
    );
    assert_eq!(
        refusal(with_person(json!({"id": "B", "moves": "yes"}))),
        "persons[1].moves: expected true or false, found \"yes\""
    );
    assert_eq!(
        refusal(with_person(json!({"id": "B", "birth_date": "2026-02-30"}))),
        "persons[1].birth_date: expected a date as YYYY-MM-DD, found \"2026-02-30\""
    );
    assert_eq!(
        refusal(with_person(
            json!({"id": "B", "ins": "kokuho", "health_insurance": "national"})
        )),
        "persons[1].ins: given twice, as health_insurance and as ins"
    );
    assert_eq!(
        refusal(with_person(json!({"id": "A"}))),
        "persons[1].id: \"A\" is used twice"
    );
    assert_eq!(
        refusal(with_person(json!({"moves": true}))),
        "persons[1].id: missing"
    );
    assert!(
        refusal(with_person(json!({"id": "B", "colour": 1})))
            .starts_with("persons[1].colour: unknown key; expected one of id, birth_date")
    );
}

#[test]
fn refusals_of_the_document_itself() {
    let cases = [
        (json!([]), "document: expected an object, found a list"),
        (json!({"event": {"kind": "birth"}}), "as_of: missing"),
        (json!({"as_of": "2026-01-01"}), "event: missing"),
        (
            json!({"as_of": "2026-01-01", "event": {}}),
            "event.kind: missing",
        ),
        (
            json!({"as_of": "1026-01-01", "event": {"kind": "birth"}}),
            "as_of: 1026-01-01 is outside the years 1850 to 2300",
        ),
        (
            json!({"as_of": "2026-01-01", "event": {"kind": "birth"}, "persons": {}}),
            "persons: expected a list, found an object",
        ),
        (
            json!({"as_of": "2026-01-01", "event": {"kind": "birth", "weight": -1}}),
            "event.weight: expected a whole number from 0 to 1000000, found -1",
        ),
        (
            json!({"as_of": "2026-01-01", "event": {"kind": "birth"}, "x": 1}),
            "x: unknown key; expected one of as_of, event, household, persons, tenant",
        ),
        (
            json!({"as_of": "2026-01-01", "event": {"kind": "birth"}, "tenant": {"child_medical_until": "fy99"}}),
            "tenant.child_medical_until: unknown value \"fy99\"; expected one of fy18, fy15, fy12, age6",
        ),
        (
            json!({"as_of": "2026-01-01", "event": {"kind": "birth"}, "tenant": {"dog_special_rule": 1}}),
            "tenant.dog_special_rule: expected true or false",
        ),
    ];
    for (document, expected) in cases {
        assert_eq!(refusal(document), expected);
    }
    assert!(
        guide(&CATALOGUE, "{")
            .unwrap_err()
            .to_string()
            .starts_with("document: not JSON: EOF")
    );
    assert!(
        refusal(json!({"as_of": "2026-01-01", "event": {"kind": "party"}}))
            .starts_with("event.kind: unknown value \"party\"; expected one of move_in")
    );
}

#[test]
fn null_means_absent_and_absent_is_not_given() {
    let document = with_person(json!({"id": "B", "pregnant": null, "moves": false}));
    let facts = facts(document);
    assert_eq!(facts.given(&"persons[B].pregnant".parse().unwrap()), None);
    assert_eq!(
        facts.given(&"persons[B].moves".parse().unwrap()),
        Some(FactValue::Flag(false))
    );
}

#[test]
fn answers_are_set_by_path_and_written_back() {
    let mut facts = Facts::new("2026-04-27".parse().unwrap(), "move_in").unwrap();
    facts.add_person("A").unwrap();
    facts
        .set("persons[A].pregnant", FactValue::Flag(true))
        .unwrap();
    facts
        .set("event.date", FactValue::Date("2026-04-26".parse().unwrap()))
        .unwrap();
    facts
        .set("persons[A].health_insurance", FactValue::Choice("national"))
        .unwrap();
    facts.set_text("household.dogs", "2").unwrap();
    facts.set_text("persons[A].ins_after", "kokuho").unwrap();
    assert_eq!(
        facts.to_value(),
        json!({"as_of": "2026-04-27", "event": {"kind": "move_in", "date": "2026-04-26"}, "household": {"dogs": 2},
            "persons": [{"id": "A", "health_insurance": "national", "health_insurance_after": "national", "pregnant": true}]})
    );
    let path: FactPath = "persons[A].pregnant".parse().unwrap();
    assert_eq!(facts.unset(&path), Some(FactValue::Flag(true)));
    assert_eq!(facts.given(&path), None);
}

#[test]
fn wrong_answers_are_refused() {
    let mut facts = Facts::new("2026-04-27".parse().unwrap(), "move_in").unwrap();
    let refused = |result: Result<(), guidance::FactError>| result.unwrap_err().to_string();
    assert_eq!(
        refused(facts.set("persons[Z].moves", FactValue::Flag(true))),
        "persons[Z].moves: no such person"
    );
    assert_eq!(
        refused(facts.set("household.cats", FactValue::Count(1))),
        "household.cats: no such fact"
    );
    assert_eq!(
        refused(facts.set("household.dogs", FactValue::Flag(true))),
        "household.dogs: expected a whole number from 0 to 1000000, found true"
    );
    assert!(refused(facts.add_person("a]b")).starts_with("persons[0].id: expected 1 to 64 bytes"));
}

/// The same document with every name and word in its short form.
fn shortened(document: &Value) -> Value {
    let mut short = document.clone();
    let rename = |record: &mut Value, scope: guidance::Scope| {
        let Some(fields) = record.as_object_mut() else {
            return;
        };
        let renamed: Map<String, Value> = std::mem::take(fields)
            .into_iter()
            .map(|(key, value)| {
                let Some(fact) = FactId::find(scope, &key) else {
                    return (key, value);
                };
                let value = match fact.def().kind {
                    FactKind::Choice(words) => {
                        let (_, word) = words
                            .iter()
                            .find(|(long, _)| Some(*long) == value.as_str())
                            .unwrap();
                        json!(word)
                    }
                    _ => value,
                };
                (fact.def().short.to_owned(), value)
            })
            .collect();
        *fields = renamed;
    };
    rename(&mut short["event"], guidance::Scope::Event);
    if let Some(household) = short.get_mut("household") {
        rename(household, guidance::Scope::Household);
    }
    if let Some(persons) = short.get_mut("persons").and_then(Value::as_array_mut) {
        persons
            .iter_mut()
            .for_each(|person| rename(person, guidance::Scope::Person));
    }
    short
}

#[test]
fn short_and_long_vocabulary_give_the_same_plan() {
    let mut differing = 0;
    for (name, document) in scenarios() {
        let short = shortened(&document);
        differing += usize::from(short != document);
        let long = guide(&CATALOGUE, &document.to_string()).unwrap();
        assert_eq!(
            long,
            guide(&CATALOGUE, &short.to_string()).unwrap(),
            "{name}"
        );
    }
    assert!(differing > 15);
}

#[test]
fn every_name_of_the_vocabulary_is_accepted_in_both_forms() {
    for fact in FactId::all() {
        let def = fact.def();
        for name in [def.name, def.short] {
            assert_eq!(
                FactId::find(def.scope, name),
                Some(fact),
                "{name} names two facts"
            );
        }
    }
}

proptest! {
    #[test]
    fn whatever_text_comes_in_nothing_panics(text in ".{0,200}") {
        let _ = guide(&CATALOGUE, &text);
    }

    #[test]
    fn any_given_facts_round_trip(choices in prop::collection::vec((0_usize..70, 0_usize..20), 0..40)) {
        let mut facts = Facts::new("2026-04-27".parse().unwrap(), "death").unwrap();
        facts.add_person("A").unwrap();
        let all: Vec<FactId> = FactId::all().filter(|fact| fact.def().name != "kind").collect();
        for (fact, value) in choices {
            let fact = all[fact % all.len()];
            let value = match fact.def().kind {
                FactKind::Flag => FactValue::Flag(value.is_multiple_of(2)),
                FactKind::Count => FactValue::Count(i64::try_from(value).unwrap()),
                FactKind::Date => FactValue::Date(jiff::civil::date(2000 + i16::try_from(value).unwrap(), 2, 28)),
                FactKind::Choice(words) => FactValue::Choice(words[value % words.len()].0),
            };
            let path = match fact.def().scope {
                guidance::Scope::Person => format!("persons[A].{}", fact.def().name),
                scope => format!("{}.{}", scope.in_conditions(), fact.def().name),
            };
            facts.set(&path, value).unwrap();
        }
        prop_assert_eq!(&facts, &Facts::from_json(&facts.to_json()).unwrap());
        let _ = CATALOGUE.plan(&facts).to_json();
        let _ = CATALOGUE.questions(&facts);
    }
}

#[test]
fn the_mother_of_the_reference_data_is_whoever_was_pregnant() {
    let document = |person: Value| {
        json!({"as_of": "2026-01-28", "event": {"kind": "birth", "date": "2026-01-25"},
            "persons": [person, {"id": "N", "role": "newborn", "birth_date": "2026-01-25"}]})
    };
    let mother = json!({"id": "M", "birth_date": "1993-03-03", "role": "mother", "pens": "c1"});
    let pregnant =
        json!({"id": "M", "birth": "1993-03-03", "role": "other", "pregnant": true, "pens": "c1"});
    let plan = short(&plan(document(mother.clone())));
    assert_eq!(plan, short(&crate::support::plan(document(pregnant))));
    assert!(
        plan.iter().any(|line| line.contains("ninpu_shien2 [M]")),
        "{plan:?}"
    );
    assert_eq!(
        facts(document(mother.clone())).to_value()["persons"][0]["role"],
        json!("other"),
        "written again in the interchange's own words"
    );
    // In another event the word says nothing.
    let mut elsewhere = document(mother);
    elsewhere["event"]["kind"] = json!("move_in");
    let read = facts(elsewhere).to_value();
    assert_eq!(read["persons"][0]["role"], json!("other"));
    assert_eq!(read["persons"][0].get("pregnant"), None);
}
