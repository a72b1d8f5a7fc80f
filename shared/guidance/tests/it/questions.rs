//! No question is redundant, none is missing, and an interview ends.

use std::collections::BTreeSet;

use guidance::{FactKind, FactPath, FactValue, Facts, Question, QuestionKind};
use jiff::ToSpan;
use serde_json::json;

use crate::support::{CATALOGUE, facts, scenarios, short};

fn answers(question: &Question, facts: &Facts) -> Vec<FactValue> {
    let day = facts.as_of();
    match &question.kind {
        QuestionKind::YesNo => vec![FactValue::Flag(true), FactValue::Flag(false)],
        QuestionKind::Choice(answers) => answers.iter().map(|answer| answer.value).collect(),
        QuestionKind::Number { max } => [0, 1, 2, 2000]
            .into_iter()
            .filter(|n| n <= max)
            .map(FactValue::Count)
            .collect(),
        QuestionKind::Date if question.fact.fact.def().name == "birth_date" => {
            [0, 3, 8, 13, 16, 19, 30, 45, 61, 67, 80]
                .map(|age: i64| FactValue::Date(day - age.years() - 3.months()))
                .to_vec()
        }
        QuestionKind::Date => [0, 3, 40, 100]
            .map(|days: i64| FactValue::Date(day - days.days()))
            .to_vec(),
    }
}

fn answered(facts: &Facts, question: &Question, value: FactValue) -> Facts {
    let mut facts = facts.clone();
    facts.set(&question.id, value).unwrap();
    facts
}

/// Whether some answer changes the plan, alone or with answers to the questions that it opens.
fn matters(facts: &Facts, question: &Question, depth: usize) -> bool {
    let before = short(&CATALOGUE.plan(facts));
    answers(question, facts).into_iter().any(|value| {
        let after = answered(facts, question, value);
        short(&CATALOGUE.plan(&after)) != before
            || depth > 0
                && CATALOGUE.questions(&after).iter().any(|next| {
                    next.changes.iter().any(|id| question.changes.contains(id))
                        && matters(&after, next, depth - 1)
                })
    })
}

/// Scenarios with everything but the event and the persons' ids and birth dates forgotten.
fn sparse() -> Vec<(String, Facts)> {
    scenarios()
        .into_iter()
        .map(|(name, mut document)| {
            document["household"] = json!({});
            if let Some(event) = document["event"].as_object_mut() {
                event.retain(|key, _| ["kind", "date"].contains(&key.as_str()));
            }
            for person in document["persons"].as_array_mut().into_iter().flatten() {
                person
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| ["id", "birth_date"].contains(&key.as_str()));
            }
            (name.to_owned(), facts(document))
        })
        .collect()
}

#[test]
fn no_question_is_redundant() {
    let given = scenarios()
        .into_iter()
        .map(|(name, document)| (name.to_owned(), facts(document)));
    for (name, facts) in given.chain(sparse()) {
        for question in CATALOGUE.questions(&facts) {
            assert!(!question.changes.is_empty());
            assert!(matters(&facts, &question, 2), "{name}: {}", question.id);
        }
    }
}

#[test]
fn an_interview_ends_and_leaves_nothing_open() {
    for (name, start) in sparse() {
        for pick in 0..4 {
            let mut facts = start.clone();
            let mut asked = BTreeSet::new();
            while let Some(question) = CATALOGUE.questions(&facts).into_iter().next() {
                assert!(
                    asked.insert(question.id.clone()),
                    "{name}: {} twice",
                    question.id
                );
                let answers = answers(&question, &facts);
                let value = answers[(pick * 7 + asked.len() * pick) % answers.len()];
                facts = answered(&facts, &question, value);
            }
            assert!(asked.len() < 90, "{name}: {} questions", asked.len());
            // When something was filed before the visit is not asked; it is for callers that know it.
            let unknown = CATALOGUE.plan(&facts).unknown;
            let open: Vec<String> = unknown
                .iter()
                .map(|unknown| unknown.fact.to_string())
                .filter(|fact| fact != "event.filed_on")
                .collect();
            assert!(open.is_empty(), "{name}: {open:?}");
        }
    }
}

