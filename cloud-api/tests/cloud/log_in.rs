//! Log-in: two steps, locks, ends, and what a stranger learns.

use axum::body::Body;
use axum::http::Request;
use cloud_store::{Realm, Rights, Role};
use jiff::SignedDuration;

use crate::people::{PASSWORD, add, clerk_of, cookie, csrf, factor, form, log_in, look};
use crate::town::{OTHER, TOWN, Town, send, town};

async fn with_clerk() -> Town {
    let town = town().await;
    let realm: Realm = TOWN.parse().unwrap();
    add(&town, &realm, "kubo", Rights::of([Role::Clerk])).await;
    town
}

fn later(town: &Town, seconds: i64) {
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_secs(seconds));
}

async fn password(town: &Town, login: &str, password: &str) -> crate::town::Answer {
    let fields = [("login", login), ("password", password)];
    form(town, "", "/console/990019/log-in", &fields).await
}

#[tokio::test]
async fn nobody_gets_in_without_both_steps() {
    let town = with_clerk().await;
    let answer = look(&town, "", "/console/990019?x=1").await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.headers["location"],
        "/console/990019/log-in?back=/console/990019%3Fx%3D1"
    );
    let wrong = password(&town, "kubo", "wrong").await;
    let nobody = password(&town, "nobody", PASSWORD).await;
    assert_eq!((wrong.status, nobody.status), (nobody.status, wrong.status));
    assert_eq!(
        wrong.text().replace("kubo", ""),
        nobody.text().replace("nobody", ""),
        "nothing tells which log-in names exist"
    );

    let first = password(&town, "kubo", PASSWORD).await;
    let half = cookie(&first);
    assert_eq!(
        look(&town, &half, "/console/990019").await.status,
        303,
        "half is not in"
    );
    let set = first.headers["set-cookie"].to_str().unwrap();
    assert!(
        set.contains("HttpOnly")
            && set.contains("SameSite=Lax")
            && set.contains("Path=/console/990019")
    );
    let bad = form(&town, &half, "/console/990019/code", &[("code", "123456")]).await;
    assert_eq!(bad.status, 401);
    let code = factor().code(town.cloud.clock.now());
    let second = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert_eq!(second.status, 303);
    assert_ne!(
        cookie(&second),
        half,
        "a full session has a secret of its own"
    );
    assert_eq!(
        look(&town, &cookie(&second), "/console/990019")
            .await
            .status,
        200
    );
    assert_eq!(look(&town, &half, "/console/990019").await.status, 303);
}

#[tokio::test]
async fn a_code_works_once_and_in_its_time() {
    let town = with_clerk().await;
    log_in(&town, TOWN, "kubo").await;
    let code = factor().code(town.cloud.clock.now());
    let half = cookie(&password(&town, "kubo", PASSWORD).await);
    let again = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert_eq!(again.status, 401, "used before");
    later(&town, 90);
    let old = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert_eq!(old.status, 401, "over");
    later(&town, 5 * 60);
    let code = factor().code(town.cloud.clock.now());
    let late = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert_eq!(late.status, 303);
    assert!(
        late.headers["location"]
            .to_str()
            .unwrap()
            .contains("/log-in"),
        "from the beginning"
    );
}

#[tokio::test]
async fn five_failures_lock_for_a_quarter_hour() {
    let town = with_clerk().await;
    for _ in 0..4 {
        assert!(
            password(&town, "kubo", "wrong")
                .await
                .text()
                .contains("正しくありません")
        );
    }
    assert!(
        password(&town, "kubo", "wrong")
            .await
            .text()
            .contains("ログインを止めています")
    );
    let right = password(&town, "kubo", PASSWORD).await;
    assert!(
        right.text().contains("ログインを止めています"),
        "the right one, too"
    );
    later(&town, 15 * 60 + 1);
    log_in(&town, TOWN, "kubo").await;
    let trail = town
        .cloud
        .store
        .trail(&TOWN.parse().unwrap(), 1, 100)
        .await
        .unwrap();
    let count = |event: &str| trail.iter().filter(|entry| entry.event == event).count();
    assert_eq!(
        (
            count("log_in_failed"),
            count("locked_out"),
            count("logged_in")
        ),
        (6, 1, 1)
    );
}

