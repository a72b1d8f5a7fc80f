//! `GET /v1/{tenant}/masters`: what the town has set, by ETag; the kiosk lays it over its catalogue.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kiosk_api::{Problem, TownMasters};

use super::device::Device;
use crate::cloud::Shared;
use crate::etag::is_current;
use crate::refusal::Refusal;

/// The town's masters.
#[utoipa::path(
    get, path = "/v1/{tenant}/masters", tag = "editions", security(("kiosk" = [])),
    params(("tenant" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "Sites, counters, hours, closed days and fees; ETag in the header", body = TownMasters),
        (status = 304, description = "The ones that are named are still in use"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_masters(
    State(cloud): State<Shared>,
    device: Device,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let masters = cloud.store.masters(&device.tenant.code).await?;
    let etag = masters.etag();
    let tag = [(header::ETAG, etag.clone())];
    if is_current(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(masters)).into_response())
}
