//! One application as a row of the list.

use std::collections::BTreeMap;

use cloud_store::{ApplicationRow, ApplicationStatus, Protection};
use guidance::Catalogue;
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::console::words;
use crate::labels::Label;
use crate::staff::Clerk;

/// A due date within so many days is near.
pub(super) const NEAR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A row of the list.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) reception: String,
    pub(super) time: String,
    pub(super) event: String,
    pub(super) names: String,
    pub(super) forms: i64,
    pub(super) card: &'static str,
    pub(super) notes: i64,
    pub(super) alert: bool,
    /// Whether somebody else than the service wrote it into the database.
    pub(super) altered: bool,
    /// Whether the core system has not answered yet who is protected.
    pub(super) waits: bool,
    pub(super) due: String,
    pub(super) due_class: &'static str,
    pub(super) due_mark: &'static str,
    pub(super) state: &'static str,
    pub(super) state_class: &'static str,
    pub(super) claim: String,
    pub(super) mine: bool,
}

/// What all rows of one list have in common.
pub(super) struct Lines<'a> {
    pub(super) clerk: &'a Clerk,
    pub(super) catalogue: Option<&'a Catalogue>,
    pub(super) today: Date,
    /// Names of the realm's people, by id.
    pub(super) people: BTreeMap<String, String>,
    /// The person whom a search found in each application, by its id.
    pub(super) found: &'a BTreeMap<String, String>,
}

impl Lines<'_> {
    pub(super) fn line(&self, row: &ApplicationRow) -> Line {
        let (id, language) = (row.id.to_string(), self.clerk.language);
        let (due_class, due_mark) = due_mark(row, self.today);
        let due = row.due.as_deref();
        let claimer = self.claimer(row);
        Line {
            reception: row.reception.clone(),
            time: words::time(language, row.received_at),
            event: words::event(language, self.catalogue, &row.event),
            names: self.found.get(&id).cloned().unwrap_or_default(),
            id,
            forms: row.forms,
            card: words::card(&row.card),
            notes: row.notes,
            alert: row.protection.alerts(),
            altered: row.altered,
            waits: row.protection == Protection::Waiting,
            due: due.map_or_else(String::new, |day| words::short_day(language, day)),
            due_class,
            due_mark,
            state: row.status.japanese(),
            state_class: row.status.as_str(),
            claim: claimer.map_or_else(String::new, |staff| self.name(staff)),
            mine: claimer.is_some_and(|staff| *staff == self.clerk.person.id),
        }
    }

    /// Who has claimed it and still has it, by id.
    fn claimer<'r>(&self, row: &'r ApplicationRow) -> Option<&'r str> {
        let claim = row.claim.as_ref();
        let claim = claim.filter(|(_, until)| *until > self.clerk.now);
        claim.map(|(staff, _)| staff.as_str())
    }

    fn name(&self, staff: &str) -> String {
        let gone = || self.clerk.language.say("（退職）").to_owned();
        self.people.get(staff).cloned().unwrap_or_else(gone)
    }
}

/// Class and word of a due date. What is done is no longer due.
fn due_mark(row: &ApplicationRow, today: Date) -> (&'static str, &'static str) {
    let due: Option<Date> = row.due.as_deref().and_then(|day| day.parse().ok());
    match due {
        Some(_) if row.status == ApplicationStatus::Done => ("", ""),
        Some(day) if day < today => ("over", "▲ 期限過ぎ"),
        Some(day) if today.checked_add(NEAR).is_ok_and(|near| day <= near) => ("near", "まもなく"),
        _ => ("", ""),
    }
}
