//! Paths of the device API. `{tenant}` is the 6-digit code; all need the kiosk's client certificate.

use crate::id::TenantCode;

/// `POST` → [`crate::NonceReply`] (201). No body.
pub const NONCES: &str = "/v1/{tenant}/nonces";
/// `POST` [`crate::LoginProof`] → [`crate::HouseholdReply`].
pub const HOUSEHOLD: &str = "/v1/{tenant}/household";
/// `POST` [`crate::SealedApplication`] → [`crate::Receipt`] (201 when new, 200 when repeated).
pub const APPLICATIONS: &str = "/v1/{tenant}/applications";
/// `GET` → [`crate::SealingKey`].
pub const SEALING_KEY: &str = "/v1/{tenant}/sealing-key";
/// `GET` with `If-None-Match` → [`crate::SignedEdition`] and `ETag`, or 304.
pub const CATALOGUE: &str = "/v1/{tenant}/catalogue";
/// `GET` with `If-None-Match` → [`crate::SignedEdition`] and `ETag`, or 304.
pub const FORMS: &str = "/v1/{tenant}/forms";
/// `GET` with `If-None-Match` → [`crate::TownMasters`] and `ETag`, or 304.
pub const MASTERS: &str = "/v1/{tenant}/masters";
/// `POST` [`crate::Heartbeat`] → [`crate::HeartbeatReply`].
pub const HEARTBEAT: &str = "/v1/{tenant}/heartbeat";
/// `POST` [`crate::StaffCall`] → 204.
pub const STAFF_CALLS: &str = "/v1/{tenant}/staff-calls";
/// `POST` guidance interchange document → guidance reply; also on the API listener without a certificate.
pub const GUIDANCE: &str = "/v1/{tenant}/guidance";

/// A route's path for one tenant, e.g. `path(NONCES, tenant)` = `/v1/990019/nonces`.
#[must_use]
pub fn path(route: &str, tenant: &TenantCode) -> String {
    route.replace("{tenant}", tenant.as_str())
}
