//! The shipped catalogue, loaded once per test process, and short ways to say facts.

use std::path::PathBuf;
use std::sync::LazyLock;

use guidance::{Catalogue, Due, Facts, Plan};
use serde_json::{Value, json};

pub(crate) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::from_files(files()).unwrap());

/// The files of `assets/catalogue`.
pub(crate) fn files() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalogue");
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

pub(crate) fn facts(document: Value) -> Facts {
    Facts::from_value(&document).unwrap()
}

pub(crate) fn plan(document: Value) -> Plan {
    CATALOGUE.plan(&facts(document))
}

/// One line as a test reads it: `must tennyu [] 2026-05-11`.
pub(crate) fn short(plan: &Plan) -> Vec<String> {
    let due = |due: &Due| {
        let text = match due {
            Due::On { date, .. } | Due::Before { date, .. } => date.to_string(),
            Due::With { procedure } => format!("with {procedure}"),
            Due::Asap { days: Some(days) } => format!("asap within {days} days"),
            Due::Asap { days: None } => "asap".to_owned(),
            Due::AfterFiling { days } => format!("{days} days after filing"),
            Due::None => "none".to_owned(),
        };
        if due.is_overdue() {
            format!("{text} OVERDUE")
        } else {
            text
        }
    };
    let level = |line: &guidance::Line| format!("{:?}", line.level).to_lowercase();
    plan.lines
        .iter()
        .map(|line| {
            format!(
                "{} {} [{}] {}",
                level(line),
                line.procedure,
                line.persons.join(","),
                due(&line.due)
            )
        })
        .collect()
}

