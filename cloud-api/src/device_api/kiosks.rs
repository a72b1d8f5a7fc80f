//! `POST …/heartbeat` and `POST …/staff-calls`: how kiosks are, and when they want hands.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cloud_store::{CallReason, StaffCallRow};
use kiosk_api::{Heartbeat, HeartbeatReply, Problem, StaffCall, TownMasters};

use super::device::Device;
use crate::cloud::Shared;
use crate::refusal::{JsonBody, Refusal};

/// Keeps how the kiosk is, and says what is newest.
#[utoipa::path(
    post, path = "/v1/{tenant}/heartbeat", tag = "kiosks", security(("kiosk" = [])), params(("tenant" = String, Path)),
    request_body = Heartbeat,
    responses(
        (status = 200, description = "The cloud's time, and the ETags to use now", body = HeartbeatReply),
        (status = 400, description = "malformed_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "too_large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "wrong_content_type", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_heartbeat(
    State(cloud): State<Shared>,
    device: Device,
    JsonBody(heartbeat): JsonBody<Heartbeat>,
) -> Result<Json<HeartbeatReply>, Refusal> {
    let (tenant, now) = (&device.tenant, cloud.clock.now());
    cloud
        .store
        .save_heartbeat(&tenant.code, &device.kiosk, now, &heartbeat)
        .await?;
    cloud
        .metrics
        .heartbeat(&tenant.code, &device.kiosk, now, &heartbeat);
    let masters = TownMasters {
        revision: cloud.store.masters_revision(&tenant.code).await?,
        ..TownMasters::default()
    };
    Ok(Json(HeartbeatReply {
        now,
        masters_etag: Some(masters.etag()),
        catalogue_etag: tenant.edition().map(|edition| edition.etag.clone()),
        forms_etag: tenant.forms().map(|edition| edition.etag.clone()),
    }))
}

/// Calls staff. The same id twice is one call.
#[utoipa::path(
    post, path = "/v1/{tenant}/staff-calls", tag = "kiosks", security(("kiosk" = [])), params(("tenant" = String, Path)),
    request_body = StaffCall,
    responses(
        (status = 204, description = "Staff see it"),
        (status = 400, description = "malformed_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "too_large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "wrong_content_type", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_staff_call(
    State(cloud): State<Shared>,
    device: Device,
    JsonBody(call): JsonBody<StaffCall>,
) -> Result<StatusCode, Refusal> {
    let row = StaffCallRow {
        id: call.id,
        kiosk: device.kiosk.clone(),
        reason: CallReason::Kiosk(call.reason),
        called_at: call.at,
    };
    cloud
        .store
        .insert_staff_call(&device.tenant.code, &row)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
