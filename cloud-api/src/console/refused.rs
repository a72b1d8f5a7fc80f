//! A refusal as a page, for people who asked for one.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use kiosk_api::Problem;

/// Largest problem document.
const LARGEST: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    problem: Problem,
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
    let wanted = wants_page(request.headers());
    let response = next.run(request).await;
    if !wanted || !is_problem(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return parts.into_response();
    };
    let page = serde_json::from_slice(&bytes)
        .ok()
        .and_then(|problem| RefusedPage { problem }.render().ok());
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    match page {
        Some(page) => (parts.status, parts.headers, Html(page)).into_response(),
        None => (parts, bytes).into_response(),
    }
}
