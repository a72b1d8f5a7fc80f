//! The robots' queue over HTTP: claim, renew, finish. For machine clients with the scope `jobs`.

use axum::Json;
use axum::extract::{Path, State as Part};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cloud_store::audit::{AuditEvent, AuditRecord};
use cloud_store::{ApplicationStatus, JobEnd, JobLease, JobRow, Scope, StatusChange};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::Document;
use super::opened::opened;
use super::problems::{BodyRefusals, Refusals};
use crate::clients::Caller;
use crate::cloud::Shared;
use crate::refusal::{JsonBody, Refusal};

/// Shortest and longest lease, in seconds.
const LEASE: std::ops::RangeInclusive<u32> = 10..=3600;

/// A robot's word for its turn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimRequest {
    /// The robot's own word for this turn, a UUID; the same again gets the same job.
    #[schema(value_type = String, format = "uuid")]
    claim: Uuid,
    /// How long the job is the robot's, in seconds: 10 to 3600.
    #[serde(default = "five_minutes")]
    #[schema(minimum = 10, maximum = 3600, default = 300)]
    lease_seconds: u32,
}

fn five_minutes() -> u32 {
    300
}

/// A job and what is to be typed in.
#[derive(Serialize, ToSchema)]
pub(super) struct JobReply {
    /// The job.
    #[schema(value_type = String, format = "uuid")]
    job: Uuid,
    /// Until when it is the robot's.
    #[schema(value_type = Option<String>)]
    lease_until: Option<Timestamp>,
    /// How often it was claimed, this time included.
    attempts: i64,
    /// The application.
    document: Document,
}

/// A lease.
#[derive(Serialize, ToSchema)]
pub(super) struct LeaseReply {
    /// The job.
    #[schema(value_type = String, format = "uuid")]
    job: Uuid,
    /// Until when it is the robot's; absent at its end.
    #[schema(value_type = Option<String>)]
    lease_until: Option<Timestamp>,
    /// `claimed`, `done`, `failed` or `waiting`.
    state: String,
}

impl LeaseReply {
    fn new(job: &JobRow) -> Self {
        Self {
            job: job.id,
            lease_until: job.lease_until,
            state: job.state.as_str().to_owned(),
        }
    }
}

/// How a robot ends a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FinishRequest {
    /// The word that it was claimed with.
    #[schema(value_type = String, format = "uuid")]
    claim: Uuid,
    /// How it ended.
    result: FinishResult,
    /// Why it failed: 1 to 60 characters of `a-z 0-9 _`, a kind and nobody's name.
    reason: Option<String>,
}

/// How a job ended.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FinishResult {
    /// It was typed in.
    Done,
    /// It could not be; `reason` says why.
    Failed,
    /// Back to the queue.
    Returned,
}

fn turn<'a>(
    cloud: &Shared,
    caller: &'a Caller,
    claim: Uuid,
    seconds: u32,
) -> Result<JobLease<'a>, Refusal> {
    if !LEASE.contains(&seconds) {
        return Err(invalid("lease_seconds: 10 to 3600"));
    }
    Ok(JobLease {
        robot: &caller.client,
        claim,
        now: cloud.clock.now(),
        length: SignedDuration::from_secs(i64::from(seconds)),
    })
}

fn invalid(detail: &str) -> Refusal {
    Problem::new(ProblemCode::InvalidDocument)
        .detail(detail.to_owned())
        .into()
}

fn job_id(text: &str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| ProblemCode::NotFound.into())
}

