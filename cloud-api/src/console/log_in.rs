//! Log-in, second factor, first log-in, log-out.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequestParts, Path, RawPathParams, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Person, Realm};
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;

use super::answers::{Malformed, NoTown, Page, TooMany};
use super::frame::{Frame, OPERATIONS};
use super::render::html;
use super::switch::{escaped, is_own};
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{
    Away, BROWSER_COOKIE, BROWSER_KNOWN, Clerk, FailedLogIn, KnownBrowser, Operator, Password,
    Posted, Provider, SESSION_COOKIE, SESSION_IDLE, SESSION_LONGEST, Signed, Visitor, WAIT, cookie,
};
use crate::tenant::RealmKey;

/// The realm that the path names, with what its people's second factors are encrypted with.
pub(super) struct Entrance {
    pub(super) realm: Realm,
    pub(super) key: RealmKey,
    pub(super) town: String,
    /// The town's own identity provider.
    pub(super) provider: Option<Arc<Provider>>,
    /// What they read its pages in.
    pub(super) language: Language,
    /// The page that they ask for, or whose form they send.
    address: String,
    /// Whose guesses are counted together.
    pub(super) visitor: Visitor,
}

impl FromRequestParts<Shared> for Entrance {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let params = RawPathParams::from_request_parts(parts, cloud)
            .await
            .map_err(|_| ProblemCode::NotFound)?;
        let realm: Realm = params
            .iter()
            .find(|(name, _)| *name == "tenant")
            .and_then(|(_, value)| value.parse().ok())
            .ok_or(ProblemCode::NotFound)?;
        let key = cloud.realm_key(&realm).ok_or(ProblemCode::NotFound)?;
        let tenant = cloud.tenant(realm.as_str());
        let Ok(visitor) = Visitor::from_request_parts(parts, cloud).await;
        Ok(Self {
            town: tenant
                .as_ref()
                .map_or_else(|| OPERATIONS.to_owned(), |tenant| tenant.name.clone()),
            provider: tenant.and_then(|tenant| tenant.provider.clone()),
            realm,
            key,
            language: Language::of(&parts.headers),
            visitor,
            address: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
        })
    }
}

impl Entrance {
    pub(super) fn frame(&self) -> Frame {
        Frame::outside(&self.town, &self.realm, self.language, &self.address)
    }

    /// Where one logs in.
    pub(super) fn log_in(&self) -> String {
        format!("/console/{}/log-in", self.realm)
    }

    /// Where to go after logging in: only within the realm's own pages.
    pub(super) fn back(&self, requested: &str) -> String {
        home_or(&self.realm, requested)
    }
}

/// A page of this realm, or its first one.
pub(super) fn home_or(realm: &Realm, requested: &str) -> String {
    let home = format!("/console/{realm}");
    let below = requested.strip_prefix(&home);
    let good = below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if good && is_own(requested) {
        requested.to_owned()
    } else {
        home
    }
}

/// The status of a page for somebody who is logged in already: what did not hold is no reason to log in.
pub(super) fn within(status: StatusCode) -> StatusCode {
    match status {
        StatusCode::UNAUTHORIZED => StatusCode::UNPROCESSABLE_ENTITY,
        other => other,
    }
}

/// The session's cookie: for this realm's pages only, out of reach of scripts.
pub(super) fn set_cookie(cloud: &Shared, realm: &Realm, secret: &str) -> String {
    let secure = cloud.console.secure();
    let life = if secret.is_empty() {
        0
    } else {
        SESSION_LONGEST.as_secs()
    };
    format!(
        "{SESSION_COOKIE}={secret}; Path=/console/{realm}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"
    )
}

/// The cookie by which a browser is known to have been this person's.
fn browser_cookie(cloud: &Shared, entrance: &Entrance, person: &Person) -> Result<String, Refusal> {
    let browser = match &entrance.visitor.browser {
        Some(browser) => browser.clone(),
        None => KnownBrowser::new()?,
    };
    let (realm, secure) = (&entrance.realm, cloud.console.secure());
    let (text, life) = (
        browser.with(&entrance.key, &person.login).text(),
        BROWSER_KNOWN.as_secs(),
    );
    Ok(format!(
        "{BROWSER_COOKIE}={text}; Path=/console/{realm}; Max-Age={life}; HttpOnly; SameSite=Strict{secure}"
    ))
}

