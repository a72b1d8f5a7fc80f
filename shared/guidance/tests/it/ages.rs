//! Rule 4: an age is attained on the day before the birthday; 後期高齢者医療 begins on the birthday itself.

use guidance::{age_on, attained_on, is_late_elderly, within_fiscal_year_of};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use crate::support::plan;

#[test]
fn an_age_is_attained_the_day_before_the_birthday() {
    let birth = date(1961, 5, 10);
    assert_eq!(age_on(birth, date(2026, 5, 8)), 64);
    assert_eq!(age_on(birth, date(2026, 5, 9)), 65);
    assert_eq!(age_on(date(2026, 5, 10), date(2026, 5, 10)), 0);
    assert_eq!(attained_on(date(2004, 2, 29), 18), date(2022, 2, 28));
    assert_eq!(attained_on(date(2004, 2, 29), 20), date(2024, 2, 28));
}

#[test]
fn born_on_1_april_leaves_child_allowance_a_year_before_2_april() {
    let first = date(2008, 4, 1);
    let second = date(2008, 4, 2);
    assert!(within_fiscal_year_of(first, 18, date(2026, 3, 31)));
    assert!(!within_fiscal_year_of(first, 18, date(2026, 4, 1)));
    assert!(within_fiscal_year_of(second, 18, date(2027, 3, 31)));
    assert!(!within_fiscal_year_of(second, 18, date(2027, 4, 1)));
    assert!(
        !within_fiscal_year_of(second, 18, date(2008, 4, 1)),
        "not before birth"
    );
}

#[test]
fn late_elderly_begins_on_the_birthday_itself() {
    assert!(!is_late_elderly(date(1951, 6, 10), date(2026, 6, 9)));
    assert!(is_late_elderly(date(1951, 6, 10), date(2026, 6, 10)));
}

#[test]
fn the_plan_counts_ages_on_the_event_day() {
    let moved = |birth: &str| {
        plan(
            json!({"as_of": "2026-05-12", "event": {"kind": "move_in", "date": "2026-05-09"},
        "persons": [{"id": "A", "birth_date": birth, "moves": true}]}),
        )
    };
    assert!(moved("1961-05-10").line("kaigo_join").is_some());
    assert!(moved("1961-05-11").line("kaigo_join").is_none());
}

#[test]
fn the_towns_parameter_decides_the_medical_subsidy() {
    let moved = |until: &str| {
        plan(
            json!({"as_of": "2026-05-12", "event": {"kind": "move_in", "date": "2026-05-09"},
        "persons": [{"id": "A", "birth_date": "2012-01-01", "moves": true}], "tenant": {"child_medical_until": until}}),
        )
    };
    assert!(moved("fy18").line("kodomo_iryo").is_some());
    assert!(moved("fy15").line("kodomo_iryo").is_some());
    assert!(moved("fy12").line("kodomo_iryo").is_none());
    assert!(moved("age6").line("kodomo_iryo").is_none());
}

proptest! {
    #[test]
    fn ages_agree_with_counting_birthdays(birth in 0_i64..30000, later in 0_i64..40000) {
        let birth = date(1920, 1, 1).checked_add(birth.days()).unwrap();
        let day = birth.checked_add(later.days()).unwrap();
        // The age on the next day's morning, counted by calendar fields; 29 February counts as 1 March.
        let next = day.tomorrow().unwrap();
        let before = (next.month(), next.day()) < (birth.month(), birth.day());
        let plain = i64::from(next.year()) - i64::from(birth.year()) - i64::from(before);
        prop_assert_eq!(age_on(birth, day), plain);
    }
}
