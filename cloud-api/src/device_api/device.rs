//! The extractor of the kiosks' routes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kiosk_api::{KioskId, ProblemCode};

use super::peer::Peer;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::tenant::Tenant;
use crate::town_in_path::TownInPath;

/// A request from an enrolled kiosk to its own town.
pub(super) struct Device {
    /// The town.
    pub(super) tenant: Arc<Tenant>,
    /// The kiosk.
    pub(super) kiosk: KioskId,
}

impl FromRequestParts<Shared> for Device {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let peer = parts
            .extensions
            .get::<Peer>()
            .cloned()
            .ok_or(ProblemCode::KioskUnknown)?;
        let tenant = TownInPath::from_request_parts(parts, cloud).await?.0;
        if tenant.code != peer.tenant {
            return Err(ProblemCode::NotFound.into());
        }
        if !tenant.kiosks.contains(&peer.kiosk) {
            return Err(ProblemCode::KioskUnknown.into());
        }
        Ok(Self {
            tenant,
            kiosk: peer.kiosk,
        })
    }
}
