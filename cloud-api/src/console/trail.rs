//! The auditor's page: the trail, whether its chain holds, and what should be looked at.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use cloud_store::audit::{AuditEvent, Entry, TrailFilter};
use cloud_store::{ApplicationStatus, Permission, Protection, Realm, Role, Store};
use guidance::JAPAN;
use jiff::civil::{Date, Time, Weekday, time};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::ProblemCode;
use serde::Deserialize;
use serde_json::Value;

use super::answers::{Malformed, NoTown, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::render::html;
use super::{masters, words};
use crate::audit::{Findings, OfficeHours, analyse};
use crate::cloud::Shared;
use crate::labels::{Label, reason_text};
use crate::language::Language;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk};

/// Most lines shown.
const MOST: i64 = 300;
/// Most entries that analyses read: a busy town's month.
const MOST_ANALYSED: i64 = 100_000;
/// Analyses look back so far.
const BACK: SignedDuration = SignedDuration::from_hours(31 * 24);
/// When people work, until a town says when its counters are open.
const HOURS: (Time, Time) = (time(8, 0, 0, 0), time(20, 0, 0, 0));
/// People come before the counters open, and stay after they have closed.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
const AFTER: SignedDuration = SignedDuration::from_hours(3);

#[derive(Deserialize)]
pub(super) struct TrailQuery {
    #[serde(default)]
    day: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    object: String,
}

struct Line {
    seq: i64,
    time: String,
    who: String,
    event: &'static str,
    object: String,
    detail: String,
}

struct Finding {
    who: String,
    text: String,
}

#[derive(Template)]
#[template(path = "trail.html")]
struct TrailPage {
    frame: Frame,
    day: String,
    actor: String,
    event: String,
    object: String,
    people: Vec<(String, String)>,
    events: Vec<(&'static str, &'static str)>,
    rows: Vec<Line>,
    full: bool,
    chain: Result<(i64, String), Vec<String>>,
    outside: Vec<Finding>,
    bulk: Vec<Finding>,
    failures: Vec<Finding>,
}

/// The audit trail.
#[utoipa::path(
    get, path = "/console/{tenant}/trail", tag = "console", security(("session" = ["read_trail"])),
    params(
        ("tenant" = String, Path),
        ("day" = Option<String>, Query, description = "Only of this day, ISO"),
        ("actor" = Option<String>, Query, description = "Only by this person, client or kiosk"),
        ("event" = Option<String>, Query, description = "Only this event"),
        ("object" = Option<String>, Query, description = "Only about this thing, by id"),
    ),
    responses(Page, PageRefusals, Malformed, NoTown)
)]
pub(super) async fn get_trail(
    State(cloud): State<Shared>,
    clerk: Clerk,
    InQuery(query): InQuery<TrailQuery>,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::ReadTrail).await?;
    let (realm, language) = (&clerk.realm, clerk.language);
    let rows = cloud
        .store
        .search_trail(realm, &filter(&query), MOST)
        .await?;
    let chain = chain(&cloud, &clerk).await?;
    let findings = findings(&cloud, &clerk).await?;
    let record = clerk.record(AuditEvent::TrailRead);
    cloud.store.record(realm, &record).await?;
    let people = cloud.store.people(realm).await?.into_iter();
    let people: Names = people.map(|person| (person.id, person.name)).collect();
    let clients = cloud.store.clients(realm).await?;
    let mut known = people.clone();
    known.extend(clients.into_iter().map(|client| (client.id, client.name)));
    let (outside, bulk, failures) = described(language, &people, &findings);
    Ok(html(&TrailPage {
        frame: frame(&cloud, &clerk, "/trail"),
        full: i64::try_from(rows.len()).unwrap_or(MOST) >= MOST,
        rows: rows
            .iter()
            .map(|entry| line(language, &known, &readable(&cloud.store, realm, entry)))
            .collect(),
        outside,
        bulk,
        failures,
        chain,
        events: AuditEvent::ALL
            .iter()
            .map(|event| (event.as_str(), event.japanese()))
            .collect(),
        people: people.into_iter().collect(),
        day: query.day,
        actor: query.actor,
        event: query.event,
        object: query.object,
    })?)
}

/// Names by id.
type Names = BTreeMap<String, String>;

