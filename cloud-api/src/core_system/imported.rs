//! A core system that answers from the town's imported register in the store (docs/core-system-import.md).

use std::sync::Arc;

use cloud_store::{RegisterRows, Store, StoreError};
use kiosk_api::{FourItems, TenantCode};

use super::matching::same_person;
use super::record::{Found, HouseholdRecord};
use super::registered::{RegisterKeys, Registered};
use super::{CoreError, CoreSystem, Later, Named};

/// The member.
pub struct ImportedCore {
    store: Store,
    tenant: TenantCode,
    keys: Arc<RegisterKeys>,
}

impl ImportedCore {
    /// The register of a town.
    #[must_use]
    pub fn new(store: Store, tenant: TenantCode, keys: Arc<RegisterKeys>) -> Self {
        Self {
            store,
            tenant,
            keys,
        }
    }

    /// Opens rows, after a look at which key they were sealed with.
    fn open(&self, found: Result<RegisterRows, StoreError>) -> Result<Opened, CoreError> {
        let found = found.map_err(|error| {
            tracing::error!(%error, "imported register");
            CoreError::Unreachable
        })?;
        let wrong = |reason: &str| CoreError::WrongAnswer(reason.to_owned());
        let key_id = found
            .key_id
            .ok_or_else(|| wrong("no register has been imported yet"))?;
        if key_id != self.keys.key_id {
            return Err(wrong(
                "the register is sealed with another key; import it again",
            ));
        }
        let rows = found.rows.iter().map(|row| self.keys.open_row(row));
        Ok(Opened {
            rows: rows.collect::<Result<_, _>>()?,
            incomplete: found.incomplete,
        })
    }
}

struct Opened {
    rows: Vec<Registered>,
    incomplete: bool,
}

impl CoreSystem for ImportedCore {
    fn find<'a>(&'a self, items: &'a FourItems) -> Later<'a, Vec<Found>> {
        Box::pin(async move {
            let digest = self.keys.items(items);
            let opened = self.open(self.store.register_by_items(&self.tenant, &digest).await)?;
            let same = opened
                .rows
                .into_iter()
                .filter(|row| same_person(items, &row.person, &row.address));
            Ok(same
                .map(|row| Found {
                    resident: row.person.resident,
                    household: row.household,
                })
                .collect())
        })
    }

    fn household<'a>(&'a self, id: &'a str) -> Later<'a, Option<HouseholdRecord>> {
        Box::pin(async move {
            let digest = self.keys.household(id);
            let opened = self.open(self.store.register_household(&self.tenant, &digest).await)?;
            if opened.incomplete {
                let reason = "a row of the household was left out by the last import";
                return Err(CoreError::WrongAnswer(reason.to_owned()));
            }
            household(opened.rows)
        })
    }

    fn protects<'a>(&'a self, person: &'a Named) -> Later<'a, bool> {
        Box::pin(async move {
            let digest = self.keys.name(&person.name);
            let found = self.store.register_by_name(&self.tenant, &digest).await;
            let opened = self.open(found)?;
            if opened.incomplete {
                let reason = "an older program imported the register; import it whole once more";
                return Err(CoreError::WrongAnswer(reason.to_owned()));
            }
            let may_be = opened.rows.iter().filter(|row| person.may_be(&row.person));
            for row in may_be {
                let household = self.household(&row.household).await?;
                if household.is_some_and(|household| household.has_protected()) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}

/// A household from its residents' rows, which must agree on what they share.
fn household(rows: Vec<Registered>) -> Result<Option<HouseholdRecord>, CoreError> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else {
        return Ok(None);
    };
    let mut record = HouseholdRecord {
        status: first.status,
        address: first.address,
        household: first.household_facts,
        persons: vec![first.person],
    };
    for row in rows {
        let agrees = row.status == record.status
            && row.address == record.address
            && row.household_facts == record.household;
        if !agrees {
            let reason = "the rows of the household do not agree on its address or facts";
            return Err(CoreError::WrongAnswer(reason.to_owned()));
        }
        record.persons.push(row.person);
    }
    Ok(Some(record))
}
