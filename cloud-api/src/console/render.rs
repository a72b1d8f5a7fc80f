//! A template as an answer.

use askama::Template;
use axum::response::Html;
use kiosk_api::ProblemCode;

use crate::refusal::Refusal;

pub(super) fn html(page: &impl Template) -> Result<Html<String>, Refusal> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "console page");
        ProblemCode::Internal.into()
    })
}
