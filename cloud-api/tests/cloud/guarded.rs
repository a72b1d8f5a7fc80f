//! Every endpoint of the OpenAPI document, asked by those who must not be let in. A route without a guard must be on the
//! list of public ones below, so that a new one cannot be forgotten.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use cloud_api::router::document;
use cloud_store::{Permission, Rights, Role, Scope};
use serde_json::Value;

use crate::clients;
use crate::people::{cookie_of, csrf, look};
use crate::town::{Answer, Choice, OTHER, TOWN, Town, send};

/// What anybody may ask for: it tells nothing but that the service and the town are there.
const PUBLIC: [&str; 14] = [
    "/",
    "/console/htmx.js",
    "/console/language/{tag}",
    "/console/style.css",
    "/console/{tenant}/client-secret/{pickup}",
    "/console/{tenant}/code",
    "/console/{tenant}/enrol/{invitation}",
    "/console/{tenant}/log-in",
    "/console/{tenant}/provider",
    "/console/{tenant}/provider/back",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/v1/{tenant}/oauth/token",
];

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    guards: Vec<(String, Vec<String>)>,
    pub(crate) form: bool,
    /// What the document says that it may answer.
    pub(crate) answers: Vec<u16>,
}

pub(crate) fn routes() -> Vec<Route> {
    let document: Value = serde_json::to_value(document()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, route) in methods.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let guards = route["security"].as_array().into_iter().flatten();
            let guards =
                guards
                    .flat_map(|guard| guard.as_object().unwrap())
                    .map(|(name, needs)| {
                        let needs = needs.as_array().unwrap().iter();
                        (
                            name.clone(),
                            needs
                                .map(|need| need.as_str().unwrap().to_owned())
                                .collect(),
                        )
                    });
            let content = &route["requestBody"]["content"];
            routes.push(Route {
                method,
                path: path.clone(),
                guards: guards.collect(),
                form: content["application/x-www-form-urlencoded"].is_object(),
                answers: route["responses"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|status| status.parse().unwrap())
                    .collect(),
            });
        }
    }
    assert!(routes.len() > 20);
    routes
}

impl Route {
    pub(crate) fn has(&self, guard: &str) -> Option<&[String]> {
        self.guards
            .iter()
            .find(|(name, _)| name == guard)
            .map(|(_, needs)| needs.as_slice())
    }

    /// Of this tenant; every other parameter is something that is nowhere.
    pub(crate) fn of(&self, tenant: &str) -> String {
        let path = self.path.replace("{tenant}", tenant);
        let parts = path.split('/').map(|part| {
            if part.starts_with('{') {
                "00000000-0000-0000-0000-00000000ffff"
            } else {
                part
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    async fn ask(&self, router: Router, tenant: &str, header: (&str, &str), csrf: &str) -> Answer {
        let (kind, body) = if self.form {
            ("application/x-www-form-urlencoded", format!("csrf={csrf}"))
        } else {
            ("application/json", "{}".to_owned())
        };
        let request = Request::builder()
            .method(self.method.clone())
            .uri(self.of(tenant))
            .header("content-type", kind)
            .header(header.0, header.1)
            .body(Body::from(body))
            .unwrap();
        send(router, request).await
    }
}

async fn published() -> Town {
    Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await
}

#[test]
fn every_route_has_a_guard_or_is_public_on_purpose() {
    for route in routes() {
        let public = PUBLIC.contains(&route.path.as_str());
        assert_ne!(
            public,
            !route.guards.is_empty(),
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[tokio::test]
async fn whatever_is_another_towns_is_not_found() {
    let town = published().await;
    let session = cookie_of(&town, TOWN, Role::Supervisor).await;
    let secret = clients::add(&town, TOWN, "all", Scope::ALL).await;
    let token = clients::token(&town, TOWN, "all", &secret).await;
    let token = format!("Bearer {token}");
    for route in routes()
        .iter()
        .filter(|route| route.path.contains("{tenant}"))
    {
        for (guard, _) in &route.guards {
            let answer = match guard.as_str() {
                "kiosk" => route.ask(town.kiosk(), OTHER, ("x-none", ""), "").await,
                "session" => {
                    route
                        .ask(town.office(), OTHER, ("cookie", &session), "")
                        .await
                }
                "client" => {
                    route
                        .ask(town.office(), OTHER, ("authorization", &token), "")
                        .await
                }
                other => panic!("a guard that this test does not know: {other}"),
            };
            assert_eq!(
                answer.problem(),
                "not_found",
                "{guard} {} {}",
                route.method,
                route.path
            );
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_what_the_route_asks_for() {
    let town = published().await;
    for route in routes().iter().filter(|route| !route.guards.is_empty()) {
        for (guard, _) in &route.guards {
            let (answer, expected) = match guard.as_str() {
                "kiosk" => (
                    route.ask(town.device(None), TOWN, ("x-none", ""), "").await,
                    401,
                ),
                "session" if route.method == Method::GET => (
                    route.ask(town.office(), TOWN, ("x-none", ""), "").await,
                    303,
                ),
                _ => (
                    route.ask(town.office(), TOWN, ("x-none", ""), "").await,
                    401,
                ),
            };
            assert_eq!(
                answer.status.as_u16(),
                expected,
                "{guard} {} {}",
                route.method,
                route.path
            );
        }
    }
}

/// Who has every right but the one that a route names is refused; who has that one alone is not.
#[tokio::test]
async fn each_page_needs_the_action_that_it_names() {
    let town = published().await;
    let realm = TOWN.parse().unwrap();
    let mut asked = 0;
    for action in Permission::ALL {
        let own: Vec<Route> = routes()
            .into_iter()
            .filter(|route| {
                route
                    .has("session")
                    .is_some_and(|needs| needs.iter().any(|need| need == action.as_str()))
            })
            .filter(|route| route.path.contains("{tenant}"))
            .collect();
        if own.is_empty() {
            continue;
        }
        let with = Rights {
            granted: [*action].into(),
            ..Rights::default()
        };
        let without = Rights {
            roles: Role::ALL.iter().copied().collect(),
            withheld: [*action].into(),
            ..Rights::default()
        };
        for (rights, login) in [(with, "with"), (without, "without")] {
            let login = format!("{login}-{}", action.as_str().replace('_', "-"));
            crate::people::add(&town, &realm, &login, rights).await;
            let session = crate::people::log_in(&town, TOWN, &login).await;
            let csrf = session_csrf(&town, &session).await;
            for route in &own {
                let answer = route
                    .ask(town.office(), TOWN, ("cookie", &session), &csrf)
                    .await;
                let place = format!("{login} {} {}", route.method, route.path);
                if login.starts_with("without") {
                    assert_eq!(answer.status, 403, "{place}");
                } else {
                    assert_ne!(answer.status, 403, "{place}: {}", answer.text());
                    assert!(answer.status.as_u16() < 500, "{place}");
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 6);
}

/// Every person has the page that says what they may do.
pub(crate) async fn session_csrf(town: &Town, session: &str) -> String {
    csrf(
        &look(town, session, &format!("/console/{TOWN}/me"))
            .await
            .text(),
    )
}
