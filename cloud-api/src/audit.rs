//! What an auditor should look at (JK-10.2): access at night and on closed days, searching in bulk, failed log-ins.

use std::collections::BTreeMap;

use cloud_store::audit::{AuditEvent, Entry};
use guidance::{date_in_japan, datetime_in_japan};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

/// When people work; an entry outside is access at night or on a closed day.
pub struct OfficeHours<'a> {
    /// From.
    pub opens: Time,
    /// Until.
    pub closes: Time,
    /// Whether a day is a closed one.
    pub closed: &'a dyn Fn(jiff::civil::Date) -> bool,
}

/// So many applications looked at or searches made within [`WINDOW`] are many.
pub const MANY: usize = 60;
/// In this time.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// So many failed log-ins of one account in a day are many.
pub const FAILURES: usize = 5;

/// What was found.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Findings {
    /// Entries outside office hours, by who.
    pub outside: Vec<(String, usize, Timestamp)>,
    /// Who looked at many applications within an hour, how many at most, and when that hour began.
    pub bulk: Vec<(String, usize, Timestamp)>,
    /// Accounts with many failures in a day, how many, and the last one.
    pub failures: Vec<(String, usize, Timestamp)>,
}

/// What people do, as opposed to what happens by itself.
fn is_access(entry: &Entry) -> bool {
    let event = AuditEvent::from_word(&entry.event);
    entry.actor_kind == "staff" && !matches!(event, Some(AuditEvent::LoggedOut))
}

fn is_look(entry: &Entry) -> bool {
    matches!(
        AuditEvent::from_word(&entry.event),
        Some(AuditEvent::Opened | AuditEvent::Searched | AuditEvent::Printed | AuditEvent::Viewed)
    )
}

fn at(entry: &Entry) -> Timestamp {
    Timestamp::from_millisecond(entry.at).unwrap_or_default()
}

/// Analyses entries, in any order.
#[must_use]
pub fn analyse(entries: &[Entry], hours: &OfficeHours<'_>) -> Findings {
    Findings {
        outside: outside(entries, hours),
        bulk: bulk(entries),
        failures: failures(entries),
    }
}

fn outside(entries: &[Entry], hours: &OfficeHours<'_>) -> Vec<(String, usize, Timestamp)> {
    let mut found: BTreeMap<&str, (usize, Timestamp)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_access(entry)) {
        let local = datetime_in_japan(at(entry));
        let within = hours.opens <= local.time() && local.time() < hours.closes;
        if !within || (hours.closed)(local.date()) {
            let (count, last) = found.entry(&entry.actor).or_default();
            *count += 1;
            *last = at(entry).max(*last);
        }
    }
    found
        .into_iter()
        .map(|(who, (count, last))| (who.to_owned(), count, last))
        .collect()
}

/// The fullest hour of each person, if it is fuller than [`MANY`].
fn bulk(entries: &[Entry]) -> Vec<(String, usize, Timestamp)> {
    let mut looks: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    let mut seen: BTreeMap<(&str, &str), Timestamp> = BTreeMap::new();
    let looked = |entry: &&Entry| is_access(entry) && is_look(entry);
    let mut in_time: Vec<&Entry> = entries.iter().filter(looked).collect();
    in_time.sort_by_key(|entry| entry.seq);
    for entry in in_time {
        let last = seen.insert((&entry.actor, &entry.object), at(entry));
        // The pages of a form come with the application that they belong to: one look.
        let again = last.is_some_and(|last| at(entry).duration_since(last) < WINDOW);
        if !(again && entry.event == AuditEvent::Viewed.as_str()) {
            looks.entry(&entry.actor).or_default().push(at(entry));
        }
    }
    let fullest = |times: &mut Vec<Timestamp>| {
        times.sort();
        let mut first = 0;
        let mut best = (0, Timestamp::UNIX_EPOCH);
        for (last, time) in times.iter().enumerate() {
            while time.duration_since(times[first]) >= WINDOW {
                first += 1;
            }
            if last + 1 - first > best.0 {
                best = (last + 1 - first, times[first]);
            }
        }
        best
    };
    looks
        .into_iter()
        .map(|(who, mut times)| (who.to_owned(), fullest(&mut times)))
        .filter(|(_, (count, _))| *count >= MANY)
        .map(|(who, (count, begun))| (who, count, begun))
        .collect()
}

/// Failures are counted in windows: an entry may stand for many.
fn times(entry: &Entry) -> usize {
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let times = detail["times"].as_u64().unwrap_or(1);
    usize::try_from(times).unwrap_or(usize::MAX)
}

fn failures(entries: &[Entry]) -> Vec<(String, usize, Timestamp)> {
    let mut days: BTreeMap<(&str, jiff::civil::Date), (usize, Timestamp)> = BTreeMap::new();
    let failed = |entry: &&Entry| entry.event == AuditEvent::LogInFailed.as_str();
    for entry in entries.iter().filter(failed) {
        let day = date_in_japan(at(entry));
        let (count, last) = days.entry((&entry.object, day)).or_default();
        *count += times(entry);
        *last = at(entry).max(*last);
    }
    days.into_iter()
        .filter(|(_, (count, _))| *count >= FAILURES)
        .map(|((who, _), (count, last))| (who.to_owned(), count, last))
        .collect()
}
