//! Fetching a register from a municipality's server that is slow, away, forgets tokens or answers nonsense.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cloud_api::core_system::CoreSystem as _;
use cloud_api::core_system::pull::{Limits, Pull, PullError, Pulled};
use cloud_api::settings::PullSettings;
use jiff::SignedDuration;
use serde_json::json;

use crate::core_http::serve;
use crate::imported::{HEADING, code, core, row, town};
use crate::secrets::write_secret;
use crate::town::Town;

/// What the server answers next; the status is 200 where nothing else is said.
#[derive(Clone)]
enum Next {
    Rows(String),
    Status(u16),
    Silence,
    Endless,
}

#[derive(Default)]
struct Server {
    full: Mutex<Option<Next>>,
    delta: Mutex<Option<Next>>,
    tokens: AtomicUsize,
    /// Every call's path and `after`.
    asked: Mutex<Vec<String>>,
    token_fails: Mutex<bool>,
}

async fn token(State(server): State<Arc<Server>>, headers: HeaderMap, body: String) -> Response {
    use base64::Engine as _;
    let basic = base64::engine::general_purpose::STANDARD.encode("genkan:s%2Fcret");
    assert_eq!(headers[header::AUTHORIZATION], format!("Basic {basic}"));
    assert_eq!(body, "grant_type=client_credentials&scope=register.read");
    if *server.token_fails.lock().unwrap() {
        return (StatusCode::BAD_REQUEST, "{\"error\":\"invalid_client\"}").into_response();
    }
    let number = server.tokens.fetch_add(1, Ordering::SeqCst) + 1;
    axum::Json(
        json!({"access_token": format!("t{number}"), "token_type": "Bearer", "expires_in": 60}),
    )
    .into_response()
}

async fn register(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    axum::extract::Path(kind): axum::extract::Path<String>,
    Query(query): Query<std::collections::BTreeMap<String, String>>,
) -> Response {
    let newest = format!("Bearer t{}", server.tokens.load(Ordering::SeqCst));
    if headers[header::AUTHORIZATION] != newest {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let after = query.get("after").map(String::as_str).unwrap_or_default();
    server.asked.lock().unwrap().push(format!("{kind} {after}"));
    let next = if kind == "full" {
        &server.full
    } else {
        &server.delta
    };
    let next = next.lock().unwrap().clone();
    match next {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Next::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Next::Rows(text)) => ([("genkan-cursor", "c 1&x")], text).into_response(),
        Some(Next::Silence) => std::future::pending().await,
        Some(Next::Endless) => vec![b'x'; 3 * 1024 * 1024].into_response(),
    }
}

struct Desk {
    town: Town,
    server: Arc<Server>,
    settings: PullSettings,
}

impl Desk {
    async fn new() -> Self {
        let server = Arc::new(Server::default());
        let router = Router::new()
            .route("/token", post(token))
            .route("/core/v1/register/{kind}", get(register))
            .with_state(server.clone());
        let base = serve(router).await;
        let town = town().await;
        let secret = town.folder.path().join("secret");
        write_secret(&secret, "s/cret\n");
        let settings = format!(
            "url = \"{base}/core/\"\ntoken_url = \"{base}/token\"\nclient_id = \"genkan\"\nscope = \"register.read\"\n\
             client_secret_file = {secret:?}\nmost_mib = 2\ntimeout_ms = 20000"
        );
        Self {
            town,
            server,
            settings: toml::from_str(&settings).unwrap(),
        }
    }

    fn pull(&self) -> Pull {
        let limits = Limits {
            check_digit: false,
            most_rejected_percent: 50,
        };
        let tenant = self.town.cloud.tenants[&code()].clone();
        Pull::new(tenant, &self.settings, limits).unwrap()
    }

    fn full(&self, next: Next) {
        *self.server.full.lock().unwrap() = Some(next);
    }

    fn delta(&self, next: Next) {
        *self.server.delta.lock().unwrap() = Some(next);
    }

    /// Ten minutes later.
    fn later(&self) {
        use cloud_api::clock::Clock as _;
        let clock = &self.town.clock;
        clock.set(clock.now() + SignedDuration::from_mins(10));
    }

    async fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for id in ["H1", "H2", "H3"] {
            if let Ok(Some(household)) = core(&self.town).household(id).await {
                names.push(household.persons[0].name.clone());
            }
        }
        names
    }
}

