//! 聞き取り: the clerk's own screen on the rules of the kiosk. Everything stays in the form; nothing is stored.
//!
//! The plan is computed from the same document as the kiosk's (`guidance::guide`): same facts, same bytes. Its digest stands on the page.

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use cloud_store::Permission;
use cloud_store::audit::AuditEvent;
use guidance::{Catalogue, FactError, Facts, Level, Plan, Question, QuestionKind};
use jiff::civil::Date;
use kiosk_api::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

use super::answers::{FormRefusals, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::language::Language;
use crate::planner::while_awaited;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, Posted};

/// Persons that the first form has room for.
const MOST: usize = 6;
/// Largest facts that come back with a form, in bytes.
const LARGEST: usize = 64 * 1024;

/// Roles as a clerk asks for them; the catalogue's words.
const ROLES: [(&str, &str); 7] = [
    ("self", "本人"),
    ("spouse", "配偶者"),
    ("child", "子"),
    ("newborn", "生まれた子"),
    ("parent", "父母"),
    ("deceased", "亡くなった方"),
    ("other", "その他"),
];

type Fields = Vec<(String, String)>;

fn one<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(own, _)| own == name);
    found.map_or("", |(_, value)| value.trim())
}

struct Choice {
    value: String,
    title: String,
}

struct Asked {
    path: String,
    title: String,
    why: String,
    /// `choice`, `date` or `number`.
    kind: &'static str,
    choices: Vec<Choice>,
    max: i64,
}

struct Line {
    title: String,
    persons: String,
    due: String,
    overdue: bool,
    counter: String,
    bring: Vec<String>,
    fee: String,
    statute: String,
    level: &'static str,
}

#[derive(Template)]
#[template(path = "interview.html")]
struct InterviewPage {
    frame: Frame,
    problem: Option<String>,
    events: Vec<Choice>,
    roles: [(&'static str, &'static str); 7],
    rows: Vec<usize>,
    today: String,
    /// The facts so far; empty before the beginning.
    facts: String,
    event: String,
    asked: Vec<Asked>,
    known: usize,
    lines: Vec<Line>,
    digest: String,
}

/// The beginning: what happened, when, and to whom.
#[utoipa::path(
    get, path = "/console/{tenant}/interview", tag = "console", security(("session" = ["interview"])),
    params(("tenant" = String, Path)),
    responses(
        (status = 404, description = "No such tenant, or it has no catalogue", body = Problem, content_type = "application/problem+json"),
        Page, PageRefusals,
    )
)]
pub(super) async fn get_interview(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::Interview).await?;
    Ok(page(&cloud, &clerk, None, None).await?)
}

