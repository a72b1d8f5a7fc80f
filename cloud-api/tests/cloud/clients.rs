//! Machine clients: tokens, scopes, ends.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use cloud_api::staff::Bearer;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Client, Realm, Scope};
use serde_json::json;

use crate::town::{Answer, Choice, OTHER, TOWN, Town, send};

/// A client with these scopes; gives its secret.
pub(crate) async fn add(town: &Town, realm: &str, id: &str, scopes: &[Scope]) -> String {
    let realm: Realm = realm.parse().unwrap();
    let (secret, now) = (Bearer::new().unwrap(), town.cloud.clock.now());
    let client = Client {
        id: id.to_owned(),
        name: "税務システム".to_owned(),
        scopes: scopes.iter().copied().collect(),
        created_at: now,
        revoked_at: None,
    };
    let record = AuditRecord::new(now, Actor::Command, AuditEvent::ClientAdded).about(id);
    town.cloud
        .store
        .add_client(&realm, &client, &secret.hash(), &record)
        .await
        .unwrap();
    secret.reveal().to_owned()
}

pub(crate) async fn token_request(
    town: &Town,
    realm: &str,
    fields: &[(&str, &str)],
    basic: Option<(&str, &str)>,
) -> Answer {
    let mut request = Request::post(format!("/v1/{realm}/oauth/token"))
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some((id, secret)) = basic {
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
        request = request.header("authorization", format!("Basic {text}"));
    }
    let body = serde_urlencoded::to_string(fields).unwrap();
    send(town.office(), request.body(Body::from(body)).unwrap()).await
}

pub(crate) async fn token(town: &Town, realm: &str, id: &str, secret: &str) -> String {
    let fields = [("grant_type", "client_credentials")];
    let answer = token_request(town, realm, &fields, Some((id, secret))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn guide(town: &Town, realm: &str, token: &str) -> Answer {
    let facts = json!({"as_of": "2026-05-11", "event": {"kind": "dog", "date": "2026-05-01"}, "household": {}, "persons": [{"id": "A"}]});
    let request = Request::post(format!("/v1/{realm}/guidance"))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(facts.to_string()))
        .unwrap();
    send(town.office(), request).await
}

async fn published() -> Town {
    Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say() {
    let town = published().await;
    let secret = add(
        &town,
        TOWN,
        "tax",
        &[Scope::Guidance, Scope::ApplicationsRead],
    )
    .await;
    let whole = token(&town, TOWN, "tax", &secret).await;
    assert_eq!(guide(&town, TOWN, &whole).await.status, 200);

    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "applications:read jobs"),
    ];
    let narrow = token_request(&town, TOWN, &fields, Some(("tax", &secret)))
        .await
        .json();
    assert_eq!(
        narrow["scope"], "applications:read",
        "never more than the client has"
    );
    let narrow = narrow["access_token"].as_str().unwrap();
    let refused = guide(&town, TOWN, narrow).await;
    assert_eq!(refused.problem(), "not_allowed");
    assert!(refused.text().contains("guidance"), "it names the scope");
}

#[tokio::test]
async fn what_is_no_token_request_is_told_as_the_standard_says() {
    let town = published().await;
    let secret = add(&town, TOWN, "tax", &[Scope::Guidance]).await;
    for (fields, basic, status, error) in [
        (
            vec![("grant_type", "password")],
            Some(("tax", secret.as_str())),
            400,
            "unsupported_grant_type",
        ),
        (
            vec![("grant_type", "client_credentials")],
            None,
            400,
            "invalid_request",
        ),
        (
            vec![("grant_type", "client_credentials")],
            Some(("tax", "wrong")),
            401,
            "invalid_client",
        ),
        (
            vec![("grant_type", "client_credentials")],
            Some(("nobody", secret.as_str())),
            401,
            "invalid_client",
        ),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("scope", "everything"),
            ],
            Some(("tax", secret.as_str())),
            400,
            "invalid_scope",
        ),
        (
            vec![],
            Some(("tax", secret.as_str())),
            400,
            "invalid_request",
        ),
    ] {
        let answer = token_request(&town, TOWN, &fields, basic).await;
        assert_eq!(answer.status.as_u16(), status, "{error}");
        assert_eq!(answer.json()["error"], error);
    }
    let in_form = [
        ("grant_type", "client_credentials"),
        ("client_id", "tax"),
        ("client_secret", &secret),
    ];
    assert_eq!(token_request(&town, TOWN, &in_form, None).await.status, 200);
}

#[tokio::test]
async fn tokens_end_with_their_hour_and_with_their_client() {
    let town = published().await;
    let secret = add(&town, TOWN, "tax", &[Scope::Guidance]).await;
    let old = token(&town, TOWN, "tax", &secret).await;
    town.clock
        .set(town.cloud.clock.now() + jiff::SignedDuration::from_mins(61));
    assert_eq!(guide(&town, TOWN, &old).await.problem(), "token_required");
    let new = token(&town, TOWN, "tax", &secret).await;
    assert_eq!(guide(&town, TOWN, &new).await.status, 200);
    let (realm, now): (Realm, _) = (TOWN.parse().unwrap(), town.cloud.clock.now());
    let record = AuditRecord::new(now, Actor::Command, AuditEvent::ClientRevoked).about("tax");
    assert!(
        town.cloud
            .store
            .revoke_client(&realm, "tax", now, &record)
            .await
            .unwrap()
    );
    assert_eq!(guide(&town, TOWN, &new).await.problem(), "token_required");
    let fields = [("grant_type", "client_credentials")];
    let again = token_request(&town, TOWN, &fields, Some(("tax", &secret))).await;
    assert_eq!(again.status, 401);
}

#[tokio::test]
async fn a_client_of_one_town_is_nobody_in_another() {
    let town = published().await;
    let secret = add(&town, OTHER, "tax", &[Scope::Guidance]).await;
    let foreign = token(&town, OTHER, "tax", &secret).await;
    assert_eq!(guide(&town, TOWN, &foreign).await.problem(), "not_found");
    let forged = foreign.replace(OTHER, TOWN);
    assert_eq!(
        guide(&town, TOWN, &forged).await.problem(),
        "token_required"
    );
    assert_eq!(guide(&town, TOWN, "").await.problem(), "token_required");
}
