//! Machine clients (other services, robots), the scopes they may ask for, and their access tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::audit::{self, AuditRecord};
use crate::closed_list::closed_list;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::tagged::{ACCESS_TOKENS, CLIENTS};
use crate::{Realm, Store, StoreError};

closed_list! {
    /// What a client may ask for.
    Scope {
        /// Plans from facts.
        Guidance, "guidance";
        /// Applications, their values and papers.
        ApplicationsRead, "applications:read";
        /// Their status.
        ApplicationsWrite, "applications:write";
        /// The robots' queue.
        Jobs, "jobs";
        /// What the town's catalogue has.
        Catalogue, "catalogue";
        /// What happened to applications.
        Events, "events";
    }
}

/// A set of scopes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// From words parted by spaces; unknown ones give nothing.
    #[must_use]
    pub fn from_words(text: &str) -> Self {
        Self(text.split(' ').filter_map(Scope::from_word).collect())
    }

    /// Words parted by spaces.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        words.join(" ")
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// What is in both; all of these, if nothing was asked for.
    #[must_use]
    pub fn narrowed(&self, asked: Option<&str>) -> Self {
        match asked.map(Self::from_words) {
            None => self.clone(),
            Some(asked) => Self(self.0.intersection(&asked.0).copied().collect()),
        }
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// A machine client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its id (`client_id`).
    pub id: String,
    /// What it is, for people.
    pub name: String,
    /// The most that it may ask for.
    pub scopes: Scopes,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when no longer.
    pub revoked_at: Option<Timestamp>,
}

impl FromRow for Client {
    const TABLE: &'static str = "clients";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let scopes: String = row.get("scopes")?;
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            scopes: Scopes::from_words(&scopes),
            created_at: row.time("created_at")?,
            revoked_at: row.time_if_any("revoked_at")?,
        })
    }
}

/// Whose a token is, and what it allows.
struct Token {
    client: String,
    scopes: Scopes,
}

impl FromRow for Token {
    const TABLE: &'static str = "access_tokens";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let scopes: String = row.get("scopes")?;
        Ok(Self {
            client: row.get("client")?,
            scopes: Scopes::from_words(&scopes),
        })
    }
}

impl Store {
    /// The clients of a realm, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients(&self, realm: &Realm) -> Result<Vec<Client>, StoreError> {
        let columns = CLIENTS.columns();
        let sql =
            format!("SELECT {columns} FROM clients WHERE tenant = $1 ORDER BY created_at DESC, id");
        self.fetch_genuine(realm, &CLIENTS, sql, vec![realm.into()])
            .await
    }

    /// Revokes a client: its tokens end with it. `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_client(
        &self,
        realm: &Realm,
        id: &str,
        now: Timestamp,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        // Also one that somebody changed in the database: it is over all the same, and gets no tag.
        let genuine = match connection.take(realm, &CLIENTS, &[id.into()]).await {
            Err(StoreError::AlteredAccount { .. }) => false,
            taken => taken?,
        };
        let revoke = query(
            "UPDATE clients SET revoked_at = $1 WHERE tenant = $2 AND id = $3 AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(realm)
        .bind(id);
        let revoked = connection.execute(revoke).await? == 1;
        if genuine {
            connection.keep(realm, &CLIENTS, &[id.into()]).await?;
        }
        let tokens = query("DELETE FROM access_tokens WHERE tenant = $1 AND client = $2")
            .bind(realm)
            .bind(id);
        connection.execute(tokens).await?;
        if revoked {
            audit::append(&mut connection, realm, record).await?;
        }
        connection.commit().await?;
        Ok(revoked)
    }

    /// Keeps a token's hash, and forgets tokens that are over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_token(
        &self,
        realm: &Realm,
        token_hash: &[u8],
        client: &str,
        scopes: &Scopes,
        (now, expires_at): (Timestamp, Timestamp),
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        let over = query("DELETE FROM access_tokens WHERE tenant = $1 AND expires_at < $2")
            .bind(realm)
            .bind(now);
        connection.execute(over).await?;
        let insert = query(
            "INSERT INTO access_tokens (tenant, token_hash, client, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(realm)
        .bind(token_hash)
        .bind(client)
        .bind(scopes.words())
        .bind(expires_at);
        connection.execute(insert).await?;
        connection
            .keep(realm, &ACCESS_TOKENS, &[token_hash.into()])
            .await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Whose token this is, and what it may do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn token(
        &self,
        realm: &Realm,
        token_hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<(String, Scopes)>, StoreError> {
        let sql = format!(
            "SELECT {} FROM access_tokens WHERE tenant = $1 AND token_hash = $2 AND expires_at > $3",
            ACCESS_TOKENS.columns()
        );
        let values = vec![realm.into(), token_hash.into(), now.into()];
        let found: Vec<Token> = self
            .fetch_genuine(realm, &ACCESS_TOKENS, sql, values)
            .await?;
        let token = found.into_iter().next();
        Ok(token.map(|token| (token.client, token.scopes)))
    }
}
