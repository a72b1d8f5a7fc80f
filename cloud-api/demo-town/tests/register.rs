//! The register: every household is facts that guidance takes, the same on every run, and of every kind.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use demo_town::facts::{document, export, usual_visitor};
use demo_town::resident::{HealthInsurance, Household, PersonFacts, School};
use demo_town::{Town, card};
use guidance::Facts;
use guidance::document::Document;
use kiosk_api::TenantCode;

fn town() -> Town {
    Town::build().unwrap()
}

fn anybody(household: &Household, holds: impl Fn(&PersonFacts) -> bool) -> bool {
    household.persons.iter().any(|person| holds(&person.facts))
}

/// Ids of the life events of the shipped catalogue.
fn event_kinds() -> Vec<String> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../assets/catalogue/events.toml"
    );
    let events: Document = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    events.event.into_iter().map(|event| event.id).collect()
}

#[test]
fn three_hundred_households_parse_as_facts_for_every_event_and_visitor() {
    let town = town();
    assert_eq!(town.households.len(), 300);
    let kinds = event_kinds();
    assert_eq!(kinds.len(), 16);
    for (household, kind) in town.households.iter().zip(kinds.iter().cycle()) {
        for visitor in 0..household.persons.len() {
            let value = document(&town, household, visitor, kind);
            let facts = Facts::from_value(&value)
                .unwrap_or_else(|error| panic!("household {}: {error}", household.number));
            // Nothing is lost on the way.
            assert_eq!(facts.to_value()["persons"], value["persons"]);
            assert_eq!(facts.to_value()["household"], value["household"]);
        }
    }
}

#[test]
fn the_same_assets_give_the_same_bytes_and_another_seed_gives_others() {
    let bytes = |town: &Town| serde_json::to_string(&export(town)).unwrap();
    let first = bytes(&town());
    assert_eq!(first, bytes(&town()));
    let other = Town::build_seeded(1).unwrap();
    assert_ne!(first, bytes(&other));
    assert!(
        other.keyed("tanaka-family") == town().keyed("tanaka-family"),
        "hand-written ones stay"
    );
}

#[test]
fn the_town_has_households_of_every_kind() {
    let town = town();
    let count =
        |holds: &dyn Fn(&Household) -> bool| town.households.iter().filter(|h| holds(h)).count();
    let insured =
        |wanted| move |h: &Household| anybody(h, |facts| facts.health_insurance == Some(wanted));
    for (kind, least, found) in [
        ("single", 50, count(&|h| h.persons.len() == 1)),
        ("five or more", 10, count(&|h| h.persons.len() >= 5)),
        ("国保", 60, count(&insured(HealthInsurance::National))),
        ("社保", 60, count(&insured(HealthInsurance::Employees))),
        (
            "後期高齢",
            40,
            count(&insured(HealthInsurance::LateElderly)),
        ),
        (
            "生活保護",
            3,
            count(&insured(HealthInsurance::PublicAssistance)),
        ),
        (
            "elementary school",
            20,
            count(&|h| anybody(h, |f| f.school == Some(School::Elementary))),
        ),
        (
            "nursery",
            8,
            count(&|h| anybody(h, |f| f.nursery == Some(true))),
        ),
        (
            "pregnant",
            2,
            count(&|h| anybody(h, |f| f.pregnant == Some(true))),
        ),
        (
            "foreign",
            10,
            count(&|h| anybody(h, |f| f.japanese_national == Some(false))),
        ),
        (
            "disability",
            5,
            count(&|h| {
                anybody(h, |f| {
                    f.disability != Some(demo_town::resident::Disability::None)
                })
            }),
        ),
        (
            "care",
            15,
            count(&|h| {
                anybody(h, |f| {
                    f.long_term_care == Some(demo_town::resident::LongTermCare::Care)
                })
            }),
        ),
        (
            "single parent",
            8,
            count(&|h| h.facts.single_parent == Some(true)),
        ),
        ("dogs", 20, count(&|h| h.facts.dogs > Some(0))),
        ("mopeds", 15, count(&|h| h.facts.mopeds > Some(0))),
        (
            "property",
            80,
            count(&|h| h.facts.owns_property == Some(true)),
        ),
        (
            "deceased pensioner",
            1,
            count(&|h| h.facts.deceased_received_pension == Some(true)),
        ),
        (
            "protected",
            1,
            count(&|h| h.persons.iter().any(|p| p.protected)),
        ),
    ] {
        assert!(
            found >= least,
            "{kind}: {found} households, at least {least} wanted"
        );
    }
}

