//! Whether the kiosk is closed because its housing was opened. Kept on the disk: neither a restart nor a power cut opens it again, only
//! staff with their number do. Whoever can open a housing can also put something into it, so nothing is taken from anybody until then.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiosk_api::{Count, EventKind, Heartbeat, Part, PartState, StaffCallId};
use serde::{Deserialize, Serialize};
use session::effect::{ReopenProblem, Reply};
use uuid::Uuid;

use crate::durable_file;
use crate::kiosk_health::KioskHealth;
use crate::staff_number::StaffNumber;

/// Wrong numbers before none is taken for [`WAIT`].
const TRIES: u8 = 3;

/// Measured by the machine's own steady clock, and again from the start of the program: no clock that was set shortens it.
const WAIT: Duration = Duration::from_secs(600);

/// Entries of the log that are kept; the oldest go first.
const KEPT: usize = 200;

/// Clones are the same housing.
#[derive(Clone)]
pub struct Housing(Arc<Mutex<State>>);

struct State {
    file: PathBuf,
    number: Option<StaffNumber>,
    health: Arc<KioskHealth>,
    kept: Kept,
    /// What the switch said last.
    open: bool,
    /// No number is taken before this.
    barred_until: Option<Instant>,
}

/// What is on the disk.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    closed: Option<Closure>,
    /// Wrong numbers since the last right one.
    wrong: u8,
    /// What happened, the oldest first.
    log: Vec<LogEntry>,
}

/// Why the kiosk is closed.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closure {
    /// The call for staff: the same after a restart, so that it counts once.
    call: StaffCallId,
    at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogEntry {
    at: Timestamp,
    kind: EventKind,
    /// The cloud has counted it.
    reported: bool,
}