fn rows(names: &[(u32, &str)]) -> Next {
    let rows: String = names
        .iter()
        .map(|(number, name)| row(*number, name))
        .collect();
    Next::Rows(format!("{HEADING}{rows}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_first_then_what_changed() {
    let desk = Desk::new().await;
    let (pull, cloud) = (desk.pull(), &desk.town.cloud);
    desk.full(rows(&[(1, "甲"), (2, "乙")]));
    let first = pull.when_due(cloud).await.unwrap().unwrap();
    assert!(matches!(first, Pulled::Loaded(report) if report.accepted == 2));
    assert!(pull.when_due(cloud).await.unwrap().is_none(), "not due yet");

    desk.later();
    let text = format!(
        "異動区分,{HEADING}upsert,{}delete,R1,,,,,,,,,\r\n",
        row(3, "丙")
    );
    desk.delta(Next::Rows(text));
    pull.when_due(cloud).await.unwrap().unwrap();
    assert_eq!(desk.names().await, ["乙", "丙"]);

    desk.later();
    desk.delta(Next::Status(204));
    assert_eq!(pull.when_due(cloud).await.unwrap(), Some(Pulled::Unchanged));
    let fresh = cloud.store.freshness(&code()).await.unwrap().unwrap();
    assert_eq!(fresh.pulled_at, fresh.pull_tried_at, "as fresh as that");
    assert!(fresh.loaded_at < fresh.pulled_at);

    desk.later();
    desk.delta(Next::Status(410));
    pull.when_due(cloud).await.unwrap().unwrap();
    assert_eq!(desk.names().await, ["甲", "乙"], "gone: the whole again");
    let asked = desk.server.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            "full ",
            "delta c 1&x",
            "delta c 1&x",
            "delta c 1&x",
            "full "
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_kept_and_renewed_when_it_is_refused() {
    let desk = Desk::new().await;
    let (pull, cloud) = (desk.pull(), &desk.town.cloud);
    desk.full(rows(&[(1, "甲")]));
    desk.delta(Next::Status(204));
    for _ in 0..3 {
        pull.when_due(cloud).await.unwrap().unwrap();
        desk.later();
    }
    assert_eq!(desk.server.tokens.load(Ordering::SeqCst), 1, "kept");
    // Somebody else's token is the newest now: ours is refused once, and renewed.
    desk.server.tokens.fetch_add(1, Ordering::SeqCst);
    pull.when_due(cloud).await.unwrap().unwrap();
    assert_eq!(desk.server.tokens.load(Ordering::SeqCst), 3);
    *desk.server.token_fails.lock().unwrap() = true;
    desk.server.tokens.fetch_add(1, Ordering::SeqCst);
    desk.later();
    let refused = pull.when_due(cloud).await;
    assert!(matches!(refused, Err(PullError::Token(reason)) if reason == "status 400"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_the_last_good_register_stays() {
    let mut desk = Desk::new().await;
    desk.full(rows(&[(1, "甲")]));
    desk.pull()
        .when_due(&desk.town.cloud)
        .await
        .unwrap()
        .unwrap();
    // A delta is not to be had, so that each try asks for the whole.
    desk.delta(Next::Status(410));
    let bad = [
        Next::Status(500),
        Next::Status(302),
        Next::Endless,
        Next::Rows("<html>".to_owned()),
        Next::Rows(format!("{HEADING}R1,H1,甲\r\n")),
        Next::Rows(String::new()),
    ];
    let silence = (Next::Silence, 50);
    for (next, timeout) in bad.map(|next| (next, 20_000)).into_iter().chain([silence]) {
        desk.later();
        desk.settings.timeout_ms = timeout;
        desk.full(next);
        let error = desk.pull().when_due(&desk.town.cloud).await.unwrap_err();
        assert_eq!(desk.names().await, ["甲"], "{error}");
        let fresh = desk
            .town
            .cloud
            .store
            .freshness(&code())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(fresh.pull_problem, Some(error.to_string()));
        assert!(fresh.loaded_at < fresh.pull_tried_at);
    }
    desk.settings.timeout_ms = 20_000;
    desk.later();
    desk.full(rows(&[(1, "乙")]));
    desk.pull()
        .when_due(&desk.town.cloud)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(desk.names().await, ["乙"]);
    let fresh = desk
        .town
        .cloud
        .store
        .freshness(&code())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(fresh.pull_problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_pulls() {
    let desk = Desk::new().await;
    desk.full(rows(&[(1, "甲")]));
    let (a, b) = (desk.pull(), desk.pull());
    let (a, b) = tokio::join!(a.when_due(&desk.town.cloud), b.when_due(&desk.town.cloud));
    assert_eq!(
        usize::from(a.unwrap().is_some()) + usize::from(b.unwrap().is_some()),
        1
    );
    assert_eq!(desk.server.asked.lock().unwrap().len(), 1);
}

#[test]
fn registers_travel_by_https_only() {
    let settings = |url: &str| {
        format!(
            "[[tenant]]\ncode = \"990019\"\nname = \"x\"\nsealing_key_id = \"1\"\nsealing_key_file = \"k\"\n\
             [tenant.core_system]\nkind = \"imported\"\n[tenant.core_system.pull]\nurl = {url:?}\n\
             token_url = \"https://login.example.jp/token\"\nclient_id = \"genkan\"\nclient_secret_file = \"s\"\n"
        )
    };
    let read = |url: &str| {
        cloud_api::settings::Settings::parse(std::path::Path::new("s.toml"), &settings(url))
    };
    for good in [
        "https://core.example.jp",
        "http://127.0.0.1:9/x",
        "http://[::1]:9",
    ] {
        read(good).unwrap();
    }
    for bad in [
        "http://core.example.jp",
        "ftp://127.0.0.1",
        "core",
        "http://127.0.0.1.example.jp",
    ] {
        assert!(
            read(bad).unwrap_err().to_string().contains("https only"),
            "{bad}"
        );
    }
}
