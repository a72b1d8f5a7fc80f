//! A refusal as a page, for people who asked for one.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use kiosk_api::Problem;

use crate::language::Language;

/// Largest problem document.
const LARGEST: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    language: Language,
    title: &'static str,
    problem: Problem,
    detail: Option<String>,
}

impl RefusedPage {
    fn new(problem: Problem, language: Language) -> Self {
        Self {
            detail: problem.detail.as_ref().map(|text| detail(text, language)),
            title: language.of_problem(problem.code),
            language,
            problem,
        }
    }
}

/// A refusal's detail: a sentence, or a word and what it is in this case (`必要な権限：申請の閲覧`).
pub(super) fn detail(text: &str, language: Language) -> String {
    match text.split_once('：') {
        Some((what, which)) => {
            language.fill("{}：{}", &[&language.say(what), &language.say(which)])
        }
        None => language.say(text).to_owned(),
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind == "application/problem+json")
}

/// A problem document becomes a page of the same status, if the request came from a browser's address bar or form.
pub(super) async fn as_page(request: Request, next: Next) -> Response {
    let (wants_page, language) = (
        wants_page(request.headers()),
        Language::of(request.headers()),
    );
    let response = next.run(request).await;
    if !wants_page || !is_problem(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return parts.into_response();
    };
    let page = serde_json::from_slice(&bytes)
        .ok()
        .and_then(|problem| RefusedPage::new(problem, language).render().ok());
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    match page {
        Some(page) => (parts.status, parts.headers, Html(page)).into_response(),
        None => (parts, bytes).into_response(),
    }
}
