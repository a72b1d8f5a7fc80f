//! A core system in this process, from a JSON file: for demos, training and tests. Refuses what the real one refuses.

use std::collections::BTreeMap;

use kiosk_api::FourItems;
use thiserror::Error;

use super::matching::same_person;
use super::record::{Found, HouseholdRecord};
use super::{CoreSystem, Later, Named};

/// Why a file is not a register.
#[derive(Debug, Error)]
pub enum DemoError {
    /// Not `{ "household id": household, … }`.
    #[error("households: line {line} column {column}: {reason}")]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Why.
        reason: String,
    },
}

/// The register.
pub struct DemoCore(BTreeMap<String, HouseholdRecord>);

impl DemoCore {
    /// A register of these households, by 世帯番号.
    #[must_use]
    pub fn new(households: BTreeMap<String, HouseholdRecord>) -> Self {
        Self(households)
    }

    /// Reads `{ "H000001": household, … }`.
    ///
    /// # Errors
    /// Line, column and reason.
    pub fn from_json(text: &str) -> Result<Self, DemoError> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| DemoError::Malformed {
                line: error.line(),
                column: error.column(),
                reason: error.to_string(),
            })
    }
}

impl CoreSystem for DemoCore {
    fn find<'a>(&'a self, items: &'a FourItems) -> Later<'a, Vec<Found>> {
        Box::pin(async move {
            let matches = self.0.iter().flat_map(|(household, record)| {
                record
                    .persons
                    .iter()
                    .filter(|person| same_person(items, person, &record.address))
                    .map(|person| Found {
                        resident: person.resident.clone(),
                        household: household.clone(),
                    })
            });
            Ok(matches.collect())
        })
    }

    fn household<'a>(&'a self, id: &'a str) -> Later<'a, Option<HouseholdRecord>> {
        Box::pin(async move { Ok(self.0.get(id).cloned()) })
    }

    fn protects<'a>(&'a self, person: &'a Named) -> Later<'a, bool> {
        Box::pin(async move {
            let mut households = self.0.values();
            Ok(households.any(|household| {
                household.has_protected() && household.persons.iter().any(|one| person.may_be(one))
            }))
        })
    }
}
