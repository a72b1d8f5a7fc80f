//! Hand-off (docs/hand-off.md): what a town's other systems get of an application, as CSV or JSON, through a robots' queue
//! or an API.

mod document;
mod management;
mod opened;
mod problems;
mod robots;
mod sheet;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use document::{Document, DocumentValue};
pub(crate) use problems::Refusals;
pub use sheet::{Sheet, write_sheet};

use crate::cloud::Shared;

/// For machine clients, on the office listener.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(management::get_applications))
        .routes(routes!(management::get_application))
        .routes(routes!(management::put_state))
        .routes(routes!(management::get_sheet))
        .routes(routes!(robots::post_claim))
        .routes(routes!(robots::post_renew))
        .routes(routes!(robots::post_finish))
}
