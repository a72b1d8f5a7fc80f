//! What a person does with their own account: password, sessions, notices.

use cloud_store::{Realm, Rights, Role};
use jiff::SignedDuration;

use crate::people::{PASSWORD, add, cookie, csrf, factor, form, log_in, look};
use crate::town::{Answer, TOWN, Town, town};

const NEW: &str = "seven lanterns over granite";

async fn with_kubo() -> Town {
    let town = town().await;
    let realm: Realm = TOWN.parse().unwrap();
    add(&town, &realm, "kubo", Rights::of([Role::Clerk])).await;
    town
}

fn later(town: &Town) {
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_secs(60));
}

async fn sends(town: &Town, session: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = look(town, session, "/console/990019/me").await.text();
    let csrf = csrf(&page);
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    form(town, session, &format!("/console/990019/{path}"), &all).await
}

#[tokio::test]
async fn a_person_changes_their_own_password() {
    let town = with_kubo().await;
    let other = log_in(&town, TOWN, "kubo").await;
    later(&town);
    let own = log_in(&town, TOWN, "kubo").await;
    for (old, new, again, why) in [
        ("wrong", NEW, NEW, "今のパスワードが正しくありません"),
        (PASSWORD, NEW, PASSWORD, "同じではありません"),
        (PASSWORD, "short", "short", "12文字以上"),
        (
            PASSWORD,
            "Sakura20260401",
            "Sakura20260401",
            "推測されやすい",
        ),
        (
            PASSWORD,
            "kubo kubo kubo",
            "kubo kubo kubo",
            "ログイン名を含めない",
        ),
    ] {
        let fields = [("old", old), ("password", new), ("again", again)];
        let answer = sends(&town, &own, "me/password", &fields).await;
        assert_eq!(answer.status, 422, "{why}");
        assert!(answer.text().contains(why), "{why}");
    }
    let fields = [("old", PASSWORD), ("password", NEW), ("again", NEW)];
    assert_eq!(sends(&town, &own, "me/password", &fields).await.status, 303);
    assert_eq!(
        look(&town, &other, "/console/990019").await.status,
        303,
        "elsewhere it ends"
    );
    let page = look(&town, &own, "/console/990019").await.text();
    assert!(page.contains("パスワードが変更されました"));
    assert_eq!(sends(&town, &own, "me", &[]).await.status, 303);
    assert!(
        !look(&town, &own, "/console/990019")
            .await
            .text()
            .contains("変更されました")
    );

    later(&town);
    let with = async |password: &str| {
        let fields = [("login", "kubo"), ("password", password)];
        form(&town, "", "/console/990019/log-in", &fields).await
    };
    assert_eq!(with(PASSWORD).await.status, 401);
    assert_eq!(with(NEW).await.status, 303);
    let realm: Realm = TOWN.parse().unwrap();
    let trail = town.cloud.store.trail(&realm, 1, 100).await.unwrap();
    assert!(trail.iter().any(|entry| entry.event == "password_changed"));
}

#[tokio::test]
async fn a_session_that_was_taken_over_does_not_guess_the_password() {
    let town = with_kubo().await;
    let own = log_in(&town, TOWN, "kubo").await;
    let mut status = Vec::new();
    for _ in 0..6 {
        let fields = [("old", "wrong"), ("password", NEW), ("again", NEW)];
        let answer = sends(&town, &own, "me/password", &fields).await;
        status.push(answer.status.as_u16());
    }
    assert_eq!(status, [422, 422, 422, 422, 422, 429]);
    let elsewhere = [("login", "kubo"), ("password", PASSWORD)];
    let answer = form(&town, "", "/console/990019/log-in", &elsewhere).await;
    assert_eq!(answer.status, 303, "nobody else is shut out by it");
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions_only() {
    let town = with_kubo().await;
    let realm: Realm = TOWN.parse().unwrap();
    add(&town, &realm, "seki", Rights::of([Role::Clerk])).await;
    let foreign = log_in(&town, TOWN, "seki").await;
    let other = log_in(&town, TOWN, "kubo").await;
    later(&town);
    let own = log_in(&town, TOWN, "kubo").await;
    let page = look(&town, &own, "/console/990019/me").await.text();
    let named = |page: &str| -> Vec<String> {
        let parts = page.split("name=\"end\" value=\"").skip(1);
        parts
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let ends = named(&page);
    assert_eq!(
        ends.len(),
        1,
        "this one has no button, and those of others are not shown"
    );
    assert!(page.contains("この端末"));
    let theirs = look(&town, &foreign, "/console/990019/me").await.text();
    assert!(named(&theirs).is_empty());
    let secret = foreign.split_once('=').unwrap().1;
    let hash = cloud_api::staff::Bearer::presented(secret).hash();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let refused = sends(&town, &own, "me", &[("end", &hash)]).await;
    assert_eq!(refused.problem(), "not_found");
    assert_eq!(
        sends(&town, &own, "me", &[("end", &ends[0])]).await.status,
        303
    );
    assert_eq!(look(&town, &other, "/console/990019").await.status, 303);
    assert_eq!(look(&town, &foreign, "/console/990019").await.status, 200);
}

#[tokio::test]
async fn who_logs_in_reads_that_their_account_was_set_up_again() {
    let town = with_kubo().await;
    let (realm, key) = (
        TOWN.parse().unwrap(),
        town.cloud.realm_key(&TOWN.parse().unwrap()).unwrap(),
    );
    let (kubo, _) = town
        .cloud
        .store
        .person_by_login(&realm, "kubo")
        .await
        .unwrap()
        .unwrap();
    let by = cloud_store::audit::Actor::Command;
    let invitation = town
        .cloud
        .invite_again(&realm, &key, by, &kubo)
        .await
        .ok()
        .unwrap();
    let (_, new_factor) = town
        .cloud
        .invited(&realm, &key, &invitation)
        .await
        .ok()
        .unwrap();
    let code = new_factor.code(town.cloud.clock.now());
    let fields = [("password", NEW), ("again", NEW), ("code", code.as_str())];
    let place = format!("/console/990019/enrol/{}", invitation.reveal());
    assert_eq!(form(&town, "", &place, &fields).await.status, 200);
    later(&town);
    let both = [("login", "kubo"), ("password", NEW)];
    let half = cookie(&form(&town, "", "/console/990019/log-in", &both).await);
    let old = factor().code(town.cloud.clock.now());
    let refused = form(&town, &half, "/console/990019/code", &[("code", &old)]).await;
    assert_eq!(refused.status, 401, "the old app is none any more");
    let code = new_factor.code(town.cloud.clock.now());
    let whole = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    let page = look(&town, &cookie(&whole), "/console/990019").await.text();
    assert!(page.contains("パスワードと認証アプリが登録されました"));
}
