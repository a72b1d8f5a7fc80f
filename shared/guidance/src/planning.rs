//! From facts to lines.

use serde_json::json;

use crate::compiled::CompiledRule;
use crate::document::Counter;
use crate::hits::Hit;
use crate::situation::Situation;
use crate::titles::filled;
use crate::vocabulary::{FactId, Scope};
use crate::{Catalogue, Facts, Line, ParameterValue, Plan, Why, Words};

impl Catalogue {
    /// What to do, given these facts.
    #[must_use]
    pub fn plan(&self, facts: &Facts) -> Plan {
        self.planned(facts, &|| true)
    }

    /// As [`Catalogue::plan`], as long as `go_on` says so: `None` once it has said no. It is asked between rules and
    /// between facts that are tried, and must not say yes again after a no.
    #[must_use]
    pub fn plan_while(&self, facts: &Facts, go_on: &dyn Fn() -> bool) -> Option<Plan> {
        let plan = self.planned(facts, go_on);
        go_on().then_some(plan)
    }

    /// Whole only if `go_on` says yes to the end.
    fn planned(&self, facts: &Facts, go_on: &dyn Fn() -> bool) -> Plan {
        let situation = self.situation(facts);
        let rules = self.rules_for(facts.event_kind(), facts.as_of);
        let hits = self.hits(&situation, &rules, go_on);
        Plan {
            as_of: facts.as_of,
            catalogue: self.reference().clone(),
            lines: self.lines(facts, &situation, &hits, go_on),
            unknown: self.unknown(facts, &situation, &rules, go_on),
        }
    }

    fn lines(
        &self,
        facts: &Facts,
        situation: &Situation,
        hits: &[Hit],
        go_on: &dyn Fn() -> bool,
    ) -> Vec<Line> {
        let mut groups: Vec<(usize, Line, Vec<usize>)> = Vec::new();
        for hit in hits.iter().take_while(|_| go_on()) {
            let rule = &self.compiled.rules[hit.rule];
            let line = self.line(facts, situation, rule, hit.person);
            let same = |other: &Line| {
                (other.level, &other.due, other.fee_yen) == (line.level, &line.due, line.fee_yen)
            };
            let known = groups.iter_mut().find(|(procedure, other, persons)| {
                *procedure == rule.procedure
                    && !persons.is_empty()
                    && hit.person.is_some()
                    && same(other)
            });
            match known {
                Some((_, other, persons)) => {
                    persons.extend(hit.person);
                    other.persons.extend(line.persons);
                    other
                        .why
                        .extend(line.why.into_iter().filter(|why| why.fact != "event.kind"));
                }
                None => groups.push((rule.procedure, line, hit.person.into_iter().collect())),
            }
        }
        // Rules are in the order of procedures already; within one, the more urgent line goes first.
        groups.sort_by_key(|(procedure, line, persons)| {
            (
                *procedure,
                line.due.date().is_none(),
                line.due.date(),
                persons.clone(),
            )
        });
        let finish = |(procedure, mut line, persons): (usize, Line, Vec<usize>)| {
            line.bring = self.bring(situation, procedure, &persons);
            line
        };
        groups.into_iter().map(finish).collect()
    }

    fn line(
        &self,
        facts: &Facts,
        situation: &Situation,
        rule: &CompiledRule,
        person: Option<usize>,
    ) -> Line {
        let procedure = &self.document.procedure[rule.procedure];
        let counter = self.counter_of(situation, &rule.event, &procedure.counter);
        Line {
            procedure: procedure.id.clone(),
            title: self.title(situation, rule.procedure),
            level: rule.level,
            persons: person
                .map(|index| facts.persons[index].id.clone())
                .into_iter()
                .collect(),
            due: self.due(situation, rule),
            counter: counter.map_or_else(|| procedure.counter.clone(), |one| one.id.clone()),
            hours: counter.and_then(|counter| self.hours(situation, counter)),
            bring: Vec::new(),
            fee_yen: self.amount(situation, rule.fee.as_ref()),
            grant_yen: rule
                .grant
                .as_ref()
                .map(|grant| self.amount(situation, Some(grant))),
            form: procedure.form.clone(),
            statute: procedure.statute.clone(),
            source_seen: procedure.source_seen,
            why: self.why(facts, situation, rule, person),
        }
    }

    /// The procedure's title in this town.
    fn title(&self, situation: &Situation, procedure: usize) -> Words {
        let document = &self.document;
        let title = match self.open_titles.get(&procedure) {
            Some(open) => filled(open, &document.parameter, |index| {
                situation.parameter(index)
            }),
            None => document.procedure[procedure].title.clone(),
        };
        match self.tenant(situation, "tenant.oshirase_lang") {
            Some(ParameterValue::List(tags)) => title.in_languages(tags),
            _ => title,
        }
    }

    /// The counter to go to: the procedure's own, or the one for all of this event where the town has it.
    fn counter_of(&self, situation: &Situation, event: &str, own: &str) -> Option<&Counter> {
        let own = self.counter(own)?;
        let one_stop = |counter: &&Counter| {
            let flag = ParameterValue::Flag(true);
            counter.one_stop.as_ref().is_some_and(|one| {
                one.event == event && self.tenant(situation, &one.if_parameter) == Some(&flag)
            })
        };
        // Another office stays another office.
        let here = own.number > 0;
        let one = self.document.counter.iter().find(one_stop);
        Some(one.filter(|_| here).unwrap_or(own))
    }

    /// When a counter of the hall is open: its own hours, or the town's with its Saturdays and evenings.
    fn hours(&self, situation: &Situation, counter: &Counter) -> Option<String> {
        (counter.number > 0).then_some(())?;
        let Some(ParameterValue::Word(hours)) = self.tenant(situation, &counter.hours) else {
            return Some(counter.hours.clone());
        };
        let mut hours = hours.clone();
        if let Some(ParameterValue::List(more)) =
            self.tenant(situation, "tenant.saturday_or_evening_counter")
        {
            more.iter().for_each(|more| {
                hours.push('、');
                hours.push_str(more);
            });
        }
        Some(hours)
    }

    fn why(
        &self,
        facts: &Facts,
        situation: &Situation,
        rule: &CompiledRule,
        person: Option<usize>,
    ) -> Vec<Why> {
        let mut whys = vec![Why {
            fact: "event.kind".to_owned(),
            value: json!(rule.event),
            condition: format!("event.kind == '{}'", rule.event),
        }];
        let record = person.map(|index| &situation.persons[index]);
        for condition in rule.when.iter().map(|id| &self.compiled.conditions[*id]) {
            for fact in &condition.facts {
                whys.push(Why {
                    fact: path_text(facts, *fact, person),
                    value: json!(situation.value(*fact, record)),
                    condition: condition.source.clone(),
                });
            }
            for index in &condition.parameters {
                whys.push(Why {
                    fact: format!("tenant.{}", self.document.parameter[*index].id),
                    value: json!(situation.parameter(*index)),
                    condition: condition.source.clone(),
                });
            }
        }
        whys
    }
}

/// A fact's path as text, for the person at this index where it is about a person.
fn path_text(facts: &Facts, fact: FactId, person: Option<usize>) -> String {
    let def = fact.def();
    match (def.scope, person) {
        (Scope::Person, Some(index)) => {
            format!("persons[{}].{}", facts.persons[index].id, def.name)
        }
        (scope, _) => format!("{}.{}", scope.in_conditions(), def.name),
    }
}
