//! The five deadline rules, with the dates of the pages that state them, and a second implementation.

use guidance::{Calendar, Due, FirstDay, Unit, last_day};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{CATALOGUE, plan};

fn due(document: Value, procedure: &str) -> String {
    let plan = plan(document);
    plan.line(procedure)
        .unwrap()
        .due
        .date()
        .unwrap()
        .to_string()
}

fn birth(day: &str) -> Value {
    json!({"as_of": day, "event": {"kind": "birth", "date": day},
        "persons": [{"id": "A", "child_allowance": "claimant"}]})
}

#[test]
fn rule_1_the_first_day_is_not_counted() {
    assert_eq!(due(birth("2021-01-25"), "jidou_teate_claim"), "2021-02-09");
    let moved = json!({"as_of": "2026-06-01", "event": {"kind": "move_in", "date": "2026-06-01"}});
    assert_eq!(due(moved, "tennyu"), "2026-06-15");
}

#[test]
fn rule_2_the_family_register_counts_the_first_day() {
    assert_eq!(due(birth("2025-12-02"), "shussho"), "2025-12-15");
    assert_eq!(
        last_day(date(2026, 8, 31), 3, Unit::Months, FirstDay::Included),
        date(2026, 11, 30)
    );
    let mut abroad = birth("2026-08-31");
    abroad["event"]["abroad"] = json!(true);
    assert_eq!(due(abroad, "shussho"), "2026-11-30");
}

#[test]
fn rule_3_a_closed_day_moves_to_the_next_open_one() {
    // Saturday 1 May 2027, then Sunday, and three holidays.
    let moved = json!({"as_of": "2027-04-17", "event": {"kind": "move_in", "date": "2027-04-17"}});
    assert_eq!(due(moved, "tennyu"), "2027-05-06");
    // 29 December to 3 January, then a Sunday's neighbour.
    let moved = json!({"as_of": "2026-12-16", "event": {"kind": "move_in", "date": "2026-12-16"}});
    assert_eq!(due(moved, "tennyu"), "2027-01-04");
    // A substitute holiday: 23 November 2025 is a Sunday, the 24th is closed too.
    let moved = json!({"as_of": "2025-11-09", "event": {"kind": "move_in", "date": "2025-11-09"}});
    assert_eq!(due(moved, "tennyu"), "2025-11-25");
}

#[test]
fn rule_3_years_never_move_and_the_office_decides_about_the_rest() {
    // Sunday 30 April 2028: a prescription of two years stays where it is.
    let dead = json!({"as_of": "2026-05-01", "event": {"kind": "death", "date": "2026-04-28", "funeral_on": "2026-04-30"},
        "household": {"owns_property": true},
        "persons": [{"id": "D", "role": "deceased", "health_insurance": "national"}]});
    assert_eq!(due(dead, "sosaihi_kokuho"), "2028-04-30");
    // Three months from Thursday 2 April 2026: Thursday 2 July; from 4 April: Saturday 4 July.
    let heirs = |roll: bool| {
        json!({"as_of": "2026-04-04", "event": {"kind": "death", "date": "2026-04-04", "known_on": "2026-04-04"},
        "household": {"owns_property": true}, "tenant": {"ordinance_periods_roll": roll}})
    };
    assert_eq!(due(heirs(true), "souzokunin_daihyo"), "2026-07-06");
    assert_eq!(due(heirs(false), "souzokunin_daihyo"), "2026-07-04");
    // An employer's fourteen days end on a Saturday and stay there.
    let wed = json!({"as_of": "2026-11-22", "event": {"kind": "marriage", "date": "2026-11-21"},
        "persons": [{"id": "A", "pension_category": "first", "pension_category_after": "third"}]});
    assert_eq!(due(wed, "nenkin_c3_guide"), "2026-12-05");
    // The immigration office's thirty days end on Saturday and move to Monday.
    let born = json!({"as_of": "2026-06-10", "event": {"kind": "birth", "date": "2026-06-04"},
        "persons": [{"id": "N", "role": "newborn", "japanese_national": false}]});
    assert_eq!(due(born, "zairyu_shutoku"), "2026-07-06");
}

#[test]
fn rule_5_child_allowance_counts_from_the_planned_day() {
    let moved = json!({"as_of": "2026-04-27", "event": {"kind": "move_in", "date": "2026-04-26", "planned_move_out_on": "2026-04-20"},
        "persons": [{"id": "A", "child_allowance": "claimant"}, {"id": "C", "birth_date": "2020-01-01"}]});
    assert_eq!(due(moved, "jidou_teate_claim"), "2026-05-07");
}

fn card_holder(as_of: &str, event: Value) -> Value {
    let mut event = event;
    event["kind"] = json!("move_in");
    json!({"as_of": as_of, "event": event, "persons": [{"id": "A", "birth_date": "1990-01-01", "moves": true, "my_number_card": true}]})
}

