//! The console's page about other systems.

use cloud_api::clock::Clock as _;
use cloud_store::{DeliveryOutcome, JobEnd, JobLease, NewDelivery, PullOutcome, Role};
use jiff::SignedDuration;
use kiosk_api::ApplicationId;
use uuid::Uuid;

use crate::device_api::{application, seal};
use crate::imported::{HEADING, code, full, row, town};
use crate::people::{clerk_of, cookie_of, csrf, form, look};
use crate::town::{OTHER, TOWN, Town, post};

pub(crate) const LINKS: &str = "/console/990019/links";

/// A failed job and a dead letter of application 1.
pub(crate) async fn troubled(town: &Town) {
    let sealed = seal(town, &application(1), 1, 1);
    assert_eq!(
        post(town.kiosk(), "/v1/990019/applications", &sealed)
            .await
            .status,
        201
    );
    town.look_up().await;
    let (store, id, now) = (&town.cloud.store, Uuid::from_u128(1), town.clock.now());
    store
        .enqueue_job(&code(), id, ApplicationId(id), now)
        .await
        .unwrap();
    let turn = JobLease {
        robot: "robot-7",
        claim: id,
        now,
        length: SignedDuration::from_secs(60),
    };
    store.claim_job(&code(), &turn).await.unwrap().unwrap();
    store
        .end_job(&code(), id, &turn, JobEnd::Failed("no_glyph"))
        .await
        .unwrap()
        .unwrap();
    let body = r#"{"type":"application.received","data":{"reception":"03-260427-0015-6"}}"#;
    let told = NewDelivery {
        hooks: vec!["booking".to_owned()],
        event: "event-1".to_owned(),
        body: body.to_owned(),
        at: now,
    };
    store.enqueue_deliveries(&code(), &told).await.unwrap();
    let letter = store
        .take_delivery(&code(), now, turn.length)
        .await
        .unwrap()
        .unwrap();
    let dead = DeliveryOutcome::Dead("status 500".to_owned());
    store
        .finish_delivery(&code(), &letter, &dead, now)
        .await
        .unwrap();
}

#[tokio::test]
async fn freshness_failed_jobs_and_dead_letters_are_shown() {
    let town = town().await;
    let clerk = clerk_of(&town, TOWN).await;
    let empty = look(&town, &clerk, LINKS).await.text();
    for shown in [
        "取り込みは行われていません",
        "引き渡した申請はありません",
        "届かなかった通知はありません",
    ] {
        assert!(empty.contains(shown), "{shown}");
    }
    troubled(&town).await;
    full(
        &town,
        &format!("{HEADING}{}R2,H2,,,,,,,,\r\n", row(1, "見本　花子")),
    )
    .await
    .unwrap();
    let page = look(&town, &clerk, LINKS).await.text();
    let reception = application(1).reception.unwrap();
    for shown in [
        "● 新しい",
        "1行",
        &reception,
        "入力できず",
        "robot-7",
        "no_glyph",
        "booking",
        "03-260427-0015-6の受付",
        "status 500",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("見本　花子"), "nobody is named");

    let store = &town.cloud.store;
    let failed = PullOutcome::Failed("pull: no answer in time".to_owned());
    store.finish_pull(&code(), &failed).await.unwrap();
    town.clock
        .set(town.clock.now() + SignedDuration::from_hours(25));
    let clerk = cookie_of(&town, TOWN, Role::Supervisor).await;
    let page = look(&town, &clerk, LINKS).await.text();
    for shown in [
        "1日以上",
        "前の内容をそのまま使っています",
        "no answer in time",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn what_failed_is_tried_again_once() {
    let town = town().await;
    troubled(&town).await;
    let clerk = clerk_of(&town, TOWN).await;
    let token = csrf(&look(&town, &clerk, LINKS).await.text());
    let id = ApplicationId(Uuid::from_u128(1)).to_string();
    let job = [("csrf", token.as_str()), ("application", id.as_str())];
    let letter = [
        ("csrf", token.as_str()),
        ("hook", "booking"),
        ("event", "event-1"),
    ];
    for (path, fields) in [("job", &job[..]), ("letter", &letter[..])] {
        let path = format!("{LINKS}/{path}");
        let done = form(&town, &clerk, &path, fields).await;
        assert_eq!(
            (
                done.status.as_u16(),
                done.headers["location"].to_str().unwrap()
            ),
            (303, LINKS)
        );
        assert_eq!(
            form(&town, &clerk, &path, fields).await.status,
            404,
            "it is no longer there"
        );
        let forged = form(&town, &clerk, &path, &fields[1..]).await;
        assert_eq!(forged.status, 403, "without the session's word");
    }
    let page = look(&town, &clerk, LINKS).await.text();
    assert!(page.contains("待ち") && page.contains("届かなかった通知はありません"));
}

#[tokio::test]
async fn only_who_may_hand_off_sees_it() {
    let town = town().await;
    let auditor = cookie_of(&town, TOWN, Role::Auditor).await;
    assert_eq!(look(&town, &auditor, LINKS).await.status, 403);
    let foreign = clerk_of(&town, OTHER).await;
    assert!([303, 404].contains(&look(&town, &foreign, LINKS).await.status.as_u16()));
}
