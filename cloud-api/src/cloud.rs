//! Everything that a request may need, handed to every handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloud_store::{Findings, Realm, Store, StoreError};
use jiff::SignedDuration;
use kiosk_api::TenantCode;
use thiserror::Error;

use crate::anchor::{AnchorFile, Anchors};
use crate::clock::Clock;
use crate::form_renderer::FormRenderer;
use crate::jpki::{CardAuthority, CardFaces};
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::staff::HashQueue;
use crate::tenant::{RealmKey, Tenant};
use crate::town_catalogue::TownCatalogue;

/// Card login.
pub struct CardLogin {
    /// Judges certificates.
    pub authority: CardAuthority,
    /// Judges card faces.
    pub faces: CardFaces,
    /// How long a nonce lives.
    pub nonce_life: SignedDuration,
}

/// What the console is set up with.
#[derive(Default)]
pub struct ConsoleConfig {
    /// The platform's key; without it the platform has no people.
    pub platform_key: Option<RealmKey>,
    /// `https://…`, if a proxy with TLS stands before the listener: its name is let in, and cookies are for TLS only.
    pub origin: Option<String>,
    /// htmx, as served.
    pub htmx: Option<Vec<u8>>,
}

impl ConsoleConfig {
    /// What the end of a cookie says of TLS.
    pub(crate) fn secure(&self) -> &'static str {
        match self.origin {
            Some(_) => "; Secure",
            None => "",
        }
    }
}

/// The service's parts.
pub struct Cloud {
    /// The municipalities.
    pub tenants: BTreeMap<TenantCode, Arc<Tenant>>,
    /// The store.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Card login, when it is set up.
    pub card: Option<CardLogin>,
    /// Counters.
    pub metrics: Metrics,
    /// Draws forms.
    pub renderer: FormRenderer,
    /// Hashes passwords.
    pub hashes: HashQueue,
    /// How the console is reached and its people are known.
    pub console: ConsoleConfig,
    /// Where heads of the trails were anchored, if that is a file.
    pub anchors: Option<AnchorFile>,
}

/// Why a trail could not be looked through.
#[derive(Debug, Error)]
pub enum InspectError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The anchor file.
    #[error("anchor file: {0}")]
    File(#[from] std::io::Error),
}

/// As handlers get it.
pub type Shared = Arc<Cloud>;

impl Cloud {
    /// The key of a realm, from which its people's second factors are encrypted.
    #[must_use]
    pub fn realm_key(&self, realm: &Realm) -> Option<RealmKey> {
        match realm {
            Realm::Town(code) => self.tenants.get(code).map(|tenant| tenant.key()),
            Realm::Platform => self.console.platform_key.clone(),
        }
    }

    /// Every town, and the platform.
    #[must_use]
    pub fn realms(&self) -> Vec<Realm> {
        let towns = self.tenants.keys().map(Realm::from);
        towns.chain([Realm::Platform]).collect()
    }

    /// Looks through a realm's trail, all of its applications and what was anchored; lines of the anchor file that do not hold
    /// are beside it.
    ///
    /// # Errors
    /// When the store does not answer, or the file cannot be read.
    pub async fn inspect(&self, realm: &Realm) -> Result<(Findings, Vec<String>), InspectError> {
        let keys = self.store.keys_of(realm);
        let anchors = match (&self.anchors, keys) {
            (Some(file), Some(keys)) => file.read(realm, &keys.head_key())?,
            _ => Anchors::default(),
        };
        let findings = self.store.inspect(realm, anchors.anchored()).await?;
        Ok((findings, anchors.problems))
    }

    /// The tenant of this code.
    #[must_use]
    pub fn tenant(&self, code: &str) -> Option<Arc<Tenant>> {
        self.tenants.get(&code.parse().ok()?).cloned()
    }

    /// The catalogue of a town with its masters, if an edition is published. The store is asked each time, so that
    /// every replica plans with what was set last.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn catalogue(&self, tenant: &Tenant) -> Result<Option<Arc<TownCatalogue>>, Refusal> {
        let Some(edition) = tenant.edition() else {
            return Ok(None);
        };
        let revision = self.store.masters_revision(&tenant.code).await?;
        if let Some(made) = tenant.catalogue_cache.get(&edition, revision) {
            return Ok(Some(made));
        }
        let masters = self.store.masters(&tenant.code).await?;
        let value = edition.value.with_masters(&masters.masters);
        let value = value.unwrap_or_else(|error| {
            tracing::error!(tenant = %tenant.code, %error, "masters do not fit; the edition alone is used");
            edition.value.clone()
        });
        let made = Arc::new(TownCatalogue {
            value,
            masters,
            edition,
        });
        tenant.catalogue_cache.keep(&made);
        Ok(Some(made))
    }
}