/// Visits as a careful clerk knows them, every fact that matters given.
pub(crate) fn scenarios() -> Vec<(&'static str, Value)> {
    vec![
        ("move_in_family_of_four", move_in_family()),
        (
            "move_in_late_from_abroad",
            json!({
                "as_of": "2026-06-01",
                "event": {"kind": "move_in", "date": "2026-05-02", "abroad": true},
                "persons": [{"id": "A", "birth_date": "1996-01-20", "moves": true, "role": "self", "japanese_national": false,
                    "residence_status": "mid_long_term", "health_insurance": "national", "pension_category": "first"}],
            }),
        ),
        (
            "move_in_elderly_couple_with_dog",
            json!({
                "as_of": "2026-04-27",
                "event": {"kind": "move_in", "date": "2026-04-20", "planned_move_out_on": "2026-04-18"},
                "household": {"dogs": 1, "dogs_microchip_registered": true, "mopeds": 1},
                "persons": [
                    {"id": "A", "birth_date": "1948-07-01", "moves": true, "health_insurance": "late_elderly", "my_number_card": true, "long_term_care": "care"},
                    {"id": "B", "birth_date": "1955-03-03", "moves": true, "health_insurance": "national", "disability": "physical"}],
            }),
        ),
        (
            "move_within_foreign_family",
            json!({
                "as_of": "2026-09-24",
                "event": {"kind": "move_within", "date": "2026-09-08"},
                "household": {"dogs": 1},
                "persons": [
                    {"id": "A", "birth_date": "1988-01-01", "moves": true, "residence_status": "special_permanent", "health_insurance": "national"},
                    {"id": "B", "birth_date": "2015-05-05", "moves": true, "school": "elementary", "my_number_card": true, "child_rearing_allowance": false}],
            }),
        ),
        (
            "move_out_single_mother",
            json!({
                "as_of": "2026-03-10",
                "event": {"kind": "move_out", "date": "2026-03-28"},
                "household": {"mopeds": 1},
                "persons": [
                    {"id": "A", "birth_date": "1990-02-02", "moves": true, "health_insurance": "national", "child_allowance": "recipient",
                     "child_rearing_allowance": true, "registered_seal": true, "my_number_card": true},
                    {"id": "B", "birth_date": "2019-04-01", "moves": true, "school": "elementary"},
                    {"id": "C", "birth_date": "2022-04-02", "moves": true, "nursery": true}],
            }),
        ),
        (
            "head_leaves_household",
            json!({
                "as_of": "2026-05-11",
                "event": {"kind": "move_out", "date": "2026-05-20"},
                "household": {"head_changes": true, "members_remaining": 3, "members_remaining_15_or_over": 2},
                "persons": [
                    {"id": "A", "birth_date": "1970-01-01", "moves": true, "health_insurance": "employees"},
                    {"id": "B", "birth_date": "1972-01-01", "health_insurance": "national"},
                    {"id": "C", "birth_date": "2005-01-01", "health_insurance": "national"},
                    {"id": "D", "birth_date": "2014-01-01", "health_insurance": "national"}],
            }),
        ),
        (
            "household_split",
            json!({
                "as_of": "2026-05-11", "event": {"kind": "household_change", "date": "2026-05-10"},
                "persons": [{"id": "A", "birth_date": "1958-06-01", "moves": true, "health_insurance": "national"}],
            }),
        ),
        (
            "birth_second_child",
            json!({
                "as_of": "2026-01-28",
                "event": {"kind": "birth", "date": "2026-01-25", "birth_weight_g": 2300},
                "persons": [
                    {"id": "F", "birth_date": "1991-03-03", "role": "self", "child_allowance": "recipient", "health_insurance": "national"},
                    {"id": "M", "birth_date": "1993-03-03", "role": "spouse", "pregnant": true, "health_insurance": "national", "pension_category": "first"},
                    {"id": "C", "birth_date": "2022-08-08", "role": "child", "nursery": true},
                    {"id": "N", "birth_date": "2026-01-25", "role": "newborn", "health_insurance": "national"}],
            }),
        ),
        (
            "birth_first_child_of_foreigners",
            json!({
                "as_of": "2026-06-26",
                "event": {"kind": "birth", "date": "2026-06-12", "birth_weight_g": 3100},
                "persons": [
                    {"id": "F", "role": "self", "birth_date": "1994-04-04", "child_allowance": "claimant", "japanese_national": false},
                    {"id": "N", "role": "newborn", "birth_date": "2026-06-12", "japanese_national": false, "health_insurance": "employees_dependent"}],
            }),
        ),
        (
            "pregnancy",
            json!({
                "as_of": "2026-02-02", "event": {"kind": "pregnancy", "date": "2026-02-01"},
                "persons": [{"id": "A", "birth_date": "1995-05-05", "pregnant": true, "health_insurance": "national", "pension_category": "first"}],
            }),
        ),
        (
            "marriage",
            json!({
                "as_of": "2026-11-22", "event": {"kind": "marriage", "date": "2026-11-22"},
                "persons": [
                    {"id": "A", "birth_date": "1995-05-05", "name_changes": true, "health_insurance": "national", "health_insurance_after": "employees_dependent",
                     "pension_category": "first", "pension_category_after": "third", "my_number_card": true, "signing_certificate": true, "registered_seal": true},
                    {"id": "B", "birth_date": "1993-05-05", "health_insurance": "employees", "child_rearing_allowance": true}],
            }),
        ),
        (
            "divorce_with_children",
            json!({
                "as_of": "2026-04-30",
                "event": {"kind": "divorce", "date": "2026-04-30", "divorce_type": "agreement", "keeps_married_name": false, "minor_children": true},
                "household": {"single_parent": true, "parent_returns_to_family_register": true, "surviving_spouse_of_employees_insured": true},
                "persons": [
                    {"id": "A", "birth_date": "1988-08-08", "name_changes": true, "health_insurance": "employees_dependent", "health_insurance_after": "national",
                     "pension_category": "third", "pension_category_after": "first", "my_number_card": true, "child_allowance": "claimant", "custodial": true},
                    {"id": "B", "birth_date": "2018-08-08", "health_insurance": "employees_dependent", "health_insurance_after": "national", "nursery": false}],
            }),
        ),
        (
            "divorce_by_court_late",
            json!({
                "as_of": "2026-07-10",
                "event": {"kind": "divorce", "date": "2026-06-20", "divorce_type": "court", "finalised_on": "2026-06-20", "keeps_married_name": true},
                "persons": [{"id": "A", "birth_date": "1980-08-08"}],
            }),
        ),
        (
            "death_of_a_pensioner",
            json!({
                "as_of": "2026-05-01",
                "event": {"kind": "death", "date": "2026-04-28", "known_on": "2026-04-28", "funeral_on": "2026-05-01"},
                "household": {"head_changes": true, "members_remaining": 2, "members_remaining_15_or_over": 2, "owns_property": true,
                    "deceased_received_pension": true, "dogs": 1, "dog_owner_died": true},
                "persons": [
                    {"id": "D", "birth_date": "1945-05-05", "role": "deceased", "health_insurance": "late_elderly", "pension_received": "employees",
                     "long_term_care": "care", "registered_seal": true, "disability": "physical"},
                    {"id": "W", "birth_date": "1950-02-02", "role": "spouse", "health_insurance": "national"}],
            }),
        ),
        (
            "death_of_an_employee",
            json!({
                "as_of": "2026-05-08",
                "event": {"kind": "death", "date": "2026-05-01", "known_on": "2026-05-01"},
                "household": {"single_parent": true},
                "persons": [
                    {"id": "D", "birth_date": "1985-05-05", "role": "deceased", "pension_category": "second", "child_allowance": "recipient"},
                    {"id": "W", "birth_date": "1987-02-02", "role": "spouse", "health_insurance": "employees_dependent", "health_insurance_after": "national",
                     "pension_category": "third", "pension_category_after": "first", "child_allowance": "claimant", "custodial": true},
                    {"id": "C", "birth_date": "2016-02-02", "role": "child", "health_insurance": "employees_dependent", "health_insurance_after": "national"}],
            }),
        ),
        (
            "name_change",
            json!({
                "as_of": "2026-05-08", "event": {"kind": "name_change", "date": "2026-05-07"},
                "persons": [{"id": "A", "birth_date": "1950-05-05", "name_changes": true, "my_number_card": true, "health_insurance": "late_elderly", "child_allowance": "none"}],
            }),
        ),
        (
            "card_lost",
            json!({"as_of": "2026-05-08", "event": {"kind": "card", "reason": "lost"}, "persons": [{"id": "A", "birth_date": "1980-01-01", "my_number_card": true}]}),
        ),
        (
            "left_work",
            json!({
                "as_of": "2026-04-10", "event": {"kind": "insurance_lost", "date": "2026-04-01"},
                "persons": [
                    {"id": "A", "birth_date": "1985-01-01", "health_insurance": "employees", "health_insurance_after": "national", "pension_category": "second", "pension_category_after": "first"},
                    {"id": "B", "birth_date": "1986-01-01", "health_insurance": "employees_dependent", "health_insurance_after": "national", "pension_category": "third", "pension_category_after": "first"},
                    {"id": "C", "birth_date": "2016-01-01", "health_insurance": "employees_dependent", "health_insurance_after": "national"}],
            }),
        ),
        (
            "found_work",
            json!({
                "as_of": "2026-04-10", "event": {"kind": "insurance_gained", "date": "2026-04-01"},
                "persons": [
                    {"id": "A", "birth_date": "1985-01-01", "health_insurance": "national", "health_insurance_after": "employees"},
                    {"id": "C", "birth_date": "2016-01-01", "health_insurance": "national", "health_insurance_after": "employees_dependent"}],
            }),
        ),
        (
            "care_needed",
            json!({
                "as_of": "2026-04-10", "event": {"kind": "care_needed", "date": "2026-04-10", "facility": true},
                "persons": [{"id": "A", "birth_date": "1940-01-01"}],
            }),
        ),
        (
            "new_dog",
            json!({"as_of": "2026-04-10", "event": {"kind": "dog", "what": "new", "date": "2026-04-01", "dogbase": "2026-04-05"}}),
        ),
        (
            "certificate",
            json!({"as_of": "2026-04-10", "event": {"kind": "certificate", "what": "juminhyo"}, "persons": [{"id": "A", "my_number_card": true}]}),
        ),
    ]
}

/// Parents, an elementary school child and a toddler move in, on national health insurance.
pub(crate) fn move_in_family() -> Value {
    json!({
        "as_of": "2026-04-27",
        "event": {"kind": "move_in", "date": "2026-04-26", "planned_move_out_on": "2026-04-24"},
        "household": {"dogs": 0, "mopeds": 0},
        "persons": [
            {"id": "A", "birth_date": "1986-05-12", "moves": true, "role": "self", "head_of_household": true, "health_insurance": "national",
             "pension_category": "first", "my_number_card": true, "signing_certificate": true, "child_allowance": "claimant"},
            {"id": "B", "birth_date": "1988-11-03", "moves": true, "role": "spouse", "health_insurance": "national", "pregnant": true},
            {"id": "C", "birth_date": "2017-06-30", "moves": true, "role": "child", "health_insurance": "national", "school": "elementary"},
            {"id": "D", "birth_date": "2024-01-15", "moves": true, "role": "child", "health_insurance": "national", "nursery": true, "my_number_card": true}],
    })
}
