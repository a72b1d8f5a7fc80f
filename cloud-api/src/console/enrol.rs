//! The first log-in of somebody who was invited.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cloud_store::Person;
use kiosk_api::ProblemCode;
use qrcode::QrCode;
use serde::Deserialize;

use super::answers::{Malformed, Page};
use super::frame::Frame;
use super::log_in::{Entrance, MessagePage};
use super::render::html;
use super::switch::escaped;
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::staff::{Bearer, EnrolError, Password};

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    frame: Frame,
    name: String,
    login: String,
    secret: String,
    /// Rows of the code's modules; dark ones as SVG path.
    code: String,
    side: usize,
    action: String,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct EnrolForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    code: String,
}

/// The page of an invitation: the second factor to scan, a password to choose.
#[utoipa::path(
    get, path = "/console/{tenant}/enrol/{invitation}", tag = "console",
    params(("tenant" = String, Path), ("invitation" = String, Path)),
    responses(
        (status = 404, description = "No such tenant, or the page that says why the invitation does not hold", body = String, content_type = "text/html"),
        Page,
    )
)]
pub(super) async fn get_enrol(
    State(cloud): State<Shared>,
    entrance: Entrance,
    path: Path<(String, String)>,
) -> Result<Response, Refusal> {
    let Path((_, invitation)) = path;
    enrol_page(&cloud, &entrance, &Bearer::presented(&invitation), None).await
}

async fn enrol_page(
    cloud: &Shared,
    entrance: &Entrance,
    invitation: &Bearer,
    problem: Option<String>,
) -> Result<Response, Refusal> {
    let (person, factor) = match cloud
        .invited(&entrance.realm, &entrance.key, invitation)
        .await
    {
        Ok(invited) => invited,
        Err(error @ EnrolError::Invitation) => {
            let page = MessagePage {
                frame: entrance.frame(),
                title: "招待を使えません",
                text: entrance.language.say(&error.to_string()).to_owned(),
                link: (entrance.log_in(), "ログイン画面へ"),
            };
            return Ok((StatusCode::NOT_FOUND, html(&page)?).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let url = factor
        .url(&entrance.town, &person.login)
        .ok_or(ProblemCode::Internal)?;
    let code = QrCode::new(url.as_bytes()).map_err(|_| ProblemCode::Internal)?;
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = EnrolPage {
        frame: entrance.frame(),
        name: person.name,
        login: person.login,
        secret: grouped(&factor.base32()),
        side: code.width(),
        code: dark_modules(&code),
        action: format!(
            "/console/{}/enrol/{}",
            entrance.realm,
            escaped(invitation.reveal())
        ),
        problem,
    };
    Ok((status, html(&page)?).into_response())
}

/// Four letters at a time, as one reads and types them.
fn grouped(secret: &str) -> String {
    secret
        .as_bytes()
        .chunks(4)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// An SVG path of unit squares.
fn dark_modules(code: &QrCode) -> String {
    use std::fmt::Write as _;
    let (side, mut path) = (code.width(), String::new());
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", at % side, at / side);
        }
    }
    path
}

/// Sets the password.
#[utoipa::path(
    post, path = "/console/{tenant}/enrol/{invitation}", tag = "console",
    params(("tenant" = String, Path), ("invitation" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "password, again, code"),
    responses(
        (status = 200, description = "Page that leads to the log-in", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant or invitation", body = String, content_type = "text/html"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        Malformed,
    )
)]
pub(super) async fn post_enrol(
    State(cloud): State<Shared>,
    entrance: Entrance,
    path: Path<(String, String)>,
    form: Result<Form<EnrolForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Refusal> {
    let Form(form) = form.map_err(|_| ProblemCode::MalformedRequest)?;
    let Path((_, invitation)) = path;
    let invitation = Bearer::presented(&invitation);
    let problem = if form.password == form.again {
        let password = Password::typed(form.password);
        let done = cloud
            .enrol(
                &entrance.realm,
                &entrance.key,
                &invitation,
                password,
                &form.code,
            )
            .await;
        match done {
            Ok(person) => {
                let page = MessagePage {
                    frame: entrance.frame(),
                    title: "登録が終わりました",
                    text: enrolled(&person, entrance.language),
                    link: (entrance.log_in(), "ログイン画面へ"),
                };
                return Ok(html(&page)?.into_response());
            }
            Err(error @ (EnrolError::Password(_) | EnrolError::Code | EnrolError::Invitation)) => {
                error.to_string()
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        "2回入力したパスワードが同じではありません。".to_owned()
    };
    let problem = entrance.language.say(&problem).to_owned();
    enrol_page(&cloud, &entrance, &invitation, Some(problem)).await
}

/// What somebody who has enrolled does next.
fn enrolled(person: &Person, language: Language) -> String {
    let text = "{}さん、ログイン名「{}」と今決めたパスワードでログインできます。アプリの数字が切り替わるまで30秒ほどお待ちください。";
    let text = language.fill(text, &[&person.name, &person.login]);
    match &person.unconfirmed {
        None => text,
        Some(unconfirmed) => {
            let number = "確認番号は {} です。招待した人とは別の管理者から直接聞かれたときだけ伝えてください。確認が済むと権限が有効になります。";
            let number = language.fill(number, &[&unconfirmed.confirmation_number]);
            format!("{text} {number}")
        }
    }
}
