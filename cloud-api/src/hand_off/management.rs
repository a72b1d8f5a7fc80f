//! 申請管理-style API for other services: list, get by 受付番号, set the state, CSV. Lists name nobody; what does is noted in the audit trail.

use application::Application;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cloud_store::audit::{AuditEvent, AuditRecord};
use cloud_store::{ApplicationCursor, ApplicationRow, ApplicationStatus, Scope, StatusChange};
use jiff::Timestamp;
use kiosk_api::{ApplicationId, Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::document::Document;
use super::opened::opened;
use super::problems::{BodyRefusals, Refusals};
use super::sheet::{Sheet, write_sheet};
use crate::casework::HELD;
use crate::clients::Caller;
use crate::cloud::Shared;
use crate::labels::reason_text;
use crate::refusal::{InQuery, JsonBody, Refusal};

/// Most applications of one page, and of one sheet.
const MOST: i64 = 200;

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Only of this state.
    state: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// An application as a list shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationLine {
    /// UUID.
    application: String,
    /// 受付番号
    reception: String,
    /// Life event.
    event: String,
    /// State.
    state: String,
    /// Staff have to look at it first: until then no machine gets its values or moves it.
    held: bool,
    /// Somebody else than the service wrote it into the database: no machine gets it, and nothing here is to be believed.
    altered: bool,
    /// When it came.
    #[schema(value_type = String)]
    received_at: Timestamp,
}

impl ApplicationLine {
    fn new(row: &ApplicationRow) -> Self {
        Self {
            application: row.id.to_string(),
            reception: row.reception.clone(),
            event: row.event.clone(),
            state: row.status.as_str().to_owned(),
            held: row.altered || row.protection.holds_back(),
            altered: row.altered,
            received_at: row.received_at,
        }
    }
}

/// A page of a list, the oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationPage {
    /// At most 200.
    applications: Vec<ApplicationLine>,
    /// To be given as `after` for what comes next, also later; absent when the page is empty.
    next: Option<String>,
}

/// An application with its values.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationReply {
    /// State.
    state: String,
    /// When it came.
    #[schema(value_type = String)]
    received_at: Timestamp,
    /// The application.
    document: Document,
}

/// Where an application is to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StateRequest {
    /// Its state as the client knows it; when it is another by now, nothing is done.
    #[schema(example = "confirmed")]
    from: String,
    /// The next state: `received`, `confirmed`, `done` or `returned`.
    #[schema(example = "done")]
    to: String,
    /// Why it goes back: `papers_missing`, `entries_wrong`, `identity_unclear`, `withdrawn` or `other`; with `returned` only.
    reason: Option<String>,
}

/// An application's state.
#[derive(Serialize, ToSchema)]
pub(super) struct StateReply {
    /// 受付番号
    reception: String,
    /// State.
    state: String,
}

/// `MILLISECONDS.UUID`, for the client a word without meaning.
fn cursor(row: &ApplicationRow) -> String {
    format!("{}.{}", row.received_at.as_millisecond(), row.id)
}

fn after(text: &str) -> Option<ApplicationCursor> {
    let (at, id) = text.split_once('.')?;
    Some(ApplicationCursor {
        received_at: Timestamp::from_millisecond(at.parse().ok()?).ok()?,
        id: ApplicationId(id.parse().ok()?),
    })
}

async fn page(
    cloud: &Shared,
    caller: &Caller,
    query: &PageQuery,
) -> Result<Vec<ApplicationRow>, Refusal> {
    let after = match query.after.as_deref().map(after) {
        None => None,
        Some(Some(after)) => Some(after),
        Some(None) => {
            let problem = Problem::new(ProblemCode::MalformedRequest);
            return Err(problem.detail("after: not the next of a page").into());
        }
    };
    let (code, state) = (&caller.tenant.code, query.state.as_deref());
    Ok(cloud
        .store
        .applications_after(code, after, state, MOST)
        .await?)
}

