//! Machine clients: other services, robots (RPA). OAuth 2.0 client credentials (RFC 6749 §4.4) with scopes; tokens are
//! opaque, live an hour and are kept as hashes, so that revoking a client ends them at once.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Client, Realm, Scope, Scopes};
use jiff::SignedDuration;
use kiosk_api::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client_address::{CountedAddress, counted_address};
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::Bearer;
use crate::tenant::Tenant;
use crate::town_in_path::TownInPath;

/// How long an access token lives.
pub const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// A token request (form fields); id and secret may also come as HTTP Basic.
#[derive(Deserialize, ToSchema)]
pub struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// Scopes parted by spaces; all that the client has, if absent.
    scope: Option<String>,
    /// The client.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub struct TokenReply {
    /// The token.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds that it lives.
    expires_in: i64,
    /// What it may do.
    scope: String,
}

/// Why there is no token (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub struct TokenError {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope`.
    error: &'static str,
}

fn no_token(status: StatusCode, error: &'static str) -> Response {
    (status, Json(TokenError { error })).into_response()
}

/// Gives a machine client an access token.
#[utoipa::path(
    post, path = "/v1/{tenant}/oauth/token", tag = "clients", params(("tenant" = String, Path)),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token", body = TokenReply),
        (status = 400, description = "invalid_request, unsupported_grant_type, invalid_scope", body = TokenError),
        (status = 401, description = "invalid_client", body = TokenError),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn post_token(
    State(cloud): State<Shared>,
    TownInPath(tenant): TownInPath,
    CountedAddress(address): CountedAddress,
    headers: HeaderMap,
    request: Result<Form<TokenRequest>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Refusal> {
    let Ok(Form(request)) = request else {
        return Ok(no_token(StatusCode::BAD_REQUEST, "invalid_request"));
    };
    if request.grant_type != "client_credentials" {
        return Ok(no_token(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let Some((id, secret)) = basic(&headers).or(request.client_id.zip(request.client_secret))
    else {
        return Ok(no_token(StatusCode::BAD_REQUEST, "invalid_request"));
    };
    let realm = Realm::from(&tenant.code);
    let Some(client) = client_with_secret(&cloud, &realm, &address, &id, &secret).await? else {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"genkan\"")];
        let refused = no_token(StatusCode::UNAUTHORIZED, "invalid_client");
        return Ok((challenge, refused).into_response());
    };
    let scopes = client.scopes.narrowed(request.scope.as_deref());
    if scopes.is_empty() {
        return Ok(no_token(StatusCode::BAD_REQUEST, "invalid_scope"));
    }
    let token = give_token(&cloud, &realm, &client, &scopes).await?;
    Ok(Json(TokenReply {
        access_token: token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: TOKEN_LIFE.as_secs(),
        scope: scopes.words(),
    })
    .into_response())
}

/// The client that has this secret; a wrong one is kept in the audit trail.
async fn client_with_secret(
    cloud: &Shared,
    realm: &Realm,
    address: &str,
    id: &str,
    secret: &str,
) -> Result<Option<Client>, Refusal> {
    let hash = Bearer::presented(secret).hash();
    let (store, now) = (&cloud.store, cloud.clock.now());
    let client = store.client_with_secret(realm, id, &hash, now).await?;
    if client.is_none() {
        cloud.note_failed_try(realm, address, "client", "").await?;
    }
    Ok(client)
}

async fn give_token(
    cloud: &Shared,
    realm: &Realm,
    client: &Client,
    scopes: &Scopes,
) -> Result<Bearer, Refusal> {
    let (token, now) = (Bearer::of(realm)?, cloud.clock.now());
    let end = now
        .checked_add(TOKEN_LIFE)
        .map_err(|_| ProblemCode::Internal)?;
    let actor = Actor::Client(client.id.clone());
    let record = AuditRecord::new(now, actor, AuditEvent::TokenGiven)
        .with(serde_json::json!({ "scope": scopes.words() }));
    cloud
        .store
        .keep_token(
            realm,
            &token.hash(),
            &client.id,
            scopes,
            (now, end),
            &record,
        )
        .await?;
    Ok(token)
}

/// Id and secret of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let bytes = STANDARD.decode(text.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// A machine client that asks its own town.
pub struct Caller {
    /// The town.
    pub tenant: Arc<Tenant>,
    /// Client id.
    pub client: String,
    scopes: Scopes,
}

impl Caller {
    /// Goes on only with this scope.
    ///
    /// # Errors
    /// `not_allowed`, naming the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.has(scope) {
            return Ok(());
        }
        let detail = format!("the token lacks the scope {}", scope.as_str());
        Err(Problem::new(ProblemCode::NotAllowed).detail(detail).into())
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> Realm {
        Realm::from(&self.tenant.code)
    }

    /// As the audit trail names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Client(self.client.clone())
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let tenant = TownInPath::from_request_parts(parts, cloud).await?.0;
        let header = parts.headers.get(AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(ProblemCode::TokenRequired)?;
        let presented = Bearer::presented(token);
        // Another town's client learns nothing about this one, not even that it is here.
        let realm = Realm::from(&tenant.code);
        if presented.realm().is_some_and(|own| own != realm) {
            return Err(ProblemCode::NotFound.into());
        }
        let now = cloud.clock.now();
        let found = cloud.store.token(&realm, &presented.hash(), now).await?;
        let Some((client, scopes)) = found else {
            let address = counted_address(parts);
            cloud.note_failed_try(&realm, &address, "token", "").await?;
            return Err(ProblemCode::TokenRequired.into());
        };
        Ok(Self {
            tenant,
            client,
            scopes,
        })
    }
}
