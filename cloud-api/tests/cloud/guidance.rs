//! The interchange over HTTP is `guidance::guide`, byte for byte.

use axum::body::Body;
use axum::http::Request;
use cloud_store::Scope;
use guidance::Catalogue;
use serde_json::json;

use crate::clients;
use crate::town::{Choice, OTHER, TOWN, Town, assets, post, post_bytes, send, town};

const PATH: &str = "/v1/990019/guidance";

#[tokio::test]
async fn the_same_bytes_as_on_the_kiosk() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let facts = json!({
        "as_of": "2026-04-27",
        "event": {"kind": "move_in", "date": "2026-04-20"},
        "persons": [{"id": "A", "birth_date": "1988-04-01", "role": "self", "moves": true, "health_insurance": "national"}],
    });
    let files = cloud_api::signing::edition_files(&assets("catalogue")).unwrap();
    let catalogue =
        Catalogue::from_files(files.into_iter().map(|file| (file.path, file.text))).unwrap();
    let expected = guidance::guide(&catalogue, &facts.to_string()).unwrap();
    let secret = clients::add(&town, TOWN, "other", &[Scope::Guidance]).await;
    let token = clients::token(&town, TOWN, "other", &secret).await;
    let by_client = Request::post(PATH)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(facts.to_string()))
        .unwrap();
    for answer in [
        post(town.kiosk(), PATH, &facts).await,
        send(town.office(), by_client).await,
    ] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text(), expected);
    }
    let nobody = post(town.office(), PATH, &facts).await;
    assert_eq!(nobody.problem(), "token_required");
    assert!(expected.contains("kokuho"));
}

#[tokio::test]
async fn wrong_facts_are_422_with_their_path() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let facts = json!({
        "as_of": "2026-04-27", "event": {"kind": "move_in", "date": "2026-04-20"},
        "persons": [{"id": "A"}, {"id": "B", "health_insurance": "kokuhoo"}],
    });
    let answer = post(town.kiosk(), PATH, &facts).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_str()),
        (422, "invalid_document")
    );
    assert_eq!(answer.json()["path"], "persons[1].health_insurance");
    let answer = post_bytes(
        town.kiosk(),
        PATH,
        "application/json",
        b"{\"as_of\":".to_vec(),
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_str()),
        (400, "malformed_request")
    );
}

#[tokio::test]
async fn no_catalogue_no_plan() {
    let town = town().await;
    let path = format!("/v1/{OTHER}/guidance");
    assert_eq!(
        post(town.device(Some((OTHER, "kiosk-1"))), &path, &json!({}))
            .await
            .problem(),
        "edition_missing"
    );
}

/// Whatever is posted, only households are planned for; and what is posted is small.
#[tokio::test]
async fn more_persons_than_a_household_has_are_refused_at_once() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let facts = |persons: usize| {
        let ids = (0..persons).map(|n| json!({"id": format!("P{n}")}));
        json!({
            "as_of": "2026-04-27", "event": {"kind": "move_in", "date": "2026-04-20"},
            "persons": ids.collect::<Vec<_>>(),
        })
    };
    let most = facts(guidance::MOST_PERSONS);
    assert_eq!(post(town.kiosk(), PATH, &most).await.status, 200);
    let answer = post(town.kiosk(), PATH, &facts(guidance::MOST_PERSONS + 1)).await;
    assert_eq!(answer.problem(), "invalid_document");
    assert_eq!(answer.json()["path"], "persons");
    assert!(answer.text().contains("40 persons"), "{}", answer.text());
    let answer = post(town.kiosk(), PATH, &facts(3000)).await;
    assert_eq!(answer.problem(), "invalid_document");
    let answer = post(town.kiosk(), PATH, &facts(10_000)).await;
    assert_eq!(answer.problem(), "too_large");
}
