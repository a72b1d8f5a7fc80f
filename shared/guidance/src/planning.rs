//! From facts to lines.

use jiff::civil::Date;
use serde_json::json;

use crate::compiled::{CompiledBring, CompiledRule, ConditionId};
use crate::document::{Amount, Counter, DueRule, Office};
use crate::hits::Hit;
use crate::situation::{Record, Situation, date_of};
use crate::titles::filled;
use crate::vocabulary::{FactId, Scope};
use crate::{
    Bring, Catalogue, Due, Facts, FirstDay, Line, ParameterValue, Plan, Unit, Why, Words, last_day,
};

impl Catalogue {
    /// What to do, given these facts.
    #[must_use]
    pub fn plan(&self, facts: &Facts) -> Plan {
        let situation = self.situation(facts);
        let rules = self.rules_for(facts.event_kind(), facts.as_of);
        let hits = self.hits(&situation, &rules);
        Plan {
            as_of: facts.as_of,
            catalogue: self.reference().clone(),
            lines: self.lines(facts, &situation, &hits),
            unknown: self.unknown(facts, &situation, &rules),
        }
    }

    fn lines(&self, facts: &Facts, situation: &Situation, hits: &[Hit]) -> Vec<Line> {
        let mut groups: Vec<(usize, Line, Vec<usize>)> = Vec::new();
        for hit in hits {
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

    /// The number that an amount says in this town; 0 where there is none.
    fn amount(&self, situation: &Situation, amount: Option<&Amount>) -> i64 {
        match amount {
            None => 0,
            Some(Amount::Number(number)) => i64::from(*number),
            Some(Amount::Parameter(name)) => match self.tenant(situation, name) {
                Some(ParameterValue::Count(number)) => *number,
                _ => 0,
            },
        }
    }

    /// The value of `tenant.<parameter>`.
    fn tenant<'a>(&self, situation: &'a Situation, name: &str) -> Option<&'a ParameterValue> {
        let id = name.strip_prefix("tenant.")?;
        Some(situation.parameter(self.parameter_index(id)?))
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

    fn due(&self, situation: &Situation, rule: &CompiledRule) -> Due {
        let on = |date: Date| Due::On {
            date,
            overdue: situation.visit > date,
        };
        let from = rule
            .due_from
            .and_then(|fact| date_of(situation.value(fact, None)));
        match &rule.due {
            DueRule::On {
                count,
                unit,
                first_day,
                office,
                ..
            } => {
                let from = from.unwrap_or_else(|| situation.event_day(&self.names));
                let last = last_day(from, self.amount(situation, Some(count)), *unit, *first_day);
                on(self.moved(situation, last, *unit, *office))
            }
            DueRule::AfterFiling { days } => match from {
                Some(filed) => {
                    let last = last_day(filed, i64::from(*days), Unit::Days, FirstDay::Excluded);
                    on(self.calendar.roll(last))
                }
                None => Due::AfterFiling {
                    days: i64::from(*days),
                },
            },
            DueRule::Before => {
                let date = situation.event_day(&self.names);
                Due::Before {
                    date,
                    overdue: situation.visit > date,
                }
            }
            DueRule::With { procedure } => Due::With {
                procedure: procedure.clone(),
            },
            DueRule::Asap { within_days } => Due::Asap {
                days: within_days
                    .as_ref()
                    .map(|days| self.amount(situation, Some(days))),
            },
            DueRule::None => Due::None,
        }
    }

    /// Moves a last day off closed days where law says so. Years are prescriptions and never move.
    fn moved(&self, situation: &Situation, last: Date, unit: Unit, office: Office) -> Date {
        let rolls = match office {
            _ if unit == Unit::Years => false,
            Office::Municipal | Office::National => true,
            Office::Employer => false,
            Office::Ordinance => self
                .parameter_index("ordinance_periods_roll")
                .is_none_or(|index| situation.parameter(index) == &ParameterValue::Flag(true)),
        };
        if rolls {
            self.calendar.roll(last)
        } else {
            last
        }
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

    fn bring(&self, situation: &Situation, procedure: usize, persons: &[usize]) -> Vec<Bring> {
        let concerned = self.concerned(situation, persons);
        let whole_household = persons.is_empty();
        let all = |condition: ConditionId| self.for_all(situation, condition, &concerned);
        let any = |condition: ConditionId| self.for_any(situation, condition, &concerned);
        let listed = |rule: &&CompiledBring| rule.only_if.is_none_or(any);
        let make = |rule: &CompiledBring| {
            let spared = rule
                .unless
                .is_some_and(|id| if whole_household { any(id) } else { all(id) });
            let item = &self.document.item[rule.item];
            let reason = rule
                .reason
                .filter(|_| spared)
                .map(|index| &self.document.reason[index].title);
            Bring {
                item_id: item.id.clone(),
                item: item.title.clone(),
                needed: !spared,
                why: reason.unwrap_or(&item.why).clone(),
            }
        };
        self.compiled.bring[procedure]
            .iter()
            .filter(listed)
            .map(make)
            .collect()
    }

    /// The persons whose papers a line is about: its own, or those of the household who move, or all.
    fn concerned<'a>(&self, situation: &'a Situation, persons: &[usize]) -> Vec<&'a Record> {
        if !persons.is_empty() {
            return persons
                .iter()
                .map(|index| &situation.persons[*index])
                .collect();
        }
        let moves = FactId::find(Scope::Person, "moves");
        let moving = |record: &&Record| {
            moves.and_then(|fact| record.get(fact)) == Some(crate::FactValue::Flag(true))
        };
        let movers: Vec<&Record> = situation.persons.iter().filter(moving).collect();
        if movers.is_empty() {
            situation.persons.iter().collect()
        } else {
            movers
        }
    }

    fn for_any(&self, situation: &Situation, condition: ConditionId, persons: &[&Record]) -> bool {
        let condition = &self.compiled.conditions[condition];
        if !condition
            .facts
            .iter()
            .any(|fact| fact.def().scope == Scope::Person)
        {
            return condition.holds(situation, None, false);
        }
        persons
            .iter()
            .any(|record| condition.holds(situation, Some(record), false))
    }

    fn for_all(&self, situation: &Situation, condition: ConditionId, persons: &[&Record]) -> bool {
        let condition = &self.compiled.conditions[condition];
        if !condition
            .facts
            .iter()
            .any(|fact| fact.def().scope == Scope::Person)
        {
            return condition.holds(situation, None, false);
        }
        persons
            .iter()
            .all(|record| condition.holds(situation, Some(record), false))
    }
}

/// A fact's path as text, for the person at this index where it is about a person.
pub(crate) fn path_text(facts: &Facts, fact: FactId, person: Option<usize>) -> String {
    let def = fact.def();
    match (def.scope, person) {
        (Scope::Person, Some(index)) => {
            format!("persons[{}].{}", facts.persons[index].id, def.name)
        }
        (scope, _) => format!("{}.{}", scope.in_conditions(), def.name),
    }
}
