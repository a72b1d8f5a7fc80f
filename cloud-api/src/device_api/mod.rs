//! The routes of kiosks, on the listener with mutual TLS. Who asks comes from the client certificate.

mod applications;
mod device;
mod editions;
mod kiosks;
mod login;
mod masters;
mod peer;
mod plan;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use peer::Peer;

use crate::cloud::Shared;

/// For kiosks alone.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(login::post_nonce))
        .routes(routes!(login::post_household))
        .routes(routes!(applications::post_application))
        .routes(routes!(applications::get_sealing_key))
        .routes(routes!(editions::get_catalogue))
        .routes(routes!(editions::get_forms))
        .routes(routes!(masters::get_masters))
        .routes(routes!(kiosks::post_heartbeat))
        .routes(routes!(kiosks::post_staff_call))
}

/// For kiosks and, on the office listener, for machine clients.
pub fn plan_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(plan::post_guidance))
}
