//! The inbox page: applications as they come, by state, counter, due date and who works on them; and the search.

use std::collections::BTreeMap;

use ::application::ValueSet;
use ::guidance::Masters;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{ApplicationRow, ApplicationStatus, InboxFilter, Permission, Protection};
use jiff::SignedDuration;
use jiff::civil::Date;
use kiosk_api::{ApplicationId, ProblemCode};
use serde::Deserialize;
use serde_json::json;

use super::answers::{FormRefusals, Malformed, NoTown, Page, PageRefusals};
use super::find::{self, Wanted};
use super::frame::Frame;
use super::{frame, html, pages, words};
use crate::casework::{NameKey, fold};
use crate::cloud::Shared;
use crate::labels::Label;
use crate::language::Language;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk, Posted};

/// Most rows of one list.
const MOST: i64 = 200;
/// A due date within so many days is near.
const NEAR: SignedDuration = SignedDuration::from_hours(3 * 24);

#[derive(Deserialize, Default)]
pub(super) struct InboxQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    counter: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    mine: String,
}

/// A way to narrow the list, as a link.
struct Choice {
    title: String,
    query: String,
    here: bool,
    count: Option<i64>,
}

struct Line {
    id: String,
    reception: String,
    time: String,
    event: String,
    names: String,
    forms: i64,
    card: &'static str,
    notes: i64,
    alert: bool,
    /// Whether the core system has not said yet who is protected.
    waits: bool,
    due: String,
    due_class: &'static str,
    due_mark: &'static str,
    state: &'static str,
    state_class: &'static str,
    claim: String,
    mine: bool,
}

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
    calls: Vec<pages::CallLine>,
    kiosks: Vec<pages::KioskLine>,
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
pub(super) async fn get_inbox(
    State(cloud): State<Shared>,
    clerk: Clerk,
    headers: HeaderMap,
    InQuery(query): InQuery<InboxQuery>,
) -> Result<Html<String>, Away> {
    let page_wanted = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if page_wanted && !clerk.person.rights.may(Permission::ListApplications) {
        // Somebody without an inbox begins where they have something to do.
        let own = frame(&cloud, &clerk, "").places.into_iter().next();
        let me = format!("/console/{}/me", clerk.realm);
        return Err(Away::To(own.map_or(me, |place| place.href)));
    }
    clerk.needs(&cloud, Permission::ListApplications).await?;
    let filter = filter(&cloud, &clerk, &query);
    let rows = cloud.store.inbox(&clerk.tenant.code, &filter, MOST).await?;
    // A list that renews itself is one look, not hundreds.
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
        name: None,
    }
}

/// What a search brings to the page.
#[derive(Default)]
struct Found {
    typed: String,
    problem: Option<&'static str>,
    searched: bool,
    names: BTreeMap<String, String>,
}

async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    query: &InboxQuery,
    rows: Vec<ApplicationRow>,
    found: Found,
) -> Result<Html<String>, Refusal> {
    let code = &clerk.tenant.code;
    let counts: BTreeMap<ApplicationStatus, i64> = cloud
        .store
        .count_by_status(code)
        .await?
        .into_iter()
        .collect();
    let people: BTreeMap<String, String> = cloud
        .store
        .people(&clerk.realm)
        .await?
        .into_iter()
        .map(|person| (person.id, person.name))
        .collect();
    let calls = cloud.store.staff_calls(code, 10).await?;
    let kiosks = cloud.store.kiosks(code).await?;
    let town = cloud.catalogue(&clerk.tenant).await?;
    let catalogue = town.as_ref().map(|town| &town.value);
    let nothing_set = Masters::default();
    let masters = town
        .as_ref()
        .map_or(&nothing_set, |town| &town.masters.masters);
    let (today, language) = (cloud.clock.today(), clerk.language);
    let lines = rows.iter().map(|row| {
        let (due_class, due_mark) = due_mark(row, today);
        let claim = row.claim.as_ref().filter(|(_, until)| *until > clerk.now);
        Line {
            id: row.id.to_string(),
            reception: row.reception.clone(),
            time: words::time(language, row.received_at),
            event: words::event(language, catalogue, &row.event),
            names: found
                .names
                .get(&row.id.to_string())
                .cloned()
                .unwrap_or_default(),
            forms: row.forms,
            card: words::card(&row.card),
            notes: row.notes,
            alert: row.protection.alerts(),
            waits: row.protection == Protection::Waiting,
            due: row
                .due
                .as_deref()
                .map(|day| words::short_day(language, day))
                .unwrap_or_default(),
            due_class,
            due_mark,
            state: row.status.japanese(),
            state_class: row.status.as_str(),
            claim: claim.map_or_else(String::new, |(staff, _)| {
                people
                    .get(staff)
                    .cloned()
                    .unwrap_or_else(|| language.say("（退職）").to_owned())
            }),
            mine: claim.is_some_and(|(staff, _)| *staff == clerk.person.id),
        }
    });
    html(&InboxPage {
        frame: frame(cloud, clerk, ""),
        rows: lines.collect(),
        states: states(language, query, &counts),
        counters: counters(language, query, catalogue),
        dues: dues(language, query),
        mine: query.mine == "1",
        calls: calls
            .iter()
            .map(|row| pages::CallLine::new(language, row))
            .collect(),
        kiosks: kiosks
            .iter()
            .map(|row| pages::KioskLine::new(language, row, masters, clerk.now))
            .collect(),
        own_query: own_query(query, "", ""),
        own_state: query.state.clone(),
        live: cloud.office.htmx.is_some() && !found.searched,
        typed: found.typed,
        problem: found.problem,
        searched: found.searched,
    })
}

