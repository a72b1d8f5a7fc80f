//! What is absent and would change the plan, and what to ask about it.
//!
//! A fact is tried with every value that can make a difference, and only the rules that read it are
//! evaluated again. Where no single answer changes anything but several together would (three conditions
//! of one rule, all of them absent), the first of them in the order of the questions is asked: its "no"
//! ends the matter, its "yes" leads to the next.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::document::Each;
use crate::facts::{FactPath, Subject};
use crate::planning::Hit;
use crate::situation::Situation;
use crate::vocabulary::{FactId, FactKind, FactValue, Scope};
use crate::{Answer, Catalogue, Facts, Question, QuestionKind, Unknown};

/// Ages between the thresholds of law that no condition names: school years, allowance, subsidy.
const AGES: [i64; 9] = [0, 4, 8, 13, 16, 17, 20, 30, 80];

type Changes = BTreeMap<FactPath, BTreeSet<usize>>;

impl Catalogue {
    pub(crate) fn unknown(
        &self,
        facts: &Facts,
        situation: &Situation,
        rules: &[usize],
    ) -> Vec<Unknown> {
        let changes = Probe::new(self, facts, situation, rules).single_changes();
        let paths = self.absent_paths(facts, rules);
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
        let situation = self.situation(facts);
        let rules = self.rules_for(facts.event_kind(), facts.as_of);
        let probe = Probe::new(self, facts, &situation, &rules);
        let mut changes = probe.single_changes();
        probe.add_gates(&mut changes);
        probe.add_dates(&mut changes);
        let mut questions: Vec<(usize, usize, Question)> = Vec::new();
        for (path, procedures) in changes {
            let Some(index) = self.question_for(path.fact, facts.event_kind()) else {
                continue;
            };
            let person = match &path.subject {
                Subject::Person(id) => facts.persons().position(|other| other == id).unwrap_or(0),
                _ => 0,
            };
            questions.push((index, person, self.question(index, path, &procedures)));
        }
        questions.sort_by_key(|(index, person, _)| (*index, *person));
        questions
            .into_iter()
            .map(|(_, _, question)| question)
            .collect()
    }

    fn question(&self, index: usize, fact: FactPath, procedures: &BTreeSet<usize>) -> Question {
        let text = &self.document.question[index];
        let kind = match fact.fact.def().kind {
            FactKind::Flag => QuestionKind::YesNo,
            FactKind::Date => QuestionKind::Date,
            FactKind::Count => QuestionKind::Number {
                max: text.max.unwrap_or(99),
            },
            FactKind::Choice(words) => {
                let value = |word: &str| {
                    words
                        .iter()
                        .find(|(long, _)| *long == word)
                        .map(|(long, _)| *long)
                };
                let answer = |entry: &crate::document::AnswerText| {
                    value(&entry.value).map(|word| Answer {
                        value: FactValue::Choice(word),
                        label: entry.label.clone(),
                    })
                };
                QuestionKind::Choice(text.answer.iter().filter_map(answer).collect())
            }
        };
        Question {
            id: fact.to_string(),
            fact,
            kind,
            title: text.title.clone(),
            group_title: (!text.group_title.is_empty()).then(|| text.group_title.clone()),
            why: text.why.clone(),
            changes: self.procedure_ids(procedures),
        }
    }

    fn question_for(&self, fact: FactId, event: &str) -> Option<usize> {
        let questions = self.compiled.questions.iter().enumerate();
        let fits = |index: usize| {
            let events = &self.document.question[index].events;
            events.is_empty() || events.iter().any(|other| other == event)
        };
        questions
            .filter(|(_, question)| question.fact == fact)
            .map(|(index, _)| index)
            .find(|index| fits(*index))
    }

    fn procedure_ids(&self, procedures: &BTreeSet<usize>) -> Vec<String> {
        procedures
            .iter()
            .map(|index| self.document.procedure[*index].id.clone())
            .collect()
    }

    /// Facts that these rules read and that were not given, in the order of the vocabulary.
    fn absent_paths(&self, facts: &Facts, rules: &[usize]) -> Vec<FactPath> {
        let read: BTreeSet<FactId> = rules
            .iter()
            .flat_map(|rule| self.compiled.rules[*rule].reads.iter().copied())
            .collect();
        let of = |scope: Scope, subject: Subject| {
            read.iter()
                .filter(move |fact| fact.def().scope == scope)
                .map(move |fact| FactPath {
                    subject: subject.clone(),
                    fact: *fact,
                })
        };
        of(Scope::Event, Subject::Event)
            .chain(of(Scope::Household, Subject::Household))
            .chain(
                facts
                    .persons()
                    .flat_map(|id| of(Scope::Person, Subject::Person(id.to_owned()))),
            )
            .filter(|path| facts.given(path).is_none())
            .collect()
    }
}