#[test]
fn ages_and_facts_agree_in_every_household() {
    let town = town();
    for household in &town.households {
        let heads = household
            .persons
            .iter()
            .filter(|p| p.relationship == "世帯主")
            .count();
        assert_eq!(heads, 1, "{}", household.shows);
        for person in &household.persons {
            let age = town
                .sheet
                .as_of
                .since((jiff::Unit::Year, person.birth_date))
                .unwrap()
                .get_years();
            let facts = &person.facts;
            assert!((0..=115).contains(&age), "{}: {age}", household.shows);
            if facts.health_insurance != Some(HealthInsurance::PublicAssistance) {
                let late = facts.health_insurance == Some(HealthInsurance::LateElderly);
                assert_eq!(late, age >= 75, "{}: {age}", household.shows);
            }
            if matches!(facts.school, Some(School::Elementary)) {
                assert!((6..=12).contains(&age), "{}: {age}", household.shows);
            }
            assert!(person.deceased_on.is_none_or(|day| day <= town.sheet.as_of));
            assert_eq!(facts.japanese_national, Some(person.nationality.is_none()));
            if facts.signing_certificate == Some(true) {
                assert!(
                    facts.my_number_card == Some(true) && age >= 15,
                    "{}",
                    household.shows
                );
            }
        }
    }
}

#[test]
fn what_the_town_does_not_know_of_newcomers_stays_unknown() {
    let town = town();
    let newcomers = town.keyed("tanaka-family").unwrap();
    let value = document(&town, newcomers, 0, "move_in");
    assert!(value["persons"][0].get("pregnant").is_none());
    assert!(value["household"].get("dogs").is_none());
    assert_eq!(value["persons"][0]["health_insurance"], "national");
    assert_eq!(value["persons"][1]["role"], "spouse");
    // Residents have "no", not silence.
    let residents = town.keyed("sato-family").unwrap();
    let value = document(&town, residents, 1, "move_out");
    assert_eq!(value["persons"][0]["pregnant"], false);
    assert_eq!(value["persons"][1]["role"], "spouse");
    assert_eq!(value["persons"][2]["role"], "child");
}

#[test]
fn numbers_are_unique_and_the_code_has_its_check_digit() {
    let town = town();
    assert!(town.sheet.code.parse::<TenantCode>().is_ok());
    assert!("990018".parse::<TenantCode>().is_err());
    let mut seen = HashSet::new();
    for household in &town.households {
        assert!(seen.insert(&household.number));
        assert_eq!(household.number.len(), 10);
        assert!(
            household
                .persons
                .iter()
                .all(|person| seen.insert(&person.number))
        );
        assert!(
            household.postal_code.starts_with("000"),
            "no postal code of a real place"
        );
    }
}

#[test]
fn the_hard_names_are_as_hard_as_promised() {
    let town = town();
    let head = |key: &str| town.keyed(key).unwrap().head().name.clone();
    assert_eq!(head("long-name").chars().count(), 60);
    assert!(head("rare-kanji").starts_with("𠮷﨑　髙"));
    assert_eq!(head("ivs").chars().filter(|c| *c == '\u{E0100}').count(), 2);
    let items = &town.keyed("long-address").unwrap();
    assert!(
        items.address.len() + items.head().name.len() > 230,
        "the card's record passes 256 bytes"
    );
    let (one, other) = (
        town.keyed("twin-first").unwrap(),
        town.keyed("twin-second").unwrap(),
    );
    assert_eq!(one.address, other.address);
    assert_eq!(one.head().name, other.head().name);
    assert_ne!(one.number, other.number);
}

#[test]
fn cards_bear_what_the_register_says() {
    let town = town();
    let cards = card::cards(&town).unwrap();
    assert!(cards.len() >= 20);
    let (table, list) = (card::table(&cards), card::list(&cards));
    assert_eq!(table.lines().count(), cards.len() + 1);
    assert_eq!(list.as_array().map(Vec::len), Some(cards.len()));
    assert_eq!(list[0]["pin"], "1234");
    for card in &cards {
        let Some(key) = &card.household else {
            assert_eq!(card.name, "unknown-resident");
            assert!(
                !town
                    .households
                    .iter()
                    .any(|h| h.address == card.items.address)
            );
            continue;
        };
        let household = town.keyed(key).unwrap();
        let holder = household
            .persons
            .iter()
            .find(|p| p.name == card.items.name)
            .unwrap();
        assert!(holder.birth_date == card.items.birth_date && holder.sex == card.items.sex);
        assert_eq!(household.address, card.items.address);
        assert_eq!(holder.facts.my_number_card, Some(true), "{}", card.name);
        assert!(holder.deceased_on.is_none(), "{}", card.name);
        let place = household
            .persons
            .iter()
            .position(|p| p.name == holder.name)
            .unwrap();
        assert!(
            household.persons.len() > place && usual_visitor(household) < household.persons.len()
        );
    }
}
