//! Our evaluation of conditions and CEL's own interpreter agree.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guidance::document::Each;
use guidance::{FactId, FactKind, Scope};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{CATALOGUE, facts};

/// Whether CEL's interpreter says that the condition holds, with `person.moves` = … and so on.
pub(crate) fn holds_in_cel(condition: &str, values: &BTreeMap<String, Value>) -> bool {
    let mut roots: HashMap<&str, Map<String, Value>> = ["person", "household", "event", "tenant"]
        .map(|root| (root, Map::new()))
        .into();
    for (name, value) in values {
        let (root, fact) = name.split_once('.').unwrap();
        roots
            .get_mut(root)
            .unwrap()
            .insert(fact.to_owned(), value.clone());
    }
    for parameter in &CATALOGUE.document().parameter {
        roots
            .get_mut("tenant")
            .unwrap()
            .insert(parameter.id.clone(), json!(parameter.default));
    }
    let mut context = cel::Context::default();
    for (root, fields) in roots {
        context.add_variable_from_value(root, cel::to_value(fields).unwrap());
    }
    let program = cel::Program::compile(condition).unwrap();
    program.execute(&context).unwrap() == cel::Value::Bool(true)
}

/// A value for every fact of a scope but `kind`, `date` and `visit`, derived ones included, picked by number.
fn record(scope: Scope, picks: &[usize]) -> Map<String, Value> {
    let facts = FactId::all().filter(|fact| {
        fact.def().scope == scope && !["kind", "date", "visit"].contains(&fact.def().name)
    });
    let value = |(index, fact): (usize, FactId)| {
        let pick = picks[index % picks.len()];
        let value = match fact.def().kind {
            FactKind::Flag => json!(pick.is_multiple_of(2)),
            FactKind::Count => json!([0, 1, 2, 12, 19, 40, 64, 66, 2400][pick % 9]),
            FactKind::Date => json!("2026-05-01"),
            FactKind::Choice(words) => json!(words[pick % words.len()].0),
        };
        (fact.def().name.to_owned(), value)
    };
    facts.enumerate().map(value).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_lines_are_those_whose_conditions_hold_in_cel(
        kind in 0_usize..16,
        event in prop::collection::vec(0_usize..90, 20),
        household in prop::collection::vec(0_usize..90, 20),
        person in prop::collection::vec(0_usize..90, 40),
    ) {
        let kind = CATALOGUE.life_events()[kind].id.as_str();
        let mut event = record(Scope::Event, &event);
        event.extend([("kind".to_owned(), json!(kind)), ("date".to_owned(), json!("2026-05-01"))]);
        let household = record(Scope::Household, &household);
        let mut person = record(Scope::Person, &person);
        let roots = [("event", &event), ("household", &household), ("person", &person)];
        let values = roots.iter().flat_map(|(root, fields)| fields.iter().map(move |(name, value)| (format!("{root}.{name}"), value.clone()))).collect();
        let mut expected = BTreeSet::new();
        for procedure in CATALOGUE.procedures() {
            for rule in procedure.rule.iter().filter(|rule| rule.event == kind) {
                if rule.when.iter().all(|condition| holds_in_cel(condition, &values)) {
                    expected.insert((procedure.id.clone(), rule.each == Each::Person));
                }
            }
        }
        person.insert("id".to_owned(), json!("A"));
        let plan = CATALOGUE.plan(&facts(json!({"as_of": "2026-05-02", "event": event, "household": household, "persons": [person]})));
        let found: BTreeSet<_> = plan.lines.iter().map(|line| (line.procedure.clone(), !line.persons.is_empty())).collect();
        prop_assert_eq!(found, expected);
    }
}
