//! `POST /v1/{tenant}/guidance`: the interchange (docs of shared/guidance); the same bytes as `kiosk guide`.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use cloud_store::Scope;
use guidance::{Catalogue, GuideError, guide_while};
use kiosk_api::{Problem, ProblemCode};

use super::device::Device;
use super::peer::Peer;
use crate::clients::Caller;
use crate::cloud::Shared;
use crate::planner::while_awaited;
use crate::refusal::{JsonBytes, Refusal};
use crate::tenant::Tenant;

/// Who may have plans made: an enrolled kiosk, or a machine client with the scope `guidance`.
pub(super) struct Asker(Arc<Tenant>);

impl FromRequestParts<Shared> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        if parts.extensions.get::<Peer>().is_some() {
            return Ok(Self(Device::from_request_parts(parts, cloud).await?.tenant));
        }
        let caller = Caller::from_request_parts(parts, cloud).await?;
        caller.require(Scope::Guidance)?;
        Ok(Self(caller.tenant))
    }
}

/// Makes a plan from facts.
#[utoipa::path(
    post, path = "/v1/{tenant}/guidance", tag = "guidance", security(("kiosk" = []), ("client" = ["guidance"])),
    params(("tenant" = String, Path, description = "全国地方公共団体コード, six digits")),
    request_body(content = Object, description = "Facts: as_of, event, household, persons, tenant"),
    responses(
        (status = 200, description = "The plan with its reasons", body = Object),
        (status = 400, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Neither an enrolled kiosk nor a token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant, or it has no catalogue", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 64 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An unknown key or value, or more than 40 persons; `path` says where", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_guidance(
    State(cloud): State<Shared>,
    Asker(tenant): Asker,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refusal> {
    let catalogue = cloud
        .catalogue(&tenant)
        .await?
        .ok_or(ProblemCode::EditionMissing)?;
    let planned = while_awaited(move |go_on| planned(&catalogue.value, &body, go_on)).await??;
    let plan = planned.ok_or(ProblemCode::Busy)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], plan).into_response())
}

/// `None` when nobody waits for it any more.
fn planned(
    catalogue: &Catalogue,
    body: &[u8],
    go_on: &dyn Fn() -> bool,
) -> Result<Option<String>, Refusal> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(ProblemCode::MalformedRequest).detail("the body is not UTF-8"))?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let detail = format!(
            "not JSON at line {} column {}",
            error.line(),
            error.column()
        );
        return Err(Problem::new(ProblemCode::MalformedRequest)
            .detail(detail)
            .into());
    }
    guide_while(catalogue, text, go_on).map_err(|GuideError::Fact(error)| {
        Problem::new(ProblemCode::InvalidDocument)
            .detail(error.reason)
            .at(error.path)
            .into()
    })
}
