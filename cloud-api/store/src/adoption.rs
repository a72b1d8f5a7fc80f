//! Rows and entries that an older program stored get their tags, once: from then on nothing in the database is believed
//! without one.

use jiff::Timestamp;
use kiosk_api::TenantCode;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::application_row::{COLUMNS, Whole};
use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::connection::Connection;
use crate::query::query;
use crate::revisions::Corrected;
use crate::row_tag::{envelope_digest, keep_row, tag_of_revision};
use crate::tagged::TABLES;
use crate::{Realm, Store, StoreError};

/// Rows of one question; each brings its envelope.
const AT_ONCE: i64 = 100;

/// What was found without tags and got them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Adopted {
    /// Applications.
    pub applications: u64,
    /// Corrections.
    pub revisions: u64,
    /// People, sessions and machine clients with what is theirs.
    pub accounts: u64,
    /// Entries of the trail; they stay as they are, and the first one with a tag covers them.
    pub entries: i64,
}

impl Store {
    /// Gives what an older program stored for a realm its tags, and notes in the trail how much that was. `None` when there was
    /// nothing, or when the realm's trail has tags already: then a row without one is somebody else's.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is kept then.
    pub async fn adopt(
        &self,
        realm: &Realm,
        now: Timestamp,
    ) -> Result<Option<Adopted>, StoreError> {
        if self.keys.of(realm).is_none() {
            return Ok(None);
        }
        let mut connection = self.write(realm).await?;
        // Of two processes that start at once, one goes first.
        let lock = query("UPDATE audit_heads SET seq = seq WHERE tenant = $1").bind(realm);
        connection.execute(lock).await?;
        if has_tags(&mut connection, realm).await? {
            return Ok(None);
        }
        let mut adopted = Adopted {
            entries: count_entries(&mut connection, realm).await?,
            ..Adopted::default()
        };
        if let Realm::Town(tenant) = realm {
            adopted.applications = adopt_applications(&mut connection, tenant).await?;
            adopted.revisions = adopt_revisions(&mut connection, tenant).await?;
        }
        for table in TABLES {
            adopted.accounts += connection.keep_all(realm, table).await?;
        }
        if adopted == Adopted::default() {
            return Ok(None);
        }
        let record = AuditRecord::new(now, Actor::Service, AuditEvent::Authenticated).with(json!({
            "applications": adopted.applications, "revisions": adopted.revisions, "accounts": adopted.accounts, "entries": adopted.entries,
        }));
        audit::append(&mut connection, realm, &record).await?;
        connection.commit().await?;
        Ok(Some(adopted))
    }
}

async fn has_tags(connection: &mut Connection, realm: &Realm) -> Result<bool, StoreError> {
    // An entry that gave tags says that there were some, whoever took its own away.
    let tagged =
        query("SELECT seq FROM audit WHERE tenant = $1 AND (tag IS NOT NULL OR deed = $2) LIMIT 1")
            .bind(realm)
            .bind(AuditEvent::Authenticated.as_str());
    let found: Option<i64> = connection.fetch_value(tagged).await?;
    Ok(found.is_some())
}

async fn count_entries(connection: &mut Connection, realm: &Realm) -> Result<i64, StoreError> {
    let count = query("SELECT count(*) FROM audit WHERE tenant = $1");
    connection.fetch_one(count.bind(realm)).await
}

async fn adopt_applications(
    connection: &mut Connection,
    tenant: &TenantCode,
) -> Result<u64, StoreError> {
    let (mut adopted, mut after) = (0, String::new());
    loop {
        let sql = format!(
            "SELECT {COLUMNS}, envelope FROM applications WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"
        );
        let some = query(AssertSqlSafe(sql))
            .bind(tenant)
            .bind(after.as_str())
            .bind(AT_ONCE);
        let some: Vec<Whole> = connection.fetch_all(some).await?;
        let Some(Whole(last, _)) = some.last() else {
            return Ok(adopted);
        };
        after = last.id.to_string();
        for Whole(mut row, envelope) in some {
            row.proof.digest = Some(envelope_digest(&envelope));
            keep_row(connection, tenant, &row).await?;
            adopted += 1;
        }
    }
}

async fn adopt_revisions(
    connection: &mut Connection,
    tenant: &TenantCode,
) -> Result<u64, StoreError> {
    let all = query(
        "SELECT application, revision, staff, made_at, envelope, tag FROM application_revisions WHERE tenant = $1",
    );
    let all: Vec<Corrected> = connection.fetch_all(all.bind(tenant)).await?;
    let mut adopted = 0;
    for Corrected(application, revision) in all {
        let keys = connection.keys.of(tenant);
        let tag = keys.map(|keys| tag_of_revision(keys, tenant, application, &revision));
        let update = query(
            "UPDATE application_revisions SET tag = $4 WHERE tenant = $1 AND application = $2 AND revision = $3",
        )
        .bind(tenant)
        .bind(application)
        .bind(revision.number)
        .bind(tag.as_ref().map(<[u8; 32]>::as_slice));
        connection.execute(update).await?;
        adopted += 1;
    }
    Ok(adopted)
}
