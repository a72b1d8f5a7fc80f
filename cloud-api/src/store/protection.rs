//! Which applications the core system is still to be asked about (支援措置), and what it said. The turn is taken in the store, so
//! that of several replicas one asks, and a restart forgets no question.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use super::audit::note;
use super::{ApplicationRow, Store, StoreError, parsed, writing};
use crate::audit::Note;
use crate::inbox::Protection;

/// After the receipt, so that nothing of the lookup happens while the kiosk waits for it.
const AFTER_RECEIPT: SignedDuration = SignedDuration::from_secs(1);

/// What is true of an application that is held back from machines; [`Protection::holds`] in SQL.
pub(super) const HELD: &str = "protection IN ('waiting', 'found')";

/// A turn to ask about one application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lookup {
    /// Which.
    pub application: ApplicationId,
    /// How often it was tried, this time included.
    pub tries: i64,
}

impl Store {
    /// Takes the turn to ask about the application that is due longest; it is due again after `turn`, should nobody say how it
    /// ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_lookup(
        &self,
        tenant: &TenantCode,
        now: Timestamp,
        turn: SignedDuration,
    ) -> Result<Option<Lookup>, StoreError> {
        let take = format!(
            "UPDATE applications SET lookup_due = $3, lookup_tries = lookup_tries + 1 WHERE tenant = $1 AND id = \
             (SELECT id FROM applications WHERE tenant = $1 AND protection = 'waiting' AND lookup_due <= $2 AND received_at <= $4 \
             ORDER BY lookup_due, received_at, id LIMIT 1{}) RETURNING id, lookup_tries",
            self.skip_locked()
        );
        let found: Option<(String, i64)> = writing!(self, tenant, on => sqlx::query_as(AssertSqlSafe(take))
            .bind(tenant.as_str())
            .bind(now.as_millisecond())
            .bind((now + turn).as_millisecond())
            .bind((now - AFTER_RECEIPT).as_millisecond())
            .fetch_optional(&mut *on)
            .await?);
        found
            .map(|(id, tries)| {
                let application = ApplicationId(parsed("applications", &id)?);
                Ok(Lookup { application, tries })
            })
            .transpose()
    }

    /// Asks again at this time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone_lookup(
        &self,
        tenant: &TenantCode,
        lookup: Lookup,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, tenant, on => sqlx::query(
            "UPDATE applications SET lookup_due = $4 WHERE tenant = $1 AND id = $2 AND lookup_tries = $3 AND protection = 'waiting'",
        )
        .bind(tenant.as_str())
        .bind(lookup.application.to_string())
        .bind(lookup.tries)
        .bind(due.as_millisecond())
        .execute(&mut *on)
        .await
        .map(drop)?);
        Ok(())
    }

    /// Keeps what is known now; `false` when it is no longer as `row` has it: somebody else was first, or a correction came
    /// between, about which nobody has been asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_protection(
        &self,
        tenant: &TenantCode,
        row: &ApplicationRow,
        to: Protection,
        note: &Note,
    ) -> Result<bool, StoreError> {
        Ok(writing!(self, tenant, on => {
            let settled = sqlx::query(
                "UPDATE applications SET protection = $1 WHERE tenant = $2 AND id = $3 AND protection = $4 AND revision = $5",
            )
            .bind(to.as_str())
            .bind(tenant.as_str())
            .bind(row.id.to_string())
            .bind(row.protection.as_str())
            .bind(row.revision)
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if settled {
                note!(on, tenant, note);
            }
            settled
        }))
    }

    /// Lets what nobody was asked about wait for an answer, but for what is done; gives how many these are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_unasked(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        Ok(writing!(self, tenant, on => sqlx::query(
            "UPDATE applications SET protection = 'waiting', lookup_due = 0 WHERE tenant = $1 AND protection = 'unasked' \
             AND state IN ('received', 'confirmed', 'returned')",
        )
        .bind(tenant.as_str())
        .execute(&mut *on)
        .await?
        .rows_affected()))
    }

    /// Lets go of what waits for an answer: there is nobody to give one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_no_more(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        Ok(writing!(self, tenant, on => sqlx::query(
            "UPDATE applications SET protection = 'unasked' WHERE tenant = $1 AND protection = 'waiting'",
        )
        .bind(tenant.as_str())
        .execute(&mut *on)
        .await?
        .rows_affected()))
    }
}
