//! Every page of the console in English: no Japanese stands on it but what is data.

use application::{Application, Source, StaffNote, StaffNoteKind};
use axum::body::Body;
use axum::http::Request;
use cloud_api::audit::{FAILURES, MANY};
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Rights, Role};
use kiosk_api::ProblemCode;
use serde_json::json;
use uuid::Uuid;

use crate::language::japanese;
use crate::people::{PASSWORD, add, clerk_of, cookie, cookie_of, csrf, form, log_in, look};
use crate::protection::{Desk, SECOND, of};
use crate::town::{Answer, TOWN, Town, get, post, send};
use crate::{imported, links};

const BASE: &str = "/console/990019";
/// Names, which no language changes.
const DATA: [&str; 6] = [
    "予約",
    "玄関町",
    "見本　職員",
    "見本　花子",
    "安全　光",
    "試験　申子",
];
/// Japanese that English sentences show as an example, or as the official term.
const SHOWN: [&str; 6] = [
    "支援措置",
    "受付案内票",
    "{漢字|かんじ}",
    "外字",
    "別紙",
    "未確認",
];

/// What is left of a page without what is data: elements in Japanese by their `lang`, what stands in fields, names.
fn said(page: &str) -> String {
    let mut text = page.to_owned();
    while let Some(at) = text.find(" lang=\"ja\"") {
        let begin = text[..at].rfind('<').unwrap();
        let name = text[begin + 1..].split([' ', '>']).next().unwrap();
        let close = format!("</{name}>");
        let end = begin + text[begin..].find(&close).unwrap() + close.len();
        text.replace_range(begin..end, "");
    }
    while let Some(at) = text.find(" value=\"") {
        let from = at + " value=\"".len();
        let end = from + text[from..].find('"').unwrap() + 1;
        text.replace_range(at..end, "");
    }
    let known = DATA.iter().chain(&SHOWN);
    known.fold(text, |text, known| text.replace(known, ""))
}

fn is_english(answer: &Answer, place: &str) {
    let page = answer.text();
    assert!(page.contains("<html lang=\"en\">"), "{place}: {page}");
    let said = said(&page);
    let at = said.find(japanese);
    let rest = at.map(|at| said[at..].chars().take(80).collect::<String>());
    assert_eq!(rest, None, "{place}");
}

/// Somebody who may do everything, reading English.
struct Person {
    desk: Desk,
    session: String,
    csrf: String,
}

impl Person {
    async fn new() -> Self {
        let desk = Desk::new(0, None).await;
        let town = &desk.town;
        let rights = Rights::of(Role::ALL.iter().copied());
        add(town, &TOWN.parse().unwrap(), "everything", rights).await;
        let session = log_in(town, TOWN, "everything").await;
        let session = format!("{session}; language=en");
        let csrf = csrf(&look(town, &session, &format!("{BASE}/me")).await.text());
        Self {
            desk,
            session,
            csrf,
        }
    }

    fn town(&self) -> &Town {
        &self.desk.town
    }

