//! Everything that a request may need, handed to every handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloud_store::{Realm, Store};
use jiff::SignedDuration;
use kiosk_api::TenantCode;

use crate::clock::Clock;
use crate::jpki::CardAuthority;
use crate::operations::Metrics;
use crate::paper_room::PaperRoom;
use crate::tenant::{RealmKey, Tenant};

/// Card login.
pub struct CardLogin {
    /// Judges certificates.
    pub authority: CardAuthority,
    /// How long a nonce lives.
    pub nonce_life: SignedDuration,
}

/// The office's own settings.
#[derive(Default)]
pub struct Office {
    /// The platform's key; without it the platform has no people.
    pub platform_key: Option<RealmKey>,
    /// `https://…`, if a proxy with TLS stands before the listener: its name is let in, and cookies are for TLS only.
    pub origin: Option<String>,
    /// htmx, as served.
    pub htmx: Option<Vec<u8>>,
}

impl Office {
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
    pub paper: PaperRoom,
    /// How the office is reached and its people are known.
    pub office: Office,
}

/// As handlers get it.
pub type Shared = Arc<Cloud>;

impl Cloud {
    /// The key of a realm, from which its people's second factors are encrypted.
    #[must_use]
    pub fn realm_key(&self, realm: &Realm) -> Option<RealmKey> {
        match realm {
            Realm::Town(code) => self.tenants.get(code).map(|tenant| tenant.key()),
            Realm::Platform => self.office.platform_key.clone(),
        }
    }

    /// The tenant of this code.
    #[must_use]
    pub fn tenant(&self, code: &str) -> Option<Arc<Tenant>> {
        self.tenants.get(&code.parse().ok()?).cloned()
    }
}
