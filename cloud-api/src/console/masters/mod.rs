//! The page of a town's masters (マスタ): sites, opening hours, counters, closed days, fees.

mod read;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{MastersChange, Permission};
use guidance::document::Counter;
use guidance::{Catalogue, CounterPlace, DayOfWeek, Hours, Masters};
use kiosk_api::{Problem, ProblemCode};
use serde_json::json;

use super::answers::{FormRefusals, Page, PageRefusals};
use super::frame::Frame;
use super::frame::frame;
use super::people::{Fields, one};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, Posted};
use crate::town_catalogue::TownCatalogue;
pub(super) use read::Part;

/// Empty rows to write into, beside the filled ones.
const EMPTY_ROWS: usize = 3;
/// Most changes shown.
const MOST: i64 = 20;

struct SiteLine {
    id: String,
    name: String,
    english: String,
    address: String,
    phone: String,
}

struct KioskLine {
    kiosk: String,
    site: String,
}

struct HoursLine {
    day: &'static str,
    from: String,
    until: String,
}

struct CounterLine {
    id: String,
    title: String,
    number: u32,
    place: String,
    simple: String,
    english: String,
    site: String,
    from: String,
    until: String,
    own: bool,
}

struct FeeLine {
    id: String,
    title: String,
    shipped: i64,
    yen: i64,
    source: String,
}

struct ChangeLine {
    revision: u64,
    time: String,
    who: String,
    part: &'static str,
}

#[derive(Template)]
#[template(path = "masters.html")]
struct MastersPage {
    frame: Frame,
    problem: Option<String>,
    revision: u64,
    edition: String,
    sites: Vec<SiteLine>,
    kiosks: Vec<KioskLine>,
    weekdays: HoursLine,
    more: Vec<HoursLine>,
    days: [&'static str; 7],
    counters: Vec<CounterLine>,
    closed: Vec<(String, String)>,
    fees: Vec<FeeLine>,
    unfit: Vec<String>,
    changes: Vec<ChangeLine>,
}

/// The masters.
#[utoipa::path(
    get, path = "/console/{tenant}/masters", tag = "console", security(("session" = ["manage_masters"])),
    params(("tenant" = String, Path)),
    responses(
        (status = 404, description = "No such tenant, or it has no catalogue", body = Problem, content_type = "application/problem+json"),
        Page, PageRefusals,
    )
)]
pub(super) async fn get_masters(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::ManageMasters).await?;
    let town = town(&cloud, &clerk).await?;
    Ok(page(&cloud, &clerk, &town, &town.masters.masters, None).await?)
}

