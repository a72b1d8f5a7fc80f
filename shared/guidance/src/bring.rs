//! What to bring for a line, and what can stay at home.

use crate::compiled::{CompiledBring, ConditionId};
use crate::situation::{Record, Situation};
use crate::vocabulary::{FactId, FactValue, Scope};
use crate::{Bring, Catalogue};

impl Catalogue {
    /// What to bring for a procedure's line; `persons` are the line's own, by index, none for the household's.
    pub(crate) fn bring(
        &self,
        situation: &Situation,
        procedure: usize,
        persons: &[usize],
    ) -> Vec<Bring> {
        let concerned = self.concerned(situation, persons);
        let whole_household = persons.is_empty();
        let all = |id: ConditionId| {
            self.holds_for(situation, id, |holds| {
                concerned.iter().all(|record| holds(Some(*record)))
            })
        };
        let any = |id: ConditionId| {
            self.holds_for(situation, id, |holds| {
                concerned.iter().any(|record| holds(Some(*record)))
            })
        };
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
            moves.and_then(|fact| record.get(fact)) == Some(FactValue::Flag(true))
        };
        let movers: Vec<&Record> = situation.persons.iter().filter(moving).collect();
        if movers.is_empty() {
            situation.persons.iter().collect()
        } else {
            movers
        }
    }

    /// Whether a condition holds: once for the household, or as `of_persons` combines it where it reads facts of persons.
    fn holds_for(
        &self,
        situation: &Situation,
        condition: ConditionId,
        of_persons: impl Fn(&dyn Fn(Option<&Record>) -> bool) -> bool,
    ) -> bool {
        let condition = &self.compiled.conditions[condition];
        let holds = |record: Option<&Record>| condition.holds(situation, record, false);
        let mut facts = condition.facts.iter();
        if facts.any(|fact| fact.def().scope == Scope::Person) {
            of_persons(&holds)
        } else {
            holds(None)
        }
    }
}
