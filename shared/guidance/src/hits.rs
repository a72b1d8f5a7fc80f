//! Which rules hold in a situation.

use crate::Catalogue;
use crate::document::Each;
use crate::situation::Situation;

/// A rule that holds, for a person (by index) or for the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    pub(crate) rule: usize,
    pub(crate) person: Option<usize>,
}

impl Catalogue {
    /// The rules that hold, in a clerk's order.
    pub(crate) fn hits(
        &self,
        situation: &Situation,
        rules: &[usize],
        go_on: &dyn Fn() -> bool,
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        for rule in rules.iter().take_while(|_| go_on()) {
            match self.compiled.rules[*rule].each {
                Each::Household if self.holds(situation, *rule, None) => hits.push(Hit {
                    rule: *rule,
                    person: None,
                }),
                Each::Household => {}
                Each::Person => {
                    let persons = (0..situation.persons.len())
                        .filter(|person| self.holds(situation, *rule, Some(*person)));
                    hits.extend(persons.map(|person| Hit {
                        rule: *rule,
                        person: Some(person),
                    }));
                }
            }
        }
        hits
    }

    pub(crate) fn holds(&self, situation: &Situation, rule: usize, person: Option<usize>) -> bool {
        let record = person.map(|index| &situation.persons[index]);
        let conditions = &self.compiled.conditions;
        self.compiled.rules[rule]
            .when
            .iter()
            .all(|condition| conditions[*condition].holds(situation, record, false))
    }
}
