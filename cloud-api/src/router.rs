//! The two routers: the device API (mutual TLS) and the office (loopback: console, API, operations).

mod host_cookies;
mod route_class;
mod turns;

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use cloud_store::Scope;
use kiosk_api::ProblemCode;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::host_cookies::host_cookies;
use self::turns::{Turns, bounded};
use crate::cloud::Shared;
use crate::labels::Label;
use crate::late_body::refuse_late;
use crate::refusal::Refusal;
use crate::staff::SESSION_COOKIE;
use crate::{clients, console, device_api, hand_off, operations, services};

#[derive(OpenApi)]
#[openapi(
    modifiers(&Guards),
    info(
        title = "Genkan cloud API",
        description = "玄関: the cloud side of a town hall's self-service kiosks. What needs a kiosk's certificate is served on the device \
                       listener, everything else on the office listener."
    ),
    tags(
        (name = "guidance", description = "手続きガイダンス"),
        (name = "login", description = "Card login (利用者証明)"),
        (name = "applications", description = "申請"),
        (name = "editions", description = "Signed editions of catalogue and forms"),
        (name = "kiosks", description = "How kiosks are"),
        (name = "operations", description = "Health, metrics and this document"),
        (name = "hand-off", description = "Applications for other services, jobs for robots (申請管理・RPA)"),
        (name = "services", description = "The catalogue and what happened, for other services (他サービスとの連携)"),
        (name = "clients", description = "Machine clients (OAuth 2.0 client credentials)"),
        (name = "console", description = "Pages for staff: log in first"),
    )
)]
struct Api;

/// Who is let in where: kiosks by certificate, people by session (with the permission that they need), machines by token.
struct Guards;

impl Modify for Guards {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let mut add = |name: &str, scheme: SecurityScheme| {
            components
                .security_schemes
                .insert(name.to_owned(), scheme.into());
        };
        add(
            "kiosk",
            SecurityScheme::MutualTls {
                description: Some(
                    "A kiosk's client certificate, on the device listener".to_owned(),
                ),
                deprecated: None,
                extensions: None,
            },
        );
        add(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                SESSION_COOKIE,
                "A person's session; the list beside it names the permissions that the person needs",
            ))),
        );
        let scopes = Scope::ALL
            .iter()
            .map(|scope| (scope.as_str(), scope.japanese()));
        add(
            "client",
            SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(
                ClientCredentials::new("/v1/{tenant}/oauth/token", Scopes::from_iter(scopes)),
            )])),
        );
    }
}

fn office_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(operations::get_health))
        .routes(routes!(operations::get_metrics))
        .routes(routes!(openapi))
        .routes(routes!(clients::post_token))
        .merge(hand_off::routes())
        .merge(services::routes())
        .merge(console::routes())
}

/// The OpenAPI document of both listeners, generated from the handlers.
#[must_use]
pub fn document() -> Document {
    let mut document = OpenApiRouter::<Shared>::with_openapi(Api::openapi())
        .merge(device_api::routes())
        .merge(device_api::plan_routes())
        .merge(office_routes())
        .into_openapi();
    common_refusals(&mut document);
    document
}

/// What the bounds of [`RouteClass`](route_class::RouteClass) and of connections may answer, whatever the route.
fn common_refusals(document: &mut Document) {
    for item in document.paths.paths.values_mut() {
        let all = [
            ProblemCode::Busy,
            ProblemCode::TooSlow,
            ProblemCode::TooLarge,
        ];
        let operations = [
            (&mut item.get, &all[..1]),
            (&mut item.put, &all),
            (&mut item.post, &all),
        ];
        for (operation, codes) in operations {
            let Some(operation) = operation else { continue };
            for code in codes.iter().copied() {
                let status = code.status().to_string();
                let responses = &mut operation.responses.responses;
                responses
                    .entry(status)
                    .or_insert_with(|| refusal(code).into());
            }
        }
    }
}

fn refusal(code: ProblemCode) -> utoipa::openapi::Response {
    let problem = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(code.as_str())
        .content("application/problem+json", Content::new(Some(problem)))
        .build()
}

/// Routes of the device listener. Handlers take the kiosk from the connection's [`Peer`](crate::device_api::Peer).
pub fn device_router(cloud: Shared) -> Router {
    let (router, _) = device_api::routes()
        .merge(device_api::plan_routes())
        .split_for_parts();
    let secure = finish(router, cloud);
    secure.layer(from_fn(https_only))
}

/// Routes of the office listener.
pub fn office_router(cloud: Shared) -> Router {
    let (router, _) = office_routes()
        .merge(device_api::plan_routes())
        .split_for_parts();
    let https = cloud.console.origin.is_some();
    let router = finish(router, cloud.clone());
    let router = if https {
        let with_cookies = router.layer(from_fn(host_cookies));
        with_cookies.layer(from_fn(https_only))
    } else {
        router
    };
    router.layer(from_fn_with_state(cloud, only_known_names))
}

/// Two years, as browsers' preload lists ask for (RFC 6797).
async fn https_only(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let long = HeaderValue::from_static("max-age=63072000");
    let headers = response.headers_mut();
    headers.insert(header::STRICT_TRANSPORT_SECURITY, long);
    response
}

/// Every route of both listeners.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
async fn openapi() -> Response {
    match document().to_json() {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(_) => Refusal::from(ProblemCode::Internal).into_response(),
    }
}

fn finish(router: Router<Shared>, cloud: Shared) -> Router {
    router
        .fallback(|| async { Refusal::from(ProblemCode::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::from(ProblemCode::MethodNotAllowed) })
        .layer(from_fn_with_state(Turns::new(), bounded))
        .layer(from_fn(refuse_late))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(quiet_headers))
        .layer(from_fn_with_state(cloud.clone(), measured))
        .with_state(cloud)
}

/// A fault in one request ends that request only. The panic's text is not logged: it may hold a value.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    Refusal::from(ProblemCode::Internal).into_response()
}

/// Counts and logs by the route's pattern: paths hold ids, patterns don't.
async fn measured(State(cloud): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    cloud.metrics.request(&route, &method, status, took);
    tracing::info!(
        method,
        route,
        status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// Nothing is kept by a browser or proxy, nothing is guessed, nothing is loaded from elsewhere.
async fn quiet_headers(request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 7] = [
        // No window that opened this one, or was opened by it, and no other site gets hold of a page.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A page on the internet must not reach the console by a name that it points to 127.0.0.1 (DNS rebinding): only loopback
/// and the name of the settings' origin are let in.
async fn only_known_names(State(cloud): State<Shared>, request: Request, next: Next) -> Response {
    let origin = cloud.console.origin.as_deref();
    let own = origin.and_then(|origin| origin.strip_prefix("https://"));
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host.is_some() && host == own {
        return next.run(request).await;
    }
    let name = host.map(|host| {
        host.rsplit_once(':')
            .filter(|(_, port)| !port.contains(']'))
            .map_or(host, |(name, _)| name)
    });
    match name {
        None | Some("localhost" | "127.0.0.1" | "[::1]") => next.run(request).await,
        Some(_) => Refusal::from(ProblemCode::NotFound).into_response(),
    }
}