/// Gives the robot the job that has waited longest.
#[utoipa::path(
    post, path = "/v1/{tenant}/jobs/claim", tag = "hand-off", security(("client" = ["jobs"])),
    params(("tenant" = String, Path)), request_body = ClaimRequest,
    responses(
        (status = 200, description = "A job", body = JobReply),
        (status = 204, description = "Nothing waits"),
        Refusals, BodyRefusals,
    )
)]
pub(super) async fn post_claim(
    Part(cloud): Part<Shared>,
    caller: Caller,
    JsonBody(request): JsonBody<ClaimRequest>,
) -> Result<Response, Refusal> {
    caller.require(Scope::Jobs)?;
    let turn = turn(&cloud, &caller, request.claim, request.lease_seconds)?;
    let tenant = &caller.tenant;
    while let Some(job) = cloud.store.claim_job(&tenant.code, &turn).await? {
        match document(&cloud, &caller, &job).await {
            Ok(document) => {
                let record = AuditRecord::new(turn.now, caller.actor(), AuditEvent::HandedOff)
                    .about(job.application)
                    .with(json!({ "to": "robots", "job": job.id }));
                cloud.store.record(&caller.realm(), &record).await?;
                let reply = JobReply {
                    job: job.id,
                    lease_until: job.lease_until,
                    attempts: job.attempts,
                    document,
                };
                return Ok(Json(reply).into_response());
            }
            // One that cannot be opened must not hold up those behind it; it shows as failed.
            Err(Refusal(problem)) => {
                tracing::error!(tenant = %tenant.code, code = ?problem.code, "a job's application cannot be opened");
                let end = JobEnd::Failed(match problem.code {
                    ProblemCode::RecordAltered => "altered",
                    _ => "unreadable",
                });
                cloud
                    .store
                    .end_job(&tenant.code, job.id, &turn, end)
                    .await?;
            }
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn document(cloud: &Shared, caller: &Caller, job: &JobRow) -> Result<Document, Refusal> {
    let (row, application) = opened(cloud, caller, job.application).await?;
    let forms = caller.tenant.forms_of(&application, row.received_at)?;
    Ok(Document::new(&application, &forms.value))
}

/// Makes a lease longer, counted from now.
#[utoipa::path(
    post, path = "/v1/{tenant}/jobs/{job}/renew", tag = "hand-off", security(("client" = ["jobs"])),
    params(("tenant" = String, Path), ("job" = String, Path)), request_body = ClaimRequest,
    responses(
        (status = 200, description = "It is the robot's until then", body = LeaseReply),
        (status = 409, description = "taken_by_other", body = Problem, content_type = "application/problem+json"),
        Refusals, BodyRefusals,
    )
)]
pub(super) async fn post_renew(
    Part(cloud): Part<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    JsonBody(request): JsonBody<ClaimRequest>,
) -> Result<Json<LeaseReply>, Refusal> {
    caller.require(Scope::Jobs)?;
    let Path((_, id)) = path;
    let (id, turn) = (
        job_id(&id)?,
        turn(&cloud, &caller, request.claim, request.lease_seconds)?,
    );
    let renewed = cloud
        .store
        .renew_job(&caller.tenant.code, id, &turn)
        .await?;
    lease(&cloud, &caller, id, renewed).await
}

/// Ends a job. Saying so again is no fault.
#[utoipa::path(
    post, path = "/v1/{tenant}/jobs/{job}/finish", tag = "hand-off", security(("client" = ["jobs"])),
    params(("tenant" = String, Path), ("job" = String, Path)), request_body = FinishRequest,
    responses(
        (status = 200, description = "It has ended", body = LeaseReply),
        (status = 409, description = "taken_by_other", body = Problem, content_type = "application/problem+json"),
        Refusals, BodyRefusals,
    )
)]
pub(super) async fn post_finish(
    Part(cloud): Part<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    JsonBody(request): JsonBody<FinishRequest>,
) -> Result<Json<LeaseReply>, Refusal> {
    caller.require(Scope::Jobs)?;
    let Path((_, id)) = path;
    let (id, turn) = (
        job_id(&id)?,
        turn(&cloud, &caller, request.claim, five_minutes())?,
    );
    let reason = request.reason.as_deref().unwrap_or_default();
    let end = match request.result {
        FinishResult::Done => JobEnd::Done,
        FinishResult::Returned => JobEnd::Returned,
        FinishResult::Failed if is_kind(reason) => JobEnd::Failed(reason),
        FinishResult::Failed => return Err(invalid("reason: 1 to 60 of a-z 0-9 _")),
    };
    let ended = cloud
        .store
        .end_job(&caller.tenant.code, id, &turn, end)
        .await?;
    if let (JobEnd::Done, Some(job)) = (end, &ended) {
        typed_in(&cloud, &caller, job).await?;
    }
    lease(&cloud, &caller, id, ended).await
}

/// What a robot has typed in is done. A clerk may have taken or returned it meanwhile: then it is theirs to say.
async fn typed_in(cloud: &Shared, caller: &Caller, job: &JobRow) -> Result<(), Refusal> {
    let change = StatusChange {
        from: ApplicationStatus::Confirmed,
        to: ApplicationStatus::Done,
        claimed_by: None,
        reason: None,
        now: cloud.clock.now(),
    };
    let moved = cloud
        .change_status(&caller.tenant, job.application, &change, caller.actor())
        .await;
    match moved {
        Err(Refusal(problem))
            if !matches!(
                problem.code,
                ProblemCode::StateConflict | ProblemCode::TakenByOther
            ) =>
        {
            Err(Refusal(problem))
        }
        _ => Ok(()),
    }
}

/// A reason is a kind: a sentence might hold a name, and it is shown to people without the right to read the application.
fn is_kind(reason: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=60).contains(&reason.len()) && reason.bytes().all(fits)
}

async fn lease(
    cloud: &Shared,
    caller: &Caller,
    id: Uuid,
    job: Option<JobRow>,
) -> Result<Json<LeaseReply>, Refusal> {
    match job {
        Some(job) => Ok(Json(LeaseReply::new(&job))),
        None if cloud.store.has_job(&caller.tenant.code, id).await? => {
            Err(ProblemCode::TakenByOther.into())
        }
        None => Err(ProblemCode::NotFound.into()),
    }
}
