//! Guidance: a family of four moves in. Document in, plan as JSON out, with due dates, what to bring and every why.
//!
//! The peer is a general rule engine, GoRules' ZEN, with the same catalogue's conditions as one decision table; it gets the
//! facts ready made, ages and defaults included, and gives back no more than which procedures hold, once a person. Both must
//! name the same procedures, or nothing was compared.

use std::collections::BTreeSet;
use std::fs;

use guidance::document::Each;
use guidance::{Catalogue, FactId, FactKind, Plan, Scope};
use serde_json::{Map, Value, json};

use crate::figure::Figure;
use crate::{Bench, Done, peers, timed};

const ROUNDS: usize = 300;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let catalogue = Catalogue::from_files(files()?)?;
    let document = include_str!("family.json");
    let ours = timed(bench.rounds(ROUNDS), |_| {
        guidance::guide(&catalogue, document)
            .map(drop)
            .map_err(Into::into)
    })?;
    let theirs = match &mut bench.peers {
        None => None,
        Some(peers) => {
            let facts = serde_json::from_str(document)?;
            let answer = peers.ask(&json!({
                "peer": "zen", "repeat": ROUNDS, "rules": rules(&catalogue), "contexts": contexts(&catalogue, &facts),
            }))?;
            let plan = catalogue.plan(&guidance::Facts::from_value(&facts)?);
            agree(&plan, &answer["hits"])?;
            Some(answer)
        }
    };
    let beside = |share: f64| {
        theirs.as_ref().map(|answer| {
            (
                answer["name"].as_str().unwrap_or("zen-engine"),
                peers::times(answer).quantile(share) * 1000.0,
            )
        })
    };
    Ok(vec![
        Figure::new("guidance_plan_p50", ours.median() * 1000.0, "us").beside(beside(0.5)),
        Figure::new("guidance_plan_p95", ours.quantile(0.95) * 1000.0, "us").beside(beside(0.95)),
    ])
}

pub(crate) fn files() -> Done<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(tidy::root().join("assets/catalogue"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(entry.path())?));
    }
    Ok(files)
}

/// Every rule with its conditions, as the catalogue has them.
fn rules(catalogue: &Catalogue) -> Vec<Value> {
    let each = |each| {
        if each == Each::Person {
            "person"
        } else {
            "household"
        }
    };
    let all = catalogue.procedures().iter().flat_map(|procedure| {
        procedure.rule.iter().map(move |rule| {
            json!({"procedure": procedure.id, "each": each(rule.each), "event": rule.event, "when": rule.when})
        })
    });
    all.collect()
}

/// What a condition sees, once for each person, with every fact that the document leaves out.
fn contexts(catalogue: &Catalogue, facts: &Value) -> Vec<Value> {
    let tenant: Map<String, Value> = catalogue
        .document()
        .parameter
        .iter()
        .map(|parameter| (parameter.id.clone(), json!(parameter.default)))
        .collect();
    let persons = facts["persons"].as_array().into_iter().flatten();
    let mut event = whole(Scope::Event, &facts["event"]);
    event.insert("kind".to_owned(), facts["event"]["kind"].clone());
    let context = |person: &Value| {
        json!({
            "event": event,
            "household": whole(Scope::Household, &facts["household"]),
            "person": whole(Scope::Person, person),
            "tenant": tenant,
        })
    };
    persons.map(context).collect()
}

fn whole(scope: Scope, given: &Value) -> Map<String, Value> {
    let facts = FactId::all().filter(|fact| fact.def().scope == scope);
    let value = |fact: FactId| {
        let absent = match fact.def().kind {
            FactKind::Flag => json!(false),
            FactKind::Count => json!(0),
            FactKind::Date => Value::Null,
            FactKind::Choice(words) => json!(words[0].0),
        };
        let value = given.get(fact.def().name).cloned().unwrap_or(absent);
        (fact.def().name.to_owned(), value)
    };
    facts.map(value).collect()
}

fn agree(plan: &Plan, hits: &Value) -> Done<()> {
    let ours: BTreeSet<(String, String)> = plan
        .lines
        .iter()
        .map(|line| {
            let each = if line.persons.is_empty() {
                "household"
            } else {
                "person"
            };
            (line.procedure.clone(), each.to_owned())
        })
        .collect();
    let theirs: BTreeSet<(String, String)> = serde_json::from_value(hits.clone())?;
    if ours == theirs {
        return Ok(());
    }
    let differ: Vec<_> = ours.symmetric_difference(&theirs).collect();
    Err(format!("our plan and the peer's differ in {differ:?}").into())
}
