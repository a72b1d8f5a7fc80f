//! Ages as law counts them.
//!
//! An age is attained at the end of the day before the birthday (年齢計算ニ関スル法律, 民法143条2項).

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::{FirstDay, Unit, last_day};

/// The day on which whoever was born on `birth` attains `years` of age: the day before the birthday,
/// and 28 February for those born on the 29th.
#[must_use]
pub fn attained_on(birth: Date, years: i64) -> Date {
    last_day(birth, years, Unit::Years, FirstDay::Included)
}

/// The age attained by the end of `day`; negative before birth.
#[must_use]
pub fn age_on(birth: Date, day: Date) -> i64 {
    let years = i64::from(day.year()) - i64::from(birth.year()) + 1;
    (years - 2..=years)
        .rev()
        .find(|years| attained_on(birth, *years) <= day)
        .unwrap_or(years - 3)
}

/// Whether 後期高齢者医療 applies by age: from the 75th birthday itself (高齢者の医療の確保に関する法律52条).
#[must_use]
pub fn is_late_elderly(birth: Date, day: Date) -> bool {
    attained_on(birth, 75) < day
}

/// Whether `day` is not after the first 31 March on or after the day on which `years` are attained.
///
/// Born on 1 April means attaining on 31 March, a whole year earlier than born on 2 April.
#[must_use]
pub fn within_fiscal_year_of(birth: Date, years: i64, day: Date) -> bool {
    let attained = attained_on(birth, years);
    let end = date(attained.year(), 3, 31);
    let end = if attained <= end {
        end
    } else {
        end.saturating_add(1.year())
    };
    birth <= day && day <= end
}
