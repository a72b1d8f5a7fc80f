//! The cloud service as the kiosk sees it: one method a route, over mutual TLS.
//!
//! Nothing here retries: what a resident waits for must fail soon, and what may wait is [`delivery`]'s and
//! [`upkeep`]'s business.

pub mod backoff;
pub mod delivery;
mod transport;
pub mod upkeep;

use kiosk_api::{
    EditionKind, Heartbeat, HeartbeatReply, HouseholdReply, LARGEST_BODY, LoginProof, NonceReply,
    ProblemCode, Receipt, SealedApplication, SealingKey, SignedEdition, StaffCall, TenantCode,
    TownMasters, route,
};
use serde::de::DeserializeOwned;
use thiserror::Error;

pub use transport::{Cloud, TrustError};

/// Largest answer that is read, bytes. An edition of catalogue or forms with its templates is some 300 kB.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Why the cloud did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CloudError {
    /// No connection, no trust, or no answer in time.
    #[error("the cloud cannot be reached")]
    Unreachable,
    /// It answered that it will not.
    #[error("the cloud refused: {}", .0.as_str())]
    Refused(ProblemCode),
    /// It answered something that cannot be read.
    #[error("the cloud's answer to {0} cannot be read")]
    Malformed(&'static str),
    /// What was to be sent is larger than the cloud reads.
    #[error("too large to send")]
    TooLarge,
}

impl CloudError {
    /// Whether the same request may succeed later without anybody changing it.
    #[must_use]
    pub fn retry(self) -> bool {
        match self {
            Self::Unreachable | Self::Malformed(_) => true,
            // A kiosk or town that is not known yet is made known by staff; the application must wait for that.
            Self::Refused(ProblemCode::KioskUnknown | ProblemCode::NotFound) => true,
            Self::Refused(code) => code.retry(),
            Self::TooLarge => false,
        }
    }
}

/// What came of asking for an edition, or for the town's masters.
pub enum Fetched<T> {
    /// The one in use is the newest.
    Unchanged,
    /// None is published.
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
        let request = self.post(route::HOUSEHOLD).json(proof);
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

    /// The municipality's sealing key.
    ///
    /// # Errors
    /// [`CloudError`].
    pub async fn sealing_key(&self) -> Result<SealingKey, CloudError> {
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

    /// Tells how the kiosk is.
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
