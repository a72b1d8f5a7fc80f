//! Secrets that are shown once and kept as a hash: session cookies, invitations, client secrets, access tokens.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud_store::Realm;
use kiosk_api::ProblemCode;
use zeroize::Zeroizing;

/// 32 random bytes; guessing one is out of the question, so a plain hash is enough to keep.
pub struct Bearer(Zeroizing<String>);

impl Bearer {
    /// A new one.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn new() -> Result<Self, ProblemCode> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes).map_err(|_| ProblemCode::Internal)?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))))
    }

    /// A new one that says which realm it is for; so a request to another realm is known as one.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn of(realm: &Realm) -> Result<Self, ProblemCode> {
        let secret = Self::new()?;
        Ok(Self(Zeroizing::new(format!("{realm}.{}", secret.reveal()))))
    }

    /// The realm that it says it is for.
    #[must_use]
    pub fn realm(&self) -> Option<Realm> {
        self.0.split_once('.')?.0.parse().ok()
    }

    /// As it came back.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// To be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}
