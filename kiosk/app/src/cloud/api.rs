//! The device API: one method a route.

use kiosk_api::{
    EditionKind, Heartbeat, HeartbeatReply, HouseholdReply, LARGEST_BODY, LoginProof, NonceReply,
    ProblemCode, Receipt, SealedApplication, SignedEdition, SignedSealingKey, StaffCall,
    TenantCode, TownMasters, route,
};
use serde::de::DeserializeOwned;

use super::{Cloud, CloudError};

/// The answer to "is there another edition, or are there other masters?".
pub enum Fetched<T> {
    /// The one in use is the newest.
    Unchanged,
    /// The municipality has not published any.
    NonePublished,
    /// Another one; not checked yet.
    New(Box<T>),
}

impl Cloud {
    /// A nonce for one card login.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn nonce(&self) -> Result<NonceReply, CloudError> {
        let request = self.post(route::NONCES);
        self.answer("nonce", request).await
    }

    /// Proves the login; the household comes back.
    ///
    /// # Errors
    /// [`CloudError::Refused`] says why there is no household.
    pub async fn household(&self, proof: &LoginProof) -> Result<HouseholdReply, CloudError> {
        let request = self.post_for_resident(route::HOUSEHOLD).json(proof);
        self.answer("household", request).await
    }

    /// Delivers a sealed application as it lies in the outbox (JSON of [`SealedApplication`]).
    ///
    /// # Errors
    /// [`CloudError`]; the same application may be offered again.
    pub async fn deliver(&self, sealed: Vec<u8>) -> Result<Receipt, CloudError> {
        if sealed.len() > LARGEST_BODY {
            return Err(CloudError::TooLarge);
        }
        let request = self
            .post(route::APPLICATIONS)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(sealed);
        self.answer("application", request).await
    }

    /// The municipality's sealing key, as the municipality signed it.
    ///
    /// # Errors
    /// [`CloudError`]; `not_found` where none is signed.
    pub async fn sealing_key(&self) -> Result<SignedSealingKey, CloudError> {
        let request = self.get(route::SEALING_KEY);
        self.answer("sealing key", request).await
    }

    /// The published edition, unless it is the one with this entity tag.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn edition(
        &self,
        kind: EditionKind,
        etag: Option<&str>,
    ) -> Result<Fetched<SignedEdition>, CloudError> {
        let route = match kind {
            EditionKind::Catalogue => route::CATALOGUE,
            EditionKind::Forms => route::FORMS,
        };
        self.fetch("edition", route, etag).await
    }

    /// The town's masters, unless they are the ones with this entity tag.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn masters(&self, etag: &str) -> Result<Fetched<TownMasters>, CloudError> {
        self.fetch("masters", route::MASTERS, Some(etag)).await
    }

    async fn fetch<T: DeserializeOwned>(
        &self,
        what: &'static str,
        route: &str,
        etag: Option<&str>,
    ) -> Result<Fetched<T>, CloudError> {
        let mut request = self.get(route);
        if let Some(etag) = etag {
            request = request.header(reqwest::header::IF_NONE_MATCH, etag);
        }
        match self.answer_or_unchanged(what, request).await {
            Ok(Some(edition)) => Ok(Fetched::New(Box::new(edition))),
            Ok(None) => Ok(Fetched::Unchanged),
            Err(CloudError::Refused(ProblemCode::EditionMissing)) => Ok(Fetched::NonePublished),
            Err(error) => Err(error),
        }
    }

    /// Reports how the kiosk is.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatReply, CloudError> {
        let request = self.post(route::HEARTBEAT).json(heartbeat);
        self.answer("heartbeat", request).await
    }

    /// Calls staff on the console.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn call_staff(&self, call: &StaffCall) -> Result<(), CloudError> {
        let request = self.post(route::STAFF_CALLS).json(call);
        self.no_answer(request).await
    }

    /// The municipality of this kiosk.
    #[must_use]
    pub fn tenant(&self) -> &TenantCode {
        &self.tenant
    }
}

/// A sealed application as bytes for the outbox, which are also the bytes that are sent.
#[must_use]
pub fn to_wire(sealed: &SealedApplication) -> Vec<u8> {
    // Maps with text keys only: this cannot fail, and an empty record would be noticed by the cloud.
    serde_json::to_vec(sealed).unwrap_or_default()
}