/// The query of this list with one part replaced.
fn own_query(query: &InboxQuery, name: &str, value: &str) -> String {
    let parts = [
        ("state", &query.state),
        ("counter", &query.counter),
        ("due", &query.due),
        ("mine", &query.mine),
    ];
    let kept = parts
        .iter()
        .map(|(own, text)| (*own, if *own == name { value } else { text.as_str() }))
        .filter(|(_, text)| !text.is_empty());
    let text = serde_urlencoded::to_string(kept.collect::<Vec<_>>()).unwrap_or_default();
    if text.is_empty() {
        "?".to_owned()
    } else {
        format!("?{text}")
    }
}

fn states(
    language: Language,
    query: &InboxQuery,
    counts: &BTreeMap<ApplicationStatus, i64>,
) -> Vec<Choice> {
    let all = Choice {
        title: language.say("すべて").to_owned(),
        query: own_query(query, "state", ""),
        here: query.state.is_empty(),
        count: Some(counts.values().sum()),
    };
    let each = ApplicationStatus::ALL.iter().map(|state| Choice {
        title: language.say(state.japanese()).to_owned(),
        query: own_query(query, "state", state.as_str()),
        here: query.state == state.as_str(),
        count: Some(counts.get(state).copied().unwrap_or_default()),
    });
    std::iter::once(all).chain(each).collect()
}

fn counters(
    language: Language,
    query: &InboxQuery,
    catalogue: Option<&::guidance::Catalogue>,
) -> Vec<Choice> {
    let known = catalogue.map_or(&[][..], |catalogue| catalogue.document().counter.as_slice());
    let all = Choice {
        title: language.say("すべての窓口").to_owned(),
        query: String::new(),
        here: query.counter.is_empty(),
        count: None,
    };
    let each = known.iter().map(|counter| Choice {
        title: language.of_words(&counter.title).to_owned(),
        query: counter.id.clone(),
        here: query.counter == counter.id,
        count: None,
    });
    std::iter::once(all).chain(each).collect()
}

fn dues(language: Language, query: &InboxQuery) -> Vec<Choice> {
    [
        ("", "すべての期限"),
        ("near", "3日以内"),
        ("over", "期限過ぎ"),
    ]
    .into_iter()
    .map(|(word, title)| Choice {
        title: language.say(title).to_owned(),
        query: word.to_owned(),
        here: query.due == word,
        count: None,
    })
    .collect()
}

/// Class and word of a due date. What is done is no longer due.
fn due_mark(row: &ApplicationRow, today: Date) -> (&'static str, &'static str) {
    let due: Option<Date> = row.due.as_deref().and_then(|day| day.parse().ok());
    match due {
        Some(_) if row.status == ApplicationStatus::Done => ("", ""),
        Some(day) if day < today => ("over", "▲ 期限過ぎ"),
        Some(day) if today.checked_add(NEAR).is_ok_and(|near| day <= near) => ("near", "まもなく"),
        _ => ("", ""),
    }
}

#[derive(Deserialize)]
pub(super) struct FindForm {
    #[serde(default)]
    q: String,
}

