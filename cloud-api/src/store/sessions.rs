//! Sessions of people in browsers, and attempts to log in through an OpenID provider.

use jiff::Timestamp;

use super::audit::note;
use super::{Realm, Store, StoreError, reading, timestamp, writing};
use crate::audit::Note;

/// How far a log-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The password held; the second factor is due.
    Password,
    /// Logged in.
    Full,
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
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Password => "password",
        Stage::Full => "full",
    }
}

/// An attempt through a provider, from its beginning to its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Comes back with the answer.
    pub state: String,
    /// Must stand in the identity token.
    pub nonce: String,
    /// Proves that the asker and the fetcher of the token are one (PKCE, RFC 7636).
    pub verifier: String,
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
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            if let Some(before) = replaces {
                sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND secret_hash = $2")
                    .bind(realm.as_str())
                    .bind(before)
                    .execute(&mut *on)
                    .await?;
            }
            sqlx::query(
                "INSERT INTO sessions (tenant, secret_hash, staff, stage, csrf, begun_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(realm.as_str())
            .bind(secret_hash)
            .bind(session.staff.as_str())
            .bind(stage_word(session.stage))
            .bind(session.csrf.as_str())
            .bind(session.begun_at.as_millisecond())
            .bind(session.seen_at.as_millisecond())
            .execute(&mut *on)
            .await?;
            if let Some(note) = note {
                note!(on, realm, note);
            }
        });
        Ok(())
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
        let found: Option<(String, String, String, i64, i64)> = reading!(self, realm, on => sqlx::query_as(
            "SELECT staff, stage, csrf, begun_at, seen_at FROM sessions WHERE tenant = $1 AND secret_hash = $2",
        )
        .bind(realm.as_str())
        .bind(secret_hash)
        .fetch_optional(&mut *on)
        .await?);
        found
            .map(|(staff, stage, csrf, begun_at, seen_at)| {
                let stage = if stage == "full" {
                    Stage::Full
                } else {
                    Stage::Password
                };
                Ok(Session {
                    staff,
                    stage,
                    csrf,
                    begun_at: timestamp("sessions", begun_at)?,
                    seen_at: timestamp("sessions", seen_at)?,
                })
            })
            .transpose()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(
        &self,
        realm: &Realm,
        secret_hash: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            sqlx::query("UPDATE sessions SET seen_at = $1 WHERE tenant = $2 AND secret_hash = $3")
                .bind(now.as_millisecond())
                .bind(realm.as_str())
                .bind(secret_hash)
                .execute(&mut *on)
                .await?;
        });
        Ok(())
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
        note: &Note,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND (secret_hash = $2 OR seen_at < $3)")
                .bind(realm.as_str())
                .bind(secret_hash)
                .bind(oldest.as_millisecond())
                .execute(&mut *on)
                .await?;
            note!(on, realm, note);
        });
        Ok(())
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
        writing!(self, realm, on => {
            sqlx::query("DELETE FROM sign_ins WHERE tenant = $1 AND begun_at < $2")
                .bind(realm.as_str())
                .bind(oldest.as_millisecond())
                .execute(&mut *on)
                .await?;
            sqlx::query("INSERT INTO sign_ins (tenant, state, nonce, verifier, begun_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(realm.as_str())
                .bind(sign_in.state.as_str())
                .bind(sign_in.nonce.as_str())
                .bind(sign_in.verifier.as_str())
                .bind(now.as_millisecond())
                .execute(&mut *on)
                .await?;
        });
        Ok(())
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
        let taken: Option<(String, String, String, i64)> = writing!(self, realm, on => sqlx::query_as(
            "DELETE FROM sign_ins WHERE tenant = $1 AND state = $2 RETURNING state, nonce, verifier, begun_at",
        )
        .bind(realm.as_str())
        .bind(state)
        .fetch_optional(&mut *on)
        .await?);
        Ok(taken
            .filter(|(_, _, _, begun_at)| *begun_at >= oldest.as_millisecond())
            .map(|(state, nonce, verifier, _)| SignIn {
                state,
                nonce,
                verifier,
            }))
    }
}
