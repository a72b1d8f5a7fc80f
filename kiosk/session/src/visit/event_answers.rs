//! Who is concerned by an event, and what has to be found out about them when no register said.

use std::collections::{BTreeMap, BTreeSet};

use guidance::document::{Concern, LifeEvent};
use guidance::{FactValue, Facts};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::effect::CardItems;
use crate::role::Role;
use crate::visit::identity::HOLDER;

/// What the resident answered about the event and its persons. Facts are rebuilt from it, so that going back and
/// answering otherwise leaves nothing of the first answer.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct EventAnswers {
    /// Steps answered, in order.
    done: Vec<DetailStep>,
    /// When it happened or will happen.
    pub(crate) date: Option<Date>,
    /// Birth dates by person.
    pub(crate) births: BTreeMap<String, Date>,
    /// Roles by person.
    pub(crate) roles: BTreeMap<String, Role>,
    /// Persons of the known household who are concerned.
    pub(crate) chosen: BTreeSet<String>,
    /// Who else takes part, when no register said: what they are to the resident.
    pub(crate) companions: Vec<Role>,
    /// How many children there are, when no register said.
    pub(crate) children: usize,
    /// The resident acts for somebody else.
    pub(crate) for_other: bool,
    /// The card said who the holder is and when born.
    holder_by_card: bool,
}

/// One thing to find out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum DetailStep {
    /// The event's date.
    Date,
    /// Which persons of the known household.
    Who,
    /// For oneself or for somebody else, without a known household.
    ForWhom,
    /// What the person here is to the baby.
    Parent,
    /// Who else takes part.
    Together,
    /// How many children.
    HowMany,
    /// What this person is to the one here.
    Role(String),
    /// This person's birth date.
    Birth(String),
}

/// A person whom the answers add to the facts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    /// Id in the facts.
    pub(crate) id: String,
    /// Role that is certain without asking.
    pub(crate) role: Option<&'static str>,
    /// Whether the birth date is to be asked.
    pub(crate) ask_birth: bool,
    /// Gave birth to the baby of this event.
    pub(crate) bore: bool,
}

impl Member {
    fn new(id: &str, role: Option<&'static str>) -> Self {
        Self {
            id: id.to_owned(),
            role,
            ask_birth: true,
            bore: false,
        }
    }

    fn bore(mut self, bore: bool) -> Self {
        self.bore = bore;
        self
    }

    fn without_birth(mut self) -> Self {
        self.ask_birth = false;
        self
    }
}

/// The letters A, B, C… that are still free.
fn free_ids(taken: &[&str]) -> impl Iterator<Item = String> {
    let taken: Vec<String> = taken.iter().map(|id| (*id).to_owned()).collect();
    (b'A'..=b'Z')
        .map(|letter| char::from(letter).to_string())
        .filter(move |id| !taken.contains(id))
}

impl EventAnswers {
    /// Nothing said yet, but what the card said is known.
    pub(crate) fn after_card(card: Option<&CardItems>) -> Self {
        let mut answers = Self::default();
        if let Some(card) = card {
            answers.births.insert(HOLDER.to_owned(), card.birth_date);
            answers.holder_by_card = true;
        }
        answers
    }

    pub(crate) fn is_done(&self, step: &DetailStep) -> bool {
        self.done.contains(step)
    }

    /// A step was answered. Answers after it belong to another question than before and are asked again.
    pub(crate) fn step_done(&mut self, step: DetailStep) {
        self.done.retain(|done| *done != step);
        self.done.push(step);
    }

    /// The step answered last, open again.
    pub(crate) fn take_back(&mut self) -> Option<DetailStep> {
        self.done.pop()
    }

    /// The steps for this event, as far as the answers so far decide them.
    pub(crate) fn steps(&self, event: &LifeEvent, base: &Facts) -> Vec<DetailStep> {
        let concern = event.concern;
        let known: Vec<&str> = base.persons().collect();
        let mut steps = Vec::new();
        if event.date.is_some() {
            steps.push(DetailStep::Date);
        }
        if known.is_empty() {
            match concern {
                Concern::One => steps.push(DetailStep::ForWhom),
                Concern::Newborn => steps.push(DetailStep::Parent),
                _ => {}
            }
            match concern {
                Concern::Movers | Concern::Several | Concern::Deceased => {
                    steps.push(DetailStep::Together);
                }
                Concern::Family | Concern::Newborn => steps.push(DetailStep::HowMany),
                Concern::Nobody | Concern::One | Concern::Couple => {}
            }
        } else if asks_who(concern, &known) {
            steps.push(DetailStep::Who);
        }
        for member in self.members(concern, base) {
            if member.role.is_none() {
                steps.push(DetailStep::Role(member.id.clone()));
            }
            if member.ask_birth && !(member.id == HOLDER && self.holder_by_card) {
                steps.push(DetailStep::Birth(member.id));
            }
        }
        steps
    }

