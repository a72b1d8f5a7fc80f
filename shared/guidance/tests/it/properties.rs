//! What holds of every plan, whoever lives together and whatever is known of them.

use std::collections::BTreeSet;

use guidance::{FactKind, FactPath, FactValue, Facts, Line, Plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{CATALOGUE, facts, plan, scenarios};

/// A scenario in which the persons stand in another order.
fn turned(document: &Value, by: usize, mirrored: bool) -> Value {
    let mut other = document.clone();
    if let Some(persons) = other["persons"]
        .as_array_mut()
        .filter(|all| !all.is_empty())
    {
        let by = by % persons.len();
        persons.rotate_left(by);
        if mirrored {
            persons.reverse();
        }
    }
    other
}

/// A plan's lines whatever order they and their persons stand in.
fn unordered(plan: &Plan) -> BTreeSet<String> {
    let line = |line: &Line| {
        let persons: BTreeSet<&String> = line.persons.iter().collect();
        let bring: Vec<_> = line
            .bring
            .iter()
            .map(|one| (&one.item, one.needed))
            .collect();
        format!(
            "{} {:?} {:?} {:?} {} {:?}",
            line.procedure, line.level, line.due, persons, line.fee_yen, bring
        )
    };
    plan.lines.iter().map(line).collect()
}

fn unknown(facts: &Facts) -> BTreeSet<FactPath> {
    let open = CATALOGUE.plan(facts).unknown.into_iter();
    open.map(|unknown| unknown.fact).collect()
}

fn values(path: &FactPath) -> Vec<FactValue> {
    match path.fact.def().kind {
        FactKind::Flag => vec![FactValue::Flag(true), FactValue::Flag(false)],
        FactKind::Count => [0, 1, 3].map(FactValue::Count).to_vec(),
        FactKind::Choice(words) => words
            .iter()
            .map(|(long, _)| FactValue::Choice(long))
            .collect(),
        // Dates decide ages and due days and so concern nearly everything.
        FactKind::Date => Vec::new(),
    }
}

/// Whether some rule of these procedures reads the fact. `health_insurance_after` is, where absent, what
/// `health_insurance` says, so a rule about the later reads the present too.
fn reads(procedures: &[String], event: &str, path: &FactPath) -> bool {
    let name = format!(
        "{}.{}",
        path.fact.def().scope.in_conditions(),
        path.fact.def().name
    );
    let rules = procedures
        .iter()
        .filter_map(|id| CATALOGUE.procedure(id))
        .flat_map(|procedure| &procedure.rule)
        .filter(|rule| rule.event == event);
    rules
        .flat_map(|rule| &rule.when)
        .any(|condition| condition.contains(&name))
}

/// A scenario with some facts forgotten.
fn sparse(document: &Value, mask: u64) -> Facts {
    let mut facts = facts(document.clone());
    let given: Vec<FactPath> = facts.all_given().map(|(path, _)| path).collect();
    for (at, path) in given.iter().enumerate() {
        let kept = ["kind", "birth_date", "role", "moves"].contains(&path.fact.def().name);
        if !kept && mask >> (at % 64) & 1 == 1 {
            facts.unset(path);
        }
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_persons_does_not_matter(at in 0_usize..64, by in 0_usize..5, mirrored: bool, mask: u64) {
        let all = scenarios();
        let (name, document) = &all[at % all.len()];
        let first = sparse(document, mask).to_value();
        let other = turned(&first, by, mirrored);
        let (first, other) = (facts(first), facts(other));
        prop_assert_eq!(
            unordered(&CATALOGUE.plan(&first)),
            unordered(&CATALOGUE.plan(&other)),
            "{}", name
        );
        prop_assert_eq!(unknown(&first), unknown(&other), "{}", name);
    }

    #[test]
    fn a_fact_that_becomes_known_opens_only_what_its_rules_ask_next(at in 0_usize..64, pick in 0_usize..64, mask: u64) {
        let all = scenarios();
        let (name, document) = &all[at % all.len()];
        let before = sparse(document, mask);
        let open: Vec<FactPath> = unknown(&before).into_iter().collect();
        prop_assume!(!open.is_empty());
        let path = &open[pick % open.len()];
        for value in values(path) {
            let mut after = before.clone();
            after.set(&path.to_string(), value).unwrap();
            let known = unknown(&before);
            for opened in CATALOGUE.plan(&after).unknown {
                prop_assert!(
                    known.contains(&opened.fact) || reads(&opened.changes, before.event_kind(), path),
                    "{name}: {path} = {value:?} opened {}, for {:?}", opened.fact, opened.changes
                );
            }
        }
    }

    #[test]
    fn what_is_unknown_is_absent_and_what_is_given_is_not_unknown(at in 0_usize..64, mask: u64) {
        let all = scenarios();
        let (name, document) = &all[at % all.len()];
        let facts = sparse(document, mask);
        for unknown in CATALOGUE.plan(&facts).unknown {
            prop_assert!(facts.given(&unknown.fact).is_none(), "{name}: {}", unknown.fact);
            prop_assert!(!unknown.changes.is_empty());
        }
    }

    #[test]
    fn being_late_changes_no_line_but_its_overdue_mark(at in 0_usize..64, days in 0_i64..40) {
        let all = scenarios();
        let (name, document) = &all[at % all.len()];
        let mut late = facts(document.clone()).to_value();
        let day: jiff::civil::Date = late["as_of"].as_str().unwrap().parse().unwrap();
        // The card's limits and a filing's day are about being late; everything else is not.
        prop_assume!(late["event"]["kind"] != "move_in" && !late["event"]["date"].is_null());
        late["as_of"] = json!(day + jiff::Span::new().days(days));
        let (now, then) = (plan(document.clone()), plan(late));
        for line in &now.lines {
            let same = then.lines.iter().find(|other| {
                (&other.procedure, &other.persons) == (&line.procedure, &line.persons)
            });
            let same = same.unwrap_or_else(|| panic!("{name}: {} is gone", line.procedure));
            prop_assert_eq!(same.due.date(), line.due.date(), "{}: {}", name, &line.procedure);
            prop_assert!(same.due.is_overdue() || !line.due.is_overdue());
            prop_assert_eq!(same.due.is_overdue(), same.due.date().is_some_and(|date| date < then.as_of));
        }
    }
}

#[test]
fn every_kind_of_due_day_is_written_as_the_interchange_names_it() {
    let mut kinds = BTreeSet::new();
    for (_, document) in scenarios() {
        let reply: Value = serde_json::from_str(&plan(document).to_json()).unwrap();
        for line in reply["lines"].as_array().unwrap() {
            let due = &line["due"];
            let kind = due["kind"].as_str().unwrap().to_owned();
            let dated = due.get("date").is_some();
            assert_eq!(dated, ["on", "before"].contains(&kind.as_str()), "{due}");
            assert_eq!(due.get("procedure").is_some(), kind == "with", "{due}");
            assert!(due.get("days").is_some() || kind != "after_filing", "{due}");
            assert!(due["overdue"].is_boolean(), "{due}");
            kinds.insert(kind);
        }
    }
    let all = ["after_filing", "asap", "before", "none", "on", "with"];
    assert_eq!(kinds, all.map(str::to_owned).into());
}

#[test]
fn a_line_of_the_reply_holds_what_the_interchange_promises() {
    let reply: Value =
        serde_json::from_str(&plan(crate::support::move_in_family()).to_json()).unwrap();
    for line in reply["lines"].as_array().unwrap() {
        for key in [
            "procedure",
            "title",
            "level",
            "persons",
            "due",
            "counter",
            "bring",
            "fee_yen",
            "form",
            "statute",
            "source_seen",
            "why",
        ] {
            assert!(line.get(key).is_some(), "{key} is missing: {line}");
        }
        assert!(["must", "should", "may"].contains(&line["level"].as_str().unwrap()));
        for tag in ["ja", "ja-simple", "en"] {
            assert!(line["title"][tag].is_string(), "{line}");
        }
        for why in line["why"].as_array().unwrap() {
            for key in ["fact", "value", "condition"] {
                assert!(why.get(key).is_some(), "{why}");
            }
        }
    }
    for key in ["edition", "in_force_from", "digest"] {
        assert!(reply["catalogue"][key].is_string());
    }
    for unknown in reply["unknown"].as_array().unwrap() {
        assert!(unknown["fact"].is_string() && unknown["changes"].is_array());
    }
}
