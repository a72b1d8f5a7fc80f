//! Log-in through the town's own OpenID provider.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Person, SignIn, Stage};
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;
use serde_json::json;

use super::answers::Malformed;
use super::log_in::{Entrance, refused_page, set_cookie};
use crate::cloud::Shared;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Bearer, FailedLogIn, SIGN_IN_WITHIN};

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// To the provider.
#[utoipa::path(
    get, path = "/console/{tenant}/provider", tag = "console", params(("tenant" = String, Path)),
    responses(
        (status = 303, description = "To the town's OpenID provider"),
        (status = 404, description = "No such tenant, or it has no provider", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The page that says that the provider does not answer", body = String, content_type = "text/html"),
    )
)]
pub(super) async fn to_provider(
    State(cloud): State<Shared>,
    entrance: Entrance,
) -> Result<Response, Refusal> {
    let provider = entrance.provider.as_ref().ok_or(ProblemCode::NotFound)?;
    let new = || Ok::<_, ProblemCode>(Bearer::new()?.reveal().to_owned());
    let sign_in = SignIn {
        state: new()?,
        nonce: new()?,
        verifier: new()?,
    };
    let address = match provider.begin(&sign_in).await {
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
    Ok(Redirect::to(&address).into_response())
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
    InQuery(answer): InQuery<Answer>,
) -> Result<Response, Refusal> {
    if entrance.provider.is_none() {
        return Err(ProblemCode::NotFound.into());
    }
    let (realm, now) = (&entrance.realm, cloud.clock.now());
    let oldest = now
        .checked_sub(SIGN_IN_WITHIN)
        .map_err(|_| ProblemCode::Internal)?;
    let Some(sign_in) = cloud
        .store
        .take_sign_in(realm, &answer.state, oldest)
        .await?
    else {
        let text = "ログインの手続きが途切れました。もう一度始めてください。";
        return refused(&entrance, text);
    };
    let person = match identified(&cloud, &entrance, &sign_in, &answer.code).await? {
        Ok(person) => person,
        Err(unknown) => {
            let record = AuditRecord::new(now, Actor::Nobody, AuditEvent::LogInFailed)
                .about(unknown.about)
                .with(json!({ "by": unknown.by }));
            cloud.store.record(realm, &record).await?;
            return refused(&entrance, unknown.text);
        }
    };
    let record = AuditRecord::new(now, Actor::Staff(person.id.clone()), AuditEvent::LoggedIn)
        .with(json!({ "by": "provider" }));
    let secret = cloud
        .open_session(realm, &person, Stage::Full, None, Some(&record))
        .await
        .map_err(|failed| match failed {
            FailedLogIn::Refused(refusal) => refusal,
            _ => ProblemCode::Internal.into(),
        })?;
    let cookie = set_cookie(&cloud, realm, secret.reveal());
    let address = format!("/console/{realm}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
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
) -> Result<Result<Person, Unknown>, Refusal> {
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
    Ok(Ok(person))
}
