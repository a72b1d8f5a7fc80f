//! Log-in through the town's own OpenID provider.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Person, SignIn, Stage};
use jiff::Timestamp;
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;
use serde_json::json;

use super::answers::Malformed;
use super::log_in::{Entrance, refused_page, set_cookie};
use crate::cloud::Shared;
use crate::cookies;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Bearer, Begun, FailedLogIn, Identity, SIGN_IN_WITHIN, cookie};

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
pub(super) struct How {
    /// Somebody who is logged in proves again who they are.
    #[serde(default)]
    again: bool,
}

/// To the provider.
#[utoipa::path(
    get, path = "/console/{tenant}/provider", tag = "console",
    params(("tenant" = String, Path), ("again" = Option<bool>, Query, description = "Whether the provider must ask for the password again")),
    responses(
        (status = 303, description = "To the town's OpenID provider"),
        (status = 404, description = "No such tenant, or it has no provider", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The page that says that the provider does not answer", body = String, content_type = "text/html"),
        Malformed,
    )
)]
pub(super) async fn to_provider(
    State(cloud): State<Shared>,
    entrance: Entrance,
    InQuery(how): InQuery<How>,
) -> Result<Response, Refusal> {
    let provider = entrance.provider.as_ref().ok_or(ProblemCode::NotFound)?;
    let new = || Ok::<_, ProblemCode>(Bearer::new()?.reveal().to_owned());
    let browser = Bearer::new()?;
    let sign_in = SignIn {
        state: state_of(&browser),
        nonce: new()?,
        verifier: new()?,
    };
    let address = match provider.begin(&sign_in, how.again).await {
        Ok(address) => address,
        Err(error) => {
            tracing::warn!(realm = %entrance.realm, %error, "provider");
            let text = "庁内の認証システムが応答しません。しばらくしてからお試しください。";
            let page = refused_page(&entrance, text)?;
            return Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response());
        }
    };
    let now = cloud.clock.now();
    let oldest = now
        .checked_sub(SIGN_IN_WITHIN)
        .map_err(|_| ProblemCode::Internal)?;
    cloud
        .store
        .begin_sign_in(&entrance.realm, &sign_in, now, oldest)
        .await?;
    let cookie = sign_in_cookie(&cloud, browser.reveal());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}

/// What comes back in the address says which browser began: only that one has the secret.
fn state_of(browser: &Bearer) -> String {
    URL_SAFE_NO_PAD.encode(browser.hash())
}

/// The cookie's name. With the prefix, browsers take it over TLS only and from no other host of the domain.
fn cookie_name(cloud: &Shared) -> &'static str {
    match cloud.console.origin {
        Some(_) => "__Host-genkan-sign-in",
        None => "genkan-sign-in",
    }
}

/// The secret of a browser that is on its way to the provider; an empty one takes it back.
fn sign_in_cookie(cloud: &Shared, secret: &str) -> String {
    let (name, secure) = (cookie_name(cloud), cloud.console.secure());
    let life = match secret {
        "" => 0,
        _ => SIGN_IN_WITHIN.as_secs(),
    };
    format!("{name}={secret}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}")
}

/// Whether this browser began what comes back.
fn began_here(cloud: &Shared, headers: &HeaderMap, state: &str) -> bool {
    let secret = cookies::presented(headers, cookie_name(cloud)).map(Bearer::presented);
    let own = secret.map(|secret| state_of(&secret));
    own.is_some_and(|own| verify_slices_are_equal(own.as_bytes(), state.as_bytes()).is_ok())
}

