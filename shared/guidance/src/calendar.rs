//! Open and closed days, and periods counted as law counts them.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;
use jiff::{Span, Timestamp, ToSpan};
use thiserror::Error;

/// Japan Standard Time: nine hours ahead of UTC, all year.
///
/// A fixed offset instead of a look-up of `Asia/Tokyo`: Japan has had no summer time since 1951, and the kiosk's image has
/// no time-zone data. Where the look-up fails, code that falls back to UTC is a day behind until nine in the morning.
pub const JAPAN: Offset = jiff::tz::offset(9);

/// The calendar day in Japan at that moment; "today" everywhere in Genkan.
#[must_use]
pub fn date_in_japan(at: Timestamp) -> Date {
    datetime_in_japan(at).date()
}

/// Day and time of day in Japan at that moment.
#[must_use]
pub fn datetime_in_japan(at: Timestamp) -> DateTime {
    JAPAN.to_datetime(at)
}

/// Which days of a year the offices are closed, and the arithmetic of periods.
///
/// Closed are Saturdays, Sundays, the days of the holiday table, and 29 December to 3 January
/// (地方自治法4条の2第2項; for national offices 行政機関の休日に関する法律1条, the same days).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeMap<Date, String>,
}

/// A holiday table that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct CalendarError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Whether the day of the event counts as the first day of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstDay {
    /// It does not (初日不算入, 民法140条).
    Excluded,
    /// It does (戸籍法43条).
    Included,
}

/// The unit of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Days.
    Days,
    /// Calendar months (暦に従う, 民法143条).
    Months,
    /// Calendar years; these are prescriptions (時効) and never move for a closed day.
    Years,
}

impl Calendar {
    /// A calendar from (day, name) pairs.
    pub fn new(holidays: impl IntoIterator<Item = (Date, String)>) -> Self {
        Self {
            holidays: holidays.into_iter().collect(),
        }
    }

    /// Reads `YYYY-MM-DD,name` lines; `#` begins a comment, and the first row `date,name` is skipped.
    ///
    /// # Errors
    /// Names the line that is not like that, is a duplicate, or is out of order.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut holidays = BTreeMap::new();
        for (index, row) in text.lines().enumerate() {
            let line = index + 1;
            let row = row.trim();
            if row.is_empty() || row.starts_with('#') || row == "date,name" {
                continue;
            }
            let error = |reason: String| CalendarError { line, reason };
            let (day, name) = row
                .split_once(',')
                .ok_or_else(|| error(format!("expected date,name, found {row:?}")))?;
            let day: Date = day
                .parse()
                .map_err(|_| error(format!("{day:?} is not a date")))?;
            if holidays.insert(day, name.to_owned()).is_some() {
                return Err(error(format!("{day} is there twice")));
            }
        }
        Ok(Self { holidays })
    }

    /// The holidays with their names, in order.
    pub fn holidays(&self) -> impl Iterator<Item = (Date, &str)> {
        self.holidays
            .iter()
            .map(|(day, name)| (*day, name.as_str()))
    }

    /// Whether the town hall is closed on this day.
    #[must_use]
    pub fn is_closed(&self, day: Date) -> bool {
        matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            || matches!((day.month(), day.day()), (12, 29..=31) | (1, 1..=3))
            || self.holidays.contains_key(&day)
    }

    /// This day if it is open, else the next open one (地方自治法4条の2第4項).
    #[must_use]
    pub fn roll(&self, day: Date) -> Date {
        let mut open = day;
        while self.is_closed(open) {
            open = open.saturating_add(1.day());
        }
        open
    }
}

/// The last day of a period of `count` `unit`s beginning at `event` (民法140〜143条, 戸籍法43条).
///
/// Months and years end on the day before the one that corresponds to the first day counted; where the
/// last month has no such day, on the month's last day: 31 August and three months, first day counted,
/// end on 30 November.
#[must_use]
pub fn last_day(event: Date, count: i64, unit: Unit, first_day: FirstDay) -> Date {
    let start = match first_day {
        FirstDay::Included => event,
        FirstDay::Excluded => event.saturating_add(1.day()),
    };
    let span = match unit {
        Unit::Days => return start.saturating_add(Span::new().days(count - 1)),
        Unit::Months => Span::new().months(count),
        Unit::Years => Span::new().years(count),
    };
    let corresponding = start.saturating_add(span);
    if corresponding.day() == start.day() {
        corresponding.saturating_sub(1.day())
    } else {
        corresponding // jiff constrained it to the month's last day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use jiff::tz::TimeZone;

    /// The expected values come from a fixed offset, never from the host's time-zone data, so that the test says the same
    /// on a host that has none.
    #[test]
    fn the_day_in_japan_begins_nine_hours_before_utc() {
        let japan = TimeZone::fixed(jiff::tz::offset(9));
        for (at, day) in [
            (datetime(2026, 4, 26, 23, 59, 59, 0), date(2026, 4, 26)),
            (datetime(2026, 4, 27, 0, 0, 0, 0), date(2026, 4, 27)),
            (datetime(2026, 4, 27, 8, 59, 59, 0), date(2026, 4, 27)),
            (datetime(2026, 12, 31, 23, 59, 59, 0), date(2026, 12, 31)),
            (datetime(2027, 1, 1, 0, 0, 0, 0), date(2027, 1, 1)),
        ] {
            let moment = japan.to_timestamp(at).unwrap();
            assert_eq!(date_in_japan(moment), day);
            assert_eq!(datetime_in_japan(moment), at);
        }
        let midnight: Timestamp = "2026-04-26T15:00:00Z".parse().unwrap();
        assert_eq!(date_in_japan(midnight), date(2026, 4, 27));
    }
}