    /// The persons to be added to `base`.
    pub(crate) fn members(&self, concern: Concern, base: &Facts) -> Vec<Member> {
        let known: Vec<&str> = base.persons().collect();
        let mut free = free_ids(&known);
        let mut next = || free.next().unwrap_or_default();
        let mut members = Vec::new();
        if known.is_empty() {
            if concern == Concern::Nobody {
                return members;
            }
            let holder = next();
            if concern == Concern::One && self.for_other {
                members.push(Member::new(&next(), None));
                return members;
            }
            let parent = self.parent().filter(|_| concern == Concern::Newborn);
            let role = match parent {
                Some(Role::Other) => Role::Other,
                _ => Role::Oneself,
            };
            let bore = parent == Some(Role::Mother);
            members.push(Member::new(&holder, Some(role.word())).bore(bore));
            match concern {
                Concern::Couple => members.push(Member::new(&next(), Some("spouse"))),
                Concern::Deceased => members.push(Member::new(&next(), Some("deceased"))),
                Concern::Newborn => {
                    let mother = match parent {
                        Some(Role::Mother) => None,
                        Some(Role::Other) => Some(Role::Other.word()),
                        _ => Some(Role::Spouse.word()),
                    };
                    members.extend(mother.map(|role| Member::new(&next(), Some(role)).bore(true)));
                    members.push(Member::new(&next(), Some("newborn")).without_birth());
                }
                _ => {}
            }
            let children = std::iter::repeat_n(Role::Child, self.children);
            let others = self.companions.iter().copied().chain(children);
            members.extend(others.map(|role| Member::new(&next(), Some(role.word()))));
        } else {
            match concern {
                Concern::Couple => members.push(Member::new(&next(), Some("spouse"))),
                Concern::Deceased if self.chosen.is_empty() => {
                    members.push(Member::new(&next(), Some("deceased")))
                }
                Concern::Newborn => {
                    members.push(Member::new(&next(), Some("newborn")).without_birth())
                }
                _ => {}
            }
        }
        members
    }

    /// What the resident is to the baby, when no register said.
    fn parent(&self) -> Option<Role> {
        self.roles.get(HOLDER).copied()
    }

    /// The facts as the answers make them.
    pub(crate) fn apply(&self, event: &LifeEvent, base: &Facts) -> Facts {
        let mut facts = base.clone();
        let concern = event.concern;
        let known: Vec<String> = base.persons().map(str::to_owned).collect();
        if let Some(date) = self.date {
            give(&mut facts, "event.date", FactValue::Date(date));
        }
        for member in self.members(concern, base) {
            self.add(&mut facts, &member);
        }
        if self.is_done(&DetailStep::Who) {
            self.apply_choice(&mut facts, concern, &known);
        } else if known.is_empty() && concern == Concern::Movers {
            let all: Vec<String> = facts.persons().map(str::to_owned).collect();
            all.iter()
                .for_each(|id| about(&mut facts, id, "moves", FactValue::Flag(true)));
        } else if known.len() == 1 {
            self.apply_alone(&mut facts, concern, &known[0]);
        }
        if concern == Concern::Newborn && (known.is_empty() || self.is_done(&DetailStep::Who)) {
            self.name_the_mother(&mut facts);
        }
        for name in &event.implies {
            let fact = name.trim_start_matches("person.");
            let all: Vec<String> = facts.persons().map(str::to_owned).collect();
            all.iter()
                .for_each(|id| about(&mut facts, id, fact, FactValue::Flag(true)));
        }
        facts
    }

    /// Who bore the baby is known then, and so who did not.
    fn name_the_mother(&self, facts: &mut Facts) {
        let all: Vec<String> = facts.persons().map(str::to_owned).collect();
        for id in all {
            let path = format!("persons[{id}].pregnant");
            let given = path.parse().is_ok_and(|path| facts.given(&path).is_some());
            if !given {
                give(facts, &path, FactValue::Flag(false));
            }
        }
    }

    fn add(&self, facts: &mut Facts, member: &Member) {
        if facts.add_person(&member.id).is_err() {
            return;
        }
        let chosen = self.roles.get(&member.id).map(|role| role.word());
        if let Some(role) = member.role.or(chosen) {
            about(facts, &member.id, "role", FactValue::Choice(role));
        }
        if member.bore {
            about(facts, &member.id, "pregnant", FactValue::Flag(true));
        }
        let birth = if member.role == Some("newborn") {
            self.date
        } else {
            self.births.get(&member.id).copied()
        };
        if let Some(birth) = birth {
            about(facts, &member.id, "birth_date", FactValue::Date(birth));
        }
    }

    fn apply_choice(&self, facts: &mut Facts, concern: Concern, known: &[String]) {
        for id in known {
            let chosen = self.chosen.contains(id);
            match concern {
                Concern::Movers => about(facts, id, "moves", FactValue::Flag(chosen)),
                Concern::Several | Concern::One if !chosen => {
                    facts.remove_person(id);
                }
                Concern::Deceased if chosen => {
                    about(facts, id, "role", FactValue::Choice("deceased"))
                }
                Concern::Newborn if chosen => about(facts, id, "pregnant", FactValue::Flag(true)),
                _ => {}
            }
        }
    }

    /// A household of one needs no "who".
    fn apply_alone(&self, facts: &mut Facts, concern: Concern, id: &str) {
        if concern == Concern::Movers {
            about(facts, id, "moves", FactValue::Flag(true));
        }
    }
}

/// A household of one leaves nothing to choose, unless the person may be none of it.
fn asks_who(concern: Concern, known: &[&str]) -> bool {
    let may_be_another = matches!(concern, Concern::Deceased | Concern::Newborn);
    concern.asks_who() && (known.len() > 1 || may_be_another)
}

fn about(facts: &mut Facts, person: &str, fact: &str, value: FactValue) {
    give(facts, &format!("persons[{person}].{fact}"), value);
}

/// Sets a fact that is in the vocabulary; the paths are this crate's own, so an error is a mistake of ours.
pub(crate) fn give(facts: &mut Facts, path: &str, value: FactValue) {
    let given = facts.set(path, value);
    debug_assert!(given.is_ok(), "{path}: {given:?}");
}