#[test]
fn rule_5_a_card_lapses_by_each_of_three_limits() {
    let lapsed = |document: Value| plan(document).line("card_continue").is_none();
    assert!(
        !lapsed(card_holder("2026-06-15", json!({"date": "2026-06-01"}))),
        "the fourteenth day"
    );
    assert!(
        lapsed(card_holder("2026-06-16", json!({"date": "2026-06-01"}))),
        "the fifteenth"
    );
    assert!(
        !lapsed(card_holder(
            "2026-07-01",
            json!({"date": "2026-06-25", "planned_move_out_on": "2026-06-01"})
        )),
        "the thirtieth"
    );
    assert!(
        lapsed(card_holder(
            "2026-07-02",
            json!({"date": "2026-06-25", "planned_move_out_on": "2026-06-01"})
        )),
        "the thirty-first"
    );
    assert!(
        !lapsed(card_holder(
            "2026-08-31",
            json!({"date": "2026-06-01", "filed_on": "2026-06-02"})
        )),
        "the ninetieth"
    );
    assert!(
        lapsed(card_holder(
            "2026-09-01",
            json!({"date": "2026-06-01", "filed_on": "2026-06-02"})
        )),
        "the ninety-first"
    );
}

#[test]
fn a_lapsed_card_is_made_anew_for_a_fee_and_the_certificate_is_needed() {
    let late = plan(card_holder("2026-06-16", json!({"date": "2026-06-01"})));
    assert_eq!(late.line("card_new").unwrap().fee_yen, 1000);
    assert!(late.line("tennyu").unwrap().due.is_overdue());
    let bring = &late.line("tennyu").unwrap().bring;
    assert!(
        bring
            .iter()
            .any(|bring| bring.item_id == "move_out_certificate" && bring.needed)
    );
}

#[test]
fn continued_use_is_due_ninety_days_after_filing() {
    let unfiled = plan(card_holder("2026-06-10", json!({"date": "2026-06-01"})));
    let due = &unfiled.line("card_continue").unwrap().due;
    assert_eq!(due, &Due::AfterFiling { days: 90 });
    let filed = plan(card_holder(
        "2026-06-10",
        json!({"date": "2026-06-01", "filed_on": "2026-06-02"}),
    ));
    assert_eq!(
        filed.line("card_continue").unwrap().due.date(),
        Some(date(2026, 8, 31))
    );
}

#[test]
fn absent_dates_fall_back_to_the_event_and_then_to_the_visit() {
    let dead = json!({"as_of": "2026-06-03", "event": {"kind": "death", "date": "2026-06-01"}});
    assert_eq!(due(dead, "shibo"), "2026-06-08", "the seventh is a Sunday");
    let undated = json!({"as_of": "2026-06-01", "event": {"kind": "move_in"}});
    assert_eq!(due(undated, "tennyu"), "2026-06-15");
}

/// A second implementation, as plain as can be: it walks day by day.
fn walk(from: Date, days: i64, counts_first: bool, calendar: &Calendar) -> Date {
    let mut counted = i64::from(counts_first);
    let mut day = from;
    while counted < days {
        day = day.tomorrow().unwrap();
        counted += 1;
    }
    let closed = |day: Date| {
        let new_year =
            (day.month() == 12 && day.day() >= 29) || (day.month() == 1 && day.day() <= 3);
        let weekend = day.weekday() == Weekday::Saturday || day.weekday() == Weekday::Sunday;
        new_year || weekend || calendar.holidays().any(|(holiday, _)| holiday == day)
    };
    while closed(day) {
        day = day.tomorrow().unwrap();
    }
    day
}

/// A second implementation of months: the day before the one with the same number, or the month's last.
fn walk_months(start: Date, months: i32) -> Date {
    let total = i32::from(start.year()) * 12 + i32::from(start.month()) - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let first = date(
        i16::try_from(year).unwrap(),
        i8::try_from(month).unwrap(),
        1,
    );
    if start.day() > first.days_in_month() {
        return first.last_of_month();
    }
    first
        .with()
        .day(start.day())
        .build()
        .unwrap()
        .yesterday()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn ten_years_of_due_dates_agree_with_a_second_implementation(offset in 0_i64..3653, days in 1_i64..100, counts_first: bool) {
        let from = date(2024, 1, 1).checked_add(offset.days()).unwrap();
        let first_day = if counts_first { FirstDay::Included } else { FirstDay::Excluded };
        let calendar = CATALOGUE.calendar();
        let ours = calendar.roll(last_day(from, days, Unit::Days, first_day));
        prop_assert_eq!(ours, walk(from, days, counts_first, calendar));
        prop_assert!(!calendar.is_closed(ours));
    }

    #[test]
    fn ten_years_of_months_agree_too(offset in 0_i64..3653, months in 1_i32..61, counts_first: bool) {
        let from = date(2024, 1, 1).checked_add(offset.days()).unwrap();
        let first_day = if counts_first { FirstDay::Included } else { FirstDay::Excluded };
        let start = if counts_first { from } else { from.tomorrow().unwrap() };
        prop_assert_eq!(last_day(from, i64::from(months), Unit::Months, first_day), walk_months(start, months));
    }

    #[test]
    fn the_plan_uses_these_rules_for_every_day_of_ten_years(offset in 0_i64..3653) {
        let day = date(2024, 1, 1).checked_add(offset.days()).unwrap();
        let calendar = CATALOGUE.calendar();
        let born = due(birth(&day.to_string()), "shussho");
        prop_assert_eq!(born, walk(day, 14, true, calendar).to_string());
        let claimed = due(birth(&day.to_string()), "jidou_teate_claim");
        prop_assert_eq!(claimed, walk(day, 15, false, calendar).to_string());
    }
}
