//! Logging in with a local account: password, then the code of the second factor. Five failures lock for a quarter hour.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Person, Realm, Session, Stage};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::ProblemCode;
use serde_json::json;

use super::clerk::lives;
use super::{Bearer, Password, SecondFactor};
use crate::cloud::Cloud;
use crate::refusal::Refusal;
use crate::tenant::RealmKey;

/// Failures in a row that lock.
pub const TRIES: i64 = 5;
/// How long a lock holds.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// How long the second factor may take after the password.
const FACTOR_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Why somebody is not logged in. It never tells whether the log-in name exists.
pub enum FailedLogIn {
    /// Log-in name or password is wrong.
    Wrong,
    /// Too many failures; also the answer when the password is right.
    Locked,
    /// The code is wrong, old, or was used before.
    Code,
    /// The password step is too long ago.
    TooLate,
    /// The service cannot answer.
    Refused(Refusal),
}

impl<T: Into<Refusal>> From<T> for FailedLogIn {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Cloud {
    /// The first step. Gives the cookie for the second.
    ///
    /// # Errors
    /// [`FailedLogIn`].
    pub async fn check_password(
        &self,
        realm: &Realm,
        login: &str,
        password: Password,
    ) -> Result<Bearer, FailedLogIn> {
        let now = self.clock.now();
        let found = self.store.person_by_login(realm, login).await?;
        let found = found.filter(|(person, _)| person.left_at.is_none());
        let hash = found
            .as_ref()
            .and_then(|(_, credentials)| credentials.password.clone());
        // Argon2 takes some tens of milliseconds of one core.
        let held = tokio::task::spawn_blocking(move || password.is_of(hash.as_deref()))
            .await
            .map_err(|_| ProblemCode::Internal)?;
        let Some((person, _)) = found else {
            let record = AuditRecord::new(now, Actor::Nobody, AuditEvent::LogInFailed);
            self.store
                .record(realm, &record.with(json!({ "by": "unknown login" })))
                .await?;
            return Err(FailedLogIn::Wrong);
        };
        if person.locked_until.is_some_and(|until| until > now) {
            let record = failed(&person, now, "locked");
            self.store.record(realm, &record).await?;
            return Err(FailedLogIn::Locked);
        }
        if !held {
            return Err(self
                .count_failure(realm, &person, now, "password", FailedLogIn::Wrong)
                .await?);
        }
        self.open_session(realm, &person, Stage::Password, None, None)
            .await
    }

    /// The second step. Gives the cookie of the full session.
    ///
    /// # Errors
    /// [`FailedLogIn`].
    pub async fn check_code(
        &self,
        realm: &Realm,
        key: &RealmKey,
        first: &Bearer,
        code: &str,
    ) -> Result<Bearer, FailedLogIn> {
        let now = self.clock.now();
        let session = self.store.session(realm, &first.hash()).await?;
        let session = session
            .filter(|session| session.stage == Stage::Password && lives(session, now))
            .filter(|session| now.duration_since(session.begun_at) < FACTOR_WITHIN)
            .ok_or(FailedLogIn::TooLate)?;
        let found = self.store.person(realm, &session.staff).await?;
        let (person, credentials) = found.ok_or(FailedLogIn::TooLate)?;
        if person.left_at.is_some() || person.locked_until.is_some_and(|until| until > now) {
            return Err(FailedLogIn::Locked);
        }
        let sealed = credentials.factor.ok_or(FailedLogIn::Code)?;
        let factor = SecondFactor::open(&sealed, key, &person.id).map_err(|error| {
            tracing::error!(realm = %realm, %error, "second factor");
            ProblemCode::Internal
        })?;
        let step = factor.check(code, now, credentials.last_step);
        let used = match step {
            Some(step) => self.store.use_step(realm, &person.id, step).await?,
            None => false,
        };
        if !used {
            return Err(self
                .count_failure(realm, &person, now, "code", FailedLogIn::Code)
                .await?);
        }
        let record = AuditRecord::new(now, Actor::Staff(person.id.clone()), AuditEvent::LoggedIn)
            .with(json!({ "by": "password and code" }));
        self.open_session(realm, &person, Stage::Full, Some(first), Some(&record))
            .await
    }

    async fn count_failure(
        &self,
        realm: &Realm,
        person: &Person,
        now: Timestamp,
        by: &str,
        why: FailedLogIn,
    ) -> Result<FailedLogIn, FailedLogIn> {
        let until = now
            .checked_add(LOCKED_FOR)
            .map_err(|_| ProblemCode::Internal)?;
        let record = failed(person, now, by);
        let locked = self
            .store
            .log_in_failed(realm, &person.id, TRIES, until, &record)
            .await?;
        if locked {
            let record =
                AuditRecord::new(now, Actor::Nobody, AuditEvent::LockedOut).about(&person.id);
            self.store.record(realm, &record).await?;
            return Ok(FailedLogIn::Locked);
        }
        Ok(why)
    }

    /// Opens a session at this stage; a full one has a new secret (no fixation).
    pub(crate) async fn open_session(
        &self,
        realm: &Realm,
        person: &Person,
        stage: Stage,
        replaces: Option<&Bearer>,
        note: Option<&AuditRecord>,
    ) -> Result<Bearer, FailedLogIn> {
        let now = self.clock.now();
        let secret = Bearer::of(realm)?;
        let session = Session {
            staff: person.id.clone(),
            stage,
            csrf: Bearer::new()?.reveal().to_owned(),
            begun_at: now,
            seen_at: now,
        };
        let replaces = replaces.map(Bearer::hash);
        self.store
            .begin_session(realm, &secret.hash(), &session, replaces.as_deref(), note)
            .await?;
        Ok(secret)
    }
}

fn failed(person: &Person, now: Timestamp, by: &str) -> AuditRecord {
    AuditRecord::new(now, Actor::Nobody, AuditEvent::LogInFailed)
        .about(&person.id)
        .with(json!({ "by": by }))
}
