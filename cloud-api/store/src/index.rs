//! What is kept beside a sealed application, so that it can be listed and searched without being opened.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::connection::Connection;
use crate::query::{placeholders, query};

/// The columns beside an envelope. No Debug: names are people, if only to who has the key.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// The earliest due date of its plan, ISO.
    pub due: Option<String>,
    /// Counters that its plan names, by id.
    pub counters: BTreeSet<String>,
    /// Its people's names, sealed by whoever has the town's key.
    pub names: Vec<u8>,
}

impl Index {
    /// Counters as one column: ` a b `, so that one can be looked for between spaces.
    pub(crate) fn counters_column(&self) -> String {
        if self.counters.is_empty() {
            return String::new();
        }
        let words: Vec<&str> = self.counters.iter().map(String::as_str).collect();
        format!(" {} ", words.join(" "))
    }
}

/// Rows of one statement; SQLite takes 32,766 values.
const AT_ONCE: usize = 4_000;

/// Keeps the names of a town's applications, in place of those that are there.
pub(crate) async fn keep_names(
    connection: &mut Connection,
    tenant: &TenantCode,
    names: &[(ApplicationId, Timestamp, &[u8])],
) -> Result<(), StoreError> {
    for some in names.chunks(AT_ONCE) {
        let sql = format!(
            "INSERT INTO application_people (tenant, received_at, application, names) VALUES {} \
             ON CONFLICT (tenant, received_at, application) DO UPDATE SET names = excluded.names",
            placeholders(some.len(), 4)
        );
        let insert = query(AssertSqlSafe(sql));
        let insert = some.iter().fold(insert, |insert, (id, at, names)| {
            insert.bind(tenant).bind(*at).bind(*id).bind(*names)
        });
        connection.execute(insert).await?;
    }
    Ok(())
}
