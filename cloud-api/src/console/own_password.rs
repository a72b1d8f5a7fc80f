//! A password of one's own choice, in place of the old one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::answers::{FormRefusals, NoTown, Page, TooMany};
use super::frame::{Frame, frame};
use super::log_in::{why, within};
use super::render::html;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, FailedChange, FailedLogIn, Password, Posted, Visitor};

#[derive(Template)]
#[template(path = "own_password.html")]
struct PasswordPage {
    frame: Frame,
    login: String,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    old: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

fn page(cloud: &Shared, clerk: &Clerk, problem: Option<String>) -> Result<Html<String>, Refusal> {
    html(&PasswordPage {
        frame: frame(cloud, clerk, "/me/password"),
        login: clerk.person.login.clone(),
        problem,
    })
}

/// The page on which a person changes their password.
#[utoipa::path(
    get, path = "/console/{tenant}/me/password", tag = "console", security(("session" = [])),
    params(("tenant" = String, Path)),
    responses(
        (status = 303, description = "Nobody is logged in: to the log-in"),
        Page, NoTown,
    )
)]
pub(super) async fn get_password(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    Ok(page(&cloud, &clerk, None)?)
}

/// Changes it; every other session of the person ends.
#[utoipa::path(
    post, path = "/console/{tenant}/me/password", tag = "console", security(("session" = [])), params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, old, password, again"),
    responses(
        (status = 303, description = "Changed"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        TooMany, FormRefusals, NoTown,
    )
)]
pub(super) async fn post_password(
    State(cloud): State<Shared>,
    visitor: Visitor,
    Posted(clerk, form): Posted<Clerk, PasswordForm>,
) -> Result<Response, Away> {
    let say = |text: &str| clerk.language.say(text).to_owned();
    let (status, problem) = if form.password == form.again {
        let (old, new) = (Password::typed(form.old), Password::typed(form.password));
        match cloud.change_own_password(&clerk, &visitor, old, new).await {
            Ok(()) => {
                let address = format!("/console/{}/me", clerk.realm);
                return Ok(Redirect::to(&address).into_response());
            }
            Err(FailedChange::New(error)) => (StatusCode::UNAUTHORIZED, say(&error.to_string())),
            Err(FailedChange::Old(FailedLogIn::Wrong)) => (
                StatusCode::UNAUTHORIZED,
                say("今のパスワードが正しくありません。"),
            ),
            Err(FailedChange::Old(failed)) => why(failed, clerk.language)?,
        }
    } else {
        let text = "2回入力したパスワードが同じではありません。";
        (StatusCode::UNAUTHORIZED, say(text))
    };
    let page = page(&cloud, &clerk, Some(problem))?;
    Ok((within(status), page).into_response())
}
