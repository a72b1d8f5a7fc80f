//! What a machine client may get instead of an answer; for the OpenAPI document.

use kiosk_api::Problem;
use utoipa::IntoResponses;

/// Of every route.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(crate) enum Refusals {
    /// token_required
    #[response(status = 401, content_type = "application/problem+json")]
    Token(Problem),
    /// not_allowed: the token lacks the scope
    #[response(status = 403, content_type = "application/problem+json")]
    Scope(Problem),
    /// No such tenant, or nothing of that name in it
    #[response(status = 404, content_type = "application/problem+json")]
    Nothing(Problem),
    /// malformed_request
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
}

/// Of every route with a body.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum BodyRefusals {
    /// too_large
    #[response(status = 413, content_type = "application/problem+json")]
    Large(Problem),
    /// wrong_content_type
    #[response(status = 415, content_type = "application/problem+json")]
    Kind(Problem),
    /// invalid_document
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
}
