//! Reading and searching the audit trail.

use sqlx::AssertSqlSafe;

use super::append::append;
use super::chain::Entry;
use super::entry_row::COLUMNS;
use super::record::AuditRecord;
use crate::query::{Query, Value, query};
use crate::realm::{Realm, TenantScope};
use crate::tagged::Tagged;
use crate::{Store, StoreError};

/// Which entries are searched for; everything that is given must match.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct TrailFilter {
    /// From this time on, in milliseconds.
    pub from: Option<i64>,
    /// Before this time, in milliseconds.
    pub until: Option<i64>,
    /// This person, client or kiosk.
    pub actor: Option<String>,
    /// This thing.
    pub object: Option<String>,
    /// This event, by its word.
    pub event: Option<String>,
}

/// Entries from this number on, in order.
pub(crate) fn entries_from(realm: &Realm, from: i64, limit: i64) -> Query {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE tenant = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
    );
    query(AssertSqlSafe(sql)).bind(realm).bind(from).bind(limit)
}

impl Store {
    /// Adds a record that goes with no change, e.g. that something was looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, realm: &Realm, record: &AuditRecord) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Entries from this number on, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trail(
        &self,
        realm: &Realm,
        from: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        self.fetch_all(realm, entries_from(realm, from, limit))
            .await
    }

    /// The last entry of a realm's trail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_entry(&self, realm: &Realm) -> Result<Option<Entry>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM audit WHERE tenant = $1 ORDER BY seq DESC LIMIT 1");
        let query = query(AssertSqlSafe(sql)).bind(realm);
        self.fetch_optional(realm, query).await
    }

    /// The newest entries that match, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn search_trail(
        &self,
        realm: &Realm,
        filter: &TrailFilter,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE tenant = $1 AND at >= $2 AND at < $3 \
             AND (CAST($4 AS TEXT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR object = $5) \
             AND (CAST($6 AS TEXT) IS NULL OR deed = $6) ORDER BY seq DESC LIMIT $7"
        );
        let query = query(AssertSqlSafe(sql))
            .bind(realm)
            .bind(filter.from.unwrap_or(i64::MIN))
            .bind(filter.until.unwrap_or(i64::MAX))
            .bind(filter.actor.as_deref())
            .bind(filter.object.as_deref())
            .bind(filter.event.as_deref())
            .bind(limit);
        self.fetch_all(realm, query).await
    }

    /// Changes one row of a table with tags, and keeps the entry, if there is one, with it. `false` if there was nothing to change.
    pub(crate) async fn change_tagged(
        &self,
        realm: &Realm,
        of: &Tagged,
        key: &[Value],
        change: Query,
        record: Option<&AuditRecord>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        if !connection.take(realm, of, key).await? || connection.execute(change).await? == 0 {
            return Ok(false);
        }
        connection.keep(realm, of, key).await?;
        if let Some(record) = record {
            append(&mut connection, realm, record).await?;
        }
        connection.commit().await?;
        Ok(true)
    }

    /// One statement that changes one row or none; if it did, the audit record is written with it. Gives whether it did.
    pub(crate) async fn execute_recorded(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(scope).await?;
        let changed = connection.execute(query).await? == 1;
        if changed {
            append(&mut connection, scope, record).await?;
        }
        connection.commit().await?;
        Ok(changed)
    }
}
