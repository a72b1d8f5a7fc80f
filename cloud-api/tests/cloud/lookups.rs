//! Who is asked about an application, when, and by which replica (支援措置).

use std::collections::BTreeSet;

use application::Source;
use cloud_api::casework::{lookup, named};
use cloud_api::core_system::Named;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{InboxFilter, Protection, Role, Store};
use jiff::SignedDuration;
use serde_json::json;

use crate::card::now;
use crate::device_api::{application, seal};
use crate::imported::code;
use crate::inbox::new;
use crate::people::{cookie_of, csrf, form, look};
use crate::postgres::Cluster;
use crate::protection::{Desk, SECOND, of};
use crate::town::{Choice, TOWN, Town, post};
use crate::work::ONE;

const TURN: SignedDuration = SignedDuration::from_mins(2);

#[tokio::test]
async fn a_correction_that_names_somebody_asks_again() {
    let desk = Desk::new(0, None).await;
    desk.submit(&of(false, 1), 1).await;
    desk.later(SECOND);
    desk.look_up().await;
    assert_eq!(desk.known(1).await, Protection::Clear);
    let session = cookie_of(&desk.town, TOWN, Role::Clerk).await;
    let token = csrf(&look(&desk.town, &session, ONE).await.text());
    let does = async |what: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        let answer = form(&desk.town, &session, &format!("{ONE}/{what}"), &all).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    };
    does("claim", &[]).await;
    does(
        "correct",
        &[("key", "applicant.phone"), ("text", "0312345679")],
    )
    .await;
    assert_eq!(
        desk.known(1).await,
        Protection::Clear,
        "a telephone names nobody"
    );
    for (key, text) in [
        ("persons[A].name", "安全　光"),
        ("persons[A].birth_date", "昭和57年2月2日"),
    ] {
        does("correct", &[("key", key), ("text", text)]).await;
        assert_eq!(desk.known(1).await, Protection::Waiting, "{key}");
        assert_eq!(desk.look_up().await, 1);
    }
    assert_eq!(desk.known(1).await, Protection::Found);
    let names = desk.core.names.lock().unwrap();
    assert!(
        names.contains(&"見本　花子".to_owned()),
        "what came counts, too"
    );
}

#[tokio::test]
async fn a_town_without_a_core_system_holds_nothing() {
    let desk = Desk::new(0, None).await;
    desk.submit(&of(true, 1), 1).await;
    desk.later(SECOND);
    let tenant = desk.town.cloud.tenant(TOWN).unwrap();
    let alone = Town::new(Choice {
        editions: true,
        coreless: true,
        store: Some(desk.town.cloud.store.clone()),
        ..Choice::default()
    })
    .await;
    let sealed = seal(&alone, &of(true, 2), 2, 1);
    let answer = post(alone.kiosk(), "/v1/990019/applications", &sealed).await;
    assert_eq!(answer.status, 201);
    assert_eq!(desk.known(2).await, Protection::Unasked);
    // One that had a core system before asks no more.
    let (_stop, stops) = tokio::sync::watch::channel(false);
    lookup::run(
        alone.cloud.clone(),
        alone.cloud.tenant(TOWN).unwrap(),
        stops,
    )
    .await;
    assert_eq!(desk.known(1).await, Protection::Unasked);
    // When it gets one, what is not done is asked about.
    let store = &desk.town.cloud.store;
    assert_eq!(store.queue_lookups(&code()).await.unwrap(), 2);
    assert_eq!(desk.town.cloud.look_up_due(&tenant).await.unwrap(), 2);
    assert_eq!(desk.known(1).await, Protection::Found);
}

#[test]
fn everybody_whom_an_application_names_is_asked_about() {
    let files = cloud_api::signing::edition_files(&crate::town::assets("forms")).unwrap();
    let forms =
        application::FormSet::from_files(files.iter().map(kiosk_api::EditionFile::pair)).unwrap();
    let mut one = application(1);
    one.facts = json!({"persons": [{"id": "B", "birth_date": "2020-04-02"}]});
    for (key, text) in [
        ("persons[A].birth_date", "昭和63年4月1日"),
        ("persons[B].name", "見本　桜"),
        ("persons[C].name", "見本　誰"),
        ("persons[C].birth_date", "昭和20年月日不詳"),
        ("applicant.name", "見本　花子"),
        ("applicant.birth_date", "昭和63年4月1日"),
        ("spouse.name", "別居　夫"),
        ("home.head_name", "見本 花子"),
        ("new_home.head_name", "安全　守"),
        ("bank.name", "見本銀行"),
        ("dog.name", "ポチ"),
    ] {
        one.values.set(key, text, Source::Resident);
    }
    let who = |name: &str, day: Option<&str>| Named {
        name: name.to_owned(),
        birth_date: day.map(|day| day.parse().unwrap()),
    };
    let expected: BTreeSet<Named> = [
        who("見本　花子", Some("1988-04-01")),
        who("見本　桜", Some("2020-04-02")),
        who("見本　誰", None),
        who("別居　夫", None),
        who("安全　守", None),
    ]
    .into();
    let found = named(&one, forms.eras());
    assert!(found == expected, "{}", json!(found));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_replicas_one_asks_and_a_restart_forgets_no_question() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    taken_once(&Store::open(&url, None).await.unwrap(), &url).await;
    let cluster = Cluster::start();
    taken_once(&crate::dba::opened(&cluster).await, &cluster.url()).await;
}

async fn taken_once(store: &Store, url: &str) {
    const MANY: u128 = 40;
    for id in 1..=MANY {
        store
            .insert_application(new(id, "田中　花子", now()))
            .await
            .unwrap();
    }
    let take = async |store: &Store, at| store.take_lookup(&code(), at, TURN).await.unwrap();
    assert_eq!(take(store, now()).await, None, "not in the same second");
    let at = now() + SECOND;
    let mut replicas = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = store.clone();
        replicas.spawn(async move {
            let mut own = Vec::new();
            while let Some(lookup) = store.take_lookup(&code(), at, TURN).await.unwrap() {
                assert_eq!(lookup.tries, 1);
                own.push(lookup.application.0.as_u128());
            }
            own
        });
    }
    let mut taken = replicas.join_all().await.concat();
    taken.sort_unstable();
    assert_eq!(taken, (1..=MANY).collect::<Vec<_>>(), "each once");
    store.close().await;

    // Whoever took the turns is gone without a word: when they have passed, the questions are due again.
    let store = &Store::open(url, None).await.unwrap();
    assert_eq!(take(store, at).await, None);
    let again = take(store, at + TURN).await.unwrap();
    assert_eq!(again.tries, 2);
    let (row, _) = store
        .application(&code(), again.application)
        .await
        .unwrap()
        .unwrap();
    let record = AuditRecord::new(at, Actor::Service, AuditEvent::Protected).about(row.id);
    let settle = async |to| {
        store
            .settle_protection(&code(), &row, to, &record)
            .await
            .unwrap()
    };
    assert!(settle(Protection::Clear).await);
    assert!(
        !settle(Protection::Found).await,
        "who comes late says nothing"
    );
    let rows = store
        .inbox(&code(), &InboxFilter::default(), 100)
        .await
        .unwrap();
    let clear = rows
        .iter()
        .filter(|row| row.protection == Protection::Clear);
    assert_eq!(clear.count(), 1);
    store.close().await;
}