/// The next step: what is still to be asked, and the plan so far.
#[utoipa::path(
    post, path = "/console/{tenant}/interview", tag = "console", security(("session" = ["interview"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf; event, date, role, birth_date (several) at the beginning; then facts and an answer for each path"),
    responses(
        (status = 404, description = "No such tenant, or it has no catalogue", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        Page, FormRefusals,
    )
)]
pub(super) async fn post_interview(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::Interview).await?;
    let begun = one(&fields, "facts").is_empty();
    let facts = if begun {
        begin(&fields, cloud.clock.today())
    } else {
        go_on(&fields)
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(problem) => {
            let problem = clerk.language.say(problem).to_owned();
            let page = page(&cloud, &clerk, None, Some(problem)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let kind = facts.pointer("/event/kind").cloned();
    let record = clerk
        .record(AuditEvent::Interviewed)
        .with(json!({ "event": kind, "begun": begun }));
    cloud.store.record(&clerk.realm, &record).await?;
    Ok(page(&cloud, &clerk, Some(&facts), None)
        .await?
        .into_response())
}

/// The first document of facts.
fn begin(fields: &Fields, today: Date) -> Result<Value, &'static str> {
    let event = one(fields, "event");
    if event.is_empty() {
        return Err("手続きのきっかけを選んでください。");
    }
    let date: Date = one(fields, "date")
        .parse()
        .map_err(|_| "できごとの日を入力してください。")?;
    let all = |name: &str| {
        let own = fields.iter().filter(|(field, _)| field == name);
        own.map(|(_, value)| value.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let mut persons = Vec::new();
    for (role, birth) in all("role").iter().zip(all("birth_date")) {
        if role.is_empty() {
            continue;
        }
        let id = char::from(b'A' + u8::try_from(persons.len()).unwrap_or(25));
        let mut person = json!({ "id": id.to_string(), "role": role, "moves": true });
        if !birth.is_empty() {
            let day: Date = birth
                .parse()
                .map_err(|_| "生年月日を正しく入力してください。")?;
            person["birth_date"] = json!(day.to_string());
        }
        persons.push(person);
    }
    if !persons.iter().any(|person| person["role"] == "self") {
        return Err("本人を1人選んでください。");
    }
    Ok(json!({
        "as_of": today.to_string(),
        "event": { "kind": event, "date": date.to_string() },
        "household": {},
        "persons": persons,
    }))
}

/// The facts that came back, with the answers that came with them.
fn go_on(fields: &Fields) -> Result<Value, &'static str> {
    const LOST: &str = "聞き取りの内容を読み取れませんでした。最初からやり直してください。";
    let text = one(fields, "facts");
    if text.len() > LARGEST {
        return Err(LOST);
    }
    let mut facts: Value = serde_json::from_str(text).map_err(|_| LOST)?;
    for (path, answer) in fields {
        if answer.is_empty() || matches!(path.as_str(), "csrf" | "facts") {
            continue;
        }
        set(&mut facts, path, answer).ok_or(LOST)?;
    }
    Ok(facts)
}

/// Sets `event.x`, `household.x` or `persons[A].x`; `None` where there is no such place.
fn set(facts: &mut Value, path: &str, answer: &str) -> Option<()> {
    let (place, name) = path.rsplit_once('.')?;
    let object: &mut Map<String, Value> = match place.strip_prefix("persons[") {
        Some(rest) => {
            let id = rest.strip_suffix(']')?;
            let persons = facts.get_mut("persons")?.as_array_mut()?;
            let person = persons.iter_mut().find(|person| person["id"] == id)?;
            person.as_object_mut()?
        }
        None => facts
            .as_object_mut()?
            .entry(place)
            .or_insert_with(|| json!({}))
            .as_object_mut()?,
    };
    let value = match answer {
        "true" => json!(true),
        "false" => json!(false),
        number if number.parse::<i64>().is_ok() => json!(number.parse::<i64>().ok()?),
        word => json!(word),
    };
    object.insert(name.to_owned(), value);
    Some(())
}

async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    facts: Option<&Value>,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    let town = cloud.catalogue(&clerk.tenant).await?;
    let town = town.ok_or(ProblemCode::EditionMissing)?;
    let catalogue = &town.value;
    let mut page = InterviewPage {
        frame: frame(cloud, clerk, "/interview"),
        problem,
        events: events(clerk.language, catalogue),
        roles: ROLES,
        rows: (0..MOST).collect(),
        today: cloud.clock.today().to_string(),
        facts: String::new(),
        event: String::new(),
        asked: Vec::new(),
        known: 0,
        lines: Vec::new(),
        digest: String::new(),
    };
    let Some(facts) = facts else {
        return html(&page);
    };
    let document = facts.to_string();
    let (language, same_town, text) = (clerk.language, town.clone(), document.clone());
    let planning =
        while_awaited(move |go_on| planned(language, &same_town.value, &text, go_on)).await?;
    match planning {
        Ok(None) => return Err(ProblemCode::Busy.into()),
        Ok(Some((plan, asked))) => {
            let kind = facts.pointer("/event/kind").and_then(Value::as_str);
            page.event = words::event(clerk.language, Some(catalogue), kind.unwrap_or_default());
            page.asked = asked;
            let lines = plan.lines.iter();
            let lines = lines.map(|one| line(clerk.language, catalogue, one));
            page.lines = lines.collect();
            page.digest = short_digest(&plan);
            page.known = page.lines.len();
            page.facts = document;
        }
        Err(why) => page.problem = Some(why),
    }
    html(&page)
}

fn events(language: Language, catalogue: &Catalogue) -> Vec<Choice> {
    let events = catalogue.life_events().iter();
    events
        .map(|event| Choice {
            value: event.id.clone(),
            title: language.of_words(&event.title).to_owned(),
        })
        .collect()
}

/// The plan, and what would still change it; `None` when nobody waits for it any more.
fn planned(
    language: Language,
    catalogue: &Catalogue,
    document: &str,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<(Plan, Vec<Asked>)>, String> {
    let wrong = |why: FactError| language.fill("この内容では案内を計算できません（{}）。", &[&why]);
    let facts = Facts::from_json(document).map_err(wrong)?;
    catalogue.check(&facts).map_err(wrong)?;
    let Some(questions) = catalogue.questions_while(&facts, go_on) else {
        return Ok(None);
    };
    let asked = questions.iter().map(|question| asked(language, question));
    let asked = asked.collect();
    let plan = catalogue.plan_while(&facts, go_on);
    Ok(plan.map(|plan| (plan, asked)))
}

fn asked(language: Language, question: &Question) -> Asked {
    let path = question.fact.to_string();
    let person = application::person_of(&path);
    let person = person.map_or_else(String::new, |id| words::person(language, id));
    let yes_no = || {
        [("true", "はい"), ("false", "いいえ")]
            .map(|(value, title)| Choice {
                value: value.to_owned(),
                title: language.say(title).to_owned(),
            })
            .into()
    };
    let (kind, choices, max) = match &question.kind {
        QuestionKind::YesNo => ("choice", yes_no(), 0),
        QuestionKind::Choice(answers) => {
            let choices = answers.iter().map(|answer| Choice {
                value: answer.value.to_string(),
                title: language.of_words(&answer.label).to_owned(),
            });
            ("choice", choices.collect(), 0)
        }
        QuestionKind::Date => ("date", Vec::new(), 0),
        QuestionKind::Number { max } => ("number", Vec::new(), *max),
    };
    Asked {
        title: language
            .of_words(&question.title)
            .replace("{person}さん", &person)
            .replace("{person}", &person),
        why: language.of_words(&question.why).to_owned(),
        path,
        kind,
        choices,
        max,
    }
}

fn line(language: Language, catalogue: &Catalogue, line: &guidance::Line) -> Line {
    let own = |words| language.of_words(words).to_owned();
    let persons = line.persons.iter();
    let persons = persons.map(|id| words::person(language, id));
    let needed = line.bring.iter().filter(|item| item.needed);
    let counter = catalogue.counter(&line.counter);
    Line {
        title: own(&line.title),
        persons: persons.collect::<Vec<_>>().join(language.say("、")),
        due: line
            .due
            .date()
            .map_or_else(String::new, |day| words::day(language, &day.to_string())),
        overdue: line.due.is_overdue(),
        counter: counter.map_or_else(|| line.counter.clone(), |counter| own(&counter.title)),
        bring: needed.map(|item| own(&item.item)).collect(),
        fee: match line.fee_yen {
            0 => String::new(),
            yen => language.fill("{}円", &[&yen]),
        },
        statute: line.statute.clone(),
        level: match line.level {
            Level::Must => "必要",
            Level::Should => "おすすめ",
            Level::May => "任意",
        },
    }
}

/// The first eight digits; enough to compare two screens by eye.
fn short_digest(plan: &Plan) -> String {
    let hash = digest(&SHA256, plan.to_json().as_bytes());
    let bytes = hash.as_ref().iter().take(4);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