/// The town's applications in the order that they came.
#[utoipa::path(
    get, path = "/v1/{tenant}/applications", tag = "hand-off", security(("client" = ["applications:read"])),
    params(("tenant" = String, Path), PageQuery),
    responses(
        (status = 200, description = "A page", body = ApplicationPage),
        Refusals,
    )
)]
pub(super) async fn get_applications(
    State(cloud): State<Shared>,
    caller: Caller,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<ApplicationPage>, Refusal> {
    caller.require(Scope::ApplicationsRead)?;
    let rows = page(&cloud, &caller, &query).await?;
    Ok(Json(ApplicationPage {
        next: rows.last().map(cursor).or(query.after),
        applications: rows.iter().map(ApplicationLine::new).collect(),
    }))
}

/// One application, by its reception number.
#[utoipa::path(
    get, path = "/v1/{tenant}/applications/{reception}", tag = "hand-off", security(("client" = ["applications:read"])),
    params(("tenant" = String, Path), ("reception" = String, Path, description = "受付番号, with or without hyphens")),
    responses(
        (status = 200, description = "It and its values", body = ApplicationReply),
        (status = 409, description = "state_conflict: held, staff look at it first", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "envelope_refused", body = Problem, content_type = "application/problem+json"),
        Refusals,
    )
)]
pub(super) async fn get_application(
    State(cloud): State<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<Json<ApplicationReply>, Refusal> {
    caller.require(Scope::ApplicationsRead)?;
    let Path((_, reception)) = path;
    let id = by_reception(&cloud, &caller, &reception).await?;
    let (row, application) = opened(&cloud, &caller, id).await?;
    if row.protection.holds_back() {
        let problem = Problem::new(ProblemCode::StateConflict);
        return Err(problem.detail(HELD).into());
    }
    let forms = caller.tenant.forms_of(&application, row.received_at)?;
    let record =
        AuditRecord::new(cloud.clock.now(), caller.actor(), AuditEvent::Opened).about(row.id);
    cloud.store.record(&caller.realm(), &record).await?;
    Ok(Json(ApplicationReply {
        state: row.status.as_str().to_owned(),
        received_at: row.received_at,
        document: Document::new(&application, &forms.value),
    }))
}

async fn by_reception(
    cloud: &Shared,
    caller: &Caller,
    reception: &str,
) -> Result<ApplicationId, Refusal> {
    let number = application::parse_reception(reception).map_err(|_| ProblemCode::NotFound)?;
    let code = &caller.tenant.code;
    let found = cloud.store.application_by_reception(code, &number).await?;
    Ok(found.ok_or(ProblemCode::NotFound)?)
}

/// Moves an application to its next state (受付 → 確認 → 処理済 / 差戻し).
#[utoipa::path(
    put, path = "/v1/{tenant}/applications/{reception}/state", tag = "hand-off", security(("client" = ["applications:write"])),
    params(("tenant" = String, Path), ("reception" = String, Path, description = "受付番号, with or without hyphens")),
    request_body = StateRequest,
    responses(
        (status = 200, description = "It is in that state now", body = StateReply),
        (status = 409, description = "state_conflict (also: held, staff look at it first), or taken_by_other: a clerk works on it", body = Problem, content_type = "application/problem+json"),
        Refusals, BodyRefusals,
    )
)]
pub(super) async fn put_state(
    State(cloud): State<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    JsonBody(request): JsonBody<StateRequest>,
) -> Result<Json<StateReply>, Refusal> {
    caller.require(Scope::ApplicationsWrite)?;
    let Path((_, reception)) = path;
    let change = status_change(&request, cloud.clock.now())?;
    let id = by_reception(&cloud, &caller, &reception).await?;
    let tenant = &caller.tenant;
    cloud
        .change_status(tenant, id, &change, caller.actor())
        .await?;
    let found = cloud.store.application(&tenant.code, id).await?;
    let (row, _) = found.ok_or(ProblemCode::NotFound)?;
    Ok(Json(StateReply {
        reception: row.reception,
        state: row.status.as_str().to_owned(),
    }))
}

