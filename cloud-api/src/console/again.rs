//! Password and code again, before what matters most.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::answers::{FormRefusals, Malformed, NoTown, Page, TooMany};
use super::frame::{Frame, frame};
use super::log_in::{home_or, why};
use super::render::html;
use crate::cloud::Shared;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk, Password, Posted, Visitor};

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    frame: Frame,
    back: String,
    provider: bool,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct BackQuery {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct AgainForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

fn page(
    cloud: &Shared,
    clerk: &Clerk,
    back: &str,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    html(&AgainPage {
        frame: frame(cloud, clerk, "/again"),
        back: home_or(&clerk.realm, back),
        provider: clerk.tenant.provider.is_some(),
        problem,
    })
}

/// The page that asks for password and code again.
#[utoipa::path(
    get, path = "/console/{tenant}/again", tag = "console", security(("session" = [])),
    params(("tenant" = String, Path), ("back" = Option<String>, Query, description = "Where to go after it")),
    responses(
        (status = 303, description = "Nobody is logged in: to the log-in"),
        Page, Malformed, NoTown,
    )
)]
pub(super) async fn get_again(
    State(cloud): State<Shared>,
    clerk: Clerk,
    InQuery(query): InQuery<BackQuery>,
) -> Result<Html<String>, Away> {
    Ok(page(&cloud, &clerk, &query.back, None)?)
}

/// Password and code.
#[utoipa::path(
    post, path = "/console/{tenant}/again", tag = "console", security(("session" = [])), params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, password, code, back"),
    responses(
        (status = 303, description = "Back"),
        (status = 422, description = "The page, which says why not", body = String, content_type = "text/html"),
        TooMany, FormRefusals, NoTown,
    )
)]
pub(super) async fn post_again(
    State(cloud): State<Shared>,
    visitor: Visitor,
    Posted(clerk, form): Posted<Clerk, AgainForm>,
) -> Result<Response, Away> {
    let (key, password) = (clerk.tenant.key(), Password::typed(form.password));
    let proven = cloud
        .prove_again(&clerk, &key, &visitor, password, &form.code)
        .await;
    match proven {
        Ok(()) => Ok(Redirect::to(&home_or(&clerk.realm, &form.back)).into_response()),
        Err(failed) => {
            let (status, problem) = why(failed, clerk.language)?;
            let page = page(&cloud, &clerk, &form.back, Some(problem))?;
            Ok((super::log_in::within(status), page).into_response())
        }
    }
}
