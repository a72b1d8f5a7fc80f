//! Nobody gives rights alone. Who is invited may do nothing until a second person has confirmed, by a confirmation number that only
//! whoever enrolled has seen, that they are who was meant: whoever gave the invitation has seen its address and could have
//! enrolled in their place. More rights for somebody wait for a second person, too. Where a town has only one administrator,
//! the operator's command line is the second person.

use aws_lc_rs::rand;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Person, Realm, Rights, RightsRequest, StoreError, Unconfirmed};
use kiosk_api::ProblemCode;
use serde_json::{Value, json};
use thiserror::Error;

use super::guesses::confirmation_number_limit;
use crate::cloud::Cloud;

/// Why somebody cannot confirm, in words for the page.
#[derive(Debug, Error)]
pub enum ConfirmError {
    /// It is about themselves.
    #[error("自分自身については確認できません。別の管理者に依頼してください。")]
    Own,
    /// They invited, or asked.
    #[error("招待や依頼をした本人は確認できません。別の管理者に依頼してください。")]
    Giver,
    /// Nobody has enrolled yet.
    #[error("本人の初回登録がまだ終わっていません。")]
    NotEnrolled,
    /// Nobody has fetched the secret yet.
    #[error("外部サービスの担当者が、まだ秘密の値を受け取っていません。")]
    NotFetched,
    /// Another confirmation number.
    #[error("確認番号が違います。本人に直接聞き直してください。")]
    Number,
    /// Too many confirmation numbers were tried.
    #[error(
        "間違いが続いたため、いまは確認できません。15分ほど待ってから、もう一度お試しください。"
    )]
    TooFast,
    /// What was shown is no longer so.
    #[error("内容が変わっています。もう一度、内容を確かめてください。")]
    Changed,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who may not confirm: the person themselves, and whoever invited or asked.
///
/// # Errors
/// [`ConfirmError::Own`], [`ConfirmError::Giver`].
pub fn may_confirm(by: &Actor, person: &str, giver: &str) -> Result<(), ConfirmError> {
    match by {
        Actor::Staff(id) if id == person => Err(ConfirmError::Own),
        Actor::Staff(id) if id == giver => Err(ConfirmError::Giver),
        _ => Ok(()),
    }
}

/// What somebody who was invited by this actor lacks: an operator at the command line has the database already.
pub(super) fn unconfirmed_by(by: &Actor) -> Result<Option<Unconfirmed>, ProblemCode> {
    let Actor::Staff(id) = by else {
        return Ok(None);
    };
    Ok(Some(Unconfirmed {
        invited_by: id.clone(),
        confirmation_number: new_confirmation_number()?,
    }))
}

/// Eight digits, to be said on the telephone.
pub(super) fn new_confirmation_number() -> Result<String, ProblemCode> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).map_err(|_| ProblemCode::Internal)?;
    let number = u64::from_le_bytes(bytes) % 100_000_000;
    Ok(format!("{:04}-{:04}", number / 10_000, number % 10_000))
}

/// However the number is parted.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Old and new rights, as the trail keeps them.
#[must_use]
pub fn rights_detail(old: &Rights, new: &Rights) -> Value {
    let roles =
        |rights: &Rights| -> Vec<_> { rights.roles.iter().map(|one| one.as_str()).collect() };
    let words = |set: &std::collections::BTreeSet<cloud_store::Permission>| -> Vec<_> {
        set.iter().map(|one| one.as_str()).collect()
    };
    json!({
        "roles_before": roles(old), "roles": roles(new),
        "granted_before": words(&old.granted), "granted": words(&new.granted),
        "withheld_before": words(&old.withheld), "withheld": words(&new.withheld),
    })
}

impl Cloud {
    /// Confirms who enrolled; from now on their rights hold.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm_person(
        &self,
        realm: &Realm,
        by: Actor,
        person: &Person,
        number: &str,
    ) -> Result<(), ConfirmError> {
        let Some(unconfirmed) = &person.unconfirmed else {
            return Err(ConfirmError::Changed);
        };
        may_confirm(&by, &person.id, &unconfirmed.invited_by)?;
        if !person.enrolled {
            return Err(ConfirmError::NotEnrolled);
        }
        let now = self.clock.now();
        let limit = [confirmation_number_limit(&person.id)];
        if !self.store.take_try(realm, &limit, now).await? {
            return Err(ConfirmError::TooFast);
        }
        if digits(number) != digits(&unconfirmed.confirmation_number) {
            return Err(ConfirmError::Number);
        }
        let record = AuditRecord::new(now, by, AuditEvent::StaffConfirmed)
            .about(&person.id)
            .with(rights_detail(&Rights::default(), &person.rights));
        let kept = &unconfirmed.confirmation_number;
        let done = self
            .store
            .confirm_person(realm, person, kept, &record)
            .await?;
        done.then_some(()).ok_or(ConfirmError::Changed)
    }

    /// Gives somebody the rights that were asked for.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn agree_to_rights(
        &self,
        realm: &Realm,
        by: Actor,
        person: &Person,
        request: &RightsRequest,
    ) -> Result<(), ConfirmError> {
        may_confirm(&by, &person.id, &request.asked_by)?;
        let record = AuditRecord::new(self.clock.now(), by, AuditEvent::RightsGranted)
            .about(&person.id)
            .with(rights_detail(&person.held_rights(), &request.rights));
        let store = &self.store;
        let done = store
            .agree_to_request(realm, person, request, &record)
            .await?;
        done.then_some(()).ok_or(ConfirmError::Changed)
    }
}