/// Tries absent facts with other values.
struct Probe<'a> {
    catalogue: &'a Catalogue,
    facts: &'a Facts,
    situation: &'a Situation,
    rules: &'a [usize],
    absent: Vec<FactPath>,
    hits: BTreeSet<Hit>,
    medical_until: String,
    candidates: RefCell<BTreeMap<FactId, Rc<[FactValue]>>>,
}

impl<'a> Probe<'a> {
    fn new(
        catalogue: &'a Catalogue,
        facts: &'a Facts,
        situation: &'a Situation,
        rules: &'a [usize],
    ) -> Self {
        let mut probe = Self {
            catalogue,
            facts,
            situation,
            rules,
            absent: Vec::new(),
            hits: catalogue.hits(situation, rules).into_iter().collect(),
            medical_until: catalogue.medical_until(facts),
            candidates: RefCell::default(),
        };
        probe.absent = catalogue
            .absent_paths(facts, rules)
            .into_iter()
            .filter(|path| probe.is_possible(path))
            .collect();
        probe
    }

    /// Whether the catalogue holds the fact possible for this subject (nobody of five years is pregnant).
    fn is_possible(&self, path: &FactPath) -> bool {
        let question = self
            .catalogue
            .question_for(path.fact, self.facts.event_kind());
        let condition =
            question.and_then(|index| self.catalogue.compiled.questions[index].possible_if);
        condition.is_none_or(|condition| {
            let record = self
                .person(path)
                .map(|index| &self.situation.persons[index]);
            self.catalogue.compiled.conditions[condition].holds(self.situation, record, true)
        })
    }

    fn person(&self, path: &FactPath) -> Option<usize> {
        match &path.subject {
            Subject::Person(id) => self.facts.persons().position(|other| other == id),
            _ => None,
        }
    }

    /// For every absent fact that matters alone: the procedures that it could add or drop.
    fn single_changes(&self) -> Changes {
        let mut changes = Changes::new();
        for path in &self.absent {
            let mut procedures = BTreeSet::new();
            let mut supposition = self.supposition();
            for value in self.candidates(path.fact).iter() {
                supposition.suppose(path, *value);
                self.compare(path, &supposition.situation, &mut procedures);
            }
            if !procedures.is_empty() {
                changes.insert(path.clone(), procedures);
            }
        }
        changes
    }

