//! Applications on their way to the town hall.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::id::ApplicationId;

/// The tenant's public key for sealing; the kiosk keeps the last one, so that it can seal without a network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealingKey {
    /// Names the key; comes back in the envelope.
    pub key_id: String,
    /// X25519, 32 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public_key: Bytes,
}

/// The cloud's answer to an application: it is stored durably.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The application.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ApplicationId,
    /// When it was stored first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub received_at: Timestamp,
    /// It had been stored before; nothing was changed now.
    pub repeated: bool,
}
