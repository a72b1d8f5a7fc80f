//! Facts that change nothing alone, but together.

use crate::document::Each;
use crate::facts::FactPath;
use crate::probe::{Changes, Probe, Supposition};
use crate::vocabulary::FactId;

impl Probe<'_> {
    /// Adds, for every rule that only several answers together could fulfil, the first to be asked.
    pub(crate) fn add_combinations(&self, changes: &mut Changes) {
        for rule in self.rules.iter().take_while(|_| (self.go_on)()) {
            let each = self.catalogue.compiled.rules[*rule].each;
            let subjects: Vec<Option<usize>> = match each {
                Each::Household => vec![None],
                Each::Person => (0..self.situation.persons.len()).map(Some).collect(),
            };
            for person in subjects {
                if let Some(first) = self.first_of_several(*rule, person, changes) {
                    let procedure = self.catalogue.compiled.rules[*rule].procedure;
                    changes.entry(first).or_default().insert(procedure);
                }
            }
        }
    }

    /// The first question whose answer, together with others, fulfils a rule, where no single answer does.
    fn first_of_several(
        &self,
        rule: usize,
        person: Option<usize>,
        changes: &Changes,
    ) -> Option<FactPath> {
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
        let mut search = Search {
            rule,
            person,
            absent: &absent,
            changed: Vec::new(),
            supposition: self.supposition(),
        };
        let found = search.fulfil_from(0);
        found
            .then(|| search.changed.first().map(|index| absent[*index].clone()))
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
}

/// A search for answers that together fulfil a rule.
struct Search<'a> {
    rule: usize,
    person: Option<usize>,
    absent: &'a [FactPath],
    /// The facts that are supposed so far, by index into `absent`.
    changed: Vec<usize>,
    supposition: Supposition<'a>,
}

impl Search<'_> {
    /// Tries values for the facts from `depth` on. A fact that is left alone keeps what an earlier try
    /// supposed, which only makes the combination longer, never wrong: the rule is checked as a whole at the end.
    fn fulfil_from(&mut self, depth: usize) -> bool {
        let Some(path) = self.absent.get(depth) else {
            return self.supposition.probe.catalogue.holds(
                &self.supposition.situation,
                self.rule,
                self.person,
            );
        };
        let probe = self.supposition.probe;
        let candidates = probe.candidates(path.fact);
        for value in candidates.iter().take_while(|_| (probe.go_on)()) {
            self.supposition.suppose(path, *value);
            self.changed.push(depth);
            if self.is_open(depth) && self.fulfil_from(depth + 1) {
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
