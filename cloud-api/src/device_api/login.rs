//! Card login: `POST …/nonces`, then `POST …/household`.
//!
//! The household is released only after nonce, chain, signature, validity and revocation held, only when exactly one
//! resident has the four items, and only when those are proven: by the card's face, or by a core system that knows the
//! certificate as that resident's. None or several is a problem, never a guess.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use card_face::Integrity;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{CallReason, Realm, StaffCallRow, TakenNonce};
use jiff::SignedDuration;
use kiosk_api::{
    FaceProof, FourItems, HouseholdReply, LoginProof, NonceId, NonceReply, Problem, ProblemCode,
    StaffCallId, Verification, face_message, login_message, login_message_with_face,
};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::device::Device;
use crate::cloud::{CardLogin, Shared};
use crate::core_system::{CertificateLink, CoreError, NotReleased, Released, release};
use crate::jpki::{CardRefusal, CertificateSerial, Verified, items_of};
use crate::refusal::{JsonBody, Refusal};
use crate::tenant::Core;

/// Gives out a nonce for one login at this kiosk.
#[utoipa::path(
    post, path = "/v1/{tenant}/nonces", tag = "login", security(("kiosk" = [])), params(("tenant" = String, Path)),
    responses(
        (status = 201, description = "A nonce", body = NonceReply),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_nonce(
    State(cloud): State<Shared>,
    device: Device,
) -> Result<(StatusCode, Json<NonceReply>), Refusal> {
    let mut nonce = vec![0; 32];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| ProblemCode::Internal)?;
    let id = NonceId(Uuid::new_v4());
    let life = cloud
        .card
        .as_ref()
        .map_or(SignedDuration::from_secs(180), |card| card.nonce_life);
    let expires_at = cloud
        .clock
        .now()
        .checked_add(life)
        .map_err(|_| ProblemCode::Internal)?;
    cloud
        .store
        .insert_nonce(&device.tenant.code, &device.kiosk, id, &nonce, expires_at)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(NonceReply {
            id,
            nonce: nonce.into(),
            expires_at,
        }),
    ))
}

