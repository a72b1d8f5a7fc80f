//! Machine clients and their access tokens.

use jiff::Timestamp;

use super::audit::note;
use super::{Realm, Store, StoreError, reading, timestamp, writing};
use crate::audit::Note;
use crate::clients::{Client, Scopes};

type Columns = (String, String, String, i64, Option<i64>);

fn row(columns: Columns) -> Result<Client, StoreError> {
    let (id, name, scopes, created_at, revoked_at) = columns;
    Ok(Client {
        id,
        name,
        scopes: Scopes::from_words(&scopes),
        created_at: timestamp("clients", created_at)?,
        revoked_at: revoked_at.map(|at| timestamp("clients", at)).transpose()?,
    })
}

impl Store {
    /// Adds a machine client.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_client(
        &self,
        realm: &Realm,
        client: &Client,
        secret_hash: &[u8],
        note: &Note,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            sqlx::query("INSERT INTO clients (tenant, id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(realm.as_str())
                .bind(client.id.as_str())
                .bind(client.name.as_str())
                .bind(secret_hash)
                .bind(client.scopes.words())
                .bind(client.created_at.as_millisecond())
                .execute(&mut *on)
                .await?;
            note!(on, realm, note);
        });
        Ok(())
    }

    /// The clients of a realm, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients(&self, realm: &Realm) -> Result<Vec<Client>, StoreError> {
        let rows: Vec<Columns> = reading!(self, realm, on => sqlx::query_as(
            "SELECT id, name, scopes, created_at, revoked_at FROM clients WHERE tenant = $1 ORDER BY created_at DESC, id",
        )
        .bind(realm.as_str())
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter().map(row).collect()
    }

    /// The client with this id and secret, unless it is revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_with_secret(
        &self,
        realm: &Realm,
        id: &str,
        secret_hash: &[u8],
    ) -> Result<Option<Client>, StoreError> {
        let found: Option<Columns> = reading!(self, realm, on => sqlx::query_as(
            "SELECT id, name, scopes, created_at, revoked_at FROM clients \
             WHERE tenant = $1 AND id = $2 AND secret_hash = $3 AND revoked_at IS NULL",
        )
        .bind(realm.as_str())
        .bind(id)
        .bind(secret_hash)
        .fetch_optional(&mut *on)
        .await?);
        found.map(row).transpose()
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
        note: &Note,
    ) -> Result<bool, StoreError> {
        Ok(writing!(self, realm, on => {
            let revoked = sqlx::query("UPDATE clients SET revoked_at = $1 WHERE tenant = $2 AND id = $3 AND revoked_at IS NULL")
                .bind(now.as_millisecond())
                .bind(realm.as_str())
                .bind(id)
                .execute(&mut *on)
                .await?
                .rows_affected() == 1;
            sqlx::query("DELETE FROM access_tokens WHERE tenant = $1 AND client = $2")
                .bind(realm.as_str())
                .bind(id)
                .execute(&mut *on)
                .await?;
            if revoked {
                note!(on, realm, note);
            }
            revoked
        }))
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
        note: &Note,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            sqlx::query("DELETE FROM access_tokens WHERE tenant = $1 AND expires_at < $2")
                .bind(realm.as_str())
                .bind(now.as_millisecond())
                .execute(&mut *on)
                .await?;
            sqlx::query("INSERT INTO access_tokens (tenant, token_hash, client, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(realm.as_str())
                .bind(token_hash)
                .bind(client)
                .bind(scopes.words())
                .bind(expires_at.as_millisecond())
                .execute(&mut *on)
                .await?;
            note!(on, realm, note);
        });
        Ok(())
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
        let found: Option<(String, String)> = reading!(self, realm, on => sqlx::query_as(
            "SELECT client, scopes FROM access_tokens WHERE tenant = $1 AND token_hash = $2 AND expires_at > $3",
        )
        .bind(realm.as_str())
        .bind(token_hash)
        .bind(now.as_millisecond())
        .fetch_optional(&mut *on)
        .await?);
        Ok(found.map(|(client, scopes)| (client, Scopes::from_words(&scopes))))
    }
}
