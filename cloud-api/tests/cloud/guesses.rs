//! Guessing passwords, codes, client secrets and tokens: how fast it is let in, and how much of it the trail keeps.

use axum::body::Body;
use axum::http::Request;
use cloud_api::client_address::ClientAddress;
use cloud_api::staff::{FAILURE_WINDOW, HashQueue};
use cloud_store::audit::Entry;
use cloud_store::{Realm, Rights, Role};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::people::{PASSWORD, add, cookie, factor, form};
use crate::town::{Answer, Choice, TOWN, Town, get, send, town};

const LOG_IN: &str = "/console/990019/log-in";
const CODE: &str = "/console/990019/code";

fn realm() -> Realm {
    TOWN.parse().unwrap()
}

async fn with_kubo(choice: Choice) -> Town {
    let town = Town::new(choice).await;
    add(&town, &realm(), "kubo", Rights::of([Role::TenantAdmin])).await;
    town
}

fn later(town: &Town, time: SignedDuration) {
    town.clock.set(town.cloud.clock.now() + time);
}

async fn guess(town: &Town, login: &str, password: &str) -> Answer {
    form(
        town,
        "",
        LOG_IN,
        &[("login", login), ("password", password)],
    )
    .await
}

async fn guess_from(town: &Town, address: &str, login: &str) -> u16 {
    let request = Request::post(LOG_IN)
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(ClientAddress(address.parse().unwrap()))
        .body(Body::from(format!("login={login}&password=wrong")))
        .unwrap();
    send(town.office(), request).await.status.as_u16()
}

async fn failures(town: &Town) -> Vec<Entry> {
    let trail = town.cloud.store.trail(&realm(), 1, 1_000).await.unwrap();
    trail
        .into_iter()
        .filter(|entry| entry.event == "log_in_failed")
        .collect()
}

fn times(entries: &[Entry], reason: &str) -> u64 {
    let details = entries.iter().map(|entry| &entry.detail);
    let details = details.map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    let own = details.filter(|detail| detail["by"] == reason);
    own.map(|detail| detail["times"].as_u64().unwrap()).sum()
}

/// Each answer by status and text, without the name.
async fn told(town: &Town, login: &str) -> Vec<(u16, String)> {
    let mut told = Vec::new();
    for _ in 0..7 {
        let answer = guess(town, login, "wrong").await;
        told.push((answer.status.as_u16(), answer.text().replace(login, "")));
    }
    told
}

#[tokio::test]
async fn guesses_are_slow_and_tell_nothing_of_a_name() {
    let town = with_kubo(Choice::default()).await;
    let known = told(&town, "kubo").await;
    assert_eq!(known, told(&town, "nobody").await);
    let status: Vec<u16> = known.iter().map(|(status, _)| *status).collect();
    assert_eq!(status, [401, 401, 401, 401, 401, 429, 429]);
    assert!(known[6].1.contains("3分ほど待ってから"));
    let right = guess(&town, "kubo", PASSWORD).await;
    assert_eq!(right.status, 429, "a guess that is right is not looked at");
    later(&town, SignedDuration::from_mins(3));
    let status = [
        guess(&town, "kubo", "wrong").await.status.as_u16(),
        guess(&town, "kubo", "wrong").await.status.as_u16(),
    ];
    assert_eq!(status, [401, 429], "one more in three minutes");
}

#[tokio::test]
async fn guesses_at_once_are_no_more_than_one_after_the_other() {
    let town = std::sync::Arc::new(with_kubo(Choice::default()).await);
    let mut all = JoinSet::new();
    for n in 0..40 {
        let town = town.clone();
        all.spawn(async move {
            guess(&town, "kubo", &format!("guess {n}"))
                .await
                .status
                .as_u16()
        });
    }
    let status = all.join_all().await;
    let count = |wanted: u16| status.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(401), count(429)), (5, 35));
}

#[tokio::test]
async fn guesses_from_elsewhere_shut_no_known_browser_out() {
    let town = with_kubo(Choice::default()).await;
    let half = cookie(&guess(&town, "kubo", PASSWORD).await);
    let code = factor().code(town.cloud.clock.now());
    let whole = form(&town, &half, CODE, &[("code", &code)]).await;
    let set: Vec<&str> = whole
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    let browser = set
        .iter()
        .find(|one| one.starts_with("genkan-browser="))
        .unwrap();
    assert!(browser.contains("HttpOnly") && browser.contains("SameSite=Strict"));
    let browser = browser.split(';').next().unwrap();

    while guess(&town, "kubo", "wrong").await.status != 429 {}
    let right = [("login", "kubo"), ("password", PASSWORD)];
    assert_eq!(form(&town, browser, LOG_IN, &right).await.status, 303);
    // A mark is for one name, and nobody makes one without the realm's key.
    let other = [("login", "nobody"), ("password", "wrong")];
    while guess(&town, "nobody", "wrong").await.status != 429 {}
    assert_eq!(form(&town, browser, LOG_IN, &other).await.status, 429);
    let (name, mark) = browser.split_once('.').unwrap();
    let forged = format!("{name}x.{mark}");
    assert_eq!(form(&town, &forged, LOG_IN, &right).await.status, 429);
    let wrong = [("login", "kubo"), ("password", "wrong")];
    let mut own = 0;
    while form(&town, browser, LOG_IN, &wrong).await.status != 429 {
        own += 1;
    }
    assert_eq!(own, 5, "a known browser is slow, too");
}

