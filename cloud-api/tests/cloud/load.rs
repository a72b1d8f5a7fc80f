//! Every operation of the OpenAPI document at once, asked many times over by a stranger, a kiosk, a clerk and a machine, with
//! bodies that are empty, wrong, large and not what they say. Each answers, as the document says that it may, and health answers
//! while they are busy.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use cloud_store::{Role, Scope};
use serde_json::json;
use tokio::task::JoinSet;

use crate::clients;
use crate::guarded::{Route, routes, session_csrf};
use crate::people::cookie_of;
use crate::town::{Choice, TOWN, Town, get, send};

/// Of each request.
const TIMES: usize = 4;

/// Who asks: a listener, and what shows who it is.
struct Asker {
    name: &'static str,
    router: Router,
    header: (&'static str, String),
    csrf: String,
}

async fn askers(town: &Town) -> Vec<Asker> {
    let clerk = cookie_of(town, TOWN, Role::Supervisor).await;
    let csrf = session_csrf(town, &clerk).await;
    let secret = clients::add(town, TOWN, "all", Scope::ALL).await;
    let token = clients::token(town, TOWN, "all", &secret).await;
    let (office, kiosk) = (town.office(), town.kiosk());
    let asker = |name, router: &Router, header, csrf: &str| Asker {
        name,
        router: router.clone(),
        header,
        csrf: csrf.to_owned(),
    };
    vec![
        asker("stranger", &office, ("x-none", String::new()), ""),
        asker("clerk", &office, ("cookie", clerk), &csrf),
        asker(
            "machine",
            &office,
            ("authorization", format!("Bearer {token}")),
            "",
        ),
        asker("kiosk", &kiosk, ("x-none", String::new()), ""),
    ]
}

fn bodies(route: &Route, csrf: &str) -> Vec<(&'static str, String)> {
    if route.method == Method::GET {
        return vec![("text/plain", String::new())];
    }
    let persons: Vec<_> = (0..40).map(|n| json!({ "id": format!("P{n}") })).collect();
    let family = json!({
        "as_of": "2026-04-27", "event": {"kind": "move_in", "date": "2026-04-20"}, "persons": persons,
    });
    let (json_kind, form_kind) = ("application/json", "application/x-www-form-urlencoded");
    let facts = serde_urlencoded::to_string([("csrf", csrf), ("facts", &family.to_string())]);
    let mut bodies = match route.form {
        true => vec![
            (form_kind, format!("csrf={csrf}")),
            (form_kind, facts.unwrap()),
            (
                form_kind,
                format!("csrf={csrf}{}", "&role=self&birth_date=".repeat(400)),
            ),
        ],
        false => vec![
            (json_kind, "{}".to_owned()),
            (json_kind, family.to_string()),
            (json_kind, "[".repeat(10_000)),
        ],
    };
    bodies.push(("application/json", "x".repeat(2 * 1024 * 1024)));
    bodies
}

fn request(route: &Route, asker: &Asker, (kind, body): (&str, String)) -> Request<Body> {
    Request::builder()
        .method(route.method.clone())
        .uri(route.of(TOWN))
        .header("content-type", kind)
        .header("content-length", body.len())
        .header(asker.header.0, &asker.header.1)
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_under_load_as_it_says_and_health_answers_beside() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let mut asked = JoinSet::new();
    for asker in askers(&town).await {
        for route in routes() {
            let here = match asker.name {
                "kiosk" => route.has("kiosk").is_some(),
                _ => route.has("kiosk").is_none() || route.has("client").is_some(),
            };
            for body in bodies(&route, &asker.csrf) {
                for _ in 0..TIMES {
                    if !here || route.path.ends_with("/log-out") {
                        continue;
                    }
                    let (router, request) =
                        (asker.router.clone(), request(&route, &asker, body.clone()));
                    let what = format!(
                        "{} {} {} with {} bytes",
                        asker.name,
                        route.method,
                        route.path,
                        body.1.len()
                    );
                    let answers = route.answers.clone();
                    asked.spawn(async move {
                        (send(router, request).await.status.as_u16(), answers, what)
                    });
                }
            }
        }
    }
    assert!(asked.len() > 1000, "{}", asked.len());
    let office = town.office();
    while !asked.is_empty() {
        let health = get(office.clone(), "/healthz").await;
        assert_eq!(health.status, 200, "{}", health.text());
        for _ in 0..20 {
            let Some(answered) = asked.join_next().await else {
                break;
            };
            let (status, answers, what) = answered.unwrap();
            assert!(
                answers.contains(&status),
                "{what}: {status} is not one of {answers:?}"
            );
        }
    }
}