/// Another site's form must not log somebody in as somebody else.
fn from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
    !matches!(site, None | Some("same-origin" | "none"))
}

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogInPage {
    frame: Frame,
    login: String,
    back: String,
    provider: bool,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    back: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct MessagePage {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    /// In the reader's language.
    pub(super) text: String,
    /// Where to, and how it is called.
    pub(super) link: (String, &'static str),
}

/// Nobody was let in, and why.
pub(super) fn refused_page(entrance: &Entrance, text: &str) -> Result<Html<String>, Refusal> {
    let (town, realm) = (&entrance.town, &entrance.realm);
    html(&MessagePage {
        // What was refused is not asked again for the sake of another language.
        frame: Frame::outside(town, realm, entrance.language, &entrance.log_in()),
        title: "ログインできません",
        text: entrance.language.say(text).to_owned(),
        link: (entrance.log_in(), "ログイン画面へ"),
    })
}

#[derive(Deserialize)]
pub(super) struct BackQuery {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct LogInForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

/// The log-in page.
#[utoipa::path(
    get, path = "/console/{tenant}/log-in", tag = "console",
    params(("tenant" = String, Path), ("back" = Option<String>, Query, description = "Where to go after it")),
    responses(Page, Malformed, NoTown)
)]
pub(super) async fn get_log_in(
    entrance: Entrance,
    InQuery(query): InQuery<BackQuery>,
) -> Result<Html<String>, Refusal> {
    html(&LogInPage {
        frame: entrance.frame(),
        login: String::new(),
        back: entrance.back(&query.back),
        provider: entrance.provider.is_some(),
        problem: None,
    })
}

/// Log-in name and password.
#[utoipa::path(
    post, path = "/console/{tenant}/log-in", tag = "console", params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "login, password, back"),
    responses(
        (status = 303, description = "To the second factor"),
        (status = 401, description = "The page, which says why", body = String, content_type = "text/html"),
        TooMany, Malformed, NoTown,
    )
)]
pub(super) async fn post_log_in(
    State(cloud): State<Shared>,
    entrance: Entrance,
    headers: HeaderMap,
    form: Result<Form<LogInForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Refusal> {
    let Form(form) = form.map_err(|_| ProblemCode::MalformedRequest)?;
    if from_elsewhere(&headers) {
        return Err(ProblemCode::MalformedRequest.into());
    }
    let back = entrance.back(&form.back);
    let password = Password::typed(form.password);
    let (realm, login) = ((&entrance.realm, &entrance.key), form.login.trim());
    let former = cookie(&headers);
    let first = cloud
        .check_password(realm, &entrance.visitor, login, password, former.as_ref())
        .await;
    match first {
        Ok(secret) => {
            let next = format!("/console/{}/code?back={}", entrance.realm, escaped(&back));
            let cookie = set_cookie(&cloud, &entrance.realm, secret.reveal());
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response())
        }
        Err(failed) => {
            let (status, problem) = why(failed, entrance.language)?;
            let page = LogInPage {
                frame: entrance.frame(),
                login: form.login,
                back,
                provider: entrance.provider.is_some(),
                problem: Some(problem),
            };
            Ok((status, html(&page)?).into_response())
        }
    }
}

/// What the page says, and its status. It never says which half was wrong.
pub(super) fn why(
    failed: FailedLogIn,
    language: Language,
) -> Result<(StatusCode, String), Refusal> {
    let (status, text) = match failed {
        FailedLogIn::Wrong => (
            StatusCode::UNAUTHORIZED,
            "ログイン名かパスワードが正しくありません。",
        ),
        FailedLogIn::TooFast => {
            let text = "間違いが続いたため、いまはログインを受け付けられません。{}分ほど待ってから、もう一度お試しください。";
            let text = language.fill(text, &[&WAIT.as_mins()]);
            return Ok((StatusCode::TOO_MANY_REQUESTS, text));
        }
        FailedLogIn::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "ログインが混み合っています。少し待ってから、もう一度お試しください。",
        ),
        FailedLogIn::Code => (
            StatusCode::UNAUTHORIZED,
            "数字が正しくないか、すでに使われています。アプリの次の数字を入力してください。",
        ),
        FailedLogIn::TooLate => (
            StatusCode::UNAUTHORIZED,
            "時間がたったため、最初からやり直してください。",
        ),
        FailedLogIn::Refused(refusal) => return Err(refusal),
    };
    Ok((status, language.say(text).to_owned()))
}

