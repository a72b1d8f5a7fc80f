//! Everything that a request may need, handed to every handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use kiosk_api::TenantCode;

use crate::clock::Clock;
use crate::jpki::CardAuthority;
use crate::operations::Metrics;
use crate::paper_room::PaperRoom;
use crate::store::Store;
use crate::tenant::Tenant;

/// Card login.
pub struct CardLogin {
    /// Judges certificates.
    pub authority: CardAuthority,
    /// How long a nonce lives.
    pub nonce_life: SignedDuration,
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
}

/// As handlers get it.
pub type Shared = Arc<Cloud>;

impl Cloud {
    /// The tenant of this code.
    #[must_use]
    pub fn tenant(&self, code: &str) -> Option<Arc<Tenant>> {
        self.tenants.get(&code.parse().ok()?).cloned()
    }
}
