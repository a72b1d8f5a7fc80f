//! What happened to the town's applications, to be polled by services that no webhook can reach. The audit trail is the source: it is
//! written with the change itself, in one order that never changes, so that nothing is missed and nothing moves.

use axum::Json;
use axum::extract::State as Part;
use cloud_store::{EventRow, FeedCursor, Scope};
use jiff::Timestamp;
use kiosk_api::{ApplicationId, Problem, ProblemCode, TenantCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::clients::Caller;
use crate::cloud::Shared;
use crate::hand_off::Refusals;
use crate::refusal::{InQuery, Refusal};
use crate::webhooks::{Event, EventType};

/// Most events of one page.
const MOST: i64 = 200;

/// Where a page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// `next` of the page before; absent: from the beginning. One that the trail does not know (a backup was restored) is refused
    /// with 400: then from the beginning.
    after: Option<String>,
}

/// What an event is about.
#[derive(Serialize, ToSchema)]
pub(super) struct EventData {
    /// 全国地方公共団体コード
    #[schema(value_type = String)]
    tenant: TenantCode,
    /// UUID.
    #[schema(value_type = String, format = "uuid")]
    application: ApplicationId,
    /// 受付番号
    reception: String,
}

/// An event, as a webhook's body has it.
#[derive(Serialize, ToSchema)]
pub(super) struct EventReply {
    /// The same as the webhook's `webhook-id`: what came both ways, or twice, is known by it.
    id: String,
    /// `application.received`, `application.confirmed`, `application.done` or `application.returned`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// What it is about; names nobody.
    data: EventData,
}

/// A page of events, in the order in which they happened.
#[derive(Serialize, ToSchema)]
pub(super) struct EventPage {
    /// At most 200.
    events: Vec<EventReply>,
    /// To be given as `after` for what comes next, also tomorrow; absent while nothing has ever happened.
    next: Option<String>,
    /// Whether more waits already.
    more: bool,
}

impl EventReply {
    /// `None` for what is no event: an application that goes back to where it was.
    fn of(tenant: &TenantCode, row: &EventRow) -> Option<Self> {
        let kind = match row.status {
            None => EventType::Received,
            Some(state) => EventType::of(state)?,
        };
        let event = Event {
            kind,
            application: row.application,
            reception: &row.reception,
            at: row.at,
        };
        Some(Self {
            id: event.id(),
            kind: kind.as_str(),
            timestamp: row.at,
            data: EventData {
                tenant: tenant.clone(),
                application: row.application,
                reception: row.reception.clone(),
            },
        })
    }
}

/// What happened to the town's applications after a cursor, the oldest first.
#[utoipa::path(
    get, path = "/v1/{tenant}/events", tag = "services", security(("client" = ["events"])),
    params(("tenant" = String, Path), EventsQuery),
    responses(
        (status = 200, description = "A page", body = EventPage),
        Refusals,
    )
)]
pub(super) async fn get_events(
    Part(cloud): Part<Shared>,
    caller: Caller,
    InQuery(query): InQuery<EventsQuery>,
) -> Result<Json<EventPage>, Refusal> {
    caller.require(Scope::Events)?;
    let after: Option<FeedCursor> = query.after.as_deref().map(cursor).transpose()?;
    let code = &caller.tenant.code;
    let rows = cloud.store.events_after(code, after, MOST).await?;
    let rows = rows.ok_or_else(|| unknown("it is not in the trail any more; begin without one"))?;
    let last = rows.last().map(|row| row.cursor.to_string());
    Ok(Json(EventPage {
        events: rows
            .iter()
            .filter_map(|row| EventReply::of(code, row))
            .collect(),
        next: last.or(query.after),
        more: i64::try_from(rows.len()).is_ok_and(|count| count >= MOST),
    }))
}

fn cursor(text: &str) -> Result<FeedCursor, Refusal> {
    text.parse().map_err(|_| unknown("not the next of a page"))
}

fn unknown(why: &str) -> Refusal {
    let problem = Problem::new(ProblemCode::MalformedRequest);
    problem.detail(format!("after: {why}")).into()
}
