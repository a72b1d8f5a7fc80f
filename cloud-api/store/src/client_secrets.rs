//! Secrets of machine clients, from the asking to the end.

use jiff::{SignedDuration, Timestamp};

use crate::audit::{self, AuditRecord};
use crate::connection::Connection;
use crate::query::{Value, query};
use crate::row::{FromRow, Row};
use crate::tagged::{CLIENT_SECRETS, CLIENTS};
use crate::{Client, Realm, Store, StoreError};

/// So long the secret before holds beside a new one, so that a service can change over.
const OVERLAP: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A secret that a client has or will have; never the secret itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSecret {
    /// Whose.
    pub client: String,
    /// UUID.
    pub id: String,
    /// Until when it can be fetched; `None` once it was.
    pub pickup_until: Option<Timestamp>,
    /// What whoever fetched it tells the second administrator; `None` once confirmed.
    pub confirmation_number: Option<String>,
    /// Who asked for it, by id; only somebody else may confirm.
    pub asked_by: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it is over; `None`: never, from before there were ends.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it opens the door now.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.confirmation_number.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

impl FromRow for ClientSecret {
    const TABLE: &'static str = "client_secrets";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            client: row.get("client")?,
            id: row.get("id")?,
            pickup_until: row.time_if_any("pickup_until")?,
            confirmation_number: row.get("confirmation_number")?,
            asked_by: row.get("asked_by")?,
            created_at: row.time("created_at")?,
            expires_at: row.time_if_any("expires_at")?,
        })
    }
}

impl Store {
    /// The client with this id and secret, if the secret is confirmed and not over and the client not revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_with_secret(
        &self,
        realm: &Realm,
        id: &str,
        secret_hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<Client>, StoreError> {
        let mut connection = self.read(realm).await?;
        let secret = format!(
            "SELECT {} FROM client_secrets WHERE tenant = $1 AND client = $2 AND secret_hash = $3 \
             AND confirmation_number IS NULL AND pickup IS NULL AND (expires_at IS NULL OR expires_at > $4)",
            CLIENT_SECRETS.columns()
        );
        let values = vec![realm.into(), id.into(), secret_hash.into(), now.into()];
        let secrets: Vec<ClientSecret> = connection
            .genuine(realm, &CLIENT_SECRETS, secret, values)
            .await?;
        let own = format!(
            "SELECT {} FROM clients WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
            CLIENTS.columns()
        );
        let values = vec![realm.into(), id.into()];
        let clients: Vec<Client> = connection.genuine(realm, &CLIENTS, own, values).await?;
        connection.commit().await?;
        Ok(clients.into_iter().next().filter(|_| !secrets.is_empty()))
    }

