//! The contents of the catalogue in use, for services that show procedures elsewhere than on a kiosk.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloud_store::Scope;
use kiosk_api::ProblemCode;
use serde::Serialize;

use super::contents::{CatalogueReply, LifeEventReply, ProcedureReply};
use crate::clients::Caller;
use crate::cloud::{Cloud, Shared};
use crate::etag::is_current;
use crate::hand_off::Refusals;
use crate::refusal::Refusal;
use crate::town_catalogue::TownCatalogue;

/// Life events, procedures, counters, things to bring and parameters of the catalogue in use.
#[utoipa::path(
    get, path = "/v1/{tenant}/catalogue/contents", tag = "services", security(("client" = ["catalogue"])),
    params(("tenant" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "All of it; ETag in the header", body = CatalogueReply),
        (status = 304, description = "What is named is still so"),
        Refusals,
    )
)]
pub(super) async fn get_contents(
    State(cloud): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let catalogue = in_use(&cloud, &caller).await?;
    answer(&headers, Some(CatalogueReply::of(&catalogue.value)))
}

/// A life event with its procedures.
#[utoipa::path(
    get, path = "/v1/{tenant}/catalogue/life-events/{id}", tag = "services", security(("client" = ["catalogue"])),
    params(("tenant" = String, Path), ("id" = String, Path, example = "move_in"), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "The event; ETag in the header", body = LifeEventReply),
        (status = 304, description = "What is named is still so"),
        Refusals,
    )
)]
pub(super) async fn get_life_event(
    State(cloud): State<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Path((_, id)) = path;
    let catalogue = in_use(&cloud, &caller).await?;
    answer(&headers, LifeEventReply::of(&catalogue.value, &id))
}

/// A procedure with its counter and what to bring.
#[utoipa::path(
    get, path = "/v1/{tenant}/catalogue/procedures/{id}", tag = "services", security(("client" = ["catalogue"])),
    params(("tenant" = String, Path), ("id" = String, Path, example = "cert_juminhyo"), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "The procedure; ETag in the header", body = ProcedureReply),
        (status = 304, description = "What is named is still so"),
        Refusals,
    )
)]
pub(super) async fn get_procedure(
    State(cloud): State<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Path((_, id)) = path;
    let catalogue = in_use(&cloud, &caller).await?;
    answer(&headers, ProcedureReply::of(&catalogue.value, &id))
}

async fn in_use(cloud: &Cloud, caller: &Caller) -> Result<Arc<TownCatalogue>, Refusal> {
    caller.require(Scope::Catalogue)?;
    let town = cloud.catalogue(&caller.tenant).await?;
    Ok(town.ok_or(ProblemCode::EditionMissing)?)
}

/// The part with its entity tag, which is of the bytes: whatever changes them changes it.
fn answer(headers: &HeaderMap, part: Option<impl Serialize>) -> Result<Response, Refusal> {
    let part = part.ok_or(ProblemCode::NotFound)?;
    let body = serde_json::to_vec(&part).map_err(|_| ProblemCode::Internal)?;
    let hash = digest(&SHA256, &body);
    let hexadecimal = hash.as_ref().iter().take(16);
    let hexadecimal: String = hexadecimal.map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hexadecimal}\"");
    let current = is_current(headers, &tag);
    let tag = [(header::ETAG, tag)];
    if current {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((tag, kind, body).into_response())
}
