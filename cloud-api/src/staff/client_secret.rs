//! Secrets of machine clients. Whoever registers a client never sees its secret: the client's own people fetch it, once, and a
//! second administrator asks them for the confirmation number that they saw, before the secret opens anything.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Client, ClientSecret, Realm};
use jiff::SignedDuration;
use kiosk_api::ProblemCode;
use uuid::Uuid;

use super::enrolment::ENROLMENT_LIFE;
use super::guesses::confirmation_number_limit;
use super::second_person::{digits, new_confirmation_number};
use super::{Bearer, ConfirmError, may_confirm};
use crate::cloud::Cloud;
use crate::refusal::Refusal;

/// How long a secret holds.
pub const SECRET_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Cloud {
    /// Registers a client, or asks for a new secret of one that is there. Gives what its people fetch the secret with.
    ///
    /// # Errors
    /// The store, or no randomness.
    pub async fn ask_for_secret(
        &self,
        realm: &Realm,
        by: &str,
        client: &Client,
        event: AuditEvent,
    ) -> Result<Bearer, Refusal> {
        let (pickup, now) = (Bearer::new()?, self.clock.now());
        let after = |life| now.checked_add(life).map_err(|_| ProblemCode::Internal);
        let secret = ClientSecret {
            client: client.id.clone(),
            id: Uuid::new_v4().to_string(),
            pickup_until: Some(after(ENROLMENT_LIFE)?),
            confirmation_number: Some(new_confirmation_number()?),
            asked_by: by.to_owned(),
            created_at: now,
            expires_at: Some(after(SECRET_LIFE)?),
        };
        let record = AuditRecord::new(now, Actor::Staff(by.to_owned()), event)
            .about(&client.id)
            .with(serde_json::json!({ "scopes": client.scopes.words() }));
        let store = &self.store;
        store
            .ask_for_client(realm, client, &secret, &pickup.hash(), &record)
            .await?;
        Ok(pickup)
    }

    /// What is waiting to be fetched at this address.
    ///
    /// # Errors
    /// The store.
    pub async fn secret_to_fetch(
        &self,
        realm: &Realm,
        pickup: &Bearer,
    ) -> Result<Option<ClientSecret>, Refusal> {
        let now = self.clock.now();
        let store = &self.store;
        Ok(store.secret_to_fetch(realm, &pickup.hash(), now).await?)
    }

    /// Makes the secret, for whoever has the address; `None` if it was fetched meanwhile.
    ///
    /// # Errors
    /// The store, or no randomness.
    pub async fn fetch_secret(
        &self,
        realm: &Realm,
        pickup: &Bearer,
        secret: &ClientSecret,
    ) -> Result<Option<Bearer>, Refusal> {
        let (new, now) = (Bearer::new()?, self.clock.now());
        let record = AuditRecord::new(now, Actor::Nobody, AuditEvent::SecretFetched);
        let record = record.about(&secret.client);
        let store = &self.store;
        let done = store
            .fetch_secret(realm, &pickup.hash(), &new.hash(), &record)
            .await?;
        Ok(done.then_some(new))
    }

    /// Confirms who fetched a client's secret: from now on it opens what the client may have.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm_secret(
        &self,
        realm: &Realm,
        by: Actor,
        client: &str,
        number: &str,
    ) -> Result<(), ConfirmError> {
        let all = self.store.client_secrets(realm).await?;
        let waits = |one: &&ClientSecret| one.client == client && one.confirmation_number.is_some();
        let secret = all.iter().find(waits).ok_or(ConfirmError::Changed)?;
        may_confirm(&by, "", &secret.asked_by)?;
        if secret.pickup_until.is_some() {
            return Err(ConfirmError::NotFetched);
        }
        let now = self.clock.now();
        let limit = [confirmation_number_limit(client)];
        if !self.store.take_try(realm, &limit, now).await? {
            return Err(ConfirmError::TooFast);
        }
        let kept = secret.confirmation_number.as_deref().unwrap_or_default();
        if digits(number) != digits(kept) {
            return Err(ConfirmError::Number);
        }
        let record = AuditRecord::new(now, by, AuditEvent::SecretConfirmed).about(client);
        let done = self.store.confirm_secret(realm, secret, &record).await?;
        done.then_some(()).ok_or(ConfirmError::Changed)
    }
}