/// What an auditor should look at, as the page says it: outside office hours, in bulk, failures.
fn described(
    language: Language,
    people: &Names,
    findings: &Findings,
) -> (Vec<Finding>, Vec<Finding>, Vec<Finding>) {
    let each = |found: &[(String, usize, Timestamp)], text: &dyn Fn(usize, String) -> String| {
        found
            .iter()
            .map(|(who, count, at)| Finding {
                who: name(language, people, "staff", who),
                text: text(*count, words::time(language, *at)),
            })
            .collect()
    };
    (
        each(&findings.outside, &|count, at| {
            language.fill("{}回（最後は{}）", &[&count, &at])
        }),
        each(&findings.bulk, &|count, at| {
            language.fill("{}からの1時間に{}件", &[&at, &count])
        }),
        each(&findings.failures, &|count, at| {
            language.fill("1日に{}回（最後は{}）", &[&count, &at])
        }),
    )
}

fn filter(query: &TrailQuery) -> TrailFilter {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let begins = |day: Date| {
        let begin = JAPAN.to_timestamp(day.into()).ok()?;
        Some(begin.as_millisecond())
    };
    let day: Option<Date> = query.day.parse().ok();
    TrailFilter {
        from: day.and_then(begins),
        until: day.and_then(|day| begins(day.tomorrow().ok()?)),
        actor: given(&query.actor),
        object: given(&query.object),
        event: given(&query.event),
    }
}

/// Most findings shown; the command line names all.
const MOST_FINDINGS: usize = 50;

/// Looks through the whole trail and all applications; gives how many entries hold and the last hash, or what is wrong.
async fn chain(
    cloud: &Shared,
    clerk: &Clerk,
) -> Result<Result<(i64, String), Vec<String>>, Refusal> {
    let (findings, problems) = cloud.inspect(&clerk.realm).await.map_err(|error| {
        tracing::error!(realm = %clerk.realm, %error, "audit trail");
        ProblemCode::Internal
    })?;
    let mut wrong = findings.sentences();
    wrong.extend(problems);
    if wrong.is_empty() {
        return Ok(Ok((findings.entries, findings.head)));
    }
    tracing::error!(realm = %clerk.realm, count = wrong.len(), first = %wrong[0], "audit trail");
    wrong.truncate(MOST_FINDINGS);
    Ok(Err(wrong))
}

async fn findings(cloud: &Shared, clerk: &Clerk) -> Result<Findings, Refusal> {
    let from = clerk.now.checked_sub(BACK).ok();
    let month = TrailFilter {
        from: from.map(Timestamp::as_millisecond),
        ..TrailFilter::default()
    };
    let entries = cloud
        .store
        .search_trail(&clerk.realm, &month, MOST_ANALYSED)
        .await?;
    let catalogue = cloud.catalogue(&clerk.tenant).await?;
    let closed = |day: Date| match &catalogue {
        Some(town) => {
            town.value.calendar().is_closed(day) && !town.masters.masters.opens_on(day.weekday())
        }
        None => matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
    };
    let opening = catalogue.as_ref().and_then(|town| {
        let opening = town.masters.masters.opening.as_ref()?;
        Some((
            opening.weekdays.from.saturating_sub(BEFORE),
            opening.weekdays.until.saturating_add(AFTER),
        ))
    });
    let (opens, closes) = opening.unwrap_or(HOURS);
    let hours = OfficeHours {
        opens,
        closes,
        closed: &closed,
    };
    Ok(analyse(&entries, &hours))
}

fn name(language: Language, people: &Names, kind: &str, id: &str) -> String {
    let name = people.get(id);
    let own = name.map_or(id, String::as_str);
    let words = match kind {
        "client" => return language.fill("外部サービス {}", &[&own]),
        "kiosk" => return language.fill("端末 {}", &[&id]),
        "staff" => match name {
            Some(name) => return name.clone(),
            None if id.is_empty() => "（登録のない名前）",
            None => "（以前の職員）",
        },
        "command" => "運用者（コマンド）",
        "service" => "サービス自身",
        _ => "ログイン前",
    };
    language.say(words).to_owned()
}

/// The entry with what only the town's key can read in its detail.
fn readable(store: &Store, realm: &Realm, entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    if entry.event == AuditEvent::Protected.as_str()
        && let Ok(Value::Object(mut detail)) = serde_json::from_str(&entry.detail)
    {
        for value in detail.values_mut() {
            let token = value.as_str().unwrap_or_default();
            if let Some(answer) = store.answer_of(realm, &entry.object, token) {
                *value = answer.as_str().into();
            }
        }
        entry.detail = Value::Object(detail).to_string();
    }
    entry
}

