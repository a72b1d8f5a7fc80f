//! Reception numbers (受付番号): short enough to be called out, unique for this kiosk and day, never given twice.

use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;

use crate::durable_file;

/// A counter on the disk. A number is used up as soon as it is given, even if nothing follows: gaps are harmless, two
/// residents with one number are not.
pub struct Counter {
    file: PathBuf,
    prefix: String,
    state: State,
}

/// Why no number could be given.
#[derive(Debug, Error)]
pub enum ReceptionError {
    /// The counter's file cannot be read or written.
    #[error("reception counter {path}: {source}", path = path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The file holds something else. It is never overwritten: a wrong guess would give a number twice.
    #[error("reception counter {path}: not \"YYYY-MM-DD N\"", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    day: Date,
    last: u32,
}

impl Counter {
    /// Opens the counter in `file`, which is made with the first number. `prefix` tells kiosks of one hall apart.
    ///
    /// # Errors
    /// When the file is there but cannot be used.
    pub fn open(file: PathBuf, prefix: &str) -> Result<Self, ReceptionError> {
        let state = match fs::read_to_string(&file) {
            Ok(text) => parse(&text).ok_or_else(|| ReceptionError::Malformed { path: file.clone() })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State { day: Date::MIN, last: 0 },
            Err(source) => return Err(ReceptionError::Disk { path: file, source }),
        };
        Ok(Self { file, prefix: prefix.to_owned(), state })
    }

    /// The next number, for example `A0427-013`, once it is used up durably.
    ///
    /// A clock that was set back does not make numbers repeat: counting goes on with the later day.
    ///
    /// # Errors
    /// When the counter cannot be written; the number is then not given.
    pub fn next(&mut self, today: Date) -> Result<String, ReceptionError> {
        let next = if today > self.state.day {
            State { day: today, last: 1 }
        } else {
            State { day: self.state.day, last: self.state.last + 1 }
        };
        durable_file::replace(&self.file, format!("{} {}\n", next.day, next.last).as_bytes())
            .map_err(|source| ReceptionError::Disk { path: self.file.clone(), source })?;
        self.state = next;
        Ok(format!("{}{:02}{:02}-{:03}", self.prefix, next.day.month(), next.day.day(), next.last))
    }
}

fn parse(text: &str) -> Option<State> {
    let (day, last) = text.trim_end().split_once(' ')?;
    Some(State { day: day.parse().ok()?, last: last.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn counts_each_day_from_one_and_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reception");
        let mut counter = Counter::open(file.clone(), "A").unwrap();
        assert_eq!(counter.next(date(2026, 4, 27)).unwrap(), "A0427-001");
        assert_eq!(counter.next(date(2026, 4, 27)).unwrap(), "A0427-002");
        let mut counter = Counter::open(file, "A").unwrap();
        assert_eq!(counter.next(date(2026, 4, 27)).unwrap(), "A0427-003");
        assert_eq!(counter.next(date(2026, 4, 28)).unwrap(), "A0428-001");
    }

    #[test]
    fn a_clock_set_back_never_repeats_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let mut counter = Counter::open(folder.path().join("reception"), "B").unwrap();
        assert_eq!(counter.next(date(2026, 4, 27)).unwrap(), "B0427-001");
        assert_eq!(counter.next(date(2026, 4, 26)).unwrap(), "B0427-002");
        assert_eq!(counter.next(date(2026, 4, 27)).unwrap(), "B0427-003");
    }

    #[test]
    fn a_damaged_counter_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reception");
        fs::write(&file, "2026-04-27").unwrap();
        assert!(matches!(Counter::open(file.clone(), "A"), Err(ReceptionError::Malformed { .. })));
        assert_eq!(fs::read_to_string(file).unwrap(), "2026-04-27");
    }
}
