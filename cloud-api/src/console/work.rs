//! What a clerk does with an application: take it, put it back, move it, correct it, hand it off.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{ApplicationStatus, ClaimOutcome, Permission, Protection, StatusChange};
use kiosk_api::{ApplicationId, Problem, ProblemCode};
use serde::Deserialize;
use uuid::Uuid;

use super::answers::{Done, FormRefusals, NoApplication, Prevented};
use super::{application_view, refused, words};
use crate::casework::{CLAIM_LIFE, Correction};
use crate::cloud::Shared;
use crate::labels::reason_text;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, Posted};

#[derive(Deserialize)]
pub(super) struct NoFields {}

#[derive(Deserialize)]
pub(super) struct StatusForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct CorrectForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    text: String,
}

fn id_of(path: Path<(String, String)>) -> Result<ApplicationId, Refusal> {
    let Path((_, id)) = path;
    Ok(ApplicationId(
        id.parse().map_err(|_| ProblemCode::NotFound)?,
    ))
}

fn back(clerk: &Clerk, id: ApplicationId) -> Response {
    let address = format!("/console/{}/applications/{id}", clerk.tenant.code);
    Redirect::to(&address).into_response()
}

/// The application's page with a message about what was not done.
async fn not_done(
    cloud: &Shared,
    clerk: &Clerk,
    id: ApplicationId,
    text: &str,
) -> Result<Response, Refusal> {
    let message = clerk.language.say(text).to_owned();
    let page: Html<String> =
        application_view::page(cloud, clerk, &id.to_string(), 1, Some(message)).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// The message of a refusal that a clerk sees on the page; others go on.
fn message_of(refusal: Refusal, language: Language) -> Result<String, Refusal> {
    let detail = refusal.0.detail.as_deref().unwrap_or_default();
    match refusal.0.code {
        code @ (ProblemCode::StateConflict | ProblemCode::TakenByOther) => {
            let detail = refused::detail(detail, language);
            Ok(format!("{} {detail}", language.of_problem(code)))
        }
        ProblemCode::InvalidDocument => Ok(words::problem(detail).to_owned()),
        _ => Err(refusal),
    }
}

/// Takes an application, so that nobody else works on it meanwhile.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/claim", tag = "console", security(("session" = ["claim_application"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf"),
    responses(
        (status = 409, description = "Its page, which says who has it", body = String, content_type = "text/html"),
        Done, FormRefusals, NoApplication,
    )
)]
pub(super) async fn claim(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, NoFields {}): Posted<Clerk, NoFields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ClaimApplication).await?;
    let id = id_of(path)?;
    let until = clerk
        .now
        .checked_add(CLAIM_LIFE)
        .map_err(|_| ProblemCode::Internal)?;
    let record = clerk.record(AuditEvent::Claimed).about(id);
    let outcome = cloud
        .store
        .claim(
            &clerk.tenant.code,
            id,
            &clerk.person.id,
            (clerk.now, until),
            &record,
        )
        .await?;
    match outcome {
        ClaimOutcome::Claimed => Ok(back(&clerk, id)),
        ClaimOutcome::ByOther(_) => {
            let text = clerk.language.of_problem(ProblemCode::TakenByOther);
            Ok(not_done(&cloud, &clerk, id, text).await?)
        }
        ClaimOutcome::NotOpen => {
            let text = "処理済みの申請は担当できません。";
            Ok(not_done(&cloud, &clerk, id, text).await?)
        }
    }
}

/// Puts an application back: one's own, or, with that right, anybody's.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/release", tag = "console", security(("session" = ["claim_application"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf"),
    responses(Done, FormRefusals, NoApplication)
)]
pub(super) async fn release(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, NoFields {}): Posted<Clerk, NoFields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ClaimApplication).await?;
    let id = id_of(path)?;
    let anybody = clerk.person.may(Permission::ReleaseOthers);
    let whose = (!anybody).then_some(clerk.person.id.as_str());
    let record = clerk.record(AuditEvent::Released).about(id);
    let code = &clerk.tenant.code;
    if !cloud.store.release(code, id, whose, &record).await? {
        let found = cloud.store.application(code, id).await?;
        found.ok_or(ProblemCode::NotFound)?;
    }
    Ok(back(&clerk, id))
}

