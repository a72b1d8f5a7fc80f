//! Logging in with a local account: password, then the code of the second factor.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Credentials, LogInLimit, Person, Realm, Session, Stage};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::ProblemCode;
use serde_json::json;

use super::clerk::lives;
use super::hash_queue::{HashMemory, LineFull};
use super::{Bearer, Password, SecondFactor, Visitor};
use crate::cloud::Cloud;
use crate::refusal::Refusal;
use crate::tenant::RealmKey;

/// How long the second factor may take after the password.
const FACTOR_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Why somebody is not logged in. It never tells whether the log-in name exists.
pub enum FailedLogIn {
    /// Log-in name or password is wrong.
    Wrong,
    /// Too many tries; whether this one would have held is not looked at.
    TooFast,
    /// So many log in at once that this one cannot wait.
    Busy,
    /// The code is wrong, old, or was used before.
    Code,
    /// The password step is too long ago.
    TooLate,
    /// The service cannot answer.
    Refused(Refusal),
}

/// How a session begins.
pub(crate) struct Begun<'a> {
    pub(crate) stage: Stage,
    pub(crate) address: &'a str,
    /// When the person proved who they are; the epoch if that is not known.
    pub(crate) proven_at: Timestamp,
}

impl From<LineFull> for FailedLogIn {
    fn from(LineFull: LineFull) -> Self {
        Self::Busy
    }
}

impl<T: Into<Refusal>> From<T> for FailedLogIn {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Cloud {
    /// The first step. Gives the cookie for the second; the session that the browser had before ends.
    ///
    /// # Errors
    /// [`FailedLogIn`].
    pub async fn check_password(
        &self,
        (realm, key): (&Realm, &RealmKey),
        visitor: &Visitor,
        login: &str,
        password: Password,
        former: Option<&Bearer>,
    ) -> Result<Bearer, FailedLogIn> {
        let limits = visitor.limits(key, login);
        self.take_try(realm, visitor, &limits).await?;
        let found = self.store.person_by_login(realm, login).await?;
        let found = found.filter(|(person, _)| person.left_at.is_none());
        let hash = found
            .as_ref()
            .and_then(|(_, credentials)| credentials.password.clone());
        let check = move |memory: &mut HashMemory| password.is_of(hash.as_deref(), memory);
        let held = match self.hashes.run(check).await {
            Ok(held) => held,
            Err(full) => {
                self.store.give_try_back(realm, &limits).await?;
                return Err(full.into());
            }
        };
        let Some((person, _)) = found.as_ref().filter(|_| held) else {
            let (reason, object) = match &found {
                Some((person, _)) => ("password", person.id.as_str()),
                None => ("unknown login", ""),
            };
            self.note_failed_try(realm, &visitor.address, reason, object)
                .await?;
            return Err(FailedLogIn::Wrong);
        };
        self.store.give_try_back(realm, &limits).await?;
        let begun = Begun {
            stage: Stage::Password,
            address: &visitor.address,
            proven_at: Timestamp::UNIX_EPOCH,
        };
        self.open_session(realm, person, begun, former, None).await
    }

    /// The second step. Gives the cookie of the full session, and whose it is.
    ///
    /// # Errors
    /// [`FailedLogIn`].
    pub async fn check_code(
        &self,
        (realm, key): (&Realm, &RealmKey),
        visitor: &Visitor,
        first: &Bearer,
        code: &str,
    ) -> Result<(Bearer, Person), FailedLogIn> {
        let now = self.clock.now();
        let session = self.store.session(realm, &first.hash()).await?;
        let session = session
            .filter(|session| session.stage == Stage::Password && lives(session, now))
            .filter(|session| now.duration_since(session.begun_at) < FACTOR_WITHIN)
            .ok_or(FailedLogIn::TooLate)?;
        let found = self.store.person(realm, &session.staff).await?;
        let found = found.filter(|(person, _)| person.left_at.is_none());
        let (person, credentials) = found.ok_or(FailedLogIn::TooLate)?;
        let limits = visitor.code_limits(key, &person.login);
        self.take_try(realm, visitor, &limits).await?;
        let used = self
            .use_code((realm, key), &person, &credentials, code)
            .await?;
        if !used {
            self.note_failed_try(realm, &visitor.address, "code", &person.id)
                .await?;
            return Err(FailedLogIn::Code);
        }
        self.store.give_try_back(realm, &limits).await?;
        let record = AuditRecord::new(now, Actor::Staff(person.id.clone()), AuditEvent::LoggedIn)
            .with(json!({ "by": "password and code" }));
        let begun = Begun {
            stage: Stage::Full,
            address: &visitor.address,
            proven_at: now,
        };
        let secret = self
            .open_session(realm, &person, begun, Some(first), Some(&record))
            .await?;
        Ok((secret, person))
    }

    /// Whether this code holds; it does so once.
    pub(super) async fn use_code(
        &self,
        (realm, key): (&Realm, &RealmKey),
        person: &Person,
        credentials: &Credentials,
        code: &str,
    ) -> Result<bool, FailedLogIn> {
        let Some(sealed) = &credentials.factor else {
            return Ok(false);
        };
        let factor = SecondFactor::open(sealed, key, &person.id).map_err(|error| {
            tracing::error!(realm = %realm, %error, "second factor");
            ProblemCode::Internal
        })?;
        match factor.check(code, self.clock.now(), credentials.last_step) {
            Some(step) => Ok(self.store.use_step(realm, &person.id, step).await?),
            None => Ok(false),
        }
    }

    /// Takes the try before it is made: tries at once count like tries one after the other.
    pub(super) async fn take_try(
        &self,
        realm: &Realm,
        visitor: &Visitor,
        limits: &[LogInLimit],
    ) -> Result<(), FailedLogIn> {
        let now = self.clock.now();
        if self.store.take_try(realm, limits, now).await? {
            return Ok(());
        }
        self.note_failed_try(realm, &visitor.address, "too fast", "")
            .await?;
        Err(FailedLogIn::TooFast)
    }

    /// Opens a session at this stage; a full one has a new secret (no fixation).
    pub(crate) async fn open_session(
        &self,
        realm: &Realm,
        person: &Person,
        begun: Begun<'_>,
        replaces: Option<&Bearer>,
        note: Option<&AuditRecord>,
    ) -> Result<Bearer, FailedLogIn> {
        let now = self.clock.now();
        let secret = Bearer::of(realm)?;
        let session = Session {
            staff: person.id.clone(),
            stage: begun.stage,
            csrf: Bearer::new()?.reveal().to_owned(),
            begun_at: now,
            seen_at: now,
            address: begun.address.to_owned(),
            proven_at: begun.proven_at,
        };
        let replaces = replaces.map(Bearer::hash);
        self.store
            .begin_session(realm, &secret.hash(), &session, replaces.as_deref(), note)
            .await?;
        Ok(secret)
    }
}
