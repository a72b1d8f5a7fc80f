//! What clerks do with an application: take it, correct it, move it, hand it off, put it back.

use cloud_store::{Permission, Realm, Rights, Role};

use crate::device_api::{application, seal};
use crate::imported::code;
use crate::people::{add, cookie_of, csrf, form, log_in, look};
use crate::town::{Answer, Choice, TOWN, Town, post};

pub(crate) async fn with_one() -> Town {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let answer = post(
        town.kiosk(),
        "/v1/990019/applications",
        &seal(&town, &application(1), 1, 1),
    )
    .await;
    assert_eq!(answer.status, 201);
    town
}

pub(crate) const ONE: &str = "/console/990019/applications/00000000-0000-0000-0000-000000000001";

struct Person<'a> {
    town: &'a Town,
    session: String,
    csrf: String,
}

impl<'a> Person<'a> {
    async fn new(town: &'a Town, role: Role) -> Self {
        let session = cookie_of(town, TOWN, role).await;
        let csrf = csrf(&look(town, &session, "/console/990019/me").await.text());
        Self {
            town,
            session,
            csrf,
        }
    }

    async fn does(&self, what: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        form(self.town, &self.session, &format!("{ONE}/{what}"), &all).await
    }

    async fn page(&self) -> String {
        look(self.town, &self.session, ONE).await.text()
    }
}

#[tokio::test]
async fn a_clerk_takes_corrects_confirms_and_hands_off() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    let other = Person::new(&town, Role::Clerk).await;
    assert!(
        !clerk.page().await.contains("補正</summary>"),
        "nothing is corrected by whoever passes"
    );
    let early = clerk
        .does(
            "correct",
            &[("key", "persons[A].name"), ("text", "見本　華子")],
        )
        .await;
    assert_eq!(early.status, 409);

    assert_eq!(clerk.does("claim", &[]).await.status, 303);
    let refused = other.does("claim", &[]).await;
    assert!(refused.status == 409 && refused.text().contains("ほかの担当者が作業中"));
    let refused = other
        .does("state", &[("from", "received"), ("to", "confirmed")])
        .await;
    assert!(
        refused.text().contains("ほかの担当者が作業中"),
        "{}",
        refused.text()
    );

    for (text, why) in [("", "空欄にはできません"), ("\u{E000}田", "外字")] {
        let refused = clerk
            .does("correct", &[("key", "persons[A].name"), ("text", text)])
            .await;
        assert!(
            refused.status == 409 && refused.text().contains(why),
            "{why}: {}",
            refused.text()
        );
    }
    let unknown = clerk
        .does("correct", &[("key", "persons[Z].name"), ("text", "x")])
        .await;
    assert_eq!(unknown.problem(), "malformed_request");
    assert_eq!(
        clerk
            .does(
                "correct",
                &[("key", "persons[A].name"), ("text", "見本　華子")]
            )
            .await
            .status,
        303
    );
    let page = clerk.page().await;
    assert!(
        page.contains("<del aria-label=\"補正前\"><span lang=\"ja\">見本　花子</span></del>")
            && page.contains("見本　華子")
            && page.contains("補正 1件")
    );
    assert!(page.contains("tag fixed"), "its source is staff now");

    let early = clerk.does("hand-off", &[]).await;
    assert!(early.status == 409 && early.text().contains("確認を終えた申請だけ"));
    assert_eq!(
        clerk
            .does("state", &[("from", "received"), ("to", "confirmed")])
            .await
            .status,
        303
    );
    let twice = clerk
        .does("state", &[("from", "received"), ("to", "confirmed")])
        .await;
    assert!(twice.status == 409 && twice.text().contains("現在の状態：確認"));
    assert_eq!(clerk.does("hand-off", &[]).await.status, 303);
    assert_eq!(town.cloud.store.jobs(&code(), 9).await.unwrap().len(), 1);
    assert_eq!(
        clerk.does("hand-off", &[]).await.status,
        303,
        "once is enough"
    );
    assert_eq!(town.cloud.store.jobs(&code(), 9).await.unwrap().len(), 1);

    let realm = Realm::Town(code());
    let deeds: Vec<String> = town
        .cloud
        .store
        .trail(&realm, 1, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.event)
        .collect();
    for deed in [
        "received",
        "claimed",
        "corrected",
        "state_changed",
        "handed_off",
        "released",
        "opened",
    ] {
        assert!(deeds.iter().any(|own| own == deed), "{deed} is missing");
    }
}

#[tokio::test]
async fn what_goes_back_says_why_and_can_come_again() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    clerk.does("claim", &[]).await;
    let without = clerk
        .does(
            "state",
            &[("from", "received"), ("to", "returned"), ("reason", "whim")],
        )
        .await;
    assert_eq!(without.problem(), "malformed_request");
    clerk
        .does(
            "state",
            &[
                ("from", "received"),
                ("to", "returned"),
                ("reason", "papers_missing"),
            ],
        )
        .await;
    let page = clerk.page().await;
    assert!(
        page.contains("差戻し")
            && page.contains("必要な書類が足りない")
            && page.contains("担当する")
    );
    clerk.does("claim", &[]).await;
    assert_eq!(
        clerk
            .does("state", &[("from", "returned"), ("to", "received")])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a_supervisor_takes_work_out_of_absent_hands() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    clerk.does("claim", &[]).await;
    let other = Person::new(&town, Role::Clerk).await;
    other.does("release", &[]).await;
    assert!(
        clerk.page().await.contains("担当をやめる"),
        "a colleague cannot"
    );
    let supervisor = Person::new(&town, Role::Supervisor).await;
    assert!(supervisor.page().await.contains("の担当を外す"));
    supervisor.does("release", &[]).await;
    assert_eq!(other.does("claim", &[]).await.status, 303);
}

#[tokio::test]
async fn a_session_without_the_inbox_is_told_so() {
    let town = with_one().await;
    let mut rights = Rights::of([Role::Clerk]);
    rights.withheld.insert(Permission::ListApplications);
    add(&town, &TOWN.parse().unwrap(), "none", rights).await;
    let session = log_in(&town, TOWN, "none").await;
    assert_eq!(look(&town, &session, "/console/990019").await.status, 403);
}