#[tokio::test]
async fn wrong_codes_lock_as_well() {
    let town = with_clerk().await;
    let half = cookie(&password(&town, "kubo", PASSWORD).await);
    for _ in 0..5 {
        form(&town, &half, "/console/990019/code", &[("code", "000001")]).await;
    }
    let code = factor().code(town.cloud.clock.now());
    let answer = form(&town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert!(answer.text().contains("ログインを止めています"));
}

#[tokio::test]
async fn sessions_end_by_rest_by_age_and_by_log_out() {
    let town = with_clerk().await;
    let session = log_in(&town, TOWN, "kubo").await;
    for _ in 0..3 {
        later(&town, 29 * 60);
        assert_eq!(
            look(&town, &session, "/console/990019").await.status,
            200,
            "used, so it lives"
        );
    }
    later(&town, 31 * 60);
    assert_eq!(look(&town, &session, "/console/990019").await.status, 303);

    let session = log_in(&town, TOWN, "kubo").await;
    for _ in 0..30 {
        later(&town, 25 * 60);
        look(&town, &session, "/console/990019").await;
    }
    assert_eq!(
        look(&town, &session, "/console/990019").await.status,
        303,
        "twelve hours at most"
    );

    let session = log_in(&town, TOWN, "kubo").await;
    let page = look(&town, &session, "/console/990019").await.text();
    let refused = form(&town, &session, "/console/990019/log-out", &[("csrf", "x")]).await;
    assert_eq!(
        refused.problem(),
        "not_allowed",
        "not by another site's form"
    );
    let out = form(
        &town,
        &session,
        "/console/990019/log-out",
        &[("csrf", &csrf(&page))],
    )
    .await;
    assert_eq!(out.status, 303);
    assert!(
        out.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(look(&town, &session, "/console/990019").await.status, 303);
}

#[tokio::test]
async fn a_session_of_one_town_is_none_in_another() {
    let town = with_clerk().await;
    let session = log_in(&town, TOWN, "kubo").await;
    assert_eq!(
        look(&town, &session, "/console/990027").await.problem(),
        "not_found"
    );
    // The same secret under the other town's name.
    let forged = session.replace("990019.", "990027.");
    assert_eq!(look(&town, &forged, "/console/990027").await.status, 303);
    let other = clerk_of(&town, OTHER).await;
    assert_eq!(
        look(&town, &other, "/console/990019").await.problem(),
        "not_found"
    );
}

#[tokio::test]
async fn the_way_back_stays_within_the_town() {
    let town = with_clerk().await;
    for (back, goes) in [
        ("/console/990019/people", "/console/990019/people"),
        ("https://evil.example/", "/console/990019"),
        ("//evil.example", "/console/990019"),
        ("/console/990019//evil.example", "/console/990019"),
        ("/console/990019\\evil", "/console/990019"),
        ("/console/990027", "/console/990019"),
        ("/console/9900190", "/console/990019"),
    ] {
        later(&town, 60);
        let half = cookie(&password(&town, "kubo", PASSWORD).await);
        let code = factor().code(town.cloud.clock.now());
        let fields = [("code", code.as_str()), ("back", back)];
        let answer = form(&town, &half, "/console/990019/code", &fields).await;
        assert_eq!(answer.headers["location"], goes, "{back}");
    }
}

#[tokio::test]
async fn another_site_cannot_log_anybody_in() {
    let town = with_clerk().await;
    let request = Request::post("/console/990019/log-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("login=kubo&password={PASSWORD}")))
        .unwrap();
    assert_eq!(
        send(town.office(), request).await.problem(),
        "malformed_request"
    );
}