/// Back from the provider.
#[utoipa::path(
    get, path = "/console/{tenant}/provider/back", tag = "console",
    params(("tenant" = String, Path), ("code" = Option<String>, Query), ("state" = Option<String>, Query)),
    responses(
        (status = 303, description = "Logged in"),
        (status = 403, description = "The page that says why not", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant, or it has no provider", body = Problem, content_type = "application/problem+json"),
        Malformed,
    )
)]
pub(super) async fn from_provider(
    State(cloud): State<Shared>,
    entrance: Entrance,
    headers: HeaderMap,
    InQuery(answer): InQuery<Answer>,
) -> Result<Response, Refusal> {
    if entrance.provider.is_none() {
        return Err(ProblemCode::NotFound.into());
    }
    let (realm, now) = (&entrance.realm, cloud.clock.now());
    let oldest = now
        .checked_sub(SIGN_IN_WITHIN)
        .map_err(|_| ProblemCode::Internal)?;
    let sign_in = match began_here(&cloud, &headers, &answer.state) {
        true => {
            let store = &cloud.store;
            store.take_sign_in(realm, &answer.state, oldest).await?
        }
        false => None,
    };
    let Some(sign_in) = sign_in else {
        let text = "ログインの手続きが途切れました。もう一度始めてください。";
        return refused(&entrance, text);
    };
    let (person, identity) = match identified(&cloud, &entrance, &sign_in, &answer.code).await? {
        Ok(known) => known,
        Err(unknown) => {
            let address = &entrance.visitor.address;
            cloud
                .note_failed_try(realm, address, unknown.by, &unknown.about)
                .await?;
            return refused(&entrance, unknown.text);
        }
    };
    let record = AuditRecord::new(now, Actor::Staff(person.id.clone()), AuditEvent::LoggedIn)
        .with(json!({ "by": "provider" }));
    let former = cookie(&headers);
    let begun = Begun {
        stage: Stage::Full,
        address: &entrance.visitor.address,
        proven_at: identity.proven_at.unwrap_or(Timestamp::UNIX_EPOCH),
    };
    let secret = cloud
        .open_session(realm, &person, begun, former.as_ref(), Some(&record))
        .await
        .map_err(|failed| match failed {
            FailedLogIn::Refused(refusal) => refusal,
            _ => ProblemCode::Internal.into(),
        })?;
    let session = set_cookie(&cloud, realm, secret.reveal());
    let cookies = [session, sign_in_cookie(&cloud, "")].map(|text| (header::SET_COOKIE, text));
    let address = format!("/console/{realm}");
    Ok((AppendHeaders(cookies), Redirect::to(&address)).into_response())
}

fn refused(entrance: &Entrance, text: &str) -> Result<Response, Refusal> {
    let page = refused_page(entrance, text)?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

/// Why the provider's answer leads to nobody: what the page says, and what the audit trail keeps.
struct Unknown {
    text: &'static str,
    about: String,
    by: &'static str,
}

/// The person of the provider's answer, who is bound to the provider's identity at the first log-in.
async fn identified(
    cloud: &Shared,
    entrance: &Entrance,
    sign_in: &SignIn,
    code: &str,
) -> Result<Result<(Person, Identity), Unknown>, Refusal> {
    let provider = entrance.provider.as_ref().ok_or(ProblemCode::NotFound)?;
    let (realm, now) = (&entrance.realm, cloud.clock.now());
    let unknown = |text, about: &str, by| {
        let about = about.to_owned();
        Ok(Err(Unknown { text, about, by }))
    };
    let identity = match provider.finish(sign_in, code, now).await {
        Ok(identity) => identity,
        Err(error) => {
            tracing::warn!(realm = %realm, %error, "provider");
            let text = "庁内の認証システムで本人と確認できませんでした。";
            return unknown(text, "", "provider");
        }
    };
    let found = cloud.store.person_by_login(realm, &identity.login).await?;
    let Some((person, _)) = found.filter(|(person, _)| person.left_at.is_none()) else {
        let text = "このシステムに登録されていません。管理者に登録を依頼してください。";
        return unknown(text, "", "provider: unknown login");
    };
    let subject = &identity.subject;
    if !cloud.store.bind_subject(realm, &person.id, subject).await? {
        let text = "庁内の認証システムの別の利用者に結び付いています。管理者にご相談ください。";
        return unknown(text, &person.id, "provider: another subject");
    }
    Ok(Ok((person, identity)))
}
