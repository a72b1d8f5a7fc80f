//! The first log-in: an administrator invites, the person sets a password and shows that their app has the second factor.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{NewPerson, Person, Realm, Rights, StoreError};
use jiff::SignedDuration;
use kiosk_api::ProblemCode;
use thiserror::Error;
use uuid::Uuid;

use super::second_person::unconfirmed_by;
use super::{Bearer, FactorError, Password, PasswordError, SecondFactor};
use crate::cloud::Cloud;
use crate::refusal::Refusal;
use crate::tenant::RealmKey;

/// How long an invitation holds.
pub const ENROLMENT_LIFE: SignedDuration = SignedDuration::from_hours(72);

/// Why somebody is not added or enrolled.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// The log-in name is taken.
    #[error("このログイン名は使われています。別の名前にしてください。")]
    Taken,
    /// A log-in name that would not be typed the same twice.
    #[error("ログイン名は半角の英小文字・数字・「.」「-」「_」で、2～40文字にしてください。")]
    Login,
    /// Nobody has this invitation (any more).
    #[error(
        "この招待は使えません。期限が切れたか、すでに使われています。管理者に招待し直してもらってください。"
    )]
    Invitation,
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The code does not hold.
    #[error(
        "認証アプリの6桁の数字が正しくありません。アプリに表示されている数字を入力してください。"
    )]
    Code,
    /// The second factor.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error("{}", .0.japanese())]
    Problem(ProblemCode),
}

impl From<ProblemCode> for EnrolError {
    fn from(code: ProblemCode) -> Self {
        Self::Problem(code)
    }
}

impl From<EnrolError> for Refusal {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Store(error) => error.into(),
            EnrolError::Problem(code) => code.into(),
            other => {
                tracing::error!(error = %other, "enrolment");
                ProblemCode::Internal.into()
            }
        }
    }
}

/// Somebody who was added with everything set, for a pilot or a mock-up environment.
pub struct Enrolled {
    /// Their password.
    pub password: Password,
    /// Their second factor.
    pub factor: SecondFactor,
}

fn login_is_plain(login: &str) -> bool {
    (2..=40).contains(&login.len())
        && login
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
}

impl Cloud {
    /// Adds a person and invites them; gives the invitation, to be handed over once.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn invite(
        &self,
        realm: &Realm,
        key: &RealmKey,
        by: Actor,
        (login, name): (&str, &str),
        rights: Rights,
    ) -> Result<(Person, Bearer), EnrolError> {
        let invitation = Bearer::new()?;
        let until = self
            .clock
            .now()
            .checked_add(ENROLMENT_LIFE)
            .map_err(|_| ProblemCode::Internal)?;
        let factor = SecondFactor::new()?;
        let person = self
            .add(
                realm,
                key,
                by,
                (login, name),
                rights,
                None,
                &factor,
                Some((invitation.hash(), until)),
            )
            .await?;
        Ok((person, invitation))
    }

    /// Adds a person who can log in at once.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn add_enrolled(
        &self,
        realm: &Realm,
        key: &RealmKey,
        by: Actor,
        (login, name): (&str, &str),
        rights: Rights,
        enrolled: Enrolled,
    ) -> Result<Person, EnrolError> {
        let hash = self.new_hash(login, enrolled.password).await??;
        self.add(
            realm,
            key,
            by,
            (login, name),
            rights,
            Some(hash),
            &enrolled.factor,
            None,
        )
        .await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two ways above differ in the last three"
    )]
    async fn add(
        &self,
        realm: &Realm,
        key: &RealmKey,
        by: Actor,
        (login, name): (&str, &str),
        rights: Rights,
        password: Option<String>,
        factor: &SecondFactor,
        invitation: Option<(Vec<u8>, jiff::Timestamp)>,
    ) -> Result<Person, EnrolError> {
        if !login_is_plain(login) {
            return Err(EnrolError::Login);
        }
        let at = self.clock.now();
        // Who comes with a password comes from the command line or a test.
        let unconfirmed = match &password {
            Some(_) => None,
            None => unconfirmed_by(&by)?,
        };
        let person = Person {
            id: Uuid::new_v4().to_string(),
            login: login.to_owned(),
            name: name.trim().to_owned(),
            rights,
            left_at: None,
            enrolled: password.is_some(),
            unconfirmed,
            notice: None,
            altered: false,
        };
        let roles: Vec<_> = person
            .rights
            .roles
            .iter()
            .map(|role| role.as_str())
            .collect();
        let record = AuditRecord::new(at, by, AuditEvent::StaffAdded)
            .about(&person.id)
            .with(serde_json::json!({ "login": login, "roles": roles }));
        let new = NewPerson {
            factor: Some(factor.seal(key, &person.id)?),
            person,
            password,
            invitation,
            at,
        };
        if self.store.add_person(realm, &new, &record).await? {
            Ok(new.person)
        } else {
            Err(EnrolError::Taken)
        }
    }

    /// Invites somebody again: until they have enrolled and a second person has confirmed that, they may do nothing.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn invite_again(
        &self,
        realm: &Realm,
        key: &RealmKey,
        by: Actor,
        person: &Person,
    ) -> Result<Bearer, EnrolError> {
        let (invitation, now) = (Bearer::new()?, self.clock.now());
        let until = now
            .checked_add(ENROLMENT_LIFE)
            .map_err(|_| ProblemCode::Internal)?;
        let factor = SecondFactor::new()?.seal(key, &person.id)?;
        let unconfirmed = unconfirmed_by(&by)?;
        let record = AuditRecord::new(now, by, AuditEvent::StaffChanged)
            .about(&person.id)
            .with(serde_json::json!({ "invited": "again" }));
        let hash = invitation.hash();
        self.store
            .invite_again(
                realm,
                &person.id,
                &factor,
                (&hash, until),
                unconfirmed.as_ref(),
                &record,
            )
            .await?;
        Ok(invitation)
    }

    /// Who holds an invitation, with the second factor that they scan.
    ///
    /// # Errors
    /// [`EnrolError::Invitation`].
    pub async fn invited(
        &self,
        realm: &Realm,
        key: &RealmKey,
        invitation: &Bearer,
    ) -> Result<(Person, SecondFactor), EnrolError> {
        let found = self
            .store
            .invited(realm, &invitation.hash(), self.clock.now())
            .await?;
        let (person, credentials) = found.ok_or(EnrolError::Invitation)?;
        let sealed = credentials.factor.ok_or(EnrolError::Invitation)?;
        let factor = SecondFactor::open(&sealed, key, &person.id)?;
        Ok((person, factor))
    }

    /// Sets the password, once the code shows that the app has the second factor.
    ///
    /// # Errors
    /// [`EnrolError`], in words for the person.
    pub async fn enrol(
        &self,
        realm: &Realm,
        key: &RealmKey,
        invitation: &Bearer,
        password: Password,
        code: &str,
    ) -> Result<Person, EnrolError> {
        let (person, factor) = self.invited(realm, key, invitation).await?;
        let now = self.clock.now();
        let step = factor.check(code, now, 0).ok_or(EnrolError::Code)?;
        let hash = self.new_hash(&person.login, password).await??;
        let record = AuditRecord::new(now, Actor::Staff(person.id.clone()), AuditEvent::Enrolled);
        let done = self
            .store
            .enrol(realm, &invitation.hash(), &hash, step, &record)
            .await?;
        if done {
            Ok(person)
        } else {
            Err(EnrolError::Invitation)
        }
    }
}
