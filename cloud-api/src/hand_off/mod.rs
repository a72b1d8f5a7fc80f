//! Hand-off (docs/hand-off.md): what a town's other systems get of an application, as CSV or JSON, through a robots' queue
//! or an API.

mod document;
mod management;
mod problems;
mod robots;
mod sheet;

use application::Application;
use kiosk_api::{ApplicationId, ProblemCode, SealedApplication};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use document::{Document, DocumentValue};
pub use sheet::{Sheet, write_sheet};

use crate::applications::open;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::store::ApplicationRow;
use crate::tenant::Tenant;

/// For machine clients, on the office listener.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(management::get_applications))
        .routes(routes!(management::get_application))
        .routes(routes!(management::get_sheet))
        .routes(routes!(robots::post_claim))
        .routes(routes!(robots::post_renew))
        .routes(routes!(robots::post_finish))
}

/// An application, opened.
async fn opened(
    cloud: &Shared,
    tenant: &Tenant,
    id: ApplicationId,
) -> Result<(ApplicationRow, Application), Refusal> {
    let found = cloud.store.application(&tenant.code, id).await?;
    let (row, envelope) = found.ok_or(ProblemCode::NotFound)?;
    let sealed: SealedApplication =
        serde_json::from_slice(&envelope).map_err(|_| ProblemCode::Internal)?;
    let application = open(tenant, &sealed)?;
    Ok((row, application))
}
