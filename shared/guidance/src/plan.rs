//! The reply: what to do, for whom, by when, where, with what, and why.

use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use crate::{FactPath, Words};

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

/// How a due day is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// By the computed date.
    On,
    /// Before the event's date.
    Before,
    /// Together with another procedure.
    With,
    /// As soon as possible (速やかに).
    Asap,
    /// No due day.
    None,
    /// So many days after the filing, whose day isn't known yet.
    AfterFiling,
}

/// When a line is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// How the due day is meant.
    pub kind: DueKind,
    /// The day, for `on` and `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The other procedure's id, for `with`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Days, for `after_filing`, and for `asap` where an ordinance sets a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// Whether the day of the visit is later than the date.
    pub overdue: bool,
}

/// One thing to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bring {
    /// What, in Japanese.
    pub item: String,
    /// Whether it is needed; false when the card or the core system already says it.
    pub needed: bool,
    /// What it is for, or why it can stay at home; in Japanese.
    pub why: String,
    /// The item's id in the catalogue.
    #[serde(skip)]
    pub item_id: String,
    /// `item` in every language.
    #[serde(skip)]
    pub item_words: Words,
    /// `why` in every language.
    #[serde(skip)]
    pub why_words: Words,
}

/// One fact that made a line appear, with the condition that it satisfied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The fact's path, e.g. `persons[A].health_insurance`.
    pub fact: String,
    /// Its value, given or by default; null for a date that is not known.
    pub value: serde_json::Value,
    /// The condition, as the catalogue writes it.
    pub condition: String,
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// What to bring.
    pub bring: Vec<Bring>,
    /// Fee in yen.
    pub fee_yen: i64,
    /// What the resident is paid, in yen, where that is one sum.
    #[serde(skip_serializing_if = "Option::is_none")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The fact.
    #[serde(serialize_with = "as_text")]
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

/// What to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

fn as_text<S: Serializer>(path: &FactPath, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}