    fn supposition(&self) -> Supposition<'_> {
        Supposition {
            probe: self,
            facts: self.facts.clone(),
            situation: self.situation.clone(),
        }
    }

    /// Adds the procedures of which `supposed` has other lines than the plan.
    fn compare(&self, path: &FactPath, supposed: &Situation, changed: &mut BTreeSet<usize>) {
        let rules = &self.catalogue.compiled.rules;
        let reading = self
            .rules
            .iter()
            .filter(|rule| rules[**rule].reads.contains(&path.fact));
        for rule in reading {
            let procedure = rules[*rule].procedure;
            for person in self.subjects(*rule, path) {
                let before = self.hits.contains(&Hit {
                    rule: *rule,
                    person,
                });
                let after = self.catalogue.holds(supposed, *rule, person);
                if before != after
                    && self.has_line(self.situation, procedure, person)
                        != self.has_line(supposed, procedure, person)
                {
                    changed.insert(procedure);
                }
            }
        }
    }

    /// Whom `path` can concern through this rule.
    fn subjects(&self, rule: usize, path: &FactPath) -> Vec<Option<usize>> {
        if self.catalogue.compiled.rules[rule].each == Each::Household {
            return vec![None];
        }
        match self.person(path) {
            Some(person) if !self.catalogue.names.crosses_persons(path.fact) => vec![Some(person)],
            _ => (0..self.situation.persons.len()).map(Some).collect(),
        }
    }

    fn has_line(&self, situation: &Situation, procedure: usize, person: Option<usize>) -> bool {
        let compiled = &self.catalogue.compiled;
        let of_procedure = compiled.by_procedure[procedure]
            .iter()
            .copied()
            .filter(|rule| {
                self.rules.contains(rule)
                    && (compiled.rules[*rule].each == Each::Person) == person.is_some()
            });
        of_procedure
            .into_iter()
            .any(|rule| self.catalogue.holds(situation, rule, person))
    }

    /// Adds, for every rule that only several answers together could fulfil, the first to be asked.
    fn add_gates(&self, changes: &mut Changes) {
        for rule in self.rules {
            let each = self.catalogue.compiled.rules[*rule].each;
            let subjects: Vec<Option<usize>> = match each {
                Each::Household => vec![None],
                Each::Person => (0..self.situation.persons.len()).map(Some).collect(),
            };
            for person in subjects {
                if let Some(gate) = self.gate(*rule, person, changes) {
                    let procedure = self.catalogue.compiled.rules[*rule].procedure;
                    changes.entry(gate).or_default().insert(procedure);
                }
            }
        }
    }

    /// The first question on a way to fulfil a rule, where no single answer does.
    fn gate(&self, rule: usize, person: Option<usize>, changes: &Changes) -> Option<FactPath> {
        let procedure = self.catalogue.compiled.rules[rule].procedure;
        let mut absent = self.missing(rule, person)?;
        let known = |path: &FactPath| {
            changes
                .get(path)
                .is_some_and(|procedures| procedures.contains(&procedure))
        };
        if absent.len() < 2
            || absent.iter().any(known)
            || self.has_line(self.situation, procedure, person)
        {
            return None;
        }
        absent.sort_by_key(|path| self.question_order(path));
        let mut way = Way {
            rule,
            person,
            absent: &absent,
            changed: Vec::new(),
            supposition: self.supposition(),
        };
        let found = way.search(0);
        found
            .then(|| way.changed.first().map(|index| absent[*index].clone()))
            .flatten()
    }

    fn question_order(&self, path: &FactPath) -> Option<usize> {
        self.catalogue
            .question_for(path.fact, self.facts.event_kind())
    }

    /// The absent facts that the failing conditions of a rule read, each with a question; `None` where
    /// a condition fails that no answer can change.
    fn missing(&self, rule: usize, person: Option<usize>) -> Option<Vec<FactPath>> {
        let compiled = &self.catalogue.compiled;
        let rule = &compiled.rules[rule];
        let record = person.map(|index| &self.situation.persons[index]);
        let mut missing = Vec::new();
        for (condition, reads) in rule.when.iter().zip(&rule.condition_reads) {
            if compiled.conditions[*condition].holds(self.situation, record, false) {
                continue;
            }
            let before = missing.len();
            let readable = self
                .absent
                .iter()
                .filter(|path| self.can_change(path, reads, person));
            missing.extend(
                readable
                    .filter(|path| self.question_order(path).is_some())
                    .cloned(),
            );
            if missing.len() == before {
                return None;
            }
        }
        missing.sort();
        missing.dedup();
        Some(missing)
    }

    fn can_change(&self, path: &FactPath, reads: &[FactId], person: Option<usize>) -> bool {
        if !reads.contains(&path.fact) {
            return false;
        }
        let about = self.person(path);
        about.is_none()
            || about == person
            || (person.is_none() && self.catalogue.names.crosses_persons(path.fact))
    }

    /// Adds the dates from which a line's due day runs and which are only assumed.
    fn add_dates(&self, changes: &mut Changes) {
        for hit in &self.hits {
            let rule = &self.catalogue.compiled.rules[hit.rule];
            let Some(fact) = rule.due_from else { continue };
            let path = FactPath {
                subject: Subject::Event,
                fact,
            };
            if self.facts.given(&path).is_none() {
                changes.entry(path).or_default().insert(rule.procedure);
            }
        }
    }

    /// Values that can make a difference.
    fn candidates(&self, fact: FactId) -> Rc<[FactValue]> {
        let mut known = self.candidates.borrow_mut();
        known
            .entry(fact)
            .or_insert_with(|| self.values(fact).into())
            .clone()
    }

    fn values(&self, fact: FactId) -> Vec<FactValue> {
        match fact.def().kind {
            FactKind::Flag => vec![FactValue::Flag(true), FactValue::Flag(false)],
            FactKind::Choice(words) => words
                .iter()
                .map(|(long, _)| FactValue::Choice(long))
                .collect(),
            FactKind::Count => {
                let near = |value| match value {
                    FactValue::Count(bound) => vec![bound - 1, bound, bound + 1],
                    _ => Vec::new(),
                };
                let counts: BTreeSet<i64> = self
                    .thresholds(fact)
                    .into_iter()
                    .flat_map(near)
                    .filter(|n| *n >= 0)
                    .collect();
                counts.into_iter().map(FactValue::Count).collect()
            }
            FactKind::Date if fact == self.catalogue.names.birth_date => self.birth_dates(),
            FactKind::Date if fact == self.catalogue.names.filed_on => self.filing_days(),
            FactKind::Date => self.event_dates(fact),
        }
    }

    fn thresholds(&self, fact: FactId) -> Vec<FactValue> {
        let rules = self
            .rules
            .iter()
            .flat_map(|rule| &self.catalogue.compiled.rules[*rule].when);
        rules
            .flat_map(|id| self.catalogue.compiled.conditions[*id].thresholds(fact))
            .collect()
    }

    /// A birth date for every age on either side of a threshold.
    fn birth_dates(&self) -> Vec<FactValue> {
        let day = self.situation.event_day(&self.catalogue.names);
        let mut ages: BTreeSet<i64> = AGES.into_iter().collect();
        if let Some(age) = FactId::find(Scope::Person, "age") {
            for value in self.thresholds(age) {
                if let FactValue::Count(bound) = value {
                    ages.extend([bound - 1, bound].into_iter().filter(|age| *age >= 0));
                }
            }
        }
        let born =
            |age: i64| FactValue::Date(day.saturating_sub(age.years()).saturating_sub(1.month()));
        ages.into_iter().map(born).collect()
    }

    /// A filing lies between the event and the visit.
    fn filing_days(&self) -> Vec<FactValue> {
        let day = self.situation.event_day(&self.catalogue.names);
        let days = BTreeSet::from([day.min(self.facts.as_of), self.facts.as_of]);
        days.into_iter().map(FactValue::Date).collect()
    }

    fn event_dates(&self, fact: FactId) -> Vec<FactValue> {
        let days_ago = |days: i64| self.facts.as_of.saturating_sub(days.days());
        let mut dates: BTreeSet<Date> = [0, 20, 60, 120].into_iter().map(days_ago).collect();
        for value in self.thresholds(fact) {
            if let FactValue::Date(bound) = value {
                dates.extend([bound, bound.saturating_sub(1.day())]);
            }
        }
        dates.into_iter().map(FactValue::Date).collect()
    }
}

