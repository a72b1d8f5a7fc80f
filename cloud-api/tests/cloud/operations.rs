//! Health, metrics, the OpenAPI document.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::device_api::{application, seal};
use crate::town::{Choice, Town, get, post, send, town};

#[tokio::test]
async fn health_names_database_and_editions() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let health = get(town.office(), "/healthz").await.json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["database"], "sqlite");
    assert_eq!(
        health["card"],
        serde_json::json!({"trust_anchors": 1, "revocation_lists": 1})
    );
    assert_eq!(health["tenants"][0]["catalogue"], "2026-04-01.1");
    town.cloud.store.close().await;
    assert_eq!(get(town.office(), "/healthz").await.status, 503);
}

#[tokio::test]
async fn metrics_count_and_name_nobody() {
    let town = town().await;
    let mut person = application(1);
    person
        .values
        .set("persons[A].name", "金糸雀　鳴子", application::Source::Card);
    post(
        town.kiosk(),
        "/v1/990019/applications",
        &seal(&town, &person, 1, 1),
    )
    .await;
    get(
        town.office(),
        "/console/990019/applications/00000000-0000-0000-0000-000000000001",
    )
    .await;
    let text = get(town.office(), "/metrics").await.text();
    assert!(
        text.contains("genkan_applications_total{tenant=\"990019\",outcome=\"new\"} 1"),
        "{text}"
    );
    assert!(text.contains("route=\"/v1/{tenant}/applications\",method=\"POST\",status=\"201\""));
    assert!(!text.contains("金糸雀") && !text.contains("00000000-0000"));
}

#[tokio::test]
async fn metrics_speak_prometheus_and_open_metrics() {
    let town = town().await;
    get(town.office(), "/healthz").await;
    let plain = get(town.office(), "/metrics").await;
    assert_eq!(
        plain.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = plain.text();
    assert!(
        text.contains("# TYPE genkan_requests_total counter\n"),
        "{text}"
    );
    assert!(text.contains("# HELP genkan_requests_total Requests"));
    assert!(text.contains("# TYPE genkan_request_seconds histogram\n"));
    assert!(!text.contains("# EOF") && text.ends_with('\n'));
    let request = Request::get("/metrics")
        .header("accept", "application/openmetrics-text; version=1.0.0")
        .body(Body::empty())
        .unwrap();
    let open = send(town.office(), request).await;
    assert!(
        open.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    assert!(open.text().ends_with("# EOF\n"));
}

#[tokio::test]
async fn openapi_lists_every_route_and_problem() {
    let town = town().await;
    let document: Value = get(town.office(), "/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, method) in [
        (kiosk_api::route::NONCES, "post"),
        (kiosk_api::route::HOUSEHOLD, "post"),
        (kiosk_api::route::APPLICATIONS, "post"),
        (kiosk_api::route::SEALING_KEY, "get"),
        (kiosk_api::route::CATALOGUE, "get"),
        (kiosk_api::route::FORMS, "get"),
        (kiosk_api::route::HEARTBEAT, "post"),
        (kiosk_api::route::STAFF_CALLS, "post"),
        (kiosk_api::route::GUIDANCE, "post"),
    ] {
        let route = &document["paths"][path][method];
        assert!(route["responses"].is_object(), "{method} {path}");
        assert!(route["security"][0]["kiosk"].is_array(), "{method} {path}");
    }
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let committed: Value =
        serde_json::from_str(&std::fs::read_to_string(committed).unwrap()).unwrap();
    assert_eq!(
        committed, document,
        "cloud-api/openapi.json is old: run `make openapi`"
    );
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"]
        .as_array()
        .unwrap();
    for code in kiosk_api::ProblemCode::ALL {
        assert!(
            codes.iter().any(|listed| listed == code.as_str()),
            "{code:?}"
        );
    }
}
