//! Kiosks and their calls, as lists show them.

use cloud_store::{KioskRow, StaffCallRow};
use guidance::Masters;
use jiff::{SignedDuration, Timestamp};

use super::words;
use crate::language::Language;

/// A kiosk that was not heard for this long is shown as silent.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(5);

pub(super) struct CallLine {
    pub(super) time: String,
    pub(super) kiosk: String,
    pub(super) reason: &'static str,
}

impl CallLine {
    pub(super) fn new(language: Language, row: &StaffCallRow) -> Self {
        Self {
            time: words::time(language, row.called_at),
            kiosk: row.kiosk.to_string(),
            reason: words::call(row.reason),
        }
    }
}

pub(super) struct KioskLine {
    pub(super) kiosk: String,
    /// Its site; empty if none is set.
    pub(super) site: String,
    pub(super) seen: String,
    pub(super) silent: bool,
    pub(super) outbox: u32,
    pub(super) troubles: Vec<String>,
}

impl KioskLine {
    pub(super) fn new(
        language: Language,
        row: &KioskRow,
        masters: &Masters,
        now: Timestamp,
    ) -> Self {
        let troubles = row.heartbeat.parts.iter().filter_map(|status| {
            let state = language.say(words::part_state(status.state)?);
            let part = language.say(words::part(status.part));
            Some(language.fill("{}：{}", &[&part, &state]))
        });
        Self {
            kiosk: row.kiosk.to_string(),
            site: masters
                .site_of(row.kiosk.as_str())
                .map(|site| language.of_words(&site.name).to_owned())
                .unwrap_or_default(),
            seen: words::time(language, row.seen_at),
            silent: now.duration_since(row.seen_at) > SILENT_AFTER,
            outbox: row.heartbeat.outbox,
            troubles: troubles.collect(),
        }
    }
}
