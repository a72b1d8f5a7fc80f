//! About which applications the core system is still to be asked (支援措置), and what it answered. The turn is taken in the
//! store, so that of several replicas one asks, and a restart forgets no question.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::audit::AuditRecord;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{ApplicationRow, Protection, Store, StoreError};

/// After the receipt, so that nothing of the lookup happens while the kiosk waits for it.
const AFTER_RECEIPT: SignedDuration = SignedDuration::from_secs(1);

/// What is true of an application that is held back from machines; [`Protection::holds_back`] in SQL.
pub(crate) const HELD_BACK: &str = "protection IN ('waiting', 'found')";

/// A turn to ask about one application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lookup {
    /// Which.
    pub application: ApplicationId,
    /// How often it was tried, this time included.
    pub tries: i64,
}

impl FromRow for Lookup {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            application: row.application_id("id")?,
            tries: row.get("lookup_tries")?,
        })
    }
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
            self.database.skip_locked()
        );
        let take = query(AssertSqlSafe(take))
            .bind(tenant)
            .bind(now)
            .bind(now + turn)
            .bind(now - AFTER_RECEIPT);
        self.change(tenant, take).await
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
        let postpone = query(
            "UPDATE applications SET lookup_due = $4 WHERE tenant = $1 AND id = $2 AND lookup_tries = $3 AND protection = 'waiting'",
        )
        .bind(tenant)
        .bind(lookup.application)
        .bind(lookup.tries)
        .bind(due);
        self.execute(tenant, postpone).await.map(drop)
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
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let settle = query(
            "UPDATE applications SET protection = $1 WHERE tenant = $2 AND id = $3 AND protection = $4 AND revision = $5",
        )
        .bind(to.as_str())
        .bind(tenant)
        .bind(row.id)
        .bind(row.protection.as_str())
        .bind(row.revision);
        self.execute_recorded(tenant, settle, record).await
    }

    /// Lets every application about which nobody was asked wait for an answer, unless it is done; gives how many these are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue_lookups(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        let queue = query(
            "UPDATE applications SET protection = 'waiting', lookup_due = 0 WHERE tenant = $1 AND protection = 'unasked' \
             AND state IN ('received', 'confirmed', 'returned')",
        )
        .bind(tenant);
        self.execute(tenant, queue).await
    }

    /// Lets no application wait for an answer any more: the town has no core system that could give one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel_lookups(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        let cancel = query(
            "UPDATE applications SET protection = 'unasked' WHERE tenant = $1 AND protection = 'waiting'",
        )
        .bind(tenant);
        self.execute(tenant, cancel).await
    }
}
