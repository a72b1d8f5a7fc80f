//! Failed tries in the trail: the first of a window at once, so that an attack shows while it runs, and the number of the
//! others as one entry when the window has ended. A stranger makes the trail grow by two entries a window, not by one a try.

use jiff::Timestamp;
use serde_json::json;

use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::connection::Connection;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Realm, Store, StoreError};

/// Most windows of a realm that are open at once; what comes from elsewhere then is counted together.
const MOST_OPEN: i64 = 200;
/// Stands for every address, when there are too many.
const MANY_ADDRESSES: &str = "*";

/// What failed, and from where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedTry {
    /// How the trail names it.
    pub event: AuditEvent,
    /// What did not hold, as a word.
    pub reason: String,
    /// Whom it was about, by id; empty if nobody has that name.
    pub object: String,
    /// Network address; empty for who sits at the machine itself.
    pub address: String,
}

/// A window with what it counted after the first.
struct Window {
    failed: FailedTry,
    begun_at: Timestamp,
    more: i64,
}

impl FromRow for Window {
    const TABLE: &'static str = "failed_tries";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            failed: FailedTry {
                event: row.word("event", AuditEvent::from_word)?,
                reason: row.get("reason")?,
                object: row.get("object")?,
                address: row.get("address")?,
            },
            begun_at: row.time("begun_at")?,
            more: row.get("more")?,
        })
    }
}

impl FailedTry {
    fn record(&self, now: Timestamp, times: i64, since: Option<Timestamp>) -> AuditRecord {
        let mut detail = json!({ "by": self.reason, "times": times });
        if !self.address.is_empty() {
            detail["address"] = self.address.as_str().into();
        }
        if let Some(since) = since {
            detail["since"] = since.to_string().into();
        }
        AuditRecord::new(now, Actor::Nobody, self.event)
            .about(&self.object)
            .with(detail)
    }
}

impl Store {
    /// Counts a failure; the first of its window is in the trail when this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_failed_try(
        &self,
        realm: &Realm,
        failed: &FailedTry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        let open = query("SELECT count(*) FROM failed_tries WHERE tenant = $1").bind(realm);
        let open: i64 = connection.fetch_one(open).await?;
        let mut failed = failed.clone();
        if open >= MOST_OPEN && !counts(&mut connection, realm, &failed).await? {
            failed.object.clear();
            MANY_ADDRESSES.clone_into(&mut failed.address);
        }
        let count = query(
            "INSERT INTO failed_tries (tenant, event, reason, object, address, begun_at, more) \
             VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (tenant, event, reason, object, address) \
             DO UPDATE SET more = failed_tries.more + 1 RETURNING more",
        );
        let count = bound(count.bind(realm), &failed).bind(now);
        if connection.fetch_one::<i64>(count).await? == 0 {
            let record = failed.record(now, 1, None);
            audit::append(&mut connection, realm, &record).await?;
        }
        connection.commit().await
    }

    /// Ends the windows that began before this time: their numbers go to the trail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_windows(
        &self,
        realm: &Realm,
        begun_before: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let due = query("SELECT count(*) FROM failed_tries WHERE tenant = $1 AND begun_at <= $2")
            .bind(realm)
            .bind(begun_before);
        if self.fetch_one::<i64>(realm, due).await? == 0 {
            return Ok(());
        }
        let mut connection = self.write(realm).await?;
        let ended = query(
            "DELETE FROM failed_tries WHERE tenant = $1 AND begun_at <= $2 \
             RETURNING event, reason, object, address, begun_at, more",
        )
        .bind(realm)
        .bind(begun_before);
        let ended: Vec<Window> = connection.fetch_all(ended).await?;
        let several = ended.iter().filter(|window| window.more > 0);
        let records: Vec<AuditRecord> = several
            .map(|window| {
                window
                    .failed
                    .record(now, window.more, Some(window.begun_at))
            })
            .collect();
        audit::append_all(&mut connection, realm, &records).await?;
        connection.commit().await
    }
}

fn bound(query: crate::query::Query, failed: &FailedTry) -> crate::query::Query {
    query
        .bind(failed.event.as_str())
        .bind(failed.reason.as_str())
        .bind(failed.object.as_str())
        .bind(failed.address.as_str())
}

/// Whether such failures have a window already.
async fn counts(
    connection: &mut Connection,
    realm: &Realm,
    failed: &FailedTry,
) -> Result<bool, StoreError> {
    let own = query(
        "SELECT count(*) FROM failed_tries WHERE tenant = $1 AND event = $2 AND reason = $3 AND object = $4 AND address = $5",
    );
    let own = bound(own.bind(realm), failed);
    Ok(connection.fetch_one::<i64>(own).await? > 0)
}
