//! Whom an application names, as the core system is asked about them.

use std::collections::BTreeSet;

use application::Application;
use application::era::Eras;
use jiff::civil::Date;

use crate::core_system::{Named, normal};

/// Whoever an application names: its persons, who files it, a spouse, the heads of both households. Where the application knows
/// somebody's day of birth, the name alone is not asked about as well.
#[must_use]
pub fn named(application: &Application, eras: &Eras) -> BTreeSet<Named> {
    let values = &application.values;
    let all = values.iter().filter_map(|(key, value)| {
        let (whose, _) = key.rsplit_once('.')?;
        let person = whose.starts_with("persons[") || matches!(whose, "applicant" | "spouse");
        let head = matches!(key.as_str(), "home.head_name" | "new_home.head_name");
        if value.text.is_empty() || !(head || person && key.ends_with(".name")) {
            return None;
        }
        let text = values.text(&format!("{whose}.birth_date"));
        let birth_date = if head { None } else { day(eras, text) };
        let birth_date = birth_date.or_else(|| fact(application, application::person_of(key)?));
        let name = value.text.clone();
        Some(Named { name, birth_date })
    });
    let all: BTreeSet<Named> = all.collect();
    let dated: BTreeSet<String> = all
        .iter()
        .filter(|one| one.birth_date.is_some())
        .map(|one| normal(&one.name))
        .collect();
    let alone = |one: &Named| one.birth_date.is_some() || !dated.contains(&normal(&one.name));
    all.into_iter().filter(alone).collect()
}

fn day(eras: &Eras, text: &str) -> Option<Date> {
    eras.to_date(&eras.parse(text).ok()?).ok()
}

/// The day of birth that guidance went by.
fn fact(application: &Application, person: &str) -> Option<Date> {
    let persons = application.facts.get("persons")?.as_array()?;
    let one = persons.iter().find(|one| one["id"] == person)?;
    one["birth_date"].as_str()?.parse().ok()
}