/// Checks a login and releases the household.
#[utoipa::path(
    post, path = "/v1/{tenant}/household", tag = "login", security(("kiosk" = [])), params(("tenant" = String, Path)),
    request_body = LoginProof,
    responses(
        (status = 200, description = "The household's facts and values", body = HouseholdReply),
        (status = 400, description = "malformed_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "login_refused, card_unverified, certificate_expired, certificate_revoked", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no_match", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "several_match, nonce_unknown, nonce_used", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "nonce_expired", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "too_large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "wrong_content_type", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "core_wrong_answer", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "core_unreachable", body = Problem, content_type = "application/problem+json"),
        (status = 504, description = "core_slow", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_household(
    State(cloud): State<Shared>,
    device: Device,
    JsonBody(proof): JsonBody<LoginProof>,
) -> Result<Json<HouseholdReply>, Refusal> {
    let started = Instant::now();
    let outcome = household(&cloud, &device, &proof, started).await;
    let word = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.0.code.as_str(), |_| "released");
    cloud.metrics.login(&device.tenant.code, word);
    outcome.map(Json)
}

async fn household(
    cloud: &Shared,
    device: &Device,
    proof: &LoginProof,
    started: Instant,
) -> Result<HouseholdReply, Refusal> {
    let (verified, claim) = verify(cloud, device, proof).await?;
    let core = device
        .tenant
        .core
        .as_ref()
        .ok_or(ProblemCode::CoreUnreachable)?;
    let released = match look_up(cloud, device, core, &claim).await {
        Err(code) if code.status() < 500 => {
            wait_until(started, core.refusal_after).await;
            return Err(claim.refusal(code).into());
        }
        other => other?,
    };
    let kiosk = Actor::Kiosk(device.kiosk.clone());
    let record = AuditRecord::new(cloud.clock.now(), kiosk, AuditEvent::HouseholdReleased);
    let realm = Realm::from(&device.tenant.code);
    cloud.store.record(&realm, &record).await?;
    Ok(HouseholdReply {
        facts: released.facts,
        values: released.values,
        verification: Verification {
            checked_at: cloud.clock.now(),
            revocation: verified.revocation,
            certificate_until: verified.until,
        },
    })
}

async fn wait_until(started: Instant, after: Duration) {
    if !after.is_zero() {
        sleep_until(started + after).await;
    }
}

/// Who somebody says to be, and with which certificate.
struct Claim {
    items: FourItems,
    /// Whether the items come from a card face that holds; otherwise they are what the kiosk says.
    proven: bool,
    serial: CertificateSerial,
}

impl Claim {
    /// Whether a resident with these items is the certificate's holder.
    fn holds(&self, link: CertificateLink) -> Result<(), ProblemCode> {
        match (self.proven, link) {
            (_, CertificateLink::Own) | (true, CertificateLink::Unknown) => Ok(()),
            (true, CertificateLink::Another) => Err(ProblemCode::LoginRefused),
            (false, _) => Err(ProblemCode::CardUnverified),
        }
    }

    /// Items that nobody proved are answered alike whatever the register says of them, so that it cannot be searched.
    fn refusal(&self, code: ProblemCode) -> ProblemCode {
        if self.proven {
            code
        } else {
            ProblemCode::CardUnverified
        }
    }
}

/// The nonce is taken before anything else, so that a proof can be tried once whatever comes of it.
async fn verify(
    cloud: &Shared,
    device: &Device,
    proof: &LoginProof,
) -> Result<(Verified, Claim), Refusal> {
    let card = cloud.card.as_ref().ok_or_else(|| {
        Problem::new(ProblemCode::LoginRefused).detail("card login is not set up")
    })?;
    let now = cloud.clock.now();
    let nonce = take_nonce(cloud, device, proof.nonce).await?;
    let (tenant, kiosk) = (&device.tenant.code, &device.kiosk);
    let message = match &proof.face {
        Some(face) => login_message_with_face(tenant, kiosk, &nonce, face),
        None => login_message(tenant, kiosk, &nonce).into(),
    };
    let verified = card
        .authority
        .verify(&proof.certificate.0, &message, &proof.signature.0, now)
        .map_err(|refusal| refused(device, refusal))?;
    let (items, proven) = match (&proof.face, &proof.items) {
        (Some(face), _) => from_face(card, device, face, &nonce)?,
        (None, Some(items)) => (items.clone(), false),
        (None, None) => {
            let problem = Problem::new(ProblemCode::CardUnverified);
            return Err(problem.detail("the proof has no card face").into());
        }
    };
    let serial = verified.serial.clone();
    let claim = Claim {
        items,
        proven,
        serial,
    };
    Ok((verified, claim))
}

async fn take_nonce(cloud: &Shared, device: &Device, id: NonceId) -> Result<Vec<u8>, Refusal> {
    let (tenant, now) = (&device.tenant.code, cloud.clock.now());
    let taken = cloud.store.take_nonce(tenant, &device.kiosk, id, now);
    match taken.await? {
        TakenNonce::Fresh(nonce) => Ok(nonce),
        TakenNonce::Expired => Err(ProblemCode::NonceExpired.into()),
        TakenNonce::Used => Err(ProblemCode::NonceUsed.into()),
        TakenNonce::Unknown => Err(ProblemCode::NonceUnknown.into()),
    }
}

fn refused(device: &Device, refusal: CardRefusal) -> Refusal {
    let (tenant, kiosk) = (&device.tenant.code, &device.kiosk);
    tracing::info!(%tenant, %kiosk, reason = %refusal, "card login refused");
    match refusal {
        CardRefusal::Expired => ProblemCode::CertificateExpired.into(),
        CardRefusal::Revoked => ProblemCode::CertificateRevoked.into(),
        _ => ProblemCode::LoginRefused.into(),
    }
}

/// The four items, and whether the face holds.
fn from_face(
    card: &CardLogin,
    device: &Device,
    face: &FaceProof,
    nonce: &[u8],
) -> Result<(FourItems, bool), Refusal> {
    let (tenant, kiosk) = (&device.tenant.code, &device.kiosk);
    let challenge = face_message(tenant, kiosk, nonce);
    let found = card
        .faces
        .check(face, &challenge)
        .and_then(|verdict| Ok((verdict, items_of(face)?)));
    let reason = match found {
        Ok((Integrity::Forged(forgery), _)) => forgery.word().to_owned(),
        Ok((verdict, Some(items))) => return Ok((items, verdict == Integrity::Genuine)),
        // A day of birth that is not known as a whole: no register can be asked for it.
        Ok((_, None)) => return Err(ProblemCode::NoMatch.into()),
        Err(error) => error.to_string(),
    };
    tracing::warn!(%tenant, %kiosk, reason, "card face refused");
    Err(ProblemCode::LoginRefused.into())
}

async fn look_up(
    cloud: &Shared,
    device: &Device,
    core: &Core,
    claim: &Claim,
) -> Result<Released, ProblemCode> {
    let matches = core
        .system
        .find(&claim.items)
        .await
        .map_err(|error| core_problem(device, &error))?;
    let found = match matches.as_slice() {
        [] => return Err(ProblemCode::NoMatch),
        [one] => one,
        _ => return Err(ProblemCode::SeveralMatch),
    };
    let record = core
        .system
        .household(&found.household)
        .await
        .map_err(|error| core_problem(device, &error))?;
    // Between the two questions the household can have been closed: then nobody matches any more.
    let record = record.ok_or(ProblemCode::NoMatch)?;
    claim.holds(record.link(&found.resident, &claim.serial))?;
    match release(
        &record,
        &found.resident,
        cloud.clock.today(),
        &device.tenant.eras(),
    ) {
        Ok(released) => Ok(released),
        Err(NotReleased::Wrong(error)) => Err(core_problem(device, &error)),
        Err(NotReleased::Protected) => {
            note_protected(cloud, device).await;
            Err(ProblemCode::NoMatch)
        }
    }
}

fn core_problem(device: &Device, error: &CoreError) -> ProblemCode {
    tracing::warn!(tenant = %device.tenant.code, %error, "core system");
    match error {
        CoreError::Unreachable => ProblemCode::CoreUnreachable,
        CoreError::Slow => ProblemCode::CoreSlow,
        CoreError::WrongAnswer(_) => ProblemCode::CoreWrongAnswer,
    }
}

/// For staff only. If it can't be kept, the kiosk's answer stays what it is.
async fn note_protected(cloud: &Shared, device: &Device) {
    let call = StaffCallRow {
        id: StaffCallId(Uuid::new_v4()),
        kiosk: device.kiosk.clone(),
        reason: CallReason::Protected,
        called_at: cloud.clock.now(),
    };
    if let Err(error) = cloud
        .store
        .insert_staff_call(&device.tenant.code, &call)
        .await
    {
        tracing::error!(%error, "note for staff not kept");
    }
}
