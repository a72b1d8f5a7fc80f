//! Every procedure can be reached and every rule can hold: facts are made to order for each of them.

use std::collections::{BTreeMap, BTreeSet};

use guidance::document::{Each, Procedure, Rule};
use guidance::{FactId, FactKind, Scope};
use serde_json::{Value, json};

use crate::cel_agrees::holds_in_cel;
use crate::support::{CATALOGUE, facts};

type Values = BTreeMap<String, Value>;

/// The facts that a condition names, as `person.moves`.
fn names(condition: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let words = condition.split(|c| !is_name(c));
    words
        .filter(|word| {
            ["person.", "household.", "event."]
                .iter()
                .any(|root| word.starts_with(root))
        })
        .map(str::to_owned)
        .collect()
}

fn values(name: &str) -> Vec<Value> {
    let (root, fact) = name.split_once('.').unwrap();
    let scope = [Scope::Event, Scope::Household, Scope::Person]
        .into_iter()
        .find(|scope| scope.in_conditions() == root)
        .unwrap();
    match FactId::find(scope, fact).unwrap().def().kind {
        FactKind::Flag => vec![json!(true), json!(false)],
        FactKind::Count => [0, 1, 10, 15, 18, 30, 45, 70, 2400, 3000]
            .map(|count| json!(count))
            .to_vec(),
        FactKind::Date => vec![json!("2026-05-08"), json!("2026-03-08")],
        FactKind::Choice(words) => words.iter().map(|(long, _)| json!(long)).collect(),
    }
}

/// Values for the facts of `conditions` that make all of them true, found one condition after another.
fn fulfil(conditions: &[String], chosen: &mut Values) -> bool {
    let Some((first, rest)) = conditions.split_first() else {
        return true;
    };
    let open: Vec<String> = names(first)
        .into_iter()
        .filter(|name| !chosen.contains_key(name))
        .collect();
    let mut ways = vec![Values::new()];
    for name in &open {
        let longer = |way: &Values| {
            values(name)
                .into_iter()
                .map(|value| {
                    let mut way = way.clone();
                    way.insert(name.clone(), value);
                    way
                })
                .collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(longer).collect();
    }
    for way in ways {
        let before = chosen.clone();
        chosen.extend(way);
        if holds_in_cel(first, chosen) && fulfil(rest, chosen) {
            return true;
        }
        *chosen = before;
    }
    false
}

fn document(rule: &Rule, chosen: &Values) -> Value {
    let mut document = json!({"as_of": "2026-05-11", "event": {"kind": rule.event, "date": "2026-05-08"}, "household": {}, "persons": [{"id": "A"}]});
    for (name, value) in chosen {
        let (root, fact) = name.split_once('.').unwrap();
        let record = if root == "person" {
            &mut document["persons"][0]
        } else {
            &mut document[root]
        };
        record[fact] = value.clone();
    }
    document
}

fn assert_reached(procedure: &Procedure, rule: &Rule) {
    let mut chosen = Values::new();
    assert!(
        fulfil(&rule.when, &mut chosen),
        "{}: {:?} cannot hold",
        procedure.id,
        rule.when
    );
    let document = document(rule, &chosen);
    let plan = CATALOGUE.plan(&facts(document.clone()));
    let reached = plan.lines.iter().any(|line| {
        let conditions: BTreeSet<&str> =
            line.why.iter().map(|why| why.condition.as_str()).collect();
        line.procedure == procedure.id
            && line.level == rule.level
            && line.persons.is_empty() == (rule.each == Each::Household)
            && rule
                .when
                .iter()
                .all(|condition| conditions.contains(condition.as_str()))
    });
    assert!(
        reached,
        "{} on {} by {document}: {:?}",
        procedure.id,
        rule.event,
        crate::support::short(&plan)
    );
}

#[test]
fn every_rule_of_every_procedure_is_reached() {
    for procedure in CATALOGUE.procedures() {
        for rule in &procedure.rule {
            assert_reached(procedure, rule);
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let document = CATALOGUE.document();
    assert_eq!(document.procedure.len(), 80);
    assert_eq!(document.event.len(), 16);
    // The reference has 154 triggers; the pension split's reform and the fee of a lost card make two more.
    assert_eq!(
        document
            .procedure
            .iter()
            .map(|procedure| procedure.rule.len())
            .sum::<usize>(),
        156
    );
    for event in &document.event {
        let uses = |procedure: &Procedure| procedure.rule.iter().any(|rule| rule.event == event.id);
        assert!(
            document.procedure.iter().any(uses),
            "nothing happens on {}",
            event.id
        );
    }
    let used: BTreeSet<&str> = document
        .procedure
        .iter()
        .flat_map(|procedure| &procedure.bring)
        .map(|bring| bring.item.as_str())
        .collect();
    for item in &document.item {
        assert!(used.contains(item.id.as_str()), "nobody brings {}", item.id);
    }
}
