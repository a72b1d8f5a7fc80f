//! Sessions of people in browsers, and attempts to log in through an OpenID provider.

use jiff::Timestamp;

use crate::audit::{self, AuditRecord};
use crate::closed_list::closed_list;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::tagged::SESSIONS;
use crate::{Realm, Store, StoreError};

closed_list! {
    /// How far a log-in has come.
    Stage {
        /// The password was right; the second factor is due.
        Password, "password";
        /// Logged in.
        Full, "full";
    }
}

/// A session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Whose.
    pub staff: String,
    /// How far.
    pub stage: Stage,
    /// What every form of this session carries.
    pub csrf: String,
    /// Since when.
    pub begun_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// Where it began; empty at the machine itself.
    pub address: String,
    /// When the person last proved who they are.
    pub proven_at: Timestamp,
}

/// An attempt through a provider, from its beginning to its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Comes back with the answer.
    pub state: String,
    /// Must be in the identity token.
    pub nonce: String,
    /// Proves that the asker and the fetcher of the token are one (PKCE, RFC 7636).
    pub verifier: String,
}

impl FromRow for Session {
    const TABLE: &'static str = "sessions";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            staff: row.get("staff")?,
            stage: row.word("stage", Stage::from_word)?,
            csrf: row.get("csrf")?,
            begun_at: row.time("begun_at")?,
            seen_at: row.time("seen_at")?,
            address: row.get("address")?,
            proven_at: row.time("proven_at")?,
        })
    }
}

/// A session with the hash of its secret.
struct Kept(Vec<u8>, Session);

impl FromRow for Kept {
    const TABLE: &'static str = "sessions";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self(row.get("secret_hash")?, Session::from_row(row)?))
    }
}

/// An attempt with the time of its beginning.
struct Begun(SignIn, Timestamp);

impl FromRow for Begun {
    const TABLE: &'static str = "sign_ins";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let sign_in = SignIn {
            state: row.get("state")?,
            nonce: row.get("nonce")?,
            verifier: row.get("verifier")?,
        };
        Ok(Self(sign_in, row.time("begun_at")?))
    }
}

impl Store {
    /// Begins a session; what it replaces (the stage before) ends.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
        session: &Session,
        replaces: Option<&[u8]>,
        record: Option<&AuditRecord>,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        if let Some(before) = replaces {
            let end = query("DELETE FROM sessions WHERE tenant = $1 AND secret_hash = $2")
                .bind(realm)
                .bind(before);
            connection.execute(end).await?;
        }
        let insert = query(
            "INSERT INTO sessions (tenant, secret_hash, staff, stage, csrf, begun_at, seen_at, address, proven_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(realm)
        .bind(secret_hash)
        .bind(session.staff.as_str())
        .bind(session.stage.as_str())
        .bind(session.csrf.as_str())
        .bind(session.begun_at)
        .bind(session.seen_at)
        .bind(session.address.as_str())
        .bind(session.proven_at);
        connection.execute(insert).await?;
        connection
            .keep(realm, &SESSIONS, &[secret_hash.into()])
            .await?;
        if let Some(record) = record {
            audit::append(&mut connection, realm, record).await?;
        }
        connection.commit().await
    }

    /// The session of this secret, by its hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
    ) -> Result<Option<Session>, StoreError> {
        let sql = format!(
            "SELECT {}, seen_at FROM sessions WHERE tenant = $1 AND secret_hash = $2",
            SESSIONS.columns()
        );
        let values = vec![realm.into(), secret_hash.into()];
        let found: Vec<Session> = self.fetch_genuine(realm, &SESSIONS, sql, values).await?;
        Ok(found.into_iter().next())
    }

    /// Keeps when a session was last used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let touch =
            query("UPDATE sessions SET seen_at = $1 WHERE tenant = $2 AND secret_hash = $3")
                .bind(now)
                .bind(realm)
                .bind(secret_hash);
        self.execute(realm, touch).await.map(drop)
    }

    /// Keeps that the session's person has proved again who they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prove_session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let prove =
            query("UPDATE sessions SET proven_at = $1 WHERE tenant = $2 AND secret_hash = $3")
                .bind(record.at)
                .bind(realm)
                .bind(secret_hash);
        self.change_tagged(realm, &SESSIONS, &[secret_hash.into()], prove, Some(record))
            .await
    }

    /// A person's full sessions that were used since `oldest`, newest first, with the hashes of their secrets.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions_of(
        &self,
        realm: &Realm,
        person: &str,
        oldest: Timestamp,
    ) -> Result<Vec<(Vec<u8>, Session)>, StoreError> {
        let sql = format!(
            "SELECT {}, seen_at FROM sessions WHERE tenant = $1 AND staff = $2 AND stage = $3 AND seen_at >= $4 \
             ORDER BY begun_at DESC, secret_hash",
            SESSIONS.columns()
        );
        let values = vec![
            realm.into(),
            person.into(),
            Stage::Full.as_str().into(),
            oldest.into(),
        ];
        let kept: Vec<Kept> = self.fetch_genuine(realm, &SESSIONS, sql, values).await?;
        Ok(kept
            .into_iter()
            .map(|Kept(hash, session)| (hash, session))
            .collect())
    }

    /// Ends a session of this person; `false` if they have none of this hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session_of(
        &self,
        realm: &Realm,
        person: &str,
        secret_hash: &[u8],
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let end =
            query("DELETE FROM sessions WHERE tenant = $1 AND staff = $2 AND secret_hash = $3")
                .bind(realm)
                .bind(person)
                .bind(secret_hash);
        self.execute_recorded(realm, end, record).await
    }

    /// Ends a session, and forgets those that were not used since `oldest`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
        oldest: Timestamp,
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        let end =
            query("DELETE FROM sessions WHERE tenant = $1 AND (secret_hash = $2 OR seen_at < $3)")
                .bind(realm)
                .bind(secret_hash)
                .bind(oldest);
        connection.execute(end).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Remembers an attempt to log in through a provider, and forgets old ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_sign_in(
        &self,
        realm: &Realm,
        sign_in: &SignIn,
        now: Timestamp,
        oldest: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        let old = query("DELETE FROM sign_ins WHERE tenant = $1 AND begun_at < $2")
            .bind(realm)
            .bind(oldest);
        connection.execute(old).await?;
        let insert = query(
            "INSERT INTO sign_ins (tenant, state, nonce, verifier, begun_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(realm)
        .bind(sign_in.state.as_str())
        .bind(sign_in.nonce.as_str())
        .bind(sign_in.verifier.as_str())
        .bind(now);
        connection.execute(insert).await?;
        connection.commit().await
    }

    /// Takes an attempt, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_sign_in(
        &self,
        realm: &Realm,
        state: &str,
        oldest: Timestamp,
    ) -> Result<Option<SignIn>, StoreError> {
        let take = query(
            "DELETE FROM sign_ins WHERE tenant = $1 AND state = $2 RETURNING state, nonce, verifier, begun_at",
        )
        .bind(realm)
        .bind(state);
        let taken: Option<Begun> = self.change(realm, take).await?;
        Ok(taken
            .filter(|Begun(_, begun_at)| *begun_at >= oldest)
            .map(|Begun(sign_in, _)| sign_in))
    }
}