    /// Adds a machine client with a secret that holds at once and is never over: for the command line and for tests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_client(
        &self,
        realm: &Realm,
        client: &Client,
        secret_hash: &[u8],
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        insert_client(&mut connection, realm, client).await?;
        let secret = ClientSecret {
            client: client.id.clone(),
            id: client.id.clone(),
            pickup_until: None,
            confirmation_number: None,
            asked_by: String::new(),
            created_at: client.created_at,
            expires_at: None,
        };
        insert_secret(&mut connection, realm, &secret, secret_hash, None).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Adds a client (or, if it is there, only a secret of it) that can do nothing before its secret was fetched and confirmed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_for_client(
        &self,
        realm: &Realm,
        client: &Client,
        secret: &ClientSecret,
        pickup: &[u8],
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        insert_client(&mut connection, realm, client).await?;
        // One that nobody fetched or confirmed is replaced.
        let former = query(
            "DELETE FROM client_secrets WHERE tenant = $1 AND client = $2 AND confirmation_number IS NOT NULL",
        )
        .bind(realm)
        .bind(client.id.as_str());
        connection.execute(former).await?;
        insert_secret(&mut connection, realm, secret, &[], Some(pickup)).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Who may fetch a secret at this address, by its hash, now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn secret_to_fetch(
        &self,
        realm: &Realm,
        pickup: &[u8],
        now: Timestamp,
    ) -> Result<Option<ClientSecret>, StoreError> {
        let sql = format!(
            "SELECT {} FROM client_secrets WHERE tenant = $1 AND pickup = $2 AND pickup_until > $3",
            CLIENT_SECRETS.columns()
        );
        let values = vec![realm.into(), pickup.into(), now.into()];
        let own = self
            .fetch_genuine(realm, &CLIENT_SECRETS, sql, values)
            .await?;
        Ok(own.into_iter().next())
    }

    /// Sets the secret that is shown now, once; `false` if it was fetched meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fetch_secret(
        &self,
        realm: &Realm,
        pickup: &[u8],
        secret_hash: &[u8],
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let fetch = query(
            "UPDATE client_secrets SET secret_hash = $1, pickup = NULL, pickup_until = NULL WHERE tenant = $2 AND pickup = $3",
        )
        .bind(secret_hash)
        .bind(realm)
        .bind(pickup);
        let mut connection = self.write(realm).await?;
        let own = format!(
            "SELECT {} FROM client_secrets WHERE tenant = $1 AND pickup = $2",
            CLIENT_SECRETS.columns()
        );
        let values = vec![realm.into(), pickup.into()];
        let own: Vec<ClientSecret> = connection
            .genuine(realm, &CLIENT_SECRETS, own, values)
            .await?;
        let Some(key) = own.first().map(key) else {
            return Ok(false);
        };
        if !connection.take(realm, &CLIENT_SECRETS, &key).await?
            || connection.execute(fetch).await? == 0
        {
            return Ok(false);
        }
        connection.keep(realm, &CLIENT_SECRETS, &key).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Confirms who fetched the secret: it holds from now on, and the one before for a short while beside it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_secret(
        &self,
        realm: &Realm,
        secret: &ClientSecret,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        let confirm = query(
            "UPDATE client_secrets SET confirmation_number = NULL WHERE tenant = $1 AND client = $2 AND id = $3 \
             AND confirmation_number = $4 AND pickup IS NULL",
        )
        .bind(realm)
        .bind(secret.client.as_str())
        .bind(secret.id.as_str())
        .bind(secret.confirmation_number.as_deref());
        let key = key(secret);
        if !connection.take(realm, &CLIENT_SECRETS, &key).await?
            || connection.execute(confirm).await? == 0
        {
            return Ok(false);
        }
        connection.keep(realm, &CLIENT_SECRETS, &key).await?;
        end_former(&mut connection, realm, secret, record.at).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Every secret of a realm, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_secrets(&self, realm: &Realm) -> Result<Vec<ClientSecret>, StoreError> {
        let columns = CLIENT_SECRETS.columns();
        let sql = format!(
            "SELECT {columns} FROM client_secrets WHERE tenant = $1 ORDER BY created_at DESC, id"
        );
        self.fetch_genuine(realm, &CLIENT_SECRETS, sql, vec![realm.into()])
            .await
    }
}

async fn insert_client(
    connection: &mut Connection,
    realm: &Realm,
    client: &Client,
) -> Result<(), StoreError> {
    let insert = query(
        "INSERT INTO clients (tenant, id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (tenant, id) DO NOTHING",
    )
    .bind(realm)
    .bind(client.id.as_str())
    .bind(client.name.as_str())
    .bind([].as_slice())
    .bind(client.scopes.words())
    .bind(client.created_at);
    if connection.execute(insert).await? == 1 {
        connection
            .keep(realm, &CLIENTS, &[client.id.as_str().into()])
            .await?;
    }
    Ok(())
}

/// The key of its row.
fn key(secret: &ClientSecret) -> [Value; 2] {
    [secret.client.as_str().into(), secret.id.as_str().into()]
}

async fn insert_secret(
    connection: &mut Connection,
    realm: &Realm,
    secret: &ClientSecret,
    secret_hash: &[u8],
    pickup: Option<&[u8]>,
) -> Result<(), StoreError> {
    let insert = query(
        "INSERT INTO client_secrets (tenant, client, id, secret_hash, pickup, pickup_until, confirmation_number, asked_by, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(realm)
    .bind(secret.client.as_str())
    .bind(secret.id.as_str())
    .bind(secret_hash)
    .bind(pickup)
    .bind(secret.pickup_until)
    .bind(secret.confirmation_number.as_deref())
    .bind(secret.asked_by.as_str())
    .bind(secret.created_at)
    .bind(secret.expires_at);
    connection.execute(insert).await?;
    connection.keep(realm, &CLIENT_SECRETS, &key(secret)).await
}

/// The last of the others holds on for the overlap; whatever ends before a new one did was over already.
async fn end_former(
    connection: &mut Connection,
    realm: &Realm,
    secret: &ClientSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let over = query(
        "DELETE FROM client_secrets WHERE tenant = $1 AND client = $2 AND id <> $3 AND id <> COALESCE((SELECT id FROM client_secrets \
         WHERE tenant = $1 AND client = $2 AND id <> $3 AND confirmation_number IS NULL ORDER BY created_at DESC, id LIMIT 1), '')",
    )
    .bind(realm)
    .bind(secret.client.as_str())
    .bind(secret.id.as_str());
    connection.execute(over).await?;
    let end = now.as_millisecond() + i64::try_from(OVERLAP.as_millis()).unwrap_or(i64::MAX);
    let columns = CLIENT_SECRETS.columns();
    let others = format!(
        "SELECT {columns} FROM client_secrets WHERE tenant = $1 AND client = $2 AND id <> $3"
    );
    let values = vec![
        realm.into(),
        secret.client.as_str().into(),
        secret.id.as_str().into(),
    ];
    let others: Vec<ClientSecret> = connection
        .genuine(realm, &CLIENT_SECRETS, others, values)
        .await?;
    for other in others {
        let soon = query(
            "UPDATE client_secrets SET expires_at = $1 WHERE tenant = $2 AND client = $3 AND id = $4 \
             AND (expires_at IS NULL OR expires_at > $1)",
        )
        .bind(end)
        .bind(realm)
        .bind(other.client.as_str())
        .bind(other.id.as_str());
        if connection.execute(soon).await? == 1 {
            connection
                .keep(realm, &CLIENT_SECRETS, &key(&other))
                .await?;
        }
    }
    Ok(())
}