/// Whether the catalogue limits who can be asked this at all (nobody of eleven receives an allowance).
fn is_restricted(path: &FactPath) -> bool {
    let name = format!(
        "{}.{}",
        path.fact.def().scope.in_conditions(),
        path.fact.def().name
    );
    let questions = &CATALOGUE.document().question;
    questions
        .iter()
        .any(|question| question.fact == name && question.possible_if.is_some())
}

#[test]
fn a_dropped_answer_is_unknown_exactly_if_another_would_change_the_lines() {
    let lines = |facts: &Facts| {
        let plan = CATALOGUE.plan(facts);
        let keys = plan.lines.into_iter().flat_map(|line| {
            let persons = if line.persons.is_empty() {
                vec![String::new()]
            } else {
                line.persons
            };
            persons
                .into_iter()
                .map(move |person| (line.procedure.clone(), person))
        });
        keys.collect::<BTreeSet<_>>()
    };
    for (name, document) in scenarios() {
        let whole = facts(document);
        let given: Vec<(FactPath, FactValue)> = whole.all_given().collect();
        for (path, _) in given {
            if path.fact.def().name == "kind" || path.fact.is_derived() {
                continue;
            }
            let mut dropped = whole.clone();
            dropped.unset(&path);
            let unknown = CATALOGUE.plan(&dropped).unknown;
            let found = unknown.iter().find(|unknown| unknown.fact == path);
            if let FactKind::Flag | FactKind::Choice(_) = path.fact.def().kind {
                let values: Vec<FactValue> = match path.fact.def().kind {
                    FactKind::Choice(words) => words
                        .iter()
                        .map(|(long, _)| FactValue::Choice(long))
                        .collect(),
                    _ => vec![FactValue::Flag(true), FactValue::Flag(false)],
                };
                let before = lines(&dropped);
                let changes = values.into_iter().any(|value| {
                    let mut other = dropped.clone();
                    other.set(&path.to_string(), value).unwrap();
                    lines(&other) != before
                });
                assert!(changes || found.is_none(), "{name}: {path} is redundant");
                assert!(
                    found.is_some() || !changes || is_restricted(&path),
                    "{name}: {path} is missing"
                );
            }
        }
    }
}

#[test]
fn several_answers_that_only_count_together_are_asked_one_after_another() {
    let mut facts =
        facts(json!({"as_of": "2026-05-11", "event": {"kind": "move_out", "date": "2026-05-20"}}));
    let ids = |facts: &Facts| {
        CATALOGUE
            .questions(facts)
            .into_iter()
            .map(|question| question.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&facts), ["household.head_changes", "household.mopeds"]);
    facts
        .set("household.head_changes", FactValue::Flag(true))
        .unwrap();
    assert!(ids(&facts).contains(&"household.members_remaining".to_owned()));
    facts
        .set("household.members_remaining", FactValue::Count(3))
        .unwrap();
    facts
        .set(
            "household.members_remaining_15_or_over",
            FactValue::Count(2),
        )
        .unwrap();
    assert!(CATALOGUE.plan(&facts).line("setai_henko").is_some());
    facts
        .set("household.head_changes", FactValue::Flag(false))
        .unwrap();
    assert_eq!(ids(&facts), ["household.mopeds"]);
}

#[test]
fn nobody_is_asked_what_cannot_be() {
    let facts = facts(
        json!({"as_of": "2026-05-11", "event": {"kind": "move_in", "date": "2026-05-10"},
        "persons": [{"id": "A", "birth_date": "2021-05-05", "moves": true}, {"id": "B", "birth_date": "1990-05-05", "moves": true}]}),
    );
    let ids: Vec<String> = CATALOGUE
        .questions(&facts)
        .into_iter()
        .map(|question| question.id)
        .collect();
    assert!(!ids.contains(&"persons[A].pregnant".to_owned()));
    assert!(ids.contains(&"persons[B].pregnant".to_owned()));
    assert!(ids.contains(&"persons[A].nursery".to_owned()));
    assert!(!ids.contains(&"persons[B].school".to_owned()));
}

#[test]
fn every_fact_that_rules_read_has_a_question() {
    for (name, facts) in sparse() {
        let asked: BTreeSet<String> = CATALOGUE
            .questions(&facts)
            .into_iter()
            .map(|question| question.id)
            .collect();
        for unknown in CATALOGUE.plan(&facts).unknown {
            assert!(
                asked.contains(&unknown.fact.to_string()),
                "{name}: nobody asks {}",
                unknown.fact
            );
        }
    }
}
