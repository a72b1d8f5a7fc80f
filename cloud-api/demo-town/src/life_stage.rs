//! What the law makes of an age: school year, insurance, pension.

use jiff::civil::Date;

use crate::resident::{HealthInsurance, PensionCategory, School};

/// How a household earns its living; decides insurance and pension.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Self-employed: 国民健康保険 and 国民年金第1号.
    Own,
    /// Employed: 健康保険 and 厚生年金.
    Employed,
    /// 生活保護
    Assisted,
}

pub(crate) fn full_years(birth: Date, on: Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    on.year() - birth.year() - i16::from(!had_birthday)
}

/// Since birth for children, else since a spring some years ago, the same for everybody of an age.
pub(crate) fn settled_since(birth: Date, as_of: Date) -> Date {
    let grown = Date::new(birth.year() + 22, 4, 1).unwrap_or(birth);
    if grown < as_of { grown } else { birth }
}

/// School years since the class of those born from 2 April to 1 April: 7 is the first class of elementary school
/// (学校教育法17条: from the first of the school year after the day on which six years are completed).
pub(crate) fn school_year(birth: Date, as_of: Date) -> i16 {
    let class_of =
        |day: Date, first: (i8, i8)| day.year() - i16::from((day.month(), day.day()) < first);
    class_of(as_of, (4, 1)) - class_of(birth, (4, 2))
}

pub(crate) fn school(birth: Date, as_of: Date) -> School {
    match school_year(birth, as_of) {
        7..=12 => School::Elementary,
        13..=15 => School::JuniorHigh,
        _ => School::None,
    }
}

pub(crate) fn insurance(work: Work, earner: bool, age: i16) -> HealthInsurance {
    match (work, age) {
        (Work::Assisted, _) => HealthInsurance::PublicAssistance,
        // 高齢者の医療の確保に関する法律52条: from the 75th birthday itself.
        (_, 75..) => HealthInsurance::LateElderly,
        (_, 65..) | (Work::Own, _) => HealthInsurance::National,
        (Work::Employed, _) if earner => HealthInsurance::Employees,
        (Work::Employed, _) => HealthInsurance::EmployeesDependent,
    }
}

pub(crate) fn pension(work: Work, earner: bool, spouse: bool, age: i16) -> PensionCategory {
    match (work, age) {
        (Work::Employed, 18..65) if earner => PensionCategory::Second,
        (Work::Employed, 20..60) if spouse => PensionCategory::Third,
        (_, 20..60) => PensionCategory::First,
        _ => PensionCategory::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{full_years, school, school_year};
    use crate::resident::School;
    use jiff::civil::date;

    #[test]
    fn a_class_runs_from_the_second_of_april_to_the_first() {
        let spring = date(2026, 4, 1);
        assert!(school(date(2020, 4, 1), spring) == School::Elementary);
        assert!(school(date(2020, 4, 2), spring) == School::None);
        assert!(school(date(2014, 4, 2), spring) == School::Elementary);
        assert!(school(date(2014, 4, 1), spring) == School::JuniorHigh);
        assert!(school(date(2011, 4, 1), spring) == School::None);
        // 児童手当 ends with the first 31 March on or after the 18th year is attained.
        assert_eq!(school_year(date(2008, 4, 1), spring), 19);
        assert_eq!(school_year(date(2008, 4, 2), spring), 18);
    }

    #[test]
    fn a_year_is_full_on_the_birthday() {
        assert_eq!(full_years(date(1951, 4, 1), date(2026, 4, 1)), 75);
        assert_eq!(full_years(date(1951, 4, 2), date(2026, 4, 1)), 74);
    }
}
