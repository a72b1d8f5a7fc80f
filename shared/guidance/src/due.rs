//! When a line of the plan is due.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// When a line is due.
///
/// In the interchange it is one flat object: `kind`, `overdue`, and of `date`, `procedure` and `days` those that the
/// kind has. An object whose kind lacks what it needs is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Document", try_from = "Document")]
pub enum Due {
    /// By a computed day.
    On {
        /// The last day.
        date: Date,
        /// Whether the plan's day is later than it.
        overdue: bool,
    },
    /// Before the day of the event.
    Before {
        /// The event's day.
        date: Date,
        /// Whether the plan's day is later than it.
        overdue: bool,
    },
    /// Together with another procedure.
    With {
        /// The other procedure's id.
        procedure: String,
    },
    /// As soon as possible (速やかに).
    Asap {
        /// Days after the event, where an ordinance sets a limit.
        days: Option<i64>,
    },
    /// So many days after the filing, whose day is not known yet.
    AfterFiling {
        /// Days, the day of the filing not counted.
        days: i64,
    },
    /// No due day.
    None,
}

impl Due {
    /// The day, where there is one.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        match self {
            Due::On { date, .. } | Due::Before { date, .. } => Some(*date),
            Due::With { .. } | Due::Asap { .. } | Due::AfterFiling { .. } | Due::None => None,
        }
    }

    /// Whether the plan's day is later than the day due.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        matches!(
            self,
            Due::On { overdue: true, .. } | Due::Before { overdue: true, .. }
        )
    }
}

/// [`Due`] as the interchange writes it.
#[derive(Serialize, Deserialize)]
struct Document {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    procedure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    overdue: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    On,
    Before,
    With,
    Asap,
    None,
    AfterFiling,
}

impl From<Due> for Document {
    fn from(due: Due) -> Self {
        let overdue = due.is_overdue();
        let date = due.date();
        let (kind, procedure, days) = match due {
            Due::On { .. } => (Kind::On, None, None),
            Due::Before { .. } => (Kind::Before, None, None),
            Due::With { procedure } => (Kind::With, Some(procedure), None),
            Due::Asap { days } => (Kind::Asap, None, days),
            Due::AfterFiling { days } => (Kind::AfterFiling, None, Some(days)),
            Due::None => (Kind::None, None, None),
        };
        Self {
            kind,
            date,
            procedure,
            days,
            overdue,
        }
    }
}

/// A due day without what its kind needs.
#[derive(Debug, Error)]
#[error("a due day of this kind needs `{0}`")]
struct Incomplete(&'static str);

impl TryFrom<Document> for Due {
    type Error = Incomplete;

    fn try_from(document: Document) -> Result<Self, Incomplete> {
        let Document {
            date,
            procedure,
            days,
            overdue,
            ..
        } = document;
        let date = date.ok_or(Incomplete("date"));
        Ok(match document.kind {
            Kind::On => Due::On {
                date: date?,
                overdue,
            },
            Kind::Before => Due::Before {
                date: date?,
                overdue,
            },
            Kind::With => Due::With {
                procedure: procedure.ok_or(Incomplete("procedure"))?,
            },
            Kind::Asap => Due::Asap { days },
            Kind::AfterFiling => Due::AfterFiling {
                days: days.ok_or(Incomplete("days"))?,
            },
            Kind::None => Due::None,
        })
    }
}