    async fn looks(&self, path: &str) -> String {
        let path = format!("{BASE}{path}");
        let answer = look(self.town(), &self.session, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        is_english(&answer, &path);
        answer.text()
    }

    async fn sends(&self, path: &str, fields: &[(&str, &str)], status: u16) -> String {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        let answer = form(self.town(), &self.session, &format!("{BASE}{path}"), &all).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        if status != 303 {
            is_english(&answer, path);
        }
        answer.text()
    }

    /// One application that nobody has looked up, one of somebody who is protected, one of somebody who is not.
    async fn with_applications(self) -> Self {
        self.desk.submit(&noted(of(true, 2)), 2).await;
        self.desk.submit(&noted(of(false, 1)), 1).await;
        self.desk.later(SECOND);
        self.desk.look_up().await;
        self.desk.submit(&noted(of(false, 3)), 3).await;
        self
    }
}

/// With a note of each kind and somebody without a name.
fn noted(mut application: Application) -> Application {
    let kinds = [
        StaffNoteKind::LongText,
        StaffNoteKind::SubstitutedGlyph,
        StaffNoteKind::NoMatch,
        StaffNoteKind::CardUnverified,
        StaffNoteKind::UnknownDate,
        StaffNoteKind::Changed,
        StaffNoteKind::LeftOpen,
        StaffNoteKind::NotDrawn,
    ];
    application.notes = kinds
        .map(|kind| StaffNote {
            kind,
            key: Some("persons[A].name".to_owned()),
        })
        .into();
    let values = &mut application.values;
    values.set("persons[B].birth_date", "令和2年4月2日", Source::Resident);
    application
}

fn application_path(id: u128) -> String {
    format!("/applications/{}", Uuid::from_u128(id))
}

async fn heard(town: &Town) {
    let parts = ["card_reader", "form_printer", "receipt_printer", "outbox"];
    let states = ["attention", "stopped", "missing", "ready"];
    let parts: Vec<_> = std::iter::zip(parts, states)
        .map(|(part, state)| json!({"part": part, "state": state}))
        .collect();
    let beat = json!({
        "at": "2026-04-27T01:00:00Z", "software": "0.1.0", "catalogue": null, "forms": null, "outbox": 4, "parts": parts, "events": [],
    });
    let answer = post(town.kiosk(), "/v1/990019/heartbeat", &beat).await;
    assert_eq!(answer.status, 200);
    for (id, reason) in (1..).zip(["asked", "printer", "storage", "card", "no_match"]) {
        let call =
            json!({"id": Uuid::from_u128(id), "at": "2026-04-27T01:00:00Z", "reason": reason});
        let answer = post(town.kiosk(), "/v1/990019/staff-calls", &call).await;
        assert_eq!(answer.status, 204);
    }
}

#[tokio::test]
async fn pages_of_applications() {
    let person = Person::new().await.with_applications().await;
    heard(person.town()).await;
    let list = person.looks("").await;
    for shown in [
        "3 shown, newest first",
        "Forms: 1 · Card verified",
        "■ Alert",
        ">Pending<",
        "A4 printer: stopped",
        "I moved into town",
    ] {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    person
        .looks("?state=returned&counter=resident_record&due=over&mine=1")
        .await;
    person.looks("/kiosks").await;
    let page = person.looks(&application_path(2)).await;
    for shown in [
        "protective measures (支援措置)",
        "11 May 2026",
        "Moving-in notification",
        "person B",
        "Name in katakana",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    person.looks(&application_path(3)).await;
    person
        .looks(&format!("{}?paper=7", application_path(1)))
        .await;
    let found = person.sends("/find", &[("q", "見本")], 200).await;
    assert!(found.contains("見本　花子"));
    let home = "/console/language/ja?back=/console/990019\"";
    assert!(
        found.contains(home),
        "what a form answers is not asked again"
    );
    for nothing in ["ほげ", "03-260427-0099-1", "GENKAN1/990019"] {
        person.sends("/find", &[("q", nothing)], 200).await;
    }
}

#[tokio::test]
async fn deeds_on_an_application() {
    let person = Person::new().await.with_applications().await;
    let one = application_path(1);
    let does = async |what: &str, fields: &[(&str, &str)], status: u16| {
        person.sends(&format!("{one}/{what}"), fields, status).await
    };
    does("claim", &[], 303).await;
    person.looks(&one).await;
    let early = does("state", &[("from", "confirmed"), ("to", "done")], 409).await;
    assert!(early.contains("Present state: Received"), "{early}");
    let wrong = [("key", "persons[A].name_kana"), ("text", "hanako")];
    does("correct", &wrong, 409).await;
    let right = [("key", "persons[A].name"), ("text", "試験　申子")];
    does("correct", &right, 303).await;
    assert!(person.looks(&one).await.contains("Corrected: 1"));
    does("hand-off", &[], 409).await;
    does(
        "state",
        &[
            ("from", "received"),
            ("to", "returned"),
            ("reason", "withdrawn"),
        ],
        303,
    )
    .await;
    person.looks(&one).await;
    does("protection", &[("from", "found"), ("to", "seen")], 409).await;
    let trail = person.looks("/trail").await;
    for shown in [
        "State changed",
        "From: Received, ",
        "Reason: Withdrawn by the applicant",
    ] {
        assert!(trail.contains(shown), "{shown}: {trail}");
    }
}

#[tokio::test]
async fn the_interview() {
    let person = Person::new().await;
    person.looks("/interview").await;
    person.sends("/interview", &[("event", "")], 422).await;
    let begin = [
        ("event", "move_in"),
        ("date", "2026-05-01"),
        ("role", "self"),
        ("birth_date", "1988-04-01"),
        ("role", "child"),
        ("birth_date", "2020-04-02"),
    ];
    let page = person.sends("/interview", &begin, 200).await;
    for shown in ["I moved into town", "person B", "15 May 2026", "Required"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let wicked = [("facts", "{\"as_of\":\"x\"}")];
    let page = person.sends("/interview", &wicked, 200).await;
    assert!(page.contains("No plan can be computed from this"));
}

#[tokio::test]
async fn pages_of_administrators() {
    let person = Person::new().await;
    person.looks("/me").await;
    person.looks("/links").await;
    person.looks("/masters").await;
    let hours = [("day", ""), ("from", "10:00"), ("until", "09:00")];
    let mut fields = vec![("part", "opening"), ("revision", "0")];
    fields.extend(hours);
    let refused = person.sends("/masters", &fields, 422).await;
    assert!(
        refused.contains("Opening hours: the end must be later"),
        "{refused}"
    );
    let invited = [
        ("login", "second"),
        ("name", "試験　申子"),
        ("role", "clerk"),
    ];
    let handed = person.sends("/people", &invited, 200).await;
    assert!(handed.contains("within 72 hours"), "{handed}");
    person.sends("/people", &invited, 422).await;
    let client = [("name", "予約"), ("scope", "guidance")];
    person.sends("/clients", &client, 200).await;
    let people = person.looks("/people").await;
    let (_, rest) = people.split_once("/people/").unwrap();
    let id = rest.split('"').next().unwrap();
    person.looks(&format!("/people/{id}")).await;
    enrols(&person, &handed).await;
}

/// The invited person's pages.
async fn enrols(person: &Person, handed: &str) {
    let (_, rest) = handed.split_once("<code>").unwrap();
    let place = rest.split('<').next().unwrap();
    for place in [place, &format!("{BASE}/enrol/none")] {
        let answer = look(person.town(), "language=en", place).await;
        is_english(&answer, place);
    }
    let fields = [("password", "short"), ("again", "short"), ("code", "1")];
    let answer = form(person.town(), "language=en", place, &fields).await;
    is_english(&answer, place);
    let differ = [("password", "one"), ("again", "other"), ("code", "1")];
    let answer = form(person.town(), "language=en", place, &differ).await;
    assert!(
        answer
            .text()
            .contains("The two passwords are not the same.")
    );
    is_english(&answer, place);
}

#[tokio::test]
async fn links_with_troubles() {
    let town = imported::town().await;
    let session = format!("{}; language=en", clerk_of(&town, TOWN).await);
    links::troubled(&town).await;
    imported::import_register(&town).await;
    let page = look(&town, &session, links::LINKS).await;
    is_english(&page, "links");
    for shown in [
        "● Fresh",
        "▲ Failed",
        "03-260427-0015-6: Received",
        "1 that did not arrive after repeated tries",
        "Send 03-260427-0015-6: Received to booking again",
    ] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
}

#[tokio::test]
async fn the_platform() {
    let town = imported::town().await;
    let session = cookie_of(&town, "platform", Role::PlatformOperator).await;
    let session = format!("{session}; language=en");
    let page = look(&town, &session, "/console/platform").await;
    is_english(&page, "platform");
    assert!(page.text().contains("Service operations"));
}

/// Every deed by everybody whom the trail names, at night and often, with every detail that it knows a word for.
#[tokio::test]
async fn the_trail_with_every_deed() {
    let person = Person::new().await;
    let (town, realm) = (person.town(), TOWN.parse().unwrap());
    let night = "2026-04-26T14:00:00Z".parse().unwrap();
    let detail = json!({
        "by": "code", "from": "received", "to": "robots", "reason": "other", "key": "applicant.phone", "revision": 2, "found": 1,
        "shown": 3, "paper": 1, "scope": "jobs", "action": "see_towns", "roles": ["clerk", "auditor"], "event": "move_in", "login": "second", "left": true,
        "job": "7", "result": "found", "tries": 2, "part": "fees", "state": "returned",
        "page": 1, "applications": ["a", "b"], "altered": ["c"], "revisions": 2, "entries": 3, "begun": true,
    });
    let actors = [
        Actor::Staff("gone".to_owned()),
        Actor::Staff(String::new()),
        Actor::Client("robot".to_owned()),
        Actor::Kiosk("kiosk-1".parse().unwrap()),
        Actor::Command,
        Actor::Service,
        Actor::Nobody,
    ];
    for (event, actor) in AuditEvent::ALL.iter().zip(actors.iter().cycle()) {
        let record = AuditRecord::new(night, actor.clone(), *event).with(detail.clone());
        town.cloud.store.record(&realm, &record).await.unwrap();
    }
    for _ in 0..MANY {
        let record = AuditRecord::new(night, Actor::Staff("gone".to_owned()), AuditEvent::Opened);
        town.cloud.store.record(&realm, &record).await.unwrap();
    }
    for _ in 0..FAILURES {
        let record = AuditRecord::new(night, Actor::Nobody, AuditEvent::LogInFailed).about("gone");
        town.cloud.store.record(&realm, &record).await.unwrap();
    }
    let trail = person.looks("/trail").await;
    for shown in [
        "Outside office hours",
        "× (last 26 Apr 23:00)",
        "within an hour from 26 Apr 23:00: ",
        "5× in a day",
        "(former staff)",
        "Machine client robot",
        "Operator (command line)",
        "Right needed: Municipalities",
        "By: digits or QR code",
        "Life event: move_in",
        "Roles: Counter clerk, Auditor",
    ] {
        assert!(trail.contains(shown), "{shown}: {trail}");
    }
}

#[tokio::test]
async fn pages_before_the_log_in() {
    let desk = Desk::new(0, None).await;
    let of = async |path: &str| {
        let request = Request::get(path).header("accept-language", "en-US,en;q=0.9");
        send(desk.town.office(), request.body(Body::empty()).unwrap()).await
    };
    for path in [
        "/",
        "/console/990019/log-in",
        "/console/platform/log-in",
        "/console/990019/code",
    ] {
        is_english(&of(path).await, path);
    }
    let wrong = [("login", "nobody"), ("password", "wrong")];
    let answer = form(&desk.town, "language=en", &format!("{BASE}/log-in"), &wrong).await;
    assert_eq!(answer.status, 401);
    is_english(&answer, "a wrong password");
    add(
        &desk.town,
        &TOWN.parse().unwrap(),
        "hanako",
        Rights::of([Role::Clerk]),
    )
    .await;
    let right = [("login", "hanako"), ("password", PASSWORD)];
    let half = form(&desk.town, "", &format!("{BASE}/log-in"), &right).await;
    let session = format!("{}; language=en", cookie(&half));
    let wrong = form(
        &desk.town,
        &session,
        &format!("{BASE}/code"),
        &[("code", "1")],
    )
    .await;
    assert_eq!(wrong.status, 401);
    is_english(&wrong, "a wrong code");
}

#[tokio::test]
async fn refusals_follow_the_reader_and_documents_do_not() {
    let desk = Desk::new(0, None).await;
    add(
        &desk.town,
        &TOWN.parse().unwrap(),
        "auditor",
        Rights::of([Role::Auditor]),
    )
    .await;
    let session = log_in(&desk.town, TOWN, "auditor").await;
    let place = format!("{BASE}/people");
    let refused = async |accept: &str| {
        let request = Request::get(&place)
            .header("cookie", format!("{session}; language=en"))
            .header("accept", accept);
        send(desk.town.office(), request.body(Body::empty()).unwrap()).await
    };
    let page = refused("text/html").await;
    assert_eq!(page.status, 403);
    is_english(&page, "a refusal");
    assert!(page.text().contains("Right needed: Managing staff"));
    let document = refused("application/json").await.json();
    assert_eq!(document["title"], ProblemCode::NotAllowed.japanese());
    assert_eq!(document["detail"], "必要な権限：職員の管理");
    let towns = get(desk.town.office(), "/").await.text();
    assert!(towns.contains("<html lang=\"ja\">") && towns.contains(">English</a>"));
}
