//! Style sheet and script.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kiosk_api::{Problem, ProblemCode};

use crate::cloud::Shared;
use crate::refusal::Refusal;

/// The style sheet.
#[utoipa::path(
    get, path = "/console/style.css", tag = "console",
    responses((status = 200, description = "Style sheet", body = String, content_type = "text/css"))
)]
pub(super) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../templates/style.css"),
    )
        .into_response()
}

/// htmx, when the settings name its file.
#[utoipa::path(
    get, path = "/console/htmx.js", tag = "console",
    responses(
        (status = 200, description = "Script", body = String, content_type = "text/javascript"),
        (status = 404, description = "Not served", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn htmx(State(cloud): State<Shared>) -> Result<Response, Refusal> {
    let script = cloud.console.htmx.clone().ok_or(ProblemCode::NotFound)?;
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    Ok((kind, script).into_response())
}