#[tokio::test]
async fn an_address_guesses_slowly_at_many_names() {
    let town = with_kubo(Choice::default()).await;
    let mut let_in = 0;
    for n in 0..60 {
        let_in += usize::from(guess_from(&town, "203.0.113.7", &format!("name-{n}")).await == 401);
    }
    assert_eq!(let_in, 40);
    assert_eq!(guess_from(&town, "203.0.113.8", "kubo").await, 401);
    let mut network = 0;
    for n in 0..60 {
        let address = format!("2001:db8:1:2::{n:x}");
        network += usize::from(guess_from(&town, &address, &format!("six-{n}")).await == 401);
    }
    assert_eq!(network, 40, "a network of IPv6 counts as one");
}

#[tokio::test]
async fn codes_are_guessed_more_slowly_than_passwords() {
    let town = with_kubo(Choice::default()).await;
    let half = cookie(&guess(&town, "kubo", PASSWORD).await);
    let mut status = Vec::new();
    for _ in 0..6 {
        let answer = form(&town, &half, CODE, &[("code", "000001")]).await;
        status.push(answer.status.as_u16());
    }
    assert_eq!(status, [401, 401, 401, 401, 401, 429]);
    let code = factor().code(town.cloud.clock.now());
    let right = form(&town, &half, CODE, &[("code", &code)]).await;
    assert_eq!(right.status, 429);
    later(&town, SignedDuration::from_mins(15));
    let half = cookie(&guess(&town, "kubo", PASSWORD).await);
    let code = factor().code(town.cloud.clock.now());
    assert_eq!(
        form(&town, &half, CODE, &[("code", &code)]).await.status,
        303
    );
}

#[tokio::test]
async fn a_full_line_says_so_and_costs_no_try() {
    let town = with_kubo(Choice::default()).await;
    let store = town.cloud.store.clone();
    let nobody_hashes = Town::new(Choice {
        store: Some(store),
        hashes: Some(HashQueue::with(0, 0).unwrap()),
        ..Choice::default()
    })
    .await;
    for _ in 0..9 {
        let busy = guess(&nobody_hashes, "kubo", PASSWORD).await;
        assert_eq!(busy.status, 503);
        assert!(busy.text().contains("ログインが混み合っています"));
    }
    assert_eq!(guess(&town, "kubo", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn the_trail_keeps_failures_by_number() {
    let town = with_kubo(Choice::default()).await;
    for _ in 0..30 {
        guess_from(&town, "203.0.113.7", "kubo").await;
    }
    let first = failures(&town).await;
    assert_eq!(
        first.len(),
        2,
        "the first that failed and the first that was too fast"
    );
    assert!(first[0].detail.contains("203.0.113.7") && !first[0].object.is_empty());
    later(&town, FAILURE_WINDOW);
    let now = town.cloud.clock.now();
    town.cloud.end_failure_windows(&realm(), now).await.unwrap();
    let all = failures(&town).await;
    assert_eq!(all.len(), 4);
    assert_eq!((times(&all, "password"), times(&all, "too fast")), (5, 25));
    guess_from(&town, "203.0.113.7", "kubo").await;
    assert_eq!(failures(&town).await.len(), 5, "a new window");
}

#[tokio::test]
async fn secrets_and_tokens_of_machines_are_counted_as_well() {
    let town = town().await;
    for n in 0..100 {
        let form = format!("grant_type=client_credentials&client_id=tax&client_secret={n}");
        let request = Request::post("/v1/990019/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        assert_eq!(send(town.office(), request).await.status, 401);
        let token = format!("990019.{n}");
        let answer = crate::town::bearer(&town, "GET", "/v1/990019/events", &token, None).await;
        assert_eq!(answer.problem(), "token_required");
    }
    assert_eq!(failures(&town).await.len(), 2);
    later(&town, FAILURE_WINDOW);
    let now = town.cloud.clock.now();
    town.cloud.end_failure_windows(&realm(), now).await.unwrap();
    let all = failures(&town).await;
    assert_eq!((times(&all, "client"), times(&all, "token")), (100, 100));
}

#[tokio::test]
async fn strangers_from_everywhere_do_not_make_the_trail_grow_without_end() {
    let town = with_kubo(Choice::default()).await;
    for n in 0..300 {
        let (a, b) = (n / 200, n % 200);
        guess_from(&town, &format!("203.0.{a}.{b}"), &format!("name-{n}")).await;
    }
    let all = failures(&town).await;
    assert!(all.len() <= 202, "{}", all.len());
    assert!(all.last().unwrap().detail.contains("\"*\""));
    assert_eq!(get(town.office(), "/healthz").await.status, 200);
}
