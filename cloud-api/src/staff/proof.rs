//! Who is logged in proves again who they are: before what matters most, and for a password of their own choice.

use cloud_store::audit::{AuditEvent, AuditRecord};
use cloud_store::{Credentials, LogInLimit, Realm};
use kiosk_api::ProblemCode;

use super::hash_queue::HashMemory;
use super::{FailedLogIn, Password, PasswordError, Signed, Visitor};
use crate::cloud::Cloud;
use crate::tenant::RealmKey;

/// Why a password is not changed.
pub enum FailedChange {
    /// The old one did not hold, or it could not be tried.
    Old(FailedLogIn),
    /// The new one is not taken.
    New(PasswordError),
}

impl<T: Into<FailedLogIn>> From<T> for FailedChange {
    fn from(failed: T) -> Self {
        Self::Old(failed.into())
    }
}

impl Cloud {
    /// Password and code again, for a session that goes on.
    ///
    /// # Errors
    /// [`FailedLogIn`].
    pub async fn prove_again(
        &self,
        signed: &Signed,
        key: &RealmKey,
        visitor: &Visitor,
        password: Password,
        code: &str,
    ) -> Result<(), FailedLogIn> {
        let limits = Visitor::proof_limits(&signed.session);
        let credentials = self
            .own_password(signed, visitor, password, &limits)
            .await?;
        let (realm, person) = (&signed.realm, &signed.person);
        if !self
            .use_code((realm, key), person, &credentials, code)
            .await?
        {
            self.note_failed_try(realm, &visitor.address, "code", &person.id)
                .await?;
            return Err(FailedLogIn::Code);
        }
        self.store.give_try_back(realm, &limits).await?;
        let record = signed.record(AuditEvent::ProvenAgain);
        let store = &self.store;
        match store.prove_session(realm, &signed.session, &record).await? {
            true => Ok(()),
            false => Err(FailedLogIn::TooLate),
        }
    }

    /// A new password in place of the old one; every other session of the person ends.
    ///
    /// # Errors
    /// [`FailedChange`].
    pub async fn change_own_password(
        &self,
        signed: &Signed,
        visitor: &Visitor,
        old: Password,
        new: Password,
    ) -> Result<(), FailedChange> {
        let limits = Visitor::proof_limits(&signed.session);
        let credentials = self.own_password(signed, visitor, old, &limits).await?;
        self.store
            .give_try_back(&signed.realm, &limits)
            .await
            .map_err(FailedLogIn::from)?;
        let hash = self.new_hash(&signed.person.login, new).await;
        let hash = hash
            .map_err(FailedLogIn::from)?
            .map_err(FailedChange::New)?;
        let old = credentials.password.unwrap_or_default();
        let record = AuditRecord::new(
            self.clock.now(),
            signed.actor(),
            AuditEvent::PasswordChanged,
        );
        let (id, both) = (&signed.person.id, (old.as_str(), hash.as_str()));
        let store = &self.store;
        let done = store
            .change_password(&signed.realm, id, both, &signed.session, &record)
            .await;
        match done.map_err(FailedLogIn::from)? {
            true => Ok(()),
            false => Err(FailedLogIn::TooLate.into()),
        }
    }

    /// The hash of a new password, if it is good enough; `Err` if no more can wait for it.
    pub(super) async fn new_hash(
        &self,
        login: &str,
        password: Password,
    ) -> Result<Result<String, PasswordError>, ProblemCode> {
        let login = login.to_owned();
        let work = move |memory: &mut HashMemory| {
            password.check_for(&login)?;
            password.hashed(memory)
        };
        Ok(self.hashes.run(work).await?)
    }

    async fn own_password(
        &self,
        signed: &Signed,
        visitor: &Visitor,
        password: Password,
        limits: &[LogInLimit],
    ) -> Result<Credentials, FailedLogIn> {
        let (realm, id): (&Realm, &str) = (&signed.realm, &signed.person.id);
        self.take_try(realm, visitor, limits).await?;
        let found = self.store.person(realm, id).await?;
        let (_, credentials) = found.ok_or(FailedLogIn::TooLate)?;
        let hash = credentials.password.clone();
        let check = move |memory: &mut HashMemory| password.is_of(hash.as_deref(), memory);
        if self.hashes.run(check).await? {
            return Ok(credentials);
        }
        self.note_failed_try(realm, &visitor.address, "password", id)
            .await?;
        Err(FailedLogIn::Wrong)
    }
}
