//! Who asks, in the console: a person with a full session in the realm that the path names.

use std::ops::Deref;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Redirect, Response};
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Permission, Person, Realm, Session, Stage};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Bearer;
use crate::cloud::Shared;
use crate::cookies;
use crate::labels::Label;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::tenant::Tenant;
use crate::town_in_path::TownInPath;

/// The cookie's name.
pub const SESSION_COOKIE: &str = "genkan";
/// A session ends when it was not used for so long.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(30);
/// A session ends after so long, used or not.
pub const SESSION_LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// So long after they proved who they are, a person may change other people's rights.
pub const PROVEN_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How often the use of a session is written down.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// A person, logged in to a town.
pub struct Clerk {
    /// Their town.
    pub tenant: Arc<Tenant>,
    /// They, and their session.
    pub signed: Signed,
}

impl Deref for Clerk {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.signed
    }
}

/// A person, logged in to a realm.
pub struct Signed {
    /// The realm.
    pub realm: Realm,
    /// They.
    pub person: Person,
    /// What forms must carry.
    pub csrf: String,
    /// Now, as the session was checked with.
    pub now: Timestamp,
    /// What they read the console in.
    pub language: Language,
    /// The page that they ask for; empty for a form.
    pub address: String,
    /// The session, by its secret's hash.
    pub session: Vec<u8>,
    /// When they last proved who they are.
    pub proven_at: Timestamp,
}

/// Why nobody is let in.
pub enum Away {
    /// To another page: the log-in, or where the person has something to do.
    To(String),
    /// The same for a list that renews itself: its whole page goes there.
    Leave(String),
    /// As any other request.
    Refused(Refusal),
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Self::To(address) => Redirect::to(&address).into_response(),
            Self::Leave(address) => {
                let refusal = Refusal::from(ProblemCode::SignInRequired);
                ([("hx-redirect", address)], refusal).into_response()
            }
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

impl<T: Into<Refusal>> From<T> for Away {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Signed {
    /// As the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff(self.person.id.clone())
    }

    /// An audit record of what they do.
    #[must_use]
    pub fn record(&self, event: AuditEvent) -> AuditRecord {
        AuditRecord::new(self.now, self.actor(), event)
    }

    /// Goes on only if they may; a refusal is kept in the audit trail.
    ///
    /// # Errors
    /// `not_allowed`, naming the permission.
    pub async fn require(&self, cloud: &Shared, permission: Permission) -> Result<(), Refusal> {
        if self.person.may(permission) {
            return Ok(());
        }
        let record = self
            .record(AuditEvent::Refused)
            .with(serde_json::json!({ "action": permission.as_str() }));
        cloud.store.record(&self.realm, &record).await?;
        let detail = format!("必要な権限：{}", permission.japanese());
        Err(Problem::new(ProblemCode::NotAllowed).detail(detail).into())
    }
}

impl Signed {
    /// Whether they have proved a short while ago who they are.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.now.duration_since(self.proven_at) < PROVEN_FOR
    }

    /// Goes on only then; else to the page that asks for password and code, and from there to this one.
    ///
    /// # Errors
    /// [`Away::To`].
    pub fn require_proof(&self, page: &str) -> Result<(), Away> {
        if self.is_proven() {
            return Ok(());
        }
        let realm = &self.realm;
        let back = escaped(&format!("/console/{realm}{page}"));
        Err(Away::To(format!("/console/{realm}/again?back={back}")))
    }
}

/// The secret that a request's cookie holds.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<Bearer> {
    cookies::presented(headers, SESSION_COOKIE).map(Bearer::presented)
}

/// The page that is asked for, with its query; empty for a form.
fn address(parts: &Parts) -> String {
    let address = parts.uri.path_and_query();
    let address = address.filter(|_| parts.method == Method::GET);
    address.map_or_else(String::new, ToString::to_string)
}

/// Whether a session still lives.
pub(super) fn lives(session: &Session, now: Timestamp) -> bool {
    now.duration_since(session.seen_at) < SESSION_IDLE
        && now.duration_since(session.begun_at) < SESSION_LONGEST
}

impl FromRequestParts<Shared> for Clerk {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Away> {
        let tenant = TownInPath::from_request_parts(parts, cloud).await?.0;
        let signed = signed(parts, cloud, Realm::from(&tenant.code)).await?;
        Ok(Self { tenant, signed })
    }
}

