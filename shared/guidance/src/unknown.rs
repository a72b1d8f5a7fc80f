//! What is absent and would change the plan, and what to ask about it.
//!
//! A fact is tried with every value that can make a difference, and only the rules that read it are
//! evaluated again. Where no single answer changes anything but several together would (three conditions
//! of one rule, all of them absent), the first of them in the order of the questions is asked: its "no"
//! closes the rule, its "yes" leads to the next.

use std::collections::BTreeSet;

use crate::document::QuestionText;
use crate::facts::FactPath;
use crate::probe::{Probe, absent_paths};
use crate::situation::Situation;
use crate::vocabulary::{FactId, FactKind, FactValue};
use crate::{Answer, Catalogue, Facts, Question, QuestionKind, SharedAnswer, Together, Unknown};

impl Catalogue {
    pub(crate) fn unknown(
        &self,
        facts: &Facts,
        situation: &Situation,
        rules: &[usize],
        go_on: &dyn Fn() -> bool,
    ) -> Vec<Unknown> {
        let changes = Probe::new(self, facts, situation, rules, go_on).single_changes();
        let paths = absent_paths(self, facts, rules);
        paths
            .into_iter()
            .filter_map(|fact| {
                let changes = self.procedure_ids(changes.get(&fact)?);
                Some(Unknown { fact, changes })
            })
            .collect()
    }

    /// What to ask next, most useful first; empty when the plan is certain. To be called again after
    /// every answer, since an answer may open or close others.
    #[must_use]
    pub fn questions(&self, facts: &Facts) -> Vec<Question> {
        self.asked(facts, &|| true)
    }

    /// As [`Catalogue::questions`], as long as `go_on` says so, as in [`Catalogue::plan_while`].
    #[must_use]
    pub fn questions_while(
        &self,
        facts: &Facts,
        go_on: &dyn Fn() -> bool,
    ) -> Option<Vec<Question>> {
        let questions = self.asked(facts, go_on);
        go_on().then_some(questions)
    }

    /// Whole only if `go_on` says yes to the end.
    fn asked(&self, facts: &Facts, go_on: &dyn Fn() -> bool) -> Vec<Question> {
        let situation = self.situation(facts);
        let rules = self.rules_for(facts.event_kind(), facts.as_of);
        let probe = Probe::new(self, facts, &situation, &rules, go_on);
        let mut changes = probe.single_changes();
        probe.add_combinations(&mut changes);
        probe.add_dates(&mut changes);
        let mut questions: Vec<(usize, usize, Question)> = Vec::new();
        for (path, procedures) in changes {
            let Some(index) = self.question_for(path.fact, facts.event_kind()) else {
                continue;
            };
            let person = probe.person(&path);
            let question = self.question(&situation, person, index, path, &procedures);
            questions.push((index, person.unwrap_or(0), question));
        }
        questions.sort_by_key(|(index, person, _)| (*index, *person));
        questions
            .into_iter()
            .map(|(_, _, question)| question)
            .collect()
    }

    fn question(
        &self,
        situation: &Situation,
        person: Option<usize>,
        index: usize,
        fact: FactPath,
        procedures: &BTreeSet<usize>,
    ) -> Question {
        let text = &self.document.question[index];
        let kind = match fact.fact.def().kind {
            FactKind::Flag => QuestionKind::YesNo,
            FactKind::Date => QuestionKind::Date,
            FactKind::Count => QuestionKind::Number {
                max: text.max.unwrap_or(99),
            },
            FactKind::Choice(_) => QuestionKind::Choice(self.answers(situation, person, index)),
        };
        Question {
            id: fact.to_string(),
            kind,
            title: text.title.clone(),
            title_self: text.title.clone().replaced_by(&text.title_self),
            together: together(text, fact.fact),
            why: text.why.clone(),
            changes: self.procedure_ids(procedures),
            fact,
        }
    }

    /// The answers that this person can give (nobody of eight goes to junior high school).
    fn answers(&self, situation: &Situation, person: Option<usize>, index: usize) -> Vec<Answer> {
        let compiled = &self.compiled.questions[index];
        let record = person.map(|index| &situation.persons[index]);
        let texts = self.document.question[index].answer.iter();
        texts
            .zip(&compiled.answers_if)
            .filter(|(_, condition)| {
                condition
                    .is_none_or(|id| self.compiled.conditions[id].holds(situation, record, true))
            })
            .filter_map(|(answer, _)| {
                Some(Answer {
                    value: word(compiled.fact, &answer.value)?,
                    label: answer.label.clone(),
                })
            })
            .collect()
    }

    fn procedure_ids(&self, procedures: &BTreeSet<usize>) -> Vec<String> {
        procedures
            .iter()
            .map(|index| self.document.procedure[*index].id.clone())
            .collect()
    }
}

/// The word of a closed list as a value.
fn word(fact: FactId, word: &str) -> Option<FactValue> {
    let FactKind::Choice(words) = fact.def().kind else {
        return None;
    };
    let (long, _) = words.iter().find(|(long, _)| *long == word)?;
    Some(FactValue::Choice(long))
}

/// How the question is asked for several persons at once, where the catalogue has words for it.
fn together(text: &QuestionText, fact: FactId) -> Option<Together> {
    if !text.group_title.is_empty() {
        return Some(Together::Who(text.group_title.clone()));
    }
    let shared = |answer: &crate::document::SharedText| {
        let rest = answer.rest.as_ref().and_then(|rest| word(fact, rest));
        Some(SharedAnswer {
            value: word(fact, &answer.value)?,
            label: answer.label.clone(),
            rest: rest.map(|rest| (answer.who.clone(), rest)),
        })
    };
    (!text.shared_title.is_empty()).then(|| Together::Same {
        title: text.shared_title.clone(),
        answers: text.shared.iter().filter_map(shared).collect(),
    })
}