/// Facts and situation with some values supposed.
struct Supposition<'a> {
    probe: &'a Probe<'a>,
    facts: Facts,
    situation: Situation,
}

impl Supposition<'_> {
    fn suppose(&mut self, path: &FactPath, value: FactValue) {
        self.facts.suppose(path, value);
        let book = self.probe.catalogue.book(&self.probe.medical_until);
        if !self
            .situation
            .update(&self.facts, book, self.probe.person(path), path.fact, value)
        {
            self.situation = self.probe.catalogue.situation(&self.facts);
        }
    }
}

/// A search for answers that together fulfil a rule.
struct Way<'a> {
    rule: usize,
    person: Option<usize>,
    absent: &'a [FactPath],
    /// The facts that the way found supposes, by index into `absent`.
    changed: Vec<usize>,
    supposition: Supposition<'a>,
}

impl Way<'_> {
    /// Tries values for the facts from `depth` on. A fact that is left alone keeps what an earlier try
    /// supposed, which only makes the way longer, never wrong: the rule is checked as a whole at the end.
    fn search(&mut self, depth: usize) -> bool {
        let Some(path) = self.absent.get(depth) else {
            return self.supposition.probe.catalogue.holds(
                &self.supposition.situation,
                self.rule,
                self.person,
            );
        };
        for value in self.supposition.probe.candidates(path.fact).iter() {
            self.supposition.suppose(path, *value);
            self.changed.push(depth);
            if self.is_open(depth) && self.search(depth + 1) {
                return true;
            }
            self.changed.pop();
        }
        false
    }

    /// Whether every condition that reads no fact beyond `depth` holds.
    fn is_open(&self, depth: usize) -> bool {
        let probe = self.supposition.probe;
        let rule = &probe.catalogue.compiled.rules[self.rule];
        let record = self
            .person
            .map(|index| &self.supposition.situation.persons[index]);
        let later = &self.absent[depth + 1..];
        rule.when
            .iter()
            .zip(&rule.condition_reads)
            .all(|(condition, reads)| {
                later.iter().any(|path| reads.contains(&path.fact))
                    || probe.catalogue.compiled.conditions[*condition].holds(
                        &self.supposition.situation,
                        record,
                        false,
                    )
            })
    }
}