/// A person of the platform, on the platform's own pages.
pub struct Operator(pub Signed);

impl FromRequestParts<Shared> for Operator {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Away> {
        signed(parts, cloud, Realm::Platform).await.map(Self)
    }
}

async fn signed(parts: &Parts, cloud: &Shared, realm: Realm) -> Result<Signed, Away> {
    let Some(secret) = cookie(&parts.headers) else {
        return Err(log_in(parts, &realm));
    };
    // Somebody of another town learns nothing about this one.
    if secret.realm().is_some_and(|own| own != realm) {
        return Err(ProblemCode::NotFound.into());
    }
    let (now, hash) = (cloud.clock.now(), secret.hash());
    let session = cloud.store.session(&realm, &hash).await?;
    let Some(session) = session
        .filter(|session| session.stage == Stage::Full)
        .filter(|session| lives(session, now))
    else {
        return Err(log_in(parts, &realm));
    };
    let found = cloud.store.person(&realm, &session.staff).await?;
    let Some((person, _)) = found.filter(|(person, _)| person.left_at.is_none()) else {
        return Err(log_in(parts, &realm));
    };
    // A list that renews itself is nobody's work: it must not keep an abandoned session alive.
    if !renews_itself(parts) && now.duration_since(session.seen_at) >= TOUCH_AFTER {
        cloud.store.touch_session(&realm, &hash, now).await?;
    }
    Ok(Signed {
        realm,
        person,
        csrf: session.csrf,
        now,
        language: Language::of(&parts.headers),
        address: address(parts),
        session: hash,
        proven_at: session.proven_at,
    })
}

/// Whether htmx asks, which does so by the clock alone: no page has it ask when something is pressed.
fn renews_itself(parts: &Parts) -> bool {
    parts.headers.contains_key("hx-request")
}

/// A page leads to the log-in and back; anything else gets a problem document.
fn log_in(parts: &Parts, realm: &Realm) -> Away {
    if parts.method != Method::GET {
        return ProblemCode::SignInRequired.into();
    }
    let address = log_in_address(&address(parts), realm);
    // htmx follows a redirect with its fragment's request; the whole page must go instead, and with it what it shows.
    if renews_itself(parts) {
        Away::Leave(address)
    } else {
        Away::To(address)
    }
}

/// For a query: everything but plain path characters is escaped.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

fn log_in_address(back: &str, realm: &Realm) -> String {
    let back = escaped(back);
    format!("/console/{realm}/log-in?back={back}")
}

/// A form of the console, sent by the person of this session: its `csrf` field is the session's.
pub struct Posted<W, T>(pub W, pub T);

#[derive(Deserialize)]
struct Guarded {
    #[serde(default)]
    csrf: String,
}

impl<W, T> FromRequest<Shared> for Posted<W, T>
where
    W: FromRequestParts<Shared, Rejection = Away> + AsRef<Signed> + Send,
    T: DeserializeOwned,
{
    type Rejection = Away;

    async fn from_request(request: Request, cloud: &Shared) -> Result<Self, Away> {
        let (mut parts, body) = request.into_parts();
        let who = W::from_request_parts(&mut parts, cloud).await?;
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, cloud)
            .await
            .map_err(|_| ProblemCode::TooLarge)?;
        let guarded: Guarded =
            serde_urlencoded::from_bytes(&body).map_err(|_| ProblemCode::MalformedRequest)?;
        let csrf = who.as_ref().csrf.as_bytes();
        if verify_slices_are_equal(guarded.csrf.as_bytes(), csrf).is_err() {
            let problem = Problem::new(ProblemCode::NotAllowed);
            let detail = "この画面は古くなっています。開き直してから、もう一度操作してください。";
            return Err(problem.detail(detail).into());
        }
        let form =
            serde_urlencoded::from_bytes(&body).map_err(|_| ProblemCode::MalformedRequest)?;
        Ok(Self(who, form))
    }
}

impl AsRef<Signed> for Clerk {
    fn as_ref(&self) -> &Signed {
        &self.signed
    }
}

impl AsRef<Signed> for Operator {
    fn as_ref(&self) -> &Signed {
        &self.0
    }
}
