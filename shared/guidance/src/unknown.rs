//! What is absent and would change the plan, and what to ask about it.
//!
//! A fact is tried with every value that can make a difference, and only the rules that read it are
//! evaluated again. Where no single answer changes anything but several together would (three conditions
//! of one rule, all of them absent), the first of them in the order of the questions is asked: its "no"
//! ends the matter, its "yes" leads to the next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use crate::document::Each;
use crate::facts::{FactPath, Subject};
use crate::planning::Hit;
use crate::situation::Situation;
use crate::vocabulary::{FactId, FactKind, FactValue, Scope};
use crate::{Answer, Catalogue, Facts, Question, QuestionKind, Unknown};

/// Combinations of one rule's absent facts that are tried at most.
const COMBINATIONS: usize = 4096;

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

    /// The situation if these facts had these values.
    fn supposing(&self, assumed: &[(&FactPath, FactValue)]) -> Situation {
        let mut facts = self.facts.clone();
        for (path, value) in assumed {
            facts.suppose(path, *value);
        }
        self.catalogue.situation(&facts)
    }

    /// For every absent fact that matters alone: the procedures that it could add or drop.
    fn single_changes(&self) -> Changes {
        let mut changes = Changes::new();
        for path in &self.absent {
            let mut procedures = BTreeSet::new();
            for value in self.candidates(path.fact) {
                let supposed = self.supposing(&[(path, value)]);
                self.compare(path, &supposed, &mut procedures);
            }
            if !procedures.is_empty() {
                changes.insert(path.clone(), procedures);
            }
        }
        changes
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
        let rules = &self.catalogue.compiled.rules;
        let of_procedure = self.rules.iter().filter(|rule| {
            let rule = &rules[**rule];
            rule.procedure == procedure && (rule.each == Each::Person) == person.is_some()
        });
        of_procedure
            .copied()
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

    /// The first question on the shortest way to fulfil a rule, where no single answer does.
    fn gate(&self, rule: usize, person: Option<usize>, changes: &Changes) -> Option<FactPath> {
        let procedure = self.catalogue.compiled.rules[rule].procedure;
        if self.has_line(self.situation, procedure, person) {
            return None;
        }
        let order = |path: &FactPath| {
            self.catalogue
                .question_for(path.fact, self.facts.event_kind())
        };
        let mut absent: Vec<&FactPath> = self
            .read_by(rule, person)
            .filter(|path| order(path).is_some())
            .collect();
        absent.sort_by_key(|path| order(path));
        if absent.len() < 2
            || absent.iter().any(|path| {
                changes
                    .get(*path)
                    .is_some_and(|ids| ids.contains(&procedure))
            })
        {
            return None;
        }
        let ways = self.combinations(&absent);
        let fulfils = |way: &Vec<(&FactPath, FactValue)>| {
            self.catalogue.holds(&self.supposing(way), rule, person)
        };
        let shortest = ways.into_iter().find(fulfils)?;
        shortest.first().map(|(path, _)| (*path).clone())
    }

    fn read_by(&self, rule: usize, person: Option<usize>) -> impl Iterator<Item = &FactPath> {
        let reads = &self.catalogue.compiled.rules[rule].reads;
        let names = &self.catalogue.names;
        self.absent.iter().filter(move |path| {
            let about = self.person(path);
            reads.contains(&path.fact)
                && (about.is_none() || about == person || names.crosses_persons(path.fact))
        })
    }

    /// Suppositions about two or more of these facts, fewest first, each fact in its order.
    fn combinations<'p>(&self, absent: &[&'p FactPath]) -> Vec<Vec<(&'p FactPath, FactValue)>> {
        let mut ways: Vec<Vec<(&FactPath, FactValue)>> = vec![Vec::new()];
        for path in absent {
            let mut longer = Vec::new();
            for way in &ways {
                for value in self.candidates(path.fact) {
                    let mut way = way.clone();
                    way.push((*path, value));
                    longer.push(way);
                }
            }
            ways.extend(longer);
            ways.truncate(COMBINATIONS);
        }
        ways.retain(|way| way.len() > 1);
        ways.sort_by_key(Vec::len);
        ways
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
    fn candidates(&self, fact: FactId) -> Vec<FactValue> {
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
