//! Reception numbers (受付番号): short enough to be called out, unique for this kiosk and day, never given twice.

use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;

use crate::durable_file;
use crate::settings::KioskNumber;

/// A counter on the disk. A number is used up as soon as it is given, even if nothing follows: gaps are harmless, two
/// residents with one number are not.
pub struct ReceptionCounter {
    file: PathBuf,
    kiosk: KioskNumber,
    state: State,
}

/// Why no number could be given.
#[derive(Debug, Error)]
pub enum ReceptionCounterError {
    /// The counter's file cannot be read or written.
    #[error("reception counter {path}: {source}", path = path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        source: io::Error,
    },
    /// The file holds something else. It is never overwritten: a wrong guess would give a number twice.
    #[error("reception counter {path}: not \"YYYY-MM-DD N\"", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// More numbers on one day than a number has digits for.
    #[error("reception counter: {0}")]
    Exhausted(#[from] application::ReceptionError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    day: Date,
    last: u16,
}

impl ReceptionCounter {
    /// Opens the counter in `file`, which is made with the first number. `kiosk` distinguishes the kiosks of one town.
    ///
    /// # Errors
    /// When the file is there but cannot be used.
    pub fn open(file: PathBuf, kiosk: KioskNumber) -> Result<Self, ReceptionCounterError> {
        let state = match fs::read_to_string(&file) {
            Ok(text) => parse(&text)
                .ok_or_else(|| ReceptionCounterError::Malformed { path: file.clone() })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State {
                day: Date::MIN,
                last: 0,
            },
            Err(source) => return Err(ReceptionCounterError::Disk { path: file, source }),
        };
        Ok(Self { file, kiosk, state })
    }

    /// The next number, for example `03-260427-0015-4`, once it is used up durably.
    ///
    /// A clock that was set back does not make numbers repeat: counting goes on with the later day.
    ///
    /// # Errors
    /// When the counter cannot be written; the number is then not given.
    pub fn next(&mut self, today: Date) -> Result<String, ReceptionCounterError> {
        let next = if today > self.state.day {
            State {
                day: today,
                last: 1,
            }
        } else {
            State {
                day: self.state.day,
                last: self.state.last + 1,
            }
        };
        let number = application::reception_number(self.kiosk.get(), next.day, next.last)?;
        durable_file::replace(
            &self.file,
            format!("{} {}\n", next.day, next.last).as_bytes(),
        )
        .map_err(|source| ReceptionCounterError::Disk {
            path: self.file.clone(),
            source,
        })?;
        self.state = next;
        Ok(number)
    }
}

fn parse(text: &str) -> Option<State> {
    let (day, last) = text.trim_end().split_once(' ')?;
    Some(State {
        day: day.parse().ok()?,
        last: last.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn open(file: PathBuf) -> Result<ReceptionCounter, ReceptionCounterError> {
        ReceptionCounter::open(file, KioskNumber::try_from(3).unwrap())
    }

    #[test]
    fn counts_each_day_from_one_and_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reception");
        let mut counter = open(file.clone()).unwrap();
        let first = counter.next(date(2026, 4, 27)).unwrap();
        assert!(first.starts_with("03-260427-0001-"), "{first}");
        assert_eq!(application::parse_reception(&first).unwrap(), first);
        assert!(
            counter
                .next(date(2026, 4, 27))
                .unwrap()
                .starts_with("03-260427-0002-")
        );
        let mut counter = open(file).unwrap();
        assert!(
            counter
                .next(date(2026, 4, 27))
                .unwrap()
                .starts_with("03-260427-0003-")
        );
        assert!(
            counter
                .next(date(2026, 4, 28))
                .unwrap()
                .starts_with("03-260428-0001-")
        );
    }

    #[test]
    fn a_clock_set_back_never_repeats_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let mut counter = open(folder.path().join("reception")).unwrap();
        let mut given: Vec<String> = [27, 26, 27]
            .map(|day| counter.next(date(2026, 4, day)).unwrap())
            .to_vec();
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 3);
    }

    #[test]
    fn a_damaged_counter_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reception");
        fs::write(&file, "2026-04-27").unwrap();
        assert!(matches!(
            open(file.clone()),
            Err(ReceptionCounterError::Malformed { .. })
        ));
        assert_eq!(fs::read_to_string(file).unwrap(), "2026-04-27");
    }

    #[test]
    fn the_last_number_of_a_day_is_followed_by_an_error_not_by_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reception");
        fs::write(&file, "2026-04-27 9999\n").unwrap();
        let mut counter = open(file).unwrap();
        assert!(matches!(
            counter.next(date(2026, 4, 27)),
            Err(ReceptionCounterError::Exhausted(_))
        ));
        assert!(counter.next(date(2026, 4, 28)).is_ok());
    }
}