fn status_change(request: &StateRequest, now: Timestamp) -> Result<StatusChange<'_>, Refusal> {
    let invalid = |path: &str| {
        let problem = Problem::new(ProblemCode::InvalidDocument);
        Refusal::from(problem.detail(format!("{path}: not one that there is here")))
    };
    let from = ApplicationStatus::from_word(&request.from).ok_or_else(|| invalid("from"))?;
    let to = ApplicationStatus::from_word(&request.to).ok_or_else(|| invalid("to"))?;
    let reason = request.reason.as_deref();
    // A reason is of the closed list, stands with 差戻し and only there.
    let known = reason.and_then(reason_text).is_some();
    if known != (to == ApplicationStatus::Returned) || reason.is_some() != known {
        return Err(invalid("reason"));
    }
    if !from.can_become(to) {
        return Err(ProblemCode::StateConflict.into());
    }
    Ok(StatusChange {
        from,
        to,
        claimed_by: None,
        reason,
        now,
    })
}

/// Applications as CSV: a page of the list, each with its rows. `Genkan-Next` is the page's `next`. The page ends before an
/// application that is held, which comes with a later page when staff have looked at it. `Genkan-Altered` has the ids of those
/// that are left out because they were changed in the database.
#[utoipa::path(
    get, path = "/v1/{tenant}/sheets/{sheet}", tag = "hand-off", security(("client" = ["applications:read"])),
    params(
        ("tenant" = String, Path), ("sheet" = String, Path, description = "resident_change, certificate or card_face"), PageQuery,
    ),
    responses(
        (status = 200, description = "UTF-8 with byte order mark, CRLF", body = String, content_type = "text/csv"),
        (status = 422, description = "envelope_refused", body = Problem, content_type = "application/problem+json"),
        Refusals,
    )
)]
pub(super) async fn get_sheet(
    State(cloud): State<Shared>,
    caller: Caller,
    path: Path<(String, String)>,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Response, Refusal> {
    caller.require(Scope::ApplicationsRead)?;
    let Path((_, sheet)) = path;
    let sheet = Sheet::from_word(&sheet).ok_or(ProblemCode::NotFound)?;
    let mut rows = page(&cloud, &caller, &query).await?;
    let free = rows
        .iter()
        .take_while(|row| row.altered || !row.protection.holds_back());
    rows.truncate(free.count());
    let (ids, applications, altered) = opened_rows(&cloud, &caller, &rows).await?;
    let mut file = Vec::new();
    write_sheet(&mut file, sheet, true, &applications).map_err(|_| ProblemCode::Internal)?;
    let record = AuditRecord::new(cloud.clock.now(), caller.actor(), AuditEvent::HandedOff)
        .with(json!({ "sheet": sheet.as_str(), "applications": ids, "altered": altered }));
    cloud.store.record(&caller.realm(), &record).await?;
    let next = rows.last().map(cursor).or(query.after).unwrap_or_default();
    let headers = [
        (
            header::CONTENT_TYPE.as_str(),
            "text/csv; charset=utf-8".to_owned(),
        ),
        ("genkan-next", next),
        ("genkan-altered", altered.join(" ")),
    ];
    Ok((headers, file).into_response())
}

/// The applications of rows, opened, with their ids; and the ids of those that were left out because somebody else than the
/// service wrote them.
async fn opened_rows(
    cloud: &Shared,
    caller: &Caller,
    rows: &[ApplicationRow],
) -> Result<(Vec<String>, Vec<Application>, Vec<String>), Refusal> {
    let (mut ids, mut applications, mut altered) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        match opened(cloud, caller, row.id).await {
            Ok((_, application)) => {
                ids.push(row.id.to_string());
                applications.push(application);
            }
            Err(Refusal(problem)) if problem.code == ProblemCode::RecordAltered => {
                altered.push(row.id.to_string());
            }
            Err(refusal) => return Err(refusal),
        }
    }
    Ok((ids, applications, altered))
}