/// Changes an application's status.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/state", tag = "console", security(("session" = ["change_state"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, from, to; reason (papers_missing, entries_wrong, identity_unclear, withdrawn, other) when it is returned"),
    responses(Done, FormRefusals, NoApplication, Prevented)
)]
pub(super) async fn change_state(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, form): Posted<Clerk, StatusForm>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ChangeState).await?;
    let id = id_of(path)?;
    let statuses =
        ApplicationStatus::from_word(&form.from).zip(ApplicationStatus::from_word(&form.to));
    let (from, to) = statuses.ok_or(ProblemCode::MalformedRequest)?;
    let reason = match to {
        ApplicationStatus::Returned => {
            reason_text(&form.reason).ok_or(ProblemCode::MalformedRequest)?;
            Some(form.reason.as_str())
        }
        _ => None,
    };
    let change = StatusChange {
        from,
        to,
        claimed_by: Some(&clerk.person.id),
        reason,
        now: clerk.now,
    };
    match cloud
        .change_status(&clerk.tenant, id, &change, clerk.actor())
        .await
    {
        Ok(()) => Ok(back(&clerk, id)),
        Err(refusal) => {
            let text = message_of(refusal, clerk.language)?;
            Ok(not_done(&cloud, &clerk, id, &text).await?)
        }
    }
}

/// Corrects one value; what was before is kept.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/correct", tag = "console", security(("session" = ["correct_application"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, key, text"),
    responses(
        (status = 404, description = "No such tenant or application, or its forms are not kept", body = Problem, content_type = "application/problem+json"),
        Done, FormRefusals, Prevented,
    )
)]
pub(super) async fn correct(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, form): Posted<Clerk, CorrectForm>,
) -> Result<Response, Away> {
    clerk
        .require(&cloud, Permission::CorrectApplication)
        .await?;
    let id = id_of(path)?;
    let correction = Correction {
        key: &form.key,
        text: &form.text,
    };
    let tenant = &clerk.tenant;
    // Only values that are there: a form must not grow a field that no paper has.
    let opened = cloud.opened(tenant, id).await?;
    if opened.now.values.get(&form.key).is_none() {
        return Err(ProblemCode::MalformedRequest.into());
    }
    match cloud
        .correct(tenant, id, &clerk.person.id, &correction, clerk.now)
        .await
    {
        Ok(_) => Ok(back(&clerk, id)),
        Err(refusal) => {
            let text = message_of(refusal, clerk.language)?;
            Ok(not_done(&cloud, &clerk, id, &text).await?)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ProtectionForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Keeps what a clerk says of protective measures (支援措置): that they saw the alert, or what they found in the core system
/// while it does not answer.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/protection", tag = "console", security(("session" = ["change_state"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, from (waiting, found), to (clear, seen)"),
    responses(Done, FormRefusals, NoApplication, Prevented)
)]
pub(super) async fn protection(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, form): Posted<Clerk, ProtectionForm>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ChangeState).await?;
    let (id, code) = (id_of(path)?, &clerk.tenant.code);
    let words = Protection::from_word(&form.from).zip(Protection::from_word(&form.to));
    let (from, to) = words
        .filter(|(from, to)| from.by_hand().contains(to))
        .ok_or(ProblemCode::MalformedRequest)?;
    let found = cloud.store.application(code, id).await?;
    let (row, _) = found.ok_or(ProblemCode::NotFound)?;
    let record = clerk
        .record(AuditEvent::Protected)
        .about(id)
        .with(serde_json::json!({ "from": from.as_str(), "result": to.as_str() }));
    if row.protection == from
        && cloud
            .store
            .settle_protection(code, &row, to, &record)
            .await?
    {
        return Ok(back(&clerk, id));
    }
    let text = "支援措置の照会の結果が変わりました。もう一度ご確認ください。";
    Ok(not_done(&cloud, &clerk, id, text).await?)
}

/// Puts a confirmed application into the robots' queue; one that is held back waits in it.
#[utoipa::path(
    post, path = "/console/{tenant}/applications/{id}/hand-off", tag = "console", security(("session" = ["hand_off"])),
    params(("tenant" = String, Path), ("id" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf"),
    responses(Done, FormRefusals, NoApplication, Prevented)
)]
pub(super) async fn hand_off(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, NoFields {}): Posted<Clerk, NoFields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::HandOff).await?;
    let (id, tenant) = (id_of(path)?, &clerk.tenant);
    let found = cloud.store.application(&tenant.code, id).await?;
    let (row, _) = found.ok_or(ProblemCode::NotFound)?;
    if row.status != ApplicationStatus::Confirmed {
        let text = "確認を終えた申請だけを引き渡せます。";
        return Ok(not_done(&cloud, &clerk, id, text).await?);
    }
    let job = Uuid::new_v4();
    if cloud
        .store
        .enqueue_job(&tenant.code, job, id, clerk.now)
        .await?
    {
        let record = clerk
            .record(AuditEvent::HandedOff)
            .about(id)
            .with(serde_json::json!({ "to": "robots" }));
        cloud.store.record(&clerk.realm, &record).await?;
        // The robot must not find it in a clerk's hands.
        let record = clerk.record(AuditEvent::Released).about(id);
        let own = Some(clerk.person.id.as_str());
        cloud.store.release(&tenant.code, id, own, &record).await?;
    }
    Ok(back(&clerk, id))
}
