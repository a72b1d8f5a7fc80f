//! `POST /v1/{tenant}/applications`: a sealed application comes in once. `GET …/sealing-key`: the key it is sealed to.

use application::Application;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cloud_store::{Inserted, NewApplication, Protection};
use kiosk_api::{Problem, ProblemCode, Receipt, SealedApplication, SignedSealingKey};

use super::device::Device;
use crate::casework::{NameKey, card_word, index, open};
use crate::cloud::Shared;
use crate::refusal::{JsonBody, Refusal};
use crate::tenant::Tenant;
use crate::webhooks::{self, Event, EventType};

/// The town's public key; a kiosk keeps the last one for times without a network.
#[utoipa::path(
    get, path = "/v1/{tenant}/sealing-key", tag = "applications", security(("kiosk" = [])), params(("tenant" = String, Path)),
    responses(
        (status = 200, description = "The key, signed by the town", body = SignedSealingKey),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant, or its key is not signed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_sealing_key(device: Device) -> Result<Json<SignedSealingKey>, Refusal> {
    let signed = device.tenant.signed_sealing_key.clone();
    signed.map(Json).ok_or_else(|| {
        let problem = Problem::new(ProblemCode::NotFound);
        problem
            .detail("the town's sealing key is not signed")
            .into()
    })
}

/// Takes in an application. The same id twice is once: 201, then 200.
#[utoipa::path(
    post, path = "/v1/{tenant}/applications", tag = "applications", security(("kiosk" = [])), params(("tenant" = String, Path)),
    request_body = SealedApplication,
    responses(
        (status = 200, description = "It had been stored before", body = Receipt),
        (status = 201, description = "It is stored durably", body = Receipt),
        (status = 400, description = "malformed_request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant, or another's envelope", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "application_conflict", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "too_large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "wrong_content_type", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "envelope_refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post_application(
    State(cloud): State<Shared>,
    device: Device,
    JsonBody(sealed): JsonBody<SealedApplication>,
) -> Result<(StatusCode, Json<Receipt>), Refusal> {
    if sealed.tenant != device.tenant.code || sealed.kiosk != device.kiosk {
        return Err(ProblemCode::NotFound.into());
    }
    let opened = open(&device.tenant, &sealed)?;
    let received_at = cloud.clock.now();
    let envelope = serde_json::to_vec(&sealed).map_err(|_| ProblemCode::Internal)?;
    let row = new_row(&device, &sealed, &opened, received_at, envelope)?;
    let inserted = cloud.store.insert_application(row).await?;
    cloud.metrics.application(
        &device.tenant.code,
        if inserted == Inserted::New {
            "new"
        } else {
            "repeated"
        },
    );
    let (status, receipt) = match inserted {
        Inserted::New => {
            let receipt = Receipt {
                id: sealed.id,
                received_at,
                repeated: false,
            };
            (StatusCode::CREATED, receipt)
        }
        Inserted::AlreadyStored => {
            let receipt = repeated(&cloud, &device.tenant, &sealed, &opened).await?;
            (StatusCode::OK, receipt)
        }
    };
    // Before the answer: a service that ends in between is asked again by the kiosk, and an event is announced once.
    let event = Event {
        kind: EventType::Received,
        application: receipt.id,
        reception: opened.reception.as_deref().unwrap_or_default(),
        at: receipt.received_at,
    };
    webhooks::announce(&cloud.store, &device.tenant, &event).await?;
    Ok((status, Json(receipt)))
}

fn new_row(
    device: &Device,
    sealed: &SealedApplication,
    opened: &Application,
    received_at: jiff::Timestamp,
    envelope: Vec<u8>,
) -> Result<NewApplication, Refusal> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(NewApplication {
        tenant: device.tenant.code.clone(),
        id: sealed.id,
        kiosk: device.kiosk.clone(),
        reception: opened.reception.clone().unwrap_or_default(),
        event: opened.event.clone(),
        as_of: opened.as_of.to_string(),
        forms: count(opened.forms.len()),
        card: card_word(opened.card).to_owned(),
        notes: count(opened.notes.len()),
        received_at,
        envelope,
        index: index(opened, &[], &NameKey::of(&device.tenant.key())?),
        protection: match device.tenant.core {
            Some(_) => Protection::Waiting,
            None => Protection::Unasked,
        },
    })
}

/// The first one stays. A kiosk that sends the same again (its answer was lost) gets the same receipt.
async fn repeated(
    cloud: &Shared,
    tenant: &Tenant,
    sealed: &SealedApplication,
    opened: &Application,
) -> Result<Receipt, Refusal> {
    let (row, envelope) = cloud
        .store
        .application(&tenant.code, sealed.id)
        .await?
        .ok_or(ProblemCode::Internal)?;
    let first: SealedApplication =
        serde_json::from_slice(&envelope).map_err(|_| ProblemCode::Internal)?;
    // Sealing again gives other bytes, so the contents decide.
    if first != *sealed && open(tenant, &first).ok().as_ref() != Some(opened) {
        tracing::warn!(tenant = %tenant.code, kiosk = %sealed.kiosk, "application id used twice");
        return Err(ProblemCode::ApplicationConflict.into());
    }
    Ok(Receipt {
        id: sealed.id,
        received_at: row.received_at,
        repeated: true,
    })
}