impl Housing {
    /// Reads what is on the disk. A file that cannot be read closes the kiosk: it may have said so.
    #[must_use]
    pub fn open(file: PathBuf, number: Option<StaffNumber>, health: Arc<KioskHealth>) -> Self {
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(error) => Err(error.to_string()),
        };
        let (kept, unreadable) = match kept {
            Ok(kept) => (kept, false),
            Err(error) => {
                tracing::error!(kind = "housing-file", %error, "the kiosk is closed");
                (Kept::default(), true)
            }
        };
        let state = State {
            file,
            number,
            health,
            barred_until: (kept.wrong >= TRIES).then(|| Instant::now() + WAIT),
            kept,
            open: false,
        };
        for entry in state.kept.log.iter().filter(|entry| !entry.reported) {
            state.health.count(entry.kind);
        }
        let housing = Self(Arc::new(Mutex::new(state)));
        if unreadable {
            housing.close_unread();
        }
        housing
    }

    fn close_unread(&self) {
        let mut state = self.lock();
        state.close();
        let _ = state.keep();
    }

    /// The switch says so now. `tell` is called when that counts; returns once it is on the disk, which nobody waits for.
    pub fn switch(&self, open: bool, tell: impl FnOnce()) {
        let mut state = self.lock();
        let opened = open && !state.open;
        state.open = open;
        if opened {
            state.close();
        }
        state.report_part();
        tell();
        if opened {
            let _ = state.keep();
        }
    }

    /// Whether the kiosk is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().kept.closed.is_some()
    }

    /// The call for staff that belongs to the closure, and when it was made.
    #[must_use]
    pub fn call(&self) -> Option<(StaffCallId, Timestamp)> {
        let closed = self.lock().kept.closed;
        closed.map(|closure| (closure.call, closure.at))
    }

    /// Opens the kiosk again if this is the staff's number and the housing is shut; noted on the disk before it counts.
    #[must_use]
    pub fn reopen(&self, number: &str) -> Reply {
        let mut state = self.lock();
        match state.reopen(number) {
            Ok(()) => Reply::Reopened,
            Err(problem) => Reply::NotReopened(problem),
        }
    }

    /// The cloud has counted these events.
    pub fn reported(&self, heartbeat: &Heartbeat) {
        let mut state = self.lock();
        let mut changed = false;
        for Count { kind, count } in &heartbeat.events {
            let unreported = state.kept.log.iter_mut();
            let unreported = unreported.filter(|entry| entry.kind == *kind && !entry.reported);
            for entry in unreported.take(usize::try_from(*count).unwrap_or(usize::MAX)) {
                (entry.reported, changed) = (true, true);
            }
        }
        if changed {
            // Not kept, it would only be counted again after a restart.
            let _ = state.keep();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A housing that is opened again while the kiosk is closed is one more entry, and the same call.
    fn close(&mut self) {
        tracing::warn!(kind = "housing-opened");
        self.kept.closed.get_or_insert_with(|| Closure {
            call: StaffCallId(Uuid::now_v7()),
            at: Timestamp::now(),
        });
        self.log(EventKind::Tampered);
        self.health.count(EventKind::Tampered);
    }

    fn reopen(&mut self, number: &str) -> Result<(), ReopenProblem> {
        if self.open {
            return Err(ReopenProblem::HousingOpen);
        }
        let Some(right) = &self.number else {
            return Err(ReopenProblem::NoNumber);
        };
        if let Some(until) = self.barred_until {
            if Instant::now() < until {
                return Err(ReopenProblem::Later);
            }
            (self.barred_until, self.kept.wrong) = (None, 0);
        }
        // Counted before it is compared: a power cut in between gives no try back.
        let before = self.kept.clone();
        self.kept.wrong = self.kept.wrong.saturating_add(1);
        self.keep()?;
        if !right.is(number) {
            tracing::warn!(kind = "housing-wrong-number", tries = self.kept.wrong);
            let left = TRIES.saturating_sub(self.kept.wrong);
            if left == 0 {
                self.barred_until = Some(Instant::now() + WAIT);
                return Err(ReopenProblem::Later);
            }
            return Err(ReopenProblem::WrongNumber { left });
        }
        (self.kept.closed, self.kept.wrong) = (None, 0);
        self.log(EventKind::Reopened);
        if let Err(problem) = self.keep() {
            self.kept = before;
            return Err(problem);
        }
        tracing::warn!(kind = "housing-reopened");
        self.health.count(EventKind::Reopened);
        self.report_part();
        Ok(())
    }

    fn log(&mut self, kind: EventKind) {
        let (at, reported) = (Timestamp::now(), false);
        self.kept.log.push(LogEntry { at, kind, reported });
        let over = self.kept.log.len().saturating_sub(KEPT);
        self.kept.log.drain(..over);
    }

    fn keep(&self) -> Result<(), ReopenProblem> {
        let bytes = serde_json::to_vec_pretty(&self.kept).unwrap_or_default();
        durable_file::replace(&self.file, &bytes).map_err(|error| {
            tracing::error!(kind = "housing-file", %error);
            ReopenProblem::Storage
        })
    }

    fn report_part(&self) {
        let state = match (self.kept.closed, self.open) {
            (Some(_), _) => PartState::Stopped,
            (None, true) => PartState::Attention,
            (None, false) => PartState::Ready,
        };
        self.health.part(Part::Tamper, state);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NUMBER: &str = "40219375";

    fn housing(folder: &Path) -> (Housing, Arc<KioskHealth>) {
        let file = folder.join("number");
        if !file.exists() {
            std::fs::write(&file, StaffNumber::line(NUMBER).unwrap()).unwrap();
        }
        let number = StaffNumber::read(&file).unwrap();
        let health = Arc::<KioskHealth>::default();
        let housing = Housing::open(folder.join("housing.json"), Some(number), health.clone());
        (housing, health)
    }

    fn answer(reply: &Reply) -> Option<ReopenProblem> {
        match reply {
            Reply::Reopened => None,
            Reply::NotReopened(problem) => Some(*problem),
            _ => panic!("another answer"),
        }
    }

    fn counted(health: &KioskHealth, kind: EventKind) -> u32 {
        let heartbeat = health.heartbeat(Timestamp::UNIX_EPOCH, 0);
        let of_kind = heartbeat.events.iter().find(|count| count.kind == kind);
        of_kind.map_or(0, |count| count.count)
    }

    #[test]
    fn it_stays_closed_after_a_power_cut_until_staff_open_it_with_the_housing_shut() {
        let folder = tempfile::tempdir().unwrap();
        let (first, _) = housing(folder.path());
        assert!(!first.is_closed());
        first.switch(true, || ());
        let call = first.call();
        assert!(call.is_some());
        drop(first);

        let (again, health) = housing(folder.path());
        assert!(again.is_closed(), "the file says so");
        assert_eq!(again.call(), call, "one call");
        assert_eq!(counted(&health, EventKind::Tampered), 1, "not reported yet");
        again.switch(true, || ());
        let open = answer(&again.reopen(NUMBER));
        assert_eq!(open, Some(ReopenProblem::HousingOpen));
        again.switch(false, || ());
        assert!(again.is_closed(), "shutting it opens nothing");
        assert_eq!(health.state(Part::Tamper), Some(PartState::Stopped));
        assert_eq!(answer(&again.reopen(NUMBER)), None);
        assert_eq!(health.state(Part::Tamper), Some(PartState::Ready));
        again.reported(&health.heartbeat(Timestamp::UNIX_EPOCH, 0));

        let (later, health) = housing(folder.path());
        assert!(!later.is_closed());
        assert_eq!(counted(&health, EventKind::Reopened), 0, "reported once");
        let log = std::fs::read_to_string(folder.path().join("housing.json")).unwrap();
        assert!(
            log.contains("tampered") && log.contains("reopened"),
            "{log}"
        );
    }

    #[test]
    fn wrong_numbers_are_counted_through_restarts_and_then_none_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (closed, _) = housing(folder.path());
        closed.switch(true, || ());
        closed.switch(false, || ());
        let wrong = |left| Some(ReopenProblem::WrongNumber { left });
        assert_eq!(answer(&closed.reopen("00000001")), wrong(2));
        let (closed, _) = housing(folder.path());
        assert_eq!(answer(&closed.reopen("00000002")), wrong(1));
        let (closed, _) = housing(folder.path());
        assert_eq!(
            answer(&closed.reopen("00000003")),
            Some(ReopenProblem::Later)
        );
        assert_eq!(answer(&closed.reopen(NUMBER)), Some(ReopenProblem::Later));
        let (closed, _) = housing(folder.path());
        assert_eq!(answer(&closed.reopen(NUMBER)), Some(ReopenProblem::Later));
        assert!(closed.is_closed());
    }

    #[test]
    fn what_cannot_be_read_or_noted_leaves_it_closed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("housing.json");
        std::fs::write(&file, "{").unwrap();
        let (closed, _) = housing(folder.path());
        assert!(closed.is_closed(), "it may have said so");
        assert!(housing(folder.path()).0.is_closed());
        // The folder is gone: nothing can be noted.
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert_eq!(answer(&closed.reopen(NUMBER)), Some(ReopenProblem::Storage));
        assert!(closed.is_closed());
        let none = Housing::open(folder.path().join("other.json"), None, Arc::default());
        none.switch(true, || ());
        none.switch(false, || ());
        assert_eq!(answer(&none.reopen(NUMBER)), Some(ReopenProblem::NoNumber));
    }
}
