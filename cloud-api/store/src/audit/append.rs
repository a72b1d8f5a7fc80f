//! Adding to the trail. A change and its record are written in one transaction: neither is kept without the other.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::chain::{Entry, GENESIS, Hash, link};
use super::entry_row::{COLUMNS, hash};
use super::record::AuditRecord;
use crate::connection::Connection;
use crate::query::{placeholders, query};
use crate::realm::TenantScope;
use crate::row::{FromRow, Row};
use crate::{RealmKeys, StoreError};

/// The last number and hash of a realm's chain.
struct Head {
    seq: i64,
    hash: Hash,
}

impl FromRow for Head {
    const TABLE: &'static str = "audit_heads";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.get("seq")?,
            hash: hash(row, "hash")?,
        })
    }
}

/// Adds records to the trail, in their order, in the transaction of the change that they tell of. The head's row is locked by
/// its upsert, so that writers of one realm follow each other.
pub(crate) async fn append_all(
    connection: &mut Connection,
    scope: &(impl TenantScope + ?Sized),
    records: &[AuditRecord],
) -> Result<(), StoreError> {
    let Some(mut head) = take_numbers(connection, scope, records.len()).await? else {
        return Ok(());
    };
    let keys = Arc::clone(&connection.keys);
    let entries = chained(keys.of(scope), scope.tenant(), &mut head, records);
    let insert = format!(
        "INSERT INTO audit ({COLUMNS}) VALUES {}",
        placeholders(entries.len(), 11)
    );
    let mut insert = query(AssertSqlSafe(insert));
    for entry in entries {
        insert = insert
            .bind(entry.tenant)
            .bind(entry.seq)
            .bind(entry.at)
            .bind(entry.actor_kind)
            .bind(entry.actor)
            .bind(entry.event)
            .bind(entry.object)
            .bind(entry.detail)
            .bind(&entry.previous.0)
            .bind(&entry.hash.0)
            .bind(entry.tag.as_ref().map(|tag| tag.0.as_slice()));
    }
    connection.execute(insert).await?;
    let new_head = query("UPDATE audit_heads SET hash = $1 WHERE tenant = $2")
        .bind(&head.hash.0)
        .bind(scope.tenant());
    connection.execute(new_head).await?;
    Ok(())
}

/// Adds one record, as [`append_all`] does.
pub(crate) async fn append(
    connection: &mut Connection,
    scope: &(impl TenantScope + ?Sized),
    record: &AuditRecord,
) -> Result<(), StoreError> {
    append_all(connection, scope, std::slice::from_ref(record)).await
}

/// Takes so many numbers of the realm's chain; gives its head before them.
async fn take_numbers(
    connection: &mut Connection,
    scope: &(impl TenantScope + ?Sized),
    count: usize,
) -> Result<Option<Head>, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let upsert = "INSERT INTO audit_heads (tenant, seq, hash) VALUES ($1, $2, $3) \
                  ON CONFLICT (tenant) DO UPDATE SET seq = audit_heads.seq + $2 RETURNING seq, hash";
    let query = query(upsert)
        .bind(scope.tenant())
        .bind(count)
        .bind(&GENESIS.0);
    let head: Option<Head> = connection.fetch_optional(query).await?;
    Ok(head.map(|head| Head {
        seq: head.seq - count,
        ..head
    }))
}

/// The entries that records become after `head`, which moves to the last of them.
fn chained(
    keys: Option<&RealmKeys>,
    tenant: &str,
    head: &mut Head,
    records: &[AuditRecord],
) -> Vec<Entry> {
    let chain = records.iter().map(|record| {
        let (actor_kind, actor) = record.actor.words();
        let mut entry = Entry {
            tenant: tenant.to_owned(),
            seq: head.seq + 1,
            at: record.at.as_millisecond(),
            actor_kind: actor_kind.to_owned(),
            actor: actor.to_owned(),
            event: record.event.as_str().to_owned(),
            object: record.object.clone(),
            detail: record.detail.to_string(),
            previous: head.hash,
            hash: GENESIS,
            tag: None,
        };
        entry.hash = link(&entry);
        entry.tag = keys.map(|keys| Hash(keys.trail_tag(&entry.hash.0)));
        *head = Head {
            seq: entry.seq,
            hash: entry.hash,
        };
        entry
    });
    chain.collect()
}
