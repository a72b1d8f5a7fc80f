//! Tables that say who may do what: people, requests for rights, sessions, machine clients with their secrets and tokens. Each row
//! carries a tag over the columns that give a right, so that nobody gets one by writing to the database. An older row of the
//! same key that is put back has its tag, too: that is found by the trail alone.

use sqlx::AssertSqlSafe;

use crate::connection::Connection;
use crate::keys::{Parts, RealmKeys, Tag};
use crate::query::{Value, query};
use crate::row::{FromRow, Row};
use crate::{Realm, StoreError};

/// What a column holds; each may be NULL.
#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Text,
    Bytes,
}

use Kind::{Bytes, Integer, Text};

/// A table whose rows carry a tag.
pub(crate) struct Tagged {
    pub(crate) table: &'static str,
    /// What tells its rows apart within a realm; among `covered`.
    key: &'static [&'static str],
    /// What the tag covers, beside realm and table.
    covered: &'static [(&'static str, Kind)],
}

/// Not covered: what only says when, and the last used step of the second factor.
pub(crate) const STAFF: Tagged = Tagged {
    table: "staff",
    key: &["id"],
    covered: &[
        ("id", Text),
        ("login", Text),
        ("name", Text),
        ("roles", Text),
        ("granted", Text),
        ("withheld", Text),
        ("password", Text),
        ("totp", Bytes),
        ("subject", Text),
        ("enrolment", Bytes),
        ("enrolment_until", Integer),
        ("left_at", Integer),
        ("invited_by", Text),
        ("confirmation_number", Text),
    ],
};

pub(crate) const RIGHTS_REQUESTS: Tagged = Tagged {
    table: "rights_requests",
    key: &["person"],
    covered: &[
        ("person", Text),
        ("roles", Text),
        ("granted", Text),
        ("withheld", Text),
        ("asked_by", Text),
        ("asked_at", Integer),
    ],
};

/// Not covered: when it was last used.
pub(crate) const SESSIONS: Tagged = Tagged {
    table: "sessions",
    key: &["secret_hash"],
    covered: &[
        ("secret_hash", Bytes),
        ("staff", Text),
        ("stage", Text),
        ("csrf", Text),
        ("begun_at", Integer),
        ("address", Text),
        ("proven_at", Integer),
    ],
};

pub(crate) const CLIENTS: Tagged = Tagged {
    table: "clients",
    key: &["id"],
    covered: &[
        ("id", Text),
        ("name", Text),
        ("scopes", Text),
        ("created_at", Integer),
        ("revoked_at", Integer),
    ],
};

pub(crate) const CLIENT_SECRETS: Tagged = Tagged {
    table: "client_secrets",
    key: &["client", "id"],
    covered: &[
        ("client", Text),
        ("id", Text),
        ("secret_hash", Bytes),
        ("pickup", Bytes),
        ("pickup_until", Integer),
        ("confirmation_number", Text),
        ("asked_by", Text),
        ("created_at", Integer),
        ("expires_at", Integer),
    ],
};

pub(crate) const ACCESS_TOKENS: Tagged = Tagged {
    table: "access_tokens",
    key: &["token_hash"],
    covered: &[
        ("token_hash", Bytes),
        ("client", Text),
        ("scopes", Text),
        ("expires_at", Integer),
    ],
};

/// All of them.
pub(crate) const TABLES: [&Tagged; 6] = [
    &STAFF,
    &RIGHTS_REQUESTS,
    &SESSIONS,
    &CLIENTS,
    &CLIENT_SECRETS,
    &ACCESS_TOKENS,
];

impl Tagged {
    /// The columns that a statement must ask for so that its rows can be checked.
    pub(crate) fn columns(&self) -> String {
        let names = self.covered.iter().map(|(name, _)| *name);
        names.chain(["tag"]).collect::<Vec<_>>().join(", ")
    }

    /// Which rows: `tenant = $1 AND id = $2 …`.
    fn condition(&self) -> String {
        let keys = (2..)
            .zip(self.key)
            .map(|(n, key)| format!(" AND {key} = ${n}"));
        format!("tenant = $1{}", keys.collect::<String>())
    }

    fn value(&self, row: &Row, name: &str) -> Result<Value, StoreError> {
        let kind = self.covered.iter().find(|(column, _)| *column == name);
        Ok(match kind.map(|(_, kind)| kind) {
            Some(Integer) => Value::Integer(row.get(name)?),
            Some(Bytes) => Value::Bytes(row.get(name)?),
            Some(Text) | None => Value::Text(row.get(name)?),
        })
    }

    fn key_of(&self, row: &Row) -> Result<Vec<Value>, StoreError> {
        self.key.iter().map(|name| self.value(row, name)).collect()
    }

    fn parts(&self, realm: &Realm, row: &Row) -> Result<Parts, StoreError> {
        let start = Parts::of(self.table).number(1).text(realm.as_str());
        self.covered.iter().try_fold(start, |parts, (name, _)| {
            Ok(match self.value(row, name)? {
                Value::Integer(None) | Value::Text(None) | Value::Bytes(None) => parts.number(0),
                Value::Integer(Some(number)) => parts.number(1).number(number),
                Value::Text(Some(text)) => parts.number(1).text(&text),
                Value::Bytes(Some(bytes)) => parts.number(1).bytes(&bytes),
            })
        })
    }

    fn tag(&self, keys: &RealmKeys, realm: &Realm, row: &Row) -> Result<Tag, StoreError> {
        Ok(keys.row_tag(&self.parts(realm, row)?))
    }

