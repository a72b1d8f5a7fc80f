//! An entry of the trail as a row.

use super::chain::{Entry, Hash};
use crate::StoreError;
use crate::row::{FromRow, Row};

pub(super) const COLUMNS: &str =
    "tenant, seq, at, actor_kind, actor, deed, object, detail, previous, hash, tag";

impl FromRow for Entry {
    const TABLE: &'static str = "audit";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: row.get("tenant")?,
            seq: row.get("seq")?,
            at: row.get("at")?,
            actor_kind: row.get("actor_kind")?,
            actor: row.get("actor")?,
            event: row.get("deed")?,
            object: row.get("object")?,
            detail: row.get("detail")?,
            previous: hash(row, "previous")?,
            hash: hash(row, "hash")?,
            tag: row
                .get::<Option<Vec<u8>>>("tag")?
                .map(|bytes| of_32(row, bytes))
                .transpose()?,
        })
    }
}

pub(super) fn hash(row: &Row, column: &str) -> Result<Hash, StoreError> {
    of_32(row, row.get(column)?)
}

fn of_32(row: &Row, bytes: Vec<u8>) -> Result<Hash, StoreError> {
    let bytes = bytes.try_into();
    bytes
        .map(Hash)
        .map_err(|_| row.unreadable("a hash is not 32 bytes"))
}
