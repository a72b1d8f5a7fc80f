//! The inbox page: applications as they come, by status, counter, due date and who works on them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Html;
use cloud_store::audit::AuditEvent;
use cloud_store::{ApplicationRow, ApplicationStatus, InboxFilter, KioskRow, Permission};
use guidance::Masters;
use serde_json::json;

use super::choices::{self, Choice, InboxQuery};
use super::line::{Line, Lines, NEAR};
use crate::cloud::Shared;
use crate::console::answers::{Malformed, NoTown, Page, PageRefusals};
use crate::console::frame::{Frame, frame};
use crate::console::kiosk_lines::{CallLine, KioskLine};
use crate::console::render::html;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk};

/// Most rows of one list.
pub(super) const MOST: i64 = 200;
/// The same of what a search finds.
pub(super) const LISTED: usize = 200;
/// Most calls beside it.
const CALLS: i64 = 10;

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
    typed: String,
    problem: Option<&'static str>,
    /// What was searched for, if this is the answer of a search.
    searched: bool,
    states: Vec<Choice>,
    counters: Vec<Choice>,
    dues: Vec<Choice>,
    /// Whether only what the person works on is shown.
    mine: bool,
    rows: Vec<Line>,
    calls: Vec<CallLine>,
    kiosks: Vec<KioskLine>,
    own_query: String,
    own_state: String,
    live: bool,
}

/// The town's applications, newest first, with staff calls and kiosks.
#[utoipa::path(
    get, path = "/console/{tenant}", tag = "console", security(("session" = ["list_applications"])),
    params(
        ("tenant" = String, Path),
        ("state" = Option<String>, Query, description = "received, confirmed, returned, done; all, if absent"),
        ("counter" = Option<String>, Query, description = "A counter's id"),
        ("due" = Option<String>, Query, description = "over, near"),
        ("mine" = Option<String>, Query, description = "1: what the person works on"),
    ),
    responses(Page, PageRefusals, Malformed, NoTown)
)]
pub(in crate::console) async fn get_inbox(
    State(cloud): State<Shared>,
    clerk: Clerk,
    headers: HeaderMap,
    InQuery(query): InQuery<InboxQuery>,
) -> Result<Html<String>, Away> {
    let asks_for_page = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if asks_for_page && !clerk.person.may(Permission::ListApplications) {
        // Somebody without an inbox begins where they have something to do.
        let first = frame(&cloud, &clerk, "").nav.into_iter().next();
        let me = format!("/console/{}/me", clerk.realm);
        return Err(Away::To(first.map_or(me, |item| item.href)));
    }
    clerk.require(&cloud, Permission::ListApplications).await?;
    let filter = filter(&cloud, &clerk, &query);
    let rows = cloud.store.inbox(&clerk.tenant.code, &filter, MOST).await?;
    // A list that refreshes itself is one look, not hundreds.
    if !headers.contains_key("hx-request") {
        let record = clerk
            .record(AuditEvent::Listed)
            .with(json!({ "shown": rows.len() }));
        cloud.store.record(&clerk.realm, &record).await?;
    }
    Ok(page(&cloud, &clerk, &query, rows, Found::default()).await?)
}

fn filter(cloud: &Shared, clerk: &Clerk, query: &InboxQuery) -> InboxFilter {
    let today = cloud.clock.today();
    let due_until = match query.due.as_str() {
        "over" => today.yesterday().ok(),
        "near" => today.checked_add(NEAR).ok(),
        _ => None,
    };
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    InboxFilter {
        status: ApplicationStatus::from_word(&query.state),
        counter: given(&query.counter)
            .filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')),
        due_until: due_until.map(|day| day.to_string()),
        claimed_by: (query.mine == "1").then(|| clerk.person.id.clone()),
    }
}

/// What a search brings to the page.
#[derive(Default)]
pub(super) struct Found {
    pub(super) typed: String,
    pub(super) problem: Option<&'static str>,
    pub(super) searched: bool,
    /// The person whom the search found in each application, by its id.
    pub(super) names: BTreeMap<String, String>,
}

/// The list with what is around it: filters, kiosks, calls.
pub(super) async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    query: &InboxQuery,
    rows: Vec<ApplicationRow>,
    found: Found,
) -> Result<Html<String>, Refusal> {
    let town = cloud.catalogue(&clerk.tenant).await?;
    let catalogue = town.as_ref().map(|town| &town.value);
    let masters = town.as_ref().map(|town| &town.masters.masters);
    let counts = cloud.store.count_by_status(&clerk.tenant.code).await?;
    let (calls, kiosks) = beside(cloud, clerk, masters).await?;
    let lines = Lines {
        clerk,
        catalogue,
        today: cloud.clock.today(),
        people: people(cloud, clerk).await?,
        found: &found.names,
    };
    let language = clerk.language;
    html(&InboxPage {
        frame: frame(cloud, clerk, ""),
        rows: rows.iter().map(|row| lines.line(row)).collect(),
        states: choices::statuses(language, query, &counts.into_iter().collect()),
        counters: choices::counters(language, query, catalogue),
        dues: choices::dues(language, query),
        mine: query.mine == "1",
        calls,
        kiosks,
        own_query: query.with("", ""),
        own_state: query.state.clone(),
        live: cloud.console.htmx.is_some() && !found.searched,
        typed: found.typed,
        problem: found.problem,
        searched: found.searched,
    })
}

/// The names of the realm's people, by id.
async fn people(cloud: &Shared, clerk: &Clerk) -> Result<BTreeMap<String, String>, Refusal> {
    let people = cloud.store.people(&clerk.realm).await?.into_iter();
    Ok(people.map(|person| (person.id, person.name)).collect())
}

/// The newest calls and how the kiosks are.
async fn beside(
    cloud: &Shared,
    clerk: &Clerk,
    masters: Option<&Masters>,
) -> Result<(Vec<CallLine>, Vec<KioskLine>), Refusal> {
    let (code, language) = (&clerk.tenant.code, clerk.language);
    let calls = cloud.store.staff_calls(code, CALLS).await?;
    let kiosks = cloud.store.kiosks(code).await?;
    let nothing_set = Masters::default();
    let masters = masters.unwrap_or(&nothing_set);
    let kiosk = |row: &KioskRow| KioskLine::new(language, row, masters, clerk.now);
    Ok((
        calls
            .iter()
            .map(|row| CallLine::new(language, row))
            .collect(),
        kiosks.iter().map(kiosk).collect(),
    ))
}