/// The page that asks for the second factor.
#[utoipa::path(
    get, path = "/console/{tenant}/code", tag = "console",
    params(("tenant" = String, Path), ("back" = Option<String>, Query, description = "Where to go after it")),
    responses(Page, Malformed, NoTown)
)]
pub(super) async fn get_code(
    entrance: Entrance,
    InQuery(query): InQuery<BackQuery>,
) -> Result<Html<String>, Refusal> {
    html(&CodePage {
        frame: entrance.frame(),
        back: entrance.back(&query.back),
        problem: None,
    })
}

/// The code of the second factor.
#[utoipa::path(
    post, path = "/console/{tenant}/code", tag = "console", params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "code, back"),
    responses(
        (status = 303, description = "Logged in; or back to the beginning, when too late"),
        (status = 401, description = "The page, which says why", body = String, content_type = "text/html"),
        TooMany, Malformed, NoTown,
    )
)]
pub(super) async fn post_code(
    State(cloud): State<Shared>,
    entrance: Entrance,
    headers: HeaderMap,
    form: Result<Form<CodeForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Refusal> {
    let Form(form) = form.map_err(|_| ProblemCode::MalformedRequest)?;
    if from_elsewhere(&headers) {
        return Err(ProblemCode::MalformedRequest.into());
    }
    let back = entrance.back(&form.back);
    let realm = (&entrance.realm, &entrance.key);
    let outcome = match cookie(&headers) {
        None => Err(FailedLogIn::TooLate),
        Some(first) => {
            cloud
                .check_code(realm, &entrance.visitor, &first, &form.code)
                .await
        }
    };
    match outcome {
        Ok((secret, person)) => {
            let session = set_cookie(&cloud, &entrance.realm, secret.reveal());
            let browser = browser_cookie(&cloud, &entrance, &person)?;
            let cookies = AppendHeaders([session, browser].map(|text| (header::SET_COOKIE, text)));
            Ok((cookies, Redirect::to(&back)).into_response())
        }
        Err(FailedLogIn::TooLate) => {
            let address = format!("/console/{}/log-in?back={}", entrance.realm, escaped(&back));
            Ok(Redirect::to(&address).into_response())
        }
        Err(failed) => {
            let (status, problem) = why(failed, entrance.language)?;
            let page = CodePage {
                frame: entrance.frame(),
                back,
                problem: Some(problem),
            };
            Ok((status, html(&page)?).into_response())
        }
    }
}

/// Logs out.
#[utoipa::path(
    post, path = "/console/{tenant}/log-out", tag = "console", security(("session" = [])), params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf"),
    responses(
        (status = 303, description = "To the log-in page"),
        (status = 401, description = "sign_in_required", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The form is of another session", body = Problem, content_type = "application/problem+json"),
        Malformed, NoTown,
    )
)]
pub(super) async fn post_log_out(
    State(cloud): State<Shared>,
    headers: HeaderMap,
    Path(realm): Path<String>,
    request: axum::extract::Request,
) -> Result<Response, Away> {
    use axum::extract::FromRequest as _;
    #[derive(Deserialize)]
    struct Nothing {}
    let signed: Signed = if realm == Realm::Platform.as_str() {
        let Posted(Operator(signed), Nothing {}) = Posted::from_request(request, &cloud).await?;
        signed
    } else {
        let posted: Posted<Clerk, Nothing> = Posted::from_request(request, &cloud).await?;
        posted.0.signed
    };
    let oldest = signed
        .now
        .checked_sub(SESSION_IDLE)
        .map_err(|_| ProblemCode::Internal)?;
    if let Some(secret) = cookie(&headers) {
        let record = signed.record(AuditEvent::LoggedOut);
        cloud
            .store
            .end_session(&signed.realm, &secret.hash(), oldest, &record)
            .await?;
    }
    let cookie = set_cookie(&cloud, &signed.realm, "");
    let address = format!("/console/{}/log-in", signed.realm);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}