/// Goes to the application of a scanned code or a typed reception number, or lists those in which a name stands. A name is
/// posted, so that it is in no address and no log.
#[utoipa::path(
    post, path = "/console/{tenant}/find", tag = "console", security(("session" = ["list_applications"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, q: text of a paper's code, a reception number, or a name in kanji or kana"),
    responses(
        (status = 200, description = "The list of what was found, or why nothing was", body = String, content_type = "text/html"),
        (status = 303, description = "There it is"),
        FormRefusals, NoTown,
    )
)]
pub(super) async fn post_find(
    State(cloud): State<Shared>,
    Posted(clerk, form): Posted<Clerk, FindForm>,
) -> Result<Response, Away> {
    clerk.needs(&cloud, Permission::ListApplications).await?;
    let tenant = &clerk.tenant;
    let (found, by) = match find::wanted(&form.q, tenant.code.as_str()) {
        Wanted::Name => return Ok(named(&cloud, &clerk, form.q).await?.into_response()),
        Wanted::Unclear(why) => (Err(why), "unclear"),
        Wanted::Reception(number) => {
            let found = cloud
                .store
                .application_by_reception(&tenant.code, &number)
                .await?;
            const MISSING: &str =
                "この受付番号の申請は届いていません。端末が送信を終えるまでお待ちください。";
            (found.ok_or(MISSING), "number")
        }
        Wanted::Application(id, reception) => {
            let found = cloud.store.application(&tenant.code, id).await?;
            let found = found
                .filter(|(row, _)| row.reception == reception)
                .map(|_| id);
            const MISSING: &str =
                "このコードの申請は届いていません。端末が送信を終えるまでお待ちください。";
            (found.ok_or(MISSING), "code")
        }
    };
    let record = clerk
        .record(AuditEvent::Searched)
        .with(json!({ "by": by, "found": usize::from(found.is_ok()) }));
    cloud.store.record(&clerk.realm, &record).await?;
    match found {
        Ok(id) => {
            let place = format!("/console/{}/applications/{id}", tenant.code);
            Ok(Redirect::to(&place).into_response())
        }
        Err(problem) => {
            let query = InboxQuery::default();
            let rows = cloud
                .store
                .inbox(&tenant.code, &InboxFilter::default(), MOST)
                .await?;
            let found = Found {
                typed: form.q,
                problem: Some(problem),
                ..Found::default()
            };
            Ok(page(&cloud, &clerk, &query, rows, found)
                .await?
                .into_response())
        }
    }
}

/// Applications in which the name stands, opened so that the clerk can tell them apart.
async fn named(cloud: &Shared, clerk: &Clerk, typed: String) -> Result<Html<String>, Refusal> {
    let tenant = &clerk.tenant;
    let key = NameKey::of(&tenant.key());
    let (whole, beginning) = key.wanted(&typed).ok_or(ProblemCode::MalformedRequest)?;
    let by = |token: Vec<u8>| InboxFilter {
        name: Some(token),
        ..InboxFilter::default()
    };
    let mut rows = cloud.store.inbox(&tenant.code, &by(whole), MOST).await?;
    let mut exact = true;
    if let (true, Some(beginning)) = (rows.is_empty(), beginning) {
        rows = cloud
            .store
            .inbox(&tenant.code, &by(beginning), MOST)
            .await?;
        exact = false;
    }
    let wanted = fold(&typed);
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let found = cloud.values_of(tenant, &ids).await?.into_iter();
    let names: BTreeMap<String, String> = found
        .filter_map(|(id, values)| Some((id.to_string(), whose(&values, &wanted, exact)?)))
        .collect();
    rows.retain(|row| names.contains_key(&row.id.to_string()));
    let record = clerk
        .record(AuditEvent::Searched)
        .with(json!({ "by": "name", "found": rows.len() }));
    cloud.store.record(&clerk.realm, &record).await?;
    let found = Found {
        problem: rows
            .is_empty()
            .then_some("この名前の申請は見つかりません。読みがなか、名字だけでもお試しください。"),
        typed,
        searched: true,
        names,
    };
    page(cloud, clerk, &InboxQuery::default(), rows, found).await
}

/// The person whose name, in kanji or kana, holds what was searched for. A token of a former spelling may have found it,
/// too: then whoever comes first.
fn whose(values: &ValueSet, wanted: &str, exact: bool) -> Option<String> {
    let names = || {
        let all = values.iter();
        all.filter(|(key, _)| key.ends_with(".name") || key.ends_with(".name_kana"))
    };
    let found = names()
        .find(|(_, value)| fold(&value.text).contains(wanted))
        .or_else(|| names().next().filter(|_| exact));
    let (person, _) = found?.0.rsplit_once('.')?;
    Some(values.text(&format!("{person}.name")).to_owned())
}
