//! The extractor of the town that a path names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kiosk_api::ProblemCode;

use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// The town of `/v1/{tenant}/…`; answers 404 when there is none.
pub struct TownInPath(pub Arc<Tenant>);

impl FromRequestParts<Shared> for TownInPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let params = RawPathParams::from_request_parts(parts, cloud)
            .await
            .map_err(|_| ProblemCode::NotFound)?;
        let code = params
            .iter()
            .find(|(name, _)| *name == "tenant")
            .map(|(_, value)| value);
        code.and_then(|code| cloud.tenant(code))
            .map(Self)
            .ok_or_else(|| ProblemCode::NotFound.into())
    }
}
