//! The HTTP adapter against core systems that are slow, away, or answer nonsense.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use cloud_api::core_system::{CoreError, CoreSystem, HttpCore, Named};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::town::items;

/// Serves a router on a free loopback port until the test ends.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn core(base: &str, timeout: u64) -> HttpCore {
    HttpCore::new(base, "token-1\n", Duration::from_millis(timeout)).unwrap()
}

fn person() -> kiosk_api::FourItems {
    items("見本　花子", "1988-04-01", 2)
}

async fn find(base: &str, timeout: u64) -> Result<usize, CoreError> {
    core(base, timeout)
        .find(&person())
        .await
        .map(|found| found.len())
}

#[tokio::test]
async fn asks_as_agreed() {
    let router = Router::new()
        .route(
            "/v1/residents/find",
            post(|headers: HeaderMap, axum::Json(body): axum::Json<Value>| async move {
                assert_eq!(headers[header::AUTHORIZATION], "Bearer token-1");
                let expected = json!({
                    "name": "見本　花子", "address": "見本県玄関町桜町一丁目２番３号", "birth_date": "1988-04-01", "sex": "2",
                });
                assert_eq!(body, expected);
                axum::Json(json!({"matches": [{"resident": "R1", "household": "H1"}]}))
            }),
        )
        .route(
            "/v1/households/H1",
            get(|| async { axum::Json(json!({"address": {"text": "x"}, "persons": []})) }),
        );
    let base = serve(router).await;
    assert_eq!(find(&base, 5000).await, Ok(1));
    let core = core(&base, 5000);
    assert!(
        core.household("H1")
            .await
            .unwrap()
            .unwrap()
            .persons
            .is_empty()
    );
    assert!(
        core.household("H2").await.unwrap().is_none(),
        "404 is nobody"
    );
    for odd in ["../secrets", "", "H 1", "Ｈ１"] {
        assert!(
            matches!(core.household(odd).await, Err(CoreError::WrongAnswer(_))),
            "{odd:?}"
        );
    }
}

#[tokio::test]
async fn wrong_answers_are_told_apart_from_silence() {
    type Answer = fn() -> axum::response::Response;
    let wrong: [Answer; 6] = [
        || StatusCode::UNAUTHORIZED.into_response(),
        || (StatusCode::FOUND, [(header::LOCATION, "http://192.0.2.1/")]).into_response(),
        || "nonsense".into_response(),
        || axum::Json(json!({"matches": [], "more": 1})).into_response(),
        || axum::Json(json!({"matches": [{"resident": "山田"}]})).into_response(),
        || vec![b' '; 2 * 1024 * 1024].into_response(),
    ];
    for answer in wrong {
        let base =
            serve(Router::new().route("/v1/residents/find", post(move || async move { answer() })))
                .await;
        let Err(CoreError::WrongAnswer(reason)) = find(&base, 5000).await else {
            panic!("must be a wrong answer")
        };
        assert!(
            !reason.contains("山田") && !reason.contains("http"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn who_is_protected_is_never_answered_by_a_guess() {
    let person = Named {
        name: "見本　花子".to_owned(),
        birth_date: Some(jiff::civil::date(1988, 4, 1)),
    };
    let asked = async |router: Router| {
        let base = serve(router).await;
        core(&base, 5000).protects(&person).await
    };
    let answers = |answer: Value| {
        let answer = move |axum::Json(body): axum::Json<Value>| async move {
            assert_eq!(
                body,
                json!({"name": "見本　花子", "birth_date": "1988-04-01"})
            );
            axum::Json(answer)
        };
        Router::new().route("/v1/residents/protected", post(answer))
    };
    for known in [true, false] {
        assert_eq!(asked(answers(json!({"protected": known}))).await, Ok(known));
    }
    for wrong in [
        Router::new(),
        answers(json!({})),
        answers(json!({"protected": null})),
        answers(json!({"protected": false, "why": "x"})),
    ] {
        assert!(matches!(asked(wrong).await, Err(CoreError::WrongAnswer(_))));
    }
}

#[tokio::test]
async fn slow_and_away() {
    let silent = Router::new().route("/v1/residents/find", post(std::future::pending::<()>));
    assert_eq!(find(&serve(silent).await, 50).await, Err(CoreError::Slow));
    // A port that was just free: nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(find(&base, 5000).await, Err(CoreError::Unreachable));
}

#[test]
fn a_token_that_fits_no_header_is_refused_at_start() {
    for bad in ["", "\n", "two words", "トークン"] {
        assert!(
            HttpCore::new("http://127.0.0.1:1", bad, Duration::from_secs(1)).is_err(),
            "{bad:?}"
        );
    }
}