/// Changes one part of the masters.
#[utoipa::path(
    post, path = "/console/{tenant}/masters", tag = "console", security(("session" = ["manage_masters"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, revision, part (sites, opening, counters, closed, fees) and the rows of that part"),
    responses(
        (status = 303, description = "Changed: to the page"),
        (status = 404, description = "No such tenant, or it has no catalogue", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else was faster; the page as it is now", body = String, content_type = "text/html"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        FormRefusals,
    )
)]
pub(super) async fn post_masters(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageMasters).await?;
    let town = town(&cloud, &clerk).await?;
    let part = Part::from_word(one(&fields, "part"));
    let revision = one(&fields, "revision").parse::<u64>().ok();
    let (Some(part), Some(revision)) = (part, revision) else {
        return Err(Refusal::from(ProblemCode::MalformedRequest).into());
    };
    let before = &town.masters.masters;
    let masters =
        match read::Form::new(&fields, &town.edition.value, clerk.language).changed(before, part) {
            Ok(masters) => masters,
            Err(problem) => {
                let page = page(&cloud, &clerk, &town, before, Some(problem)).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
        };
    if revision == town.masters.revision && save(&cloud, &clerk, part, revision, &masters).await? {
        let address = format!("/console/{}/masters#{}", clerk.realm, part.as_str());
        return Ok(Redirect::to(&address).into_response());
    }
    let faster = "他の職員が先に変更しました。今の内容を確かめて、もう一度変更してください。";
    let now = self::town(&cloud, &clerk).await?;
    let problem = Some(clerk.language.say(faster).to_owned());
    let page = page(&cloud, &clerk, &now, &now.masters.masters, problem).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

async fn town(cloud: &Shared, clerk: &Clerk) -> Result<std::sync::Arc<TownCatalogue>, Refusal> {
    let town = cloud.catalogue(&clerk.tenant).await?;
    town.ok_or_else(|| ProblemCode::EditionMissing.into())
}

/// `false` if somebody else changed them first.
async fn save(
    cloud: &Shared,
    clerk: &Clerk,
    part: Part,
    before: u64,
    masters: &Masters,
) -> Result<bool, Refusal> {
    let change = MastersChange {
        revision: before.saturating_add(1),
        part: part.as_str().to_owned(),
        staff: clerk.person.id.clone(),
        made_at: clerk.now,
    };
    let record = clerk
        .record(AuditEvent::MasterChanged)
        .with(json!({"part": part.as_str(), "revision": change.revision}));
    let store = &cloud.store;
    Ok(store
        .change_masters(&clerk.realm, masters, &change, &record)
        .await?)
}

async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    town: &TownCatalogue,
    masters: &Masters,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    let shipped = &town.edition.value;
    let people: BTreeMap<String, String> = cloud
        .store
        .people(&clerk.realm)
        .await?
        .into_iter()
        .map(|person| (person.id, person.name))
        .collect();
    let changes = cloud
        .store
        .masters_changes(&clerk.tenant.code, MOST)
        .await?;
    let unfit = shipped.unknown_masters(masters).into_iter();
    html(&MastersPage {
        frame: frame(cloud, clerk, "/masters"),
        problem,
        revision: town.masters.revision,
        edition: town.edition.edition.edition.clone(),
        sites: sites(masters),
        kiosks: kiosks(clerk, masters),
        weekdays: line(
            "平日",
            masters.opening.as_ref().map(|opening| opening.weekdays),
        ),
        more: more(masters),
        days: DayOfWeek::ALL.map(DayOfWeek::japanese),
        counters: counters(clerk.language, shipped, masters),
        closed: closed(masters),
        fees: fees(clerk.language, shipped, masters),
        unfit: unfit
            .map(|at| read::place(clerk.language, &at, masters, shipped))
            .collect(),
        changes: changes
            .into_iter()
            .map(|change| ChangeLine {
                revision: change.revision,
                time: words::time(clerk.language, change.made_at),
                who: people
                    .get(&change.staff)
                    .cloned()
                    .unwrap_or_else(|| clerk.language.say("（以前の職員）").to_owned()),
                part: Part::from_word(&change.part).map_or("", Part::japanese),
            })
            .collect(),
    })
}

fn sites(masters: &Masters) -> Vec<SiteLine> {
    let known = masters.site.iter().map(|site| SiteLine {
        id: site.id.clone(),
        name: site.name.get("ja").to_owned(),
        english: site.name.exact("en").unwrap_or_default().to_owned(),
        address: site.address.clone(),
        phone: site.phone.clone(),
    });
    let empty = || SiteLine {
        id: String::new(),
        name: String::new(),
        english: String::new(),
        address: String::new(),
        phone: String::new(),
    };
    known.chain(std::iter::once_with(empty)).collect()
}

fn kiosks(clerk: &Clerk, masters: &Masters) -> Vec<KioskLine> {
    let line = |kiosk: &kiosk_api::KioskId| KioskLine {
        kiosk: kiosk.to_string(),
        site: masters
            .site_of(kiosk.as_str())
            .map(|site| site.id.clone())
            .unwrap_or_default(),
    };
    clerk.tenant.kiosks.iter().map(line).collect()
}

fn line(day: &'static str, hours: Option<Hours>) -> HoursLine {
    let (from, until) = times(hours);
    HoursLine { day, from, until }
}

/// As an input of type `time` takes them.
fn times(hours: Option<Hours>) -> (String, String) {
    let text = hours.map(|hours| hours.to_string()).unwrap_or_default();
    let (from, until) = text.split_once('-').unwrap_or_default();
    (from.to_owned(), until.to_owned())
}

fn more(masters: &Masters) -> Vec<HoursLine> {
    let opening = masters.opening.as_ref();
    let days = opening.map_or(&[][..], |opening| opening.more.as_slice());
    let known = days
        .iter()
        .map(|one| line(one.day.japanese(), Some(one.hours)));
    known
        .chain((0..EMPTY_ROWS).map(|_| line("土曜", None)))
        .collect()
}

fn counters(language: Language, shipped: &Catalogue, masters: &Masters) -> Vec<CounterLine> {
    let of_the_hall = shipped.document().counter.iter();
    of_the_hall
        .filter(|counter| counter.number > 0)
        .map(|counter| {
            let own = masters.counter.iter().find(|own| own.id == counter.id);
            counter_line(language, counter, own)
        })
        .collect()
}

fn counter_line(language: Language, counter: &Counter, own: Option<&CounterPlace>) -> CounterLine {
    let place = own.map_or(&counter.place, |own| &own.place);
    let (from, until) = times(own.and_then(|own| own.hours));
    let exact = |tag: &str| place.exact(tag).unwrap_or_default().to_owned();
    CounterLine {
        id: counter.id.clone(),
        title: language.of_words(&counter.title).to_owned(),
        number: own.map_or(counter.number, |own| own.number),
        place: exact("ja"),
        simple: exact("ja-simple"),
        english: exact("en"),
        site: own.and_then(|own| own.site.clone()).unwrap_or_default(),
        from,
        until,
        own: own.is_some(),
    }
}

fn closed(masters: &Masters) -> Vec<(String, String)> {
    let known = masters.closed.iter();
    let known = known.map(|(day, name)| (day.to_string(), name.clone()));
    let empty = (0..EMPTY_ROWS).map(|_| (String::new(), String::new()));
    known.chain(empty).collect()
}

fn fees(language: Language, shipped: &Catalogue, masters: &Masters) -> Vec<FeeLine> {
    let line = |fee: guidance::Fee<'_>| FeeLine {
        id: fee.parameter.id.clone(),
        title: read::fee_title(language, &fee),
        shipped: fee.yen,
        yen: masters
            .fee
            .get(&fee.parameter.id)
            .map_or(fee.yen, |yen| i64::from(*yen)),
        source: fee.parameter.source.clone(),
    };
    shipped.fees().into_iter().map(line).collect()
}
