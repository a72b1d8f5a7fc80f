//! The core system over real HTTP on loopback.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;

use demo_town::core_system::{CoreSystem, ServeError, serve};
use demo_town::{Town, card};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

async fn started(allow_faults: bool) -> SocketAddr {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let token = Zeroizing::new(TOKEN.to_owned());
    let system = CoreSystem::bind(Town::build().unwrap(), token, listen, allow_faults)
        .await
        .unwrap();
    let address = system.address();
    tokio::spawn(serve(system));
    address
}

/// Status and body; `None` when the connection closed without an answer.
async fn ask(
    address: SocketAddr,
    line: &str,
    token: Option<&str>,
    body: &str,
) -> Option<(u16, String)> {
    ask_as(address, "localhost", line, token, body).await
}

/// The same by another name.
async fn ask_as(
    address: SocketAddr,
    host: &str,
    line: &str,
    token: Option<&str>,
    body: &str,
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let authorisation = token
        .map(|token| format!("Authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{authorisation}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

fn items(name: &str) -> String {
    let cards = card::cards(&Town::build().unwrap()).unwrap();
    let items = &cards.iter().find(|card| card.name == name).unwrap().items;
    json!({
        "name": items.name, "address": items.address,
        "birth_date": items.birth_date, "sex": items.sex.digit().to_string(),
    })
    .to_string()
}

async fn find(address: SocketAddr, body: &str) -> Value {
    let (status, body) = ask(address, "POST /v1/residents/find", Some(TOKEN), body)
        .await
        .unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn matches(address: SocketAddr, body: &str) -> usize {
    find(address, body).await["matches"]
        .as_array()
        .unwrap()
        .len()
}

async fn household(address: SocketAddr, number: &str) -> Value {
    let line = format!("GET /v1/households/{number}");
    let (status, body) = ask(address, &line, Some(TOKEN), "").await.unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn a_foreign_name_that_points_here_is_not_answered() {
    let address = started(true).await;
    for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.7:80"] {
        let answer = ask_as(address, host, "GET /demo/faults", None, "").await;
        assert_eq!(answer.unwrap().0, 403, "{host}");
    }
    let own = ask_as(address, "127.0.0.1:80", "GET /demo/faults", None, "").await;
    assert_eq!(own.unwrap().0, 200);
}

#[tokio::test]
async fn every_card_finds_its_holder_and_the_household_has_the_interface_s_shape() {
    let address = started(false).await;
    for card in card::cards(&Town::build().unwrap()).unwrap() {
        let found = find(address, &items(&card.name)).await;
        let matches = found["matches"].as_array().unwrap();
        let expected = match card.name.as_str() {
            "unknown-resident" => 0,
            "twin" => 2,
            _ => 1,
        };
        assert_eq!(matches.len(), expected, "{}", card.name);
        if expected != 1 {
            continue;
        }
        let answer = household(address, matches[0]["household"].as_str().unwrap()).await;
        let persons = answer["persons"].as_array().unwrap();
        let holder = persons
            .iter()
            .find(|person| person["resident"] == matches[0]["resident"])
            .unwrap();
        assert_eq!(holder["name"], card.items.name);
        assert_eq!(holder["sex"], card.items.sex.digit().to_string());
        let building = answer["address"]["building"]
            .as_str()
            .map(|b| format!("　{b}"))
            .unwrap_or_default();
        assert_eq!(
            format!("{}{building}", answer["address"]["text"].as_str().unwrap()),
            card.items.address
        );
        assert!(
            persons
                .iter()
                .all(|person| person.get("role").is_none() && person.get("my_number").is_none())
        );
    }
}

#[tokio::test]
async fn the_dead_are_no_persons_and_protection_is_told_to_the_core_side() {
    let address = started(false).await;
    let of = |answer: &Value| {
        answer["matches"][0]["household"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let bereaved = household(address, &of(&find(address, &items("bereaved")).await)).await;
    assert_eq!(bereaved["persons"].as_array().unwrap().len(), 1);
    assert_eq!(bereaved["persons"][0]["head_of_household"], false);
    assert_eq!(bereaved["household"]["members_remaining"], 1);
    let protected = household(address, &of(&find(address, &items("protected")).await)).await;
    assert_eq!(protected["persons"][1]["protected"], true);
}

#[tokio::test]
async fn who_is_protected_is_known_by_name_whatever_the_address() {
    let address = started(false).await;
    for (card, expected) in [
        ("protected", true),
        ("other-protected", true),
        ("sato-family", false),
        ("unknown-resident", false),
    ] {
        let items: Value = serde_json::from_str(&items(card)).unwrap();
        let (name, birth_date) = (&items["name"], &items["birth_date"]);
        for (body, expected) in [
            (json!({"name": name, "birth_date": birth_date}), expected),
            (json!({"name": name}), expected),
            (json!({"name": name, "birth_date": "1900-01-01"}), false),
        ] {
            let line = "POST /v1/residents/protected";
            let (status, answer) = ask(address, line, Some(TOKEN), &body.to_string())
                .await
                .unwrap();
            assert_eq!(status, 200);
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer, json!({"protected": expected}), "{card}");
        }
    }
}

#[tokio::test]
async fn wrong_requests_get_the_right_refusal() {
    let address = started(false).await;
    let good = items("sato-family");
    let post = "POST /v1/residents/find";
    for (line, token, body, expected) in [
        (post, None, good.as_str(), 401),
        (post, Some("0123456789abcdef"), good.as_str(), 401),
        ("GET /v1/households/9000000011", None, "", 401),
        ("GET /v1/households/H999", Some(TOKEN), "", 404),
        ("GET /v1/elsewhere", Some(TOKEN), "", 404),
        ("GET /v1/residents/find", Some(TOKEN), "", 405),
        ("POST /demo/faults", Some(TOKEN), "{\"mode\":\"down\"}", 404),
        (
            "POST /v1/residents/protected",
            None,
            "{\"name\":\"x\"}",
            401,
        ),
        ("POST /v1/residents/protected", Some(TOKEN), "{}", 400),
        (
            "POST /v1/residents/protected",
            Some(TOKEN),
            "{\"name\":\"x\",\"address\":\"y\"}",
            400,
        ),
        (post, Some(TOKEN), "{", 400),
        (post, Some(TOKEN), "{\"name\":\"x\"}", 400),
        (
            post,
            Some(TOKEN),
            "{\"name\":\"x\",\"address\":\"y\",\"birth_date\":\"1980-02-30\",\"sex\":\"1\"}",
            400,
        ),
        (
            post,
            Some(TOKEN),
            "{\"name\":\"x\",\"address\":\"y\",\"birth_date\":\"1980-02-03\",\"sex\":\"7\"}",
            400,
        ),
    ] {
        let (status, answer) = ask(address, line, token, body).await.unwrap();
        assert_eq!(status, expected, "{line} {body}");
        assert!(!answer.contains("佐藤"), "a refusal repeats nobody");
    }
    // Afterwards it still works.
    assert_eq!(matches(address, &good).await, 1);
}

#[tokio::test]
async fn faults_are_switched_on_and_off() {
    let address = started(true).await;
    let good = items("sato-family");
    let switch = async |body: &str| {
        let (status, _) = ask(address, "POST /demo/faults", None, body).await.unwrap();
        status
    };
    let post = "POST /v1/residents/find";
    assert_eq!(switch("{\"mode\":\"down\"}").await, 200);
    assert!(
        ask(address, post, Some(TOKEN), &good).await.is_none(),
        "closed without an answer"
    );
    assert_eq!(switch("{\"mode\":\"garbage\"}").await, 200);
    let (status, body) = ask(address, post, Some(TOKEN), &good).await.unwrap();
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&body).is_err());
    assert_eq!(switch("{\"mode\":\"slow\",\"delay_ms\":80}").await, 200);
    let start = std::time::Instant::now();
    assert_eq!(matches(address, &good).await, 1);
    assert!(start.elapsed().as_millis() >= 80);
    assert_eq!(switch("{\"mode\":\"sideways\"}").await, 400);
    assert_eq!(switch("{\"mode\":\"none\"}").await, 200);
    let (status, body) = ask(address, "GET /demo/faults", None, "").await.unwrap();
    assert_eq!((status, body.contains("none")), (200, true));
    assert_eq!(matches(address, &good).await, 1);
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let town = Town::build().unwrap();
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = CoreSystem::bind(town, Zeroizing::new(TOKEN.to_owned()), listen, false).await;
    assert!(matches!(refused, Err(ServeError::NotLoopback(_))));
}
