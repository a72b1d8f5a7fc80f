//! What many pages and forms of the console may answer; for the OpenAPI document.

use kiosk_api::Problem;
use utoipa::IntoResponses;

/// A page.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum Page {
    /// Page
    #[response(status = 200, content_type = "text/html")]
    Page(String),
}

/// Of every page for somebody who is logged in.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum PageRefusals {
    /// Nobody is logged in: to the log-in
    #[response(status = 303)]
    Outside,
    /// not_allowed
    #[response(status = 403, content_type = "application/problem+json")]
    Right(Problem),
}

/// Of every form of somebody who is logged in.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum FormRefusals {
    /// malformed_request
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// sign_in_required
    #[response(status = 401, content_type = "application/problem+json")]
    Outside(Problem),
    /// not_allowed
    #[response(status = 403, content_type = "application/problem+json")]
    Right(Problem),
}

/// Of what takes a query or a form without anybody logged in.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum Malformed {
    /// malformed_request
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
}

/// Of what tries a password or a code.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum TooMany {
    /// The page: too many tries of this name, or from this address
    #[response(status = 429, content_type = "text/html")]
    TooFast(String),
    /// The page: so many log in at once that no more can wait
    #[response(status = 503, content_type = "text/html")]
    Busy(String),
}

/// Of what belongs to a town.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum NoTown {
    /// No such tenant
    #[response(status = 404, content_type = "application/problem+json")]
    Town(Problem),
}

/// Of what belongs to an application.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum NoApplication {
    /// No such tenant or application
    #[response(status = 404, content_type = "application/problem+json")]
    Application(Problem),
}

/// Of every action on an application.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum Done {
    /// Back to its page
    #[response(status = 303)]
    Back,
}

/// Of every action that something may prevent.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the derive only")]
pub(super) enum Prevented {
    /// Its page, which says what hinders
    #[response(status = 409, content_type = "text/html")]
    Prevented(String),
}
