//! The HTTP side.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use zeroize::Zeroizing;

use super::answer::{
    FindAnswer, FindRequest, HouseholdAnswer, Match, ProtectedAnswer, ProtectedRequest,
};
use super::fault::{Fault, FaultMode, Switch};
use super::matching::Matching;
use crate::card::{self, CardError};
use crate::town::Town;

/// The largest request read, in bytes: four items fit many times.
const LARGEST_BODY: usize = 64 * 1024;

/// Why the core system does not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Anything but loopback: these people are invented, but their server behaves like one with real people.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The address is taken or not ours.
    #[error("{0}: {1}")]
    Bind(SocketAddr, std::io::Error),
    /// The demo cards, whose certificates are linked to residents, do not fit the town.
    #[error(transparent)]
    Cards(#[from] CardError),
}

struct Shared {
    town: Town,
    matching: Matching,
    /// Serial numbers of certificates by 宛名番号.
    links: BTreeMap<String, Vec<String>>,
    token: Zeroizing<String>,
    faults: Switch,
    allow_faults: bool,
}

/// A core system that is listening.
pub struct CoreSystem {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl CoreSystem {
    /// Binds; port 0 takes a free one.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn bind(
        town: Town,
        token: Zeroizing<String>,
        listen: SocketAddr,
        allow_faults: bool,
    ) -> Result<Self, ServeError> {
        if !listen.ip().is_loopback() {
            return Err(ServeError::NotLoopback(listen));
        }
        let bound = async {
            let listener = TcpListener::bind(listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bound
            .await
            .map_err(|error| ServeError::Bind(listen, error))?;
        let matching = Matching::new(&town);
        let links = card::links(&town, &card::cards(&town)?);
        let shared = Arc::new(Shared {
            town,
            matching,
            links,
            token,
            faults: Switch::default(),
            allow_faults,
        });
        Ok(Self {
            listener,
            address,
            shared,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers until the task is dropped.
pub async fn serve(system: CoreSystem) {
    let router = router(&system.shared);
    loop {
        match system.listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, router.clone()));
            }
            Err(error) => {
                // Out of file handles, most likely: do not spin.
                tracing::warn!(%error, "accepting failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One connection. A response marked [`HangUp`] is never written: the connection closes instead, which no ordinary
/// response can express.
async fn connection(stream: TcpStream, router: Router) {
    let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut router = router.clone();
        async move {
            use tower::Service as _;
            let response = router
                .call(request.map(Body::new))
                .await
                .unwrap_or_else(|never| match never {});
            match response.extensions().get::<HangUp>() {
                Some(_) => Err(HangUp),
                None => Ok(response),
            }
        }
    });
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

/// Closes the connection instead of answering.
#[derive(Clone, Copy, Debug, Error)]
#[error("the demo's core system is switched to \"down\"")]
struct HangUp;

fn router(shared: &Arc<Shared>) -> Router {
    let interface = Router::new()
        .route("/v1/residents/find", post(find))
        .route("/v1/residents/protected", post(protected))
        .route("/v1/households/{household}", get(household))
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            authorise,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            misbehave,
        ));
    let mut all = Router::new().merge(interface);
    if shared.allow_faults {
        all = all.route("/demo/faults", post(set_fault).get(current_fault));
    }
    all.fallback(|| async { refusal(StatusCode::NOT_FOUND, "no such route") })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(only_this_machine))
        .with_state(Arc::clone(shared))
}

/// A page in a browser of this machine may point a name of its own to 127.0.0.1 (DNS rebinding), and faults are switched without
/// a token.
async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let own = host.is_some_and(|host| {
        let name = host.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    });
    if own {
        next.run(request).await
    } else {
        refusal(
            StatusCode::FORBIDDEN,
            "called by a name that is not this machine's",
        )
    }
}

fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

async fn misbehave(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let fault = shared.faults.get();
    match fault.mode {
        FaultMode::None => {}
        FaultMode::Slow => tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await,
        FaultMode::Garbage => {
            return (
                [(CONTENT_TYPE, "application/json")],
                "{\"matches\":[{\"resident\":",
            )
                .into_response();
        }
        FaultMode::Down => {
            let mut response = Response::default();
            response.extensions_mut().insert(HangUp);
            return response;
        }
    }
    next.run(request).await
}

async fn authorise(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if token_fits(request.headers(), &shared.token) {
        next.run(request).await
    } else {
        refusal(StatusCode::UNAUTHORIZED, "wrong or missing bearer token")
    }
}

fn token_fits(headers: &HeaderMap, token: &str) -> bool {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .is_some_and(|given| verify_slices_are_equal(given, token.as_bytes()).is_ok())
}

async fn find(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let asked: FindRequest = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return malformed(&error),
    };
    let sex = asked.sex.digit();
    let matches: Vec<Match> = shared
        .matching
        .find(&asked.name, &asked.address, asked.birth_date, sex)
        .iter()
        .map(|(at, place)| {
            let household = &shared.town.households[*at];
            Match {
                resident: household.persons[*place].number.clone(),
                household: household.number.clone(),
            }
        })
        .collect();
    tracing::info!(matches = matches.len(), "find");
    Json(FindAnswer { matches }).into_response()
}

/// serde's words could repeat a value; the place is enough.
fn malformed(error: &serde_json::Error) -> Response {
    let (line, column) = (error.line(), error.column());
    let reason = format!("malformed request at line {line} column {column}");
    refusal(StatusCode::BAD_REQUEST, &reason)
}

async fn protected(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let asked: ProtectedRequest = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return malformed(&error),
    };
    let protected = shared
        .matching
        .named(&asked.name)
        .iter()
        .map(|(at, place)| (&shared.town.households[*at], *place))
        .filter(|(household, place)| {
            let own = household.persons[*place].birth_date;
            asked.birth_date.is_none_or(|day| day == own)
        })
        .any(|(household, _)| household.persons.iter().any(|person| person.protected));
    // What was asked and what was answered stays out of the log.
    tracing::info!("protected");
    Json(ProtectedAnswer { protected }).into_response()
}

async fn household(State(shared): State<Arc<Shared>>, Path(number): Path<String>) -> Response {
    match shared.town.household(&number) {
        Some(household) => {
            tracing::info!("household");
            Json(HouseholdAnswer::new(household, &shared.links)).into_response()
        }
        None => refusal(StatusCode::NOT_FOUND, "no such household"),
    }
}

async fn set_fault(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Fault>(&body) {
        Ok(fault) => {
            shared.faults.set(fault);
            tracing::info!(?fault, "fault set");
            Json(fault).into_response()
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn current_fault(State(shared): State<Arc<Shared>>) -> Json<Fault> {
    Json(shared.faults.get())
}
