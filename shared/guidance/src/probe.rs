//! Trying absent facts with other values.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::document::Each;
use crate::facts::{FactPath, Subject};
use crate::hits::Hit;
use crate::situation::Situation;
use crate::vocabulary::{FactId, FactKind, FactValue, Scope};
use crate::{Catalogue, Facts};

/// For each absent fact: the procedures (by index) that an answer could add or drop.
pub(crate) type Changes = BTreeMap<FactPath, BTreeSet<usize>>;

/// Ages between the thresholds of law that no condition names: school years, allowance, subsidy.
const AGES: [i64; 9] = [0, 4, 8, 13, 16, 17, 20, 30, 80];

/// Tries absent facts with other values.
pub(crate) struct Probe<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) facts: &'a Facts,
    pub(crate) situation: &'a Situation,
    pub(crate) rules: &'a [usize],
    pub(crate) absent: Vec<FactPath>,
    hits: BTreeSet<Hit>,
    medical_until: String,
    candidates: RefCell<BTreeMap<FactId, Rc<[FactValue]>>>,
    /// Whether the result is still wanted.
    pub(crate) go_on: &'a dyn Fn() -> bool,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(
        catalogue: &'a Catalogue,
        facts: &'a Facts,
        situation: &'a Situation,
        rules: &'a [usize],
        go_on: &'a dyn Fn() -> bool,
    ) -> Self {
        let mut probe = Self {
            catalogue,
            facts,
            situation,
            rules,
            absent: Vec::new(),
            hits: catalogue
                .hits(situation, rules, go_on)
                .into_iter()
                .collect(),
            medical_until: catalogue.medical_until(facts),
            candidates: RefCell::default(),
            go_on,
        };
        probe.absent = absent_paths(catalogue, facts, rules)
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

    pub(crate) fn person(&self, path: &FactPath) -> Option<usize> {
        match &path.subject {
            Subject::Person(id) => self.facts.persons().position(|other| other == id),
            _ => None,
        }
    }

    /// For every absent fact that matters alone: the procedures that it could add or drop.
    pub(crate) fn single_changes(&self) -> Changes {
        let mut changes = Changes::new();
        for path in self.absent.iter().take_while(|_| (self.go_on)()) {
            let mut procedures = BTreeSet::new();
            let mut supposition = self.supposition();
            let candidates = self.candidates(path.fact);
            for value in candidates.iter().take_while(|_| (self.go_on)()) {
                supposition.suppose(path, *value);
                self.compare(path, &supposition.situation, &mut procedures);
            }
            if !procedures.is_empty() {
                changes.insert(path.clone(), procedures);
            }
        }
        changes
    }

    pub(crate) fn supposition(&self) -> Supposition<'_> {
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

    pub(crate) fn has_line(
        &self,
        situation: &Situation,
        procedure: usize,
        person: Option<usize>,
    ) -> bool {
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

    /// Adds the dates from which a line's due day runs and which are only assumed.
    pub(crate) fn add_dates(&self, changes: &mut Changes) {
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
    pub(crate) fn candidates(&self, fact: FactId) -> Rc<[FactValue]> {
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

/// Facts that these rules read and that were not given, in the order of the vocabulary.
pub(crate) fn absent_paths(catalogue: &Catalogue, facts: &Facts, rules: &[usize]) -> Vec<FactPath> {
    let read: BTreeSet<FactId> = rules
        .iter()
        .flat_map(|rule| catalogue.compiled.rules[*rule].reads.iter().copied())
        .collect();
    let of = |scope: Scope, subject: Subject| {
        read.iter()
            .filter(move |fact| fact.def().scope == scope)
            .map(move |fact| FactPath {
                subject: subject.clone(),
                fact: *fact,
            })
    };
    let persons = facts.persons();
    let of_persons = persons.flat_map(|id| of(Scope::Person, Subject::Person(id.to_owned())));
    of(Scope::Event, Subject::Event)
        .chain(of(Scope::Household, Subject::Household))
        .chain(of_persons)
        .filter(|path| facts.given(path).is_none())
        .collect()
}

/// Facts and situation with some values supposed.
pub(crate) struct Supposition<'a> {
    pub(crate) probe: &'a Probe<'a>,
    pub(crate) facts: Facts,
    pub(crate) situation: Situation,
}

impl Supposition<'_> {
    pub(crate) fn suppose(&mut self, path: &FactPath, value: FactValue) {
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
