//! Japanese or English: what a person chooses on a page stays with their browser, before the log-in, too.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;

use super::answers::Malformed;
use crate::cloud::Shared;
use crate::language::{LANGUAGE_COOKIE, Language};
use crate::refusal::{InQuery, Refusal};

/// How long a browser keeps it, in seconds: a year.
const KEPT: u32 = 365 * 24 * 60 * 60;

#[derive(Deserialize)]
pub(super) struct BackQuery {
    #[serde(default)]
    back: String,
}

/// Changes the language of the pages.
#[utoipa::path(
    get, path = "/console/language/{tag}", tag = "console",
    params(
        ("tag" = String, Path, description = "ja, en"),
        ("back" = Option<String>, Query, description = "The page to go back to, as a path of this service"),
    ),
    responses(
        (status = 303, description = "Back, or to the towns if `back` leads elsewhere"),
        (status = 404, description = "No such language", body = Problem, content_type = "application/problem+json"),
        Malformed,
    )
)]
pub(super) async fn to_language(
    State(cloud): State<Shared>,
    Path(tag): Path<String>,
    InQuery(query): InQuery<BackQuery>,
) -> Result<Response, Refusal> {
    let language = Language::from_tag(&tag).ok_or(ProblemCode::NotFound)?;
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{}",
        language.tag(),
        cloud.console.secure()
    );
    let address = if is_own(&query.back) {
        query.back.as_str()
    } else {
        "/"
    };
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(address)).into_response())
}

/// Whether this is a path of this service: a browser must not read another host, or a line's end, out of it.
pub(super) fn is_own(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// For a query: everything but plain path characters is escaped.
pub(super) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
