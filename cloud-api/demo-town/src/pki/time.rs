//! Civil days as the moments that certificates hold.

use std::ops::Add;
use std::time::Duration;

use guidance::JAPAN;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::PkiError;

/// Moves `epoch` (1970-01-01 in the certificate library's own type, whose crate we need not name) to `at`.
pub(super) fn after<T: Add<Duration, Output = T>>(epoch: T, at: Timestamp) -> T {
    epoch + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

/// Midnight in Japan at the beginning of the day.
pub(super) fn day_begins(day: Date) -> Result<Timestamp, PkiError> {
    Ok(JAPAN.to_timestamp(day.into())?)
}

/// 23:59:59 in Japan, 14:59:59 UTC: the last second of the day, when JPKI's certificates end.
pub(super) fn day_ends(day: Date) -> Result<Timestamp, PkiError> {
    Ok(JAPAN.to_timestamp(day.at(23, 59, 59, 0))?)
}

/// The `count`th birthday after `day`; who was born on 29 February has it on the 28th in common years.
pub(crate) fn birthday_after(birth: Date, day: Date, count: i16) -> Result<Date, PkiError> {
    let in_year = |year: i16| birth.checked_add(i32::from(year - birth.year()).years());
    let this_year = in_year(day.year())?;
    let passed = i16::from(this_year <= day);
    Ok(in_year(day.year() + passed + count - 1)?)
}

#[cfg(test)]
mod tests {
    use super::{birthday_after, day_begins, day_ends};
    use jiff::civil::date;

    #[test]
    fn certificates_end_with_the_birthday_in_japan() {
        assert_eq!(
            day_ends(date(2030, 2, 17)).unwrap().to_string(),
            "2030-02-17T14:59:59Z"
        );
        assert_eq!(
            day_begins(date(2030, 2, 17)).unwrap().to_string(),
            "2030-02-16T15:00:00Z"
        );
    }

    #[test]
    fn birthdays_are_counted_after_the_day() {
        let issued = date(2025, 10, 16);
        assert_eq!(
            birthday_after(date(1980, 2, 17), issued, 5).unwrap(),
            date(2030, 2, 17)
        );
        assert_eq!(
            birthday_after(date(1980, 12, 17), issued, 5).unwrap(),
            date(2029, 12, 17)
        );
        assert_eq!(
            birthday_after(date(1980, 10, 16), issued, 1).unwrap(),
            date(2026, 10, 16)
        );
        assert_eq!(
            birthday_after(date(1984, 2, 29), issued, 2).unwrap(),
            date(2027, 2, 28)
        );
    }
}
