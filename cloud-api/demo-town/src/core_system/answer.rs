//! Requests and answers of the interface.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::facts::is_head;
use crate::resident::{Household, HouseholdFacts, PersonFacts, Resident};

/// The four items of a card. No Debug: they are people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindRequest {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) birth_date: Date,
    pub(super) sex: SexDigit,
}

/// Somebody as an application names them. No Debug: it is a person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtectedRequest {
    pub(super) name: String,
    #[serde(default)]
    pub(super) birth_date: Option<Date>,
}

#[derive(Serialize)]
pub(super) struct ProtectedAnswer {
    pub(super) protected: bool,
}

/// The card's digit.
#[derive(Deserialize, Clone, Copy)]
pub(super) enum SexDigit {
    #[serde(rename = "1")]
    Male,
    #[serde(rename = "2")]
    Female,
    #[serde(rename = "3", alias = "9", alias = "0")]
    NotApplicable,
}

impl SexDigit {
    pub(super) fn digit(self) -> char {
        match self {
            Self::Male => '1',
            Self::Female => '2',
            Self::NotApplicable => '9',
        }
    }
}

#[derive(Serialize)]
pub(super) struct FindAnswer {
    pub(super) matches: Vec<Match>,
}

#[derive(Serialize)]
pub(super) struct Match {
    pub(super) resident: String,
    pub(super) household: String,
}

/// The answer for a household.
#[derive(Serialize)]
pub(super) struct HouseholdAnswer<'a> {
    address: Address<'a>,
    household: &'a HouseholdFacts,
    persons: Vec<Person<'a>>,
}

#[derive(Serialize)]
struct Address<'a> {
    postal_code: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    building: Option<&'a str>,
    kana: &'a str,
}

#[derive(Serialize)]
struct Person<'a> {
    resident: &'a str,
    name: &'a str,
    name_kana: &'a str,
    birth_date: Date,
    sex: String,
    relationship: &'a str,
    head_of_household: bool,
    protected: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    certificates: &'a [String],
    #[serde(flatten)]
    facts: &'a PersonFacts,
}

impl<'a> HouseholdAnswer<'a> {
    /// `links` has the serial numbers of certificates by 宛名番号.
    pub(super) fn new(household: &'a Household, links: &'a BTreeMap<String, Vec<String>>) -> Self {
        let (text, building) = match household.address.split_once('　') {
            Some((text, building)) => (text, Some(building)),
            None => (household.address.as_str(), None),
        };
        Self {
            address: Address {
                postal_code: &household.postal_code,
                text,
                building,
                kana: &household.address_kana,
            },
            household: &household.facts,
            persons: household
                .persons
                .iter()
                .filter(|person| person.deceased_on.is_none())
                .map(|resident| person(resident, links))
                .collect(),
        }
    }
}

fn person<'a>(resident: &'a Resident, links: &'a BTreeMap<String, Vec<String>>) -> Person<'a> {
    let certificates = links.get(&resident.number).map_or(&[][..], Vec::as_slice);
    Person {
        resident: &resident.number,
        name: &resident.name,
        name_kana: &resident.kana,
        birth_date: resident.birth_date,
        sex: resident.sex.digit().to_string(),
        relationship: &resident.relationship,
        head_of_household: is_head(resident),
        protected: resident.protected,
        certificates,
        facts: &resident.facts,
    }
}