fn line(language: Language, people: &Names, entry: &Entry) -> Line {
    let at = Timestamp::from_millisecond(entry.at).unwrap_or_default();
    let about_person = people.get(&entry.object).cloned();
    let detail: serde_json::Map<String, Value> =
        serde_json::from_str(&entry.detail).unwrap_or_default();
    let detail = detail
        .iter()
        .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty()))
        .map(|(key, value)| {
            let value = match value {
                Value::Array(all) => {
                    let all: Vec<String> = all
                        .iter()
                        .map(|one| detail_value(language, key, one))
                        .collect();
                    all.join(language.say("、"))
                }
                one => detail_value(language, key, one),
            };
            language.fill("{}：{}", &[&language.say(label(key)), &value])
        });
    Line {
        seq: entry.seq,
        time: words::time(language, at),
        who: name(language, people, &entry.actor_kind, &entry.actor),
        event: AuditEvent::from_word(&entry.event).map_or("（不明）", Label::japanese),
        object: about_person.unwrap_or_else(|| entry.object.clone()),
        detail: detail.collect::<Vec<_>>().join(language.say("、")),
    }
}

/// A detail's value, in words where there are some.
fn detail_value(language: Language, key: &str, value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned);
    match word(key, &text) {
        Some(word) => language.say(word).to_owned(),
        None => text,
    }
}

/// A detail's key, as an auditor reads it.
fn label(key: &str) -> &str {
    match key {
        "by" => "方法",
        "from" => "元の状態",
        "to" => "次の状態",
        "reason" => "理由",
        "key" => "項目",
        "revision" => "版",
        "found" => "該当",
        "shown" => "表示",
        "paper" => "書類##番号",
        "page" => "ページ",
        "applications" => "申請",
        "altered" => "書き換えの疑い",
        "revisions" => "補正",
        "accounts" => "職員・外部サービスの記録",
        "entries" => "記録##件数",
        "begun" => "開始",
        "scope" | "scopes" => "できること",
        "action" => "必要な権限",
        "roles" => "役割",
        "roles_before" => "元の役割",
        "granted" => "加えた権限",
        "granted_before" => "加えていた権限",
        "withheld" => "外した権限",
        "withheld_before" => "外していた権限",
        "invited" => "招待##記録",
        "event" => "出来事",
        "login" => "ログイン名",
        "left" => "退職・異動",
        "job" => "作業番号",
        "result" => "結果",
        "tries" | "times" => "回数",
        "address" => "接続元",
        "since" => "始まり",
        "part" => "項目",
        "state" => "状態",
        other => other,
    }
}

/// A detail's value, where it is a word of ours.
fn word(key: &str, text: &str) -> Option<&'static str> {
    let state = ApplicationStatus::from_word(text).map(Label::japanese);
    match (key, text) {
        ("part", _) => masters::Part::from_word(text).map(masters::Part::japanese),
        ("by", "password") => Some("パスワード"),
        ("by", "code") => Some("数字・二次元コード"),
        ("by", "password and code") => Some("パスワードと認証アプリ"),
        ("by", "provider") => Some("庁内アカウント"),
        ("by", "number") => Some("受付番号"),
        ("by", "name") => Some("氏名"),
        ("by", "unclear") => Some("読み取れない入力"),
        ("by", "locked") => Some("ロック中"),
        ("by", "too fast") => Some("続けての試行"),
        ("by", "token") => Some("アクセストークン"),
        ("by", "unknown login") => Some("登録のないログイン名"),
        ("by", "client") => Some("外部サービス##方法"),
        ("to", "robots") => Some("RPA"),
        ("left", "true") => Some("はい"),
        ("left", "false") => Some("いいえ"),
        ("from" | "to" | "state", _) if state.is_some() => state,
        ("from" | "result", _) => Protection::from_word(text).map(Protection::japanese),
        ("reason", _) => reason_text(text),
        ("action", _) => Permission::from_word(text).map(Permission::japanese),
        ("invited", "again") => Some("招待し直し"),
        ("granted" | "granted_before" | "withheld" | "withheld_before", _) => {
            Permission::from_word(text).map(Permission::japanese)
        }
        ("roles" | "roles_before", _) => Role::from_word(text).map(Role::japanese),
        _ => None,
    }
}
