//! What other systems have to do with the town (連携): how fresh the register is, the robots' jobs, webhooks that did not arrive.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Redirect};
use cloud_store::audit::AuditEvent;
use cloud_store::{DeliveryRow, Freshness, JobLine, JobState, Permission};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, Problem, ProblemCode};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::answers::{FormRefusals, NoApplication, NoTown, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, Posted};
use crate::webhooks::EventType;

/// Most lines of a list.
const MOST: i64 = 50;
/// A register that nothing came into for this long is shown as old.
const OLD: SignedDuration = SignedDuration::from_hours(24);

#[derive(Template)]
#[template(path = "links.html")]
struct LinksPage {
    frame: Frame,
    register: Option<RegisterView>,
    jobs: Vec<JobView>,
    letters: Vec<LetterView>,
}

struct RegisterView {
    loaded: Option<String>,
    full: Option<String>,
    pulled: Option<String>,
    old: bool,
    rejected: i64,
    problem: Option<String>,
}

impl RegisterView {
    fn new(language: Language, register: &Freshness, now: Timestamp) -> Self {
        let time = |at: Timestamp| words::time(language, at);
        // A server that says "nothing new" makes the register as fresh as rows would.
        let fresh = register.loaded_at.max(register.pulled_at);
        Self {
            loaded: register.loaded_at.map(time),
            full: register.full_at.map(time),
            pulled: register.pulled_at.map(time),
            old: fresh.is_none_or(|at| now.duration_since(at) > OLD),
            rejected: register.rejected,
            problem: register.pull_problem.clone(),
        }
    }
}

struct JobView {
    application: String,
    reception: String,
    time: String,
    state: &'static str,
    class: &'static str,
    failed: bool,
    robot: String,
    attempts: i64,
    reason: String,
}

impl JobView {
    /// Whether somebody has to look.
    fn attention(&self) -> bool {
        self.class == "attention"
    }

    fn new(language: Language, line: &JobLine) -> Self {
        let job = &line.job;
        let (state, class) = match job.state {
            JobState::Waiting if line.held => ("職員の確認待ち", "attention"),
            JobState::Waiting => ("待ち", "state"),
            JobState::Claimed => ("入力中", "state"),
            JobState::Done => ("入力済み", "good"),
            JobState::Failed => ("入力できず", "attention"),
        };
        Self {
            application: job.application.to_string(),
            reception: line.reception.clone(),
            time: words::time(language, job.created_at),
            state,
            class,
            failed: job.state == JobState::Failed,
            robot: job.robot.clone().unwrap_or_default(),
            attempts: job.attempts,
            reason: reason(language, job.reason.as_deref()),
        }
    }
}

/// A robot's reason; the service's own in words.
fn reason(language: Language, word: Option<&str>) -> String {
    let words = match word {
        None => return String::new(),
        Some("no_end") => "ロボットが最後まで終えませんでした",
        Some("unreadable") => "申請を開けませんでした",
        Some(other) => return other.to_owned(),
    };
    language.say(words).to_owned()
}

struct LetterView {
    hook: String,
    event: String,
    about: String,
    time: String,
    attempts: i64,
    problem: String,
}

impl LetterView {
    fn new(language: Language, row: &DeliveryRow) -> Self {
        Self {
            hook: row.hook.clone(),
            event: row.event.clone(),
            about: about(language, &row.body).unwrap_or_else(|| row.event.clone()),
            time: words::time(language, row.created_at),
            attempts: row.attempts,
            problem: row.problem.clone().unwrap_or_default(),
        }
    }
}

/// What an event is about, for a clerk: `03-260427-0015-6の受付`.
fn about(language: Language, body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let kind: EventType = body.get("type")?.as_str()?.parse().ok()?;
    let reception = body.pointer("/data/reception")?.as_str()?;
    let kind = language.say(kind.japanese());
    Some(language.fill("{}の{}", &[&reception, &kind]))
}

/// The town's links to other systems.
#[utoipa::path(
    get, path = "/console/{tenant}/links", tag = "console", security(("session" = ["hand_off"])),
    params(("tenant" = String, Path)),
    responses(Page, PageRefusals, NoTown)
)]
pub(super) async fn links(State(cloud): State<Shared>, clerk: Clerk) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::HandOff).await?;
    let (code, language) = (&clerk.tenant.code, clerk.language);
    let register = cloud.store.freshness(code).await?;
    let jobs = cloud.store.job_lines(code, MOST).await?;
    let letters = cloud.store.dead_letters(code, MOST).await?;
    Ok(html(&LinksPage {
        frame: frame(&cloud, &clerk, "/links"),
        register: register.map(|register| RegisterView::new(language, &register, clerk.now)),
        jobs: jobs.iter().map(|job| JobView::new(language, job)).collect(),
        letters: letters
            .iter()
            .map(|row| LetterView::new(language, row))
            .collect(),
    })?)
}

/// Which job.
#[derive(Deserialize)]
pub(super) struct JobForm {
    #[serde(default)]
    application: String,
}

/// Puts a failed job back into the robots' queue.
#[utoipa::path(
    post, path = "/console/{tenant}/links/job", tag = "console", security(("session" = ["hand_off"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, application"),
    responses(
        (status = 303, description = "Back to the page"),
        FormRefusals, NoApplication,
    )
)]
pub(super) async fn post_job(
    State(cloud): State<Shared>,
    Posted(clerk, form): Posted<Clerk, JobForm>,
) -> Result<Redirect, Away> {
    clerk.require(&cloud, Permission::HandOff).await?;
    let (code, parsed) = (&clerk.tenant.code, form.application.parse());
    let id = ApplicationId(parsed.map_err(|_| Refusal::from(ProblemCode::NotFound))?);
    if !cloud.store.has_failed_job(code, id).await? {
        return Err(ProblemCode::NotFound.into());
    }
    if cloud
        .store
        .enqueue_job(code, Uuid::new_v4(), id, clerk.now)
        .await?
    {
        let record = clerk
            .record(AuditEvent::HandedOff)
            .about(id)
            .with(json!({ "to": "robots" }));
        cloud.store.record(&clerk.realm, &record).await?;
    }
    Ok(back(&clerk))
}

/// Which webhook's event.
#[derive(Deserialize)]
pub(super) struct LetterForm {
    #[serde(default)]
    hook: String,
    #[serde(default)]
    event: String,
}

/// Sends a dead letter once more.
#[utoipa::path(
    post, path = "/console/{tenant}/links/letter", tag = "console", security(("session" = ["hand_off"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, hook, event"),
    responses(
        (status = 303, description = "Back to the page"),
        (status = 404, description = "No such tenant or dead letter", body = Problem, content_type = "application/problem+json"),
        FormRefusals,
    )
)]
pub(super) async fn post_letter(
    State(cloud): State<Shared>,
    Posted(clerk, form): Posted<Clerk, LetterForm>,
) -> Result<Redirect, Away> {
    clerk.require(&cloud, Permission::HandOff).await?;
    let (code, letter) = (
        &clerk.tenant.code,
        (form.hook.as_str(), form.event.as_str()),
    );
    if !cloud.store.revive_delivery(code, letter, clerk.now).await? {
        return Err(ProblemCode::NotFound.into());
    }
    let record = clerk
        .record(AuditEvent::WebhookSent)
        .about(&form.event)
        .with(json!({ "hook": form.hook, "state": "waiting" }));
    cloud.store.record(&clerk.realm, &record).await?;
    Ok(back(&clerk))
}

fn back(clerk: &Clerk) -> Redirect {
    Redirect::to(&format!("/console/{}/links", clerk.tenant.code))
}
