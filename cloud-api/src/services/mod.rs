//! What other services of a town ask for (SEED-4-エ, docs/hand-off.md): the catalogue in use, and what happened to applications.
//! Neither names a resident.

mod catalogue;
mod contents;
mod events;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cloud::Shared;

/// For machine clients, on the office listener.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(catalogue::get_contents))
        .routes(routes!(catalogue::get_life_event))
        .routes(routes!(catalogue::get_procedure))
        .routes(routes!(events::get_events))
}