    /// Whether this program wrote the row; without a key nothing is known against it.
    pub(crate) fn is_genuine(
        &self,
        keys: Option<&RealmKeys>,
        realm: &Realm,
        row: &Row,
    ) -> Result<bool, StoreError> {
        let Some(keys) = keys else { return Ok(true) };
        let tag: Option<Vec<u8>> = row.get("tag")?;
        Ok(keys.is_row_tag(&self.parts(realm, row)?, tag.as_deref()))
    }

    /// A key as people read it.
    fn shown(&self, row: &Row) -> Result<String, StoreError> {
        let shown = self.key_of(row)?.into_iter().map(|value| match value {
            Value::Text(text) => text.unwrap_or_default(),
            Value::Integer(number) => number.unwrap_or_default().to_string(),
            Value::Bytes(bytes) => {
                let bytes = bytes.unwrap_or_default();
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            }
        });
        Ok(shown.collect::<Vec<_>>().join(" "))
    }
}

impl Connection {
    /// The rows of a statement that this program wrote; another is as if it were not there.
    pub(crate) async fn genuine<R: FromRow>(
        &mut self,
        realm: &Realm,
        of: &Tagged,
        statement: String,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        let asked = values
            .into_iter()
            .fold(query(AssertSqlSafe(statement)), |asked, one| {
                asked.bind(one)
            });
        let rows = self.rows(asked, of.table).await?;
        let keys = self.keys.clone();
        let mut genuine = Vec::with_capacity(rows.len());
        for row in rows {
            if of.is_genuine(keys.of(realm), realm, &row)? {
                genuine.push(R::from_row(&row)?);
            } else {
                tracing::error!(%realm, table = of.table, key = of.shown(&row)?, "a row was changed in the database; it counts as missing");
            }
        }
        Ok(genuine)
    }

    /// Takes a row for a change: nobody else changes it before the transaction ends. `false` if it is not there.
    ///
    /// # Errors
    /// [`StoreError::AlteredAccount`]: a change would give it a tag that it must not have.
    pub(crate) async fn take(
        &mut self,
        realm: &Realm,
        of: &Tagged,
        key: &[Value],
    ) -> Result<bool, StoreError> {
        let (table, condition, columns) = (of.table, of.condition(), of.columns());
        // A change of nothing locks the row on both databases.
        let sql = format!("UPDATE {table} SET tag = tag WHERE {condition} RETURNING {columns}");
        let rows = self.rows(keyed(sql, realm, key), table).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let keys = self.keys.clone();
        if of.is_genuine(keys.of(realm), realm, row)? {
            Ok(true)
        } else {
            let key = of.shown(row)?;
            Err(StoreError::AlteredAccount { table, key })
        }
    }

    /// Gives a row that was taken or put in the tag of what is in it now.
    pub(crate) async fn keep(
        &mut self,
        realm: &Realm,
        of: &Tagged,
        key: &[Value],
    ) -> Result<(), StoreError> {
        let keys = self.keys.clone();
        let Some(keys) = keys.of(realm) else {
            return Ok(());
        };
        let (table, condition, columns) = (of.table, of.condition(), of.columns());
        let read = format!("SELECT {columns} FROM {table} WHERE {condition}");
        for row in self.rows(keyed(read, realm, key), table).await? {
            self.set_tag(realm, of, of.tag(keys, realm, &row)?, key)
                .await?;
        }
        Ok(())
    }

    /// Tags every row of a realm, whatever is in it.
    pub(crate) async fn keep_all(&mut self, realm: &Realm, of: &Tagged) -> Result<u64, StoreError> {
        let keys = self.keys.clone();
        let Some(keys) = keys.of(realm) else {
            return Ok(0);
        };
        let all = format!(
            "SELECT {} FROM {} WHERE tenant = $1",
            of.columns(),
            of.table
        );
        let mut count = 0;
        for row in self.rows(keyed(all, realm, &[]), of.table).await? {
            self.set_tag(realm, of, of.tag(keys, realm, &row)?, &of.key_of(&row)?)
                .await?;
            count += 1;
        }
        Ok(count)
    }

    /// The keys of rows that this program did not write.
    pub(crate) async fn altered(
        &mut self,
        realm: &Realm,
        of: &Tagged,
    ) -> Result<Vec<String>, StoreError> {
        let all = format!(
            "SELECT {} FROM {} WHERE tenant = $1",
            of.columns(),
            of.table
        );
        let keys = self.keys.clone();
        let mut altered = Vec::new();
        for row in self.rows(keyed(all, realm, &[]), of.table).await? {
            if !of.is_genuine(keys.of(realm), realm, &row)? {
                altered.push(of.shown(&row)?);
            }
        }
        Ok(altered)
    }

    async fn set_tag(
        &mut self,
        realm: &Realm,
        of: &Tagged,
        tag: Tag,
        key: &[Value],
    ) -> Result<(), StoreError> {
        let last = key.len() + 2;
        let sql = format!(
            "UPDATE {} SET tag = ${last} WHERE {}",
            of.table,
            of.condition()
        );
        self.execute(keyed(sql, realm, key).bind(tag.as_slice()))
            .await
            .map(drop)
    }
}

fn keyed(sql: String, realm: &Realm, key: &[Value]) -> crate::query::Query {
    let asked = query(AssertSqlSafe(sql)).bind(realm);
    key.iter().cloned().fold(asked, crate::query::Query::bind)
}
