//! What the catalogue says about a life event: its tile, and what is asked before the rules ask.

use serde::{Deserialize, Serialize};

use crate::Words;

/// A life event (ライフイベント).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeEvent {
    /// Its kind, `event.kind` in facts: lower-case letters, digits and `_`.
    pub id: String,
    /// What it is called.
    pub title: Words,
    /// Examples, on the tile's second line.
    pub subtitle: Words,
    /// Name of a file in assets/icons, without `.svg`.
    pub icon: String,
    /// Reading, for the 50音 search.
    pub kana: String,
    /// Which persons it concerns.
    pub concern: Concern,
    /// The question that lets the resident choose among the persons of the register; there if, and only if,
    /// [`Concern::asks_who`].
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub who_title: Words,
    /// Yes-no facts that are true of every person who is left in the plan, e.g. `person.pregnant`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implies: Vec<String>,
    /// How its day is asked; without it the day is not asked, and the day of the visit counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<EventDate>,
}

/// How the day of a life event is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDate {
    /// The question.
    pub title: Words,
    /// Whether it may be later than the day of the visit (a move that is planned).
    #[serde(default)]
    pub may_be_future: bool,
}

/// Which persons a life event concerns. It decides who is asked about, and who is part of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Nobody in particular: no person is asked about.
    Nobody,
    /// Some or all of the household, each of whom moves; the others stay part of the plan.
    Movers,
    /// One person or more; the others are left out of the plan.
    Several,
    /// One person; the others are left out of the plan.
    One,
    /// The resident, perhaps with children.
    Family,
    /// The resident and the new spouse.
    Couple,
    /// The person who died, and those who stay.
    Deceased,
    /// A newborn, the mother, brothers and sisters.
    Newborn,
}

impl Concern {
    /// Whether the persons are chosen from a household that the register gave.
    #[must_use]
    pub fn asks_who(self) -> bool {
        match self {
            Self::Movers | Self::Several | Self::One | Self::Deceased | Self::Newborn => true,
            Self::Nobody | Self::Family | Self::Couple => false,
        }
    }

    /// Whether more than one person can be chosen.
    #[must_use]
    pub fn is_plural(self) -> bool {
        matches!(self, Self::Movers | Self::Several)
    }
}
