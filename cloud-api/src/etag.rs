//! Conditional requests (RFC 9110 §13.1.2).

use axum::http::{HeaderMap, header};

/// Whether `If-None-Match` names this tag: a list, weak comparison, or `*`. Then the client has it already.
pub(crate) fn is_current(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}
