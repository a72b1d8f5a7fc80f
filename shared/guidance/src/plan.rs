//! The reply: what to do, for whom, by when, where, with what, and why.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Due, FactPath, Words};

/// How strongly a procedure is put to the resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A legal duty, or a right that is lost otherwise.
    Must,
    /// What a careful clerk always names.
    Should,
    /// Offered if asked.
    May,
}

/// One thing to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bring {
    /// The item's id in the catalogue.
    pub item_id: String,
    /// What to bring.
    pub item: Words,
    /// Whether it is needed; false when the card or the core system already says it.
    pub needed: bool,
    /// What it is for, or why it can stay at home.
    pub why: Words,
}

/// One fact that made a line appear, with the condition that it satisfied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The fact's path, e.g. `persons[A].health_insurance`.
    pub fact: String,
    /// Its value, given or by default; null for a date that is not known.
    pub value: serde_json::Value,
    /// The condition, as the catalogue writes it.
    pub condition: String,
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The procedure's id.
    pub procedure: String,
    /// Its title.
    pub title: Words,
    /// How strongly it is put.
    pub level: Level,
    /// Ids of the persons concerned; empty for the household.
    pub persons: Vec<String>,
    /// When it is due.
    pub due: Due,
    /// Id of the counter.
    pub counter: String,
    /// When it is open; none for another office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// What to bring.
    pub bring: Vec<Bring>,
    /// Fee in yen.
    pub fee_yen: i64,
    /// What the resident is paid, in yen, where that is one sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_yen: Option<i64>,
    /// Id of the form, if the procedure has one that a kiosk can make.
    pub form: Option<String>,
    /// The statute, in Japanese.
    pub statute: String,
    /// Whether whoever wrote the line saw the source's text.
    pub source_seen: bool,
    /// What made the line appear.
    pub why: Vec<Why>,
}

/// A fact that is absent and could change the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// The fact.
    #[serde(with = "path_as_text")]
    pub fact: FactPath,
    /// Ids of the procedures that it could add or drop.
    pub changes: Vec<String>,
}

/// Which edition of the catalogue made a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionRef {
    /// The edition's name.
    pub edition: String,
    /// The first day on which it is the one in force.
    pub in_force_from: Date,
    /// SHA-256 of its canonical document, in hexadecimal.
    pub digest: String,
}

/// What to do, in every language of the catalogue, so that nothing has to plan again to print or show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The day of the visit.
    pub as_of: Date,
    /// The edition.
    pub catalogue: EditionRef,
    /// The lines, in the order in which a careful clerk would do them.
    pub lines: Vec<Line>,
    /// What is absent and would change it.
    pub unknown: Vec<Unknown>,
}

impl Plan {
    /// A plan of no edition that asks for nothing.
    #[must_use]
    pub fn empty(as_of: Date) -> Self {
        Self {
            as_of,
            catalogue: EditionRef {
                edition: String::new(),
                in_force_from: as_of,
                digest: String::new(),
            },
            lines: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// The reply's bytes: one line of JSON, keys in a fixed order.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every key is a string and no number is a float, so that this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The first line of this procedure.
    #[must_use]
    pub fn line(&self, procedure: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.procedure == procedure)
    }

    /// How `later` differs from this plan; compares two editions, two days or two answers.
    #[must_use]
    pub fn changes_to(&self, later: &Plan) -> Vec<PlanChange> {
        let key = |line: &Line| (line.procedure.clone(), line.persons.clone());
        let mut changes = Vec::new();
        for line in &self.lines {
            match later.lines.iter().find(|other| key(other) == key(line)) {
                None => changes.push(PlanChange::Dropped(line.clone())),
                Some(other) if other != line => {
                    changes.push(PlanChange::Changed {
                        before: Box::new(line.clone()),
                        after: Box::new(other.clone()),
                    });
                }
                Some(_) => {}
            }
        }
        let added = later
            .lines
            .iter()
            .filter(|line| !self.lines.iter().any(|other| key(other) == key(line)));
        changes.extend(added.cloned().map(PlanChange::Added));
        changes
    }
}

/// One difference between two plans.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChange {
    /// Only the later plan has this line.
    Added(Line),
    /// Only the earlier plan has it.
    Dropped(Line),
    /// Both have it, with different content (a due day, a fee, a reason).
    Changed {
        /// As it was.
        before: Box<Line>,
        /// As it is.
        after: Box<Line>,
    },
}

/// A fact's path as documents write it: `persons[A].pregnant`.
mod path_as_text {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::FactPath;

    pub(super) fn serialize<S: Serializer>(path: &FactPath, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(path)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FactPath, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}
