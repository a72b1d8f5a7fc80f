//! The audit trail's rows. A change and its note are written in one transaction: neither stands without the other.

use super::{Realm, Store, StoreError, reading, writing};
use crate::audit::{Entry, GENESIS, Hash, Note, link};

/// Adds notes to the trail, in their order, on a connection that is already in its realm's transaction. The head's row is
/// locked by its upsert, so that writers of one realm follow each other.
macro_rules! notes {
    // `match`, so that what the arguments borrow lives as long as this.
    ($on:expr, $realm:expr, $notes:expr) => { match ($crate::store::scope::Scope::scope($realm), $notes) { (realm, notes) => {
        let notes: &[$crate::audit::Note] = notes;
        let (last, previous): (i64, Vec<u8>) = sqlx::query_as(
            "INSERT INTO audit_heads (tenant, seq, hash) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant) DO UPDATE SET seq = audit_heads.seq + $2 RETURNING seq, hash",
        )
        .bind(realm)
        .bind($crate::store::audit::count(notes))
        .bind($crate::audit::GENESIS.0.to_vec())
        .fetch_one(&mut *$on)
        .await?;
        let entries = $crate::store::audit::entries(realm, last, &previous, notes)?;
        let insert = format!(
            "INSERT INTO audit (tenant, seq, at, actor_kind, actor, deed, object, detail, previous, hash) VALUES {}",
            $crate::store::rows(entries.len(), 10)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(insert));
        let mut head = previous;
        for entry in entries {
            head = entry.hash.0.to_vec();
            query = query
                .bind(entry.tenant)
                .bind(entry.seq)
                .bind(entry.at)
                .bind(entry.actor_kind)
                .bind(entry.actor)
                .bind(entry.deed)
                .bind(entry.object)
                .bind(entry.detail)
                .bind(entry.previous.0.to_vec())
                .bind(entry.hash.0.to_vec());
        }
        query.execute(&mut *$on).await?;
        sqlx::query("UPDATE audit_heads SET hash = $1 WHERE tenant = $2")
            .bind(head)
            .bind(realm)
            .execute(&mut *$on)
            .await?;
    }}};
}

/// Adds one note.
macro_rules! note {
    ($on:expr, $realm:expr, $note:expr) => {
        $crate::store::audit::notes!($on, $realm, std::slice::from_ref($note))
    };
}

pub(crate) use {note, notes};

pub(crate) fn count(notes: &[Note]) -> i64 {
    i64::try_from(notes.len()).unwrap_or(i64::MAX)
}

/// The entries that notes become; the last of them has the number `last`.
pub(crate) fn entries(
    realm: &str,
    last: i64,
    previous: &[u8],
    notes: &[Note],
) -> Result<Vec<Entry>, StoreError> {
    let (mut previous, first) = (hash(previous)?, last - count(notes) + 1);
    let chain = (first..).zip(notes).map(|(seq, note)| {
        let (actor_kind, actor) = note.actor.words();
        let mut entry = Entry {
            tenant: realm.to_owned(),
            seq,
            at: note.at.as_millisecond(),
            actor_kind: actor_kind.to_owned(),
            actor: actor.to_owned(),
            deed: note.deed.as_str().to_owned(),
            object: note.object.clone(),
            detail: note.detail.to_string(),
            previous,
            hash: GENESIS,
        };
        entry.hash = link(&entry);
        previous = entry.hash;
        entry
    });
    Ok(chain.collect())
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map(Hash).map_err(|_| StoreError::Row {
        table: "audit",
        reason: "a hash is not 32 bytes".to_owned(),
    })
}

type Columns = (
    i64,
    i64,
    String,
    String,
    String,
    String,
    String,
    Vec<u8>,
    Vec<u8>,
);

fn row(realm: &Realm, columns: Columns) -> Result<Entry, StoreError> {
    let (seq, at, actor_kind, actor, deed, object, detail, previous, own) = columns;
    Ok(Entry {
        tenant: realm.as_str().to_owned(),
        seq,
        at,
        actor_kind,
        actor,
        deed,
        object,
        detail,
        previous: hash(&previous)?,
        hash: hash(&own)?,
    })
}

/// Which entries are wanted; everything that is given must hold.
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
    /// This deed.
    pub deed: Option<String>,
}

impl Store {
    /// Adds a note that goes with no change, e.g. that something was looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note(&self, realm: &Realm, note: &Note) -> Result<(), StoreError> {
        writing!(self, realm, on => note!(on, realm, note));
        Ok(())
    }

    /// Entries from this number on, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trail(
        &self,
        realm: &Realm,
        from: i64,
        most: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Columns> = reading!(self, realm, on => sqlx::query_as(
            "SELECT seq, at, actor_kind, actor, deed, object, detail, previous, hash FROM audit \
             WHERE tenant = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
        )
        .bind(realm.as_str())
        .bind(from)
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter()
            .map(|columns| row(realm, columns))
            .collect()
    }

    /// The newest entries that match, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn search_trail(
        &self,
        realm: &Realm,
        filter: &TrailFilter,
        most: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Columns> = reading!(self, realm, on => sqlx::query_as(
            "SELECT seq, at, actor_kind, actor, deed, object, detail, previous, hash FROM audit \
             WHERE tenant = $1 AND at >= $2 AND at < $3 \
             AND (CAST($4 AS TEXT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR object = $5) \
             AND (CAST($6 AS TEXT) IS NULL OR deed = $6) ORDER BY seq DESC LIMIT $7",
        )
        .bind(realm.as_str())
        .bind(filter.from.unwrap_or(i64::MIN))
        .bind(filter.until.unwrap_or(i64::MAX))
        .bind(filter.actor.clone())
        .bind(filter.object.clone())
        .bind(filter.deed.clone())
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter()
            .map(|columns| row(realm, columns))
            .collect()
    }
}
