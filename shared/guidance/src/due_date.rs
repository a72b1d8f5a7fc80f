//! From a rule to the day when its line is due.

use jiff::civil::Date;

use crate::compiled::CompiledRule;
use crate::document::{DueRule, Office};
use crate::situation::{Situation, date_of};
use crate::{Catalogue, Due, FirstDay, ParameterValue, Unit, last_day};

impl Catalogue {
    /// When the rule's line is due in this situation.
    pub(crate) fn due(&self, situation: &Situation, rule: &CompiledRule) -> Due {
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
                .tenant(situation, "tenant.ordinance_periods_roll")
                .is_none_or(|value| value == &ParameterValue::Flag(true)),
        };
        if rolls {
            self.calendar.roll(last)
        } else {
            last
        }
    }
}
