//! What is kept beside a sealed application, so that it can be listed and searched without being opened.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::connection::Connection;
use crate::query::{placeholders, query};

/// The columns beside an envelope. No Debug: tokens are of people, if only to who has the key.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// The earliest due date of its plan, ISO.
    pub due: Option<String>,
    /// Counters that its plan names, by id.
    pub counters: BTreeSet<String>,
    /// What its people's names are found by: keyed hashes.
    pub names: BTreeSet<Vec<u8>>,
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

    /// The rows that make an application of this index findable by name.
    pub(crate) fn names_of(&self, application: ApplicationId, at: Timestamp) -> Vec<NameRow> {
        let row = |token: &Vec<u8>| NameRow {
            token: token.clone(),
            received_at: at,
            application,
        };
        self.names.iter().map(row).collect()
    }
}

/// One name token of one application.
pub(crate) struct NameRow {
    token: Vec<u8>,
    received_at: Timestamp,
    application: ApplicationId,
}

/// Rows of one statement; SQLite takes 32,766 values.
const AT_ONCE: usize = 4_000;

/// Adds name tokens of a town's applications; those that are there already stay.
pub(crate) async fn insert_names(
    connection: &mut Connection,
    tenant: &TenantCode,
    names: &[NameRow],
) -> Result<(), StoreError> {
    for some in names.chunks(AT_ONCE) {
        let sql = format!(
            "INSERT INTO application_names (tenant, token, received_at, application) VALUES {} ON CONFLICT DO NOTHING",
            placeholders(some.len(), 4)
        );
        let insert = some.iter().fold(query(AssertSqlSafe(sql)), |insert, name| {
            insert
                .bind(tenant)
                .bind(name.token.as_slice())
                .bind(name.received_at)
                .bind(name.application)
        });
        connection.execute(insert).await?;
    }
    Ok(())
}
