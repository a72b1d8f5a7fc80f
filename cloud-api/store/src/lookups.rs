//! About which applications the core system is still to be asked (支援措置), and what it answered. The turn is taken in the
//! store, so that of several replicas one asks, and a restart forgets no question.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::Id;
use crate::audit::{self, AuditRecord};
use crate::connection::Connection;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::row_tag::{keep_row, take_row};
use crate::{ApplicationRow, Protection, Realm, RealmKeys, Store, StoreError};

/// After the receipt, so that nothing of the lookup happens while the kiosk waits for it.
const AFTER_RECEIPT: SignedDuration = SignedDuration::from_secs(1);

/// Rows of one question.
const AT_ONCE: i64 = 200;

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
        let mut connection = self.write(tenant).await?;
        let taken = take_row(&mut connection, tenant, row.id).await?;
        let same =
            |now: &ApplicationRow| (now.protection, now.revision) == (row.protection, row.revision);
        let settled = taken.filter(same);
        if let Some(mut row) = settled.clone() {
            row.protection = to;
            keep_row(&mut connection, tenant, &row).await?;
            let record = unreadable(connection.keys.of(tenant), tenant, row.id, record);
            audit::append(&mut connection, tenant, &record).await?;
        }
        connection.commit().await?;
        Ok(settled.is_some())
    }

    /// What a token in the detail of an entry about an application stands for.
    #[must_use]
    pub fn answer_of(&self, realm: &Realm, application: &str, token: &str) -> Option<Protection> {
        let keys = self.keys.of(realm)?;
        let is = |one: &&Protection| {
            hexadecimal(&keys.token(realm.as_str(), application, one.as_str())) == token
        };
        Protection::ALL.iter().find(is).copied()
    }

    /// Lets every application about which nobody was asked wait for an answer, unless it is done; gives how many these are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue_lookups(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        let unasked = "protection = 'unasked' AND state IN ('received', 'confirmed', 'returned')";
        self.move_lookups(tenant, unasked, Protection::Waiting)
            .await
    }

    /// Lets no application wait for an answer any more: the town has no core system that could give one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel_lookups(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        self.move_lookups(tenant, "protection = 'waiting'", Protection::Unasked)
            .await
    }

    /// Gives every application that meets a condition this protection; what is altered stays as it is.
    async fn move_lookups(
        &self,
        tenant: &TenantCode,
        condition: &str,
        to: Protection,
    ) -> Result<u64, StoreError> {
        let (mut moved, mut after) = (0, String::new());
        loop {
            let mut connection = self.write(tenant).await?;
            let some = format!(
                "SELECT id FROM applications WHERE tenant = $1 AND id > $2 AND {condition} ORDER BY id LIMIT $3"
            );
            let some = query(AssertSqlSafe(some))
                .bind(tenant)
                .bind(after.as_str())
                .bind(AT_ONCE);
            let some: Vec<Id> = connection.fetch_all(some).await?;
            let Some(Id(last)) = some.last() else {
                return Ok(moved);
            };
            after = last.to_string();
            for Id(id) in some {
                moved += u64::from(ask_again(&mut connection, tenant, id, to).await?);
            }
            connection.commit().await?;
        }
    }
}

/// The record with the answer as a token: the trail, too, tells nobody without the key who is protected.
fn unreadable(
    keys: Option<&RealmKeys>,
    tenant: &TenantCode,
    id: ApplicationId,
    record: &AuditRecord,
) -> AuditRecord {
    let mut record = record.clone();
    let details = record.detail.as_object_mut();
    let values = details.into_iter().flat_map(|all| all.values_mut());
    for value in values {
        let word = value.as_str().and_then(Protection::from_word);
        if let Some((keys, word)) = keys.zip(word) {
            let token = keys.token(tenant.as_str(), &id.to_string(), word.as_str());
            *value = hexadecimal(&token).into();
        }
    }
    record
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn ask_again(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
    to: Protection,
) -> Result<bool, StoreError> {
    let mut row = match take_row(connection, tenant, id).await {
        Ok(Some(row)) => row,
        Ok(None) | Err(StoreError::Altered(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    row.protection = to;
    keep_row(connection, tenant, &row).await?;
    let due = query("UPDATE applications SET lookup_due = 0 WHERE tenant = $1 AND id = $2")
        .bind(tenant)
        .bind(id);
    connection.execute(due).await?;
    Ok(true)
}
