//! `GET /v1/{tenant}/catalogue` and `…/forms`: the signed editions, by ETag.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kiosk_api::{Problem, ProblemCode, SignedEdition};

use super::device::Device;
use crate::editions::Published;
use crate::etag::is_current;
use crate::refusal::Refusal;

/// The catalogue edition.
#[utoipa::path(
    get, path = "/v1/{tenant}/catalogue", tag = "editions", security(("kiosk" = [])),
    params(("tenant" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "Edition with its signature; ETag in the header", body = SignedEdition),
        (status = 304, description = "The one that is named is still in use"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant, or nothing published", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_catalogue(device: Device, headers: HeaderMap) -> Result<Response, Refusal> {
    answer(device.tenant.edition(), &headers)
}

/// The forms edition.
#[utoipa::path(
    get, path = "/v1/{tenant}/forms", tag = "editions", security(("kiosk" = [])),
    params(("tenant" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "Edition with its signature; ETag in the header", body = SignedEdition),
        (status = 304, description = "The one that is named is still in use"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant, or nothing published", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_forms(device: Device, headers: HeaderMap) -> Result<Response, Refusal> {
    answer(device.tenant.forms(), &headers)
}

fn answer<T>(
    published: Option<Arc<Published<T>>>,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let published = published.ok_or(ProblemCode::EditionMissing)?;
    let tag = [(header::ETAG, published.etag.clone())];
    if is_current(headers, &published.etag) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((
        tag,
        [(header::CONTENT_TYPE, "application/json")],
        published.body.clone(),
    )
        .into_response())
}
