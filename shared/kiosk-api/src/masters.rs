//! A town's masters (マスタ) on their way to its kiosks.

use guidance::Masters;
use serde::{Deserialize, Serialize};

/// The masters in use. They are no rules, so they carry no signature: the channel's is enough for places, hours, closed
/// days and fees, and the rules that use them come signed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TownMasters {
    /// Counts the changes; 0: the town has set nothing yet.
    pub revision: u64,
    /// What the town has set.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub masters: Masters,
}

impl TownMasters {
    /// Entity tag, quotes included.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"masters-{}\"", self.revision)
    }
}
