//! A fake cloud service: the same routes, over mutual TLS on loopback, with answers that a test chooses.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use jiff::Timestamp;
use kiosk_api::{
    ApplicationId, Bytes, Entropy, FactsDocument, Heartbeat, HeartbeatReply, HouseholdReply,
    LoginProof, NonceId, NonceReply, Problem, ProblemCode, Receipt, Revocation, SealedApplication,
    SealingKey, SignedEdition, SignedSealingKey, StaffCall, TenantPrivateKey, TownMasters,
    Verification, route,
};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use uuid::Uuid;

/// What came in, and what to answer.
#[derive(Default)]
pub struct FakeCloudState {
    pub applications: BTreeMap<ApplicationId, SealedApplication>,
    pub deliveries: u32,
    pub proofs: Vec<LoginProof>,
    pub calls: Vec<StaffCall>,
    pub heartbeats: Vec<Heartbeat>,
    pub refuse: Option<ProblemCode>,
    pub nonsense: bool,
    pub catalogue: Option<SignedEdition>,
    pub masters: TownMasters,
    pub household: Option<HouseholdReply>,
    pub refuse_household: Option<ProblemCode>,
    pub sealing_key: Option<SignedSealingKey>,
}

/// A running one. Clones are the same.
#[derive(Clone)]
pub struct FakeCloud {
    state: Arc<Mutex<FakeCloudState>>,
    pub came: Arc<Notify>,
    pub key: TenantPrivateKey,
    pub address: SocketAddr,
}

impl FakeCloud {
    /// Starts it; certificates and keys for a kiosk are put into `folder`.
    pub async fn start(folder: &Path) -> Self {
        let server = certificates(folder);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let key = TenantPrivateKey::derive(&Entropy::new([5; 32]));
        fs::write(
            folder.join("sealing-key.json"),
            serde_json::to_vec(&sealing_key(&key)).unwrap(),
        )
        .unwrap();
        let fake = Self {
            state: Arc::default(),
            came: Arc::default(),
            key,
            address,
        };
        let router = routes(fake.clone());
        let tls = Tls {
            listener,
            acceptor: TlsAcceptor::from(Arc::new(server)),
        };
        tokio::spawn(async move { serve(tls, router).await });
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, FakeCloudState> {
        self.state.lock().unwrap()
    }

    /// Makes the folder of trusted edition keys, with a key that has signed nothing.
    pub fn write_edition_key(&self, folder: &Path) {
        let keys = folder.join("edition-keys");
        fs::create_dir(&keys).unwrap();
        fs::write(
            keys.join("town-1.pub"),
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        )
        .unwrap();
    }

    /// The `[cloud]` table of a kiosk's settings.
    pub fn settings(&self) -> String {
        format!(
            "[cloud]\nurl = \"https://{}\"\nclient_certificate = \"kiosk.pem\"\nclient_key = \"kiosk.key\"\n\
             authority = \"authority.pem\"\nedition_keys = \"edition-keys\"\nsealing_key = \"sealing-key.json\"\n",
            self.address
        )
    }
}

pub fn sealing_key(key: &TenantPrivateKey) -> SealingKey {
    SealingKey {
        key_id: "town-1".into(),
        public_key: Bytes(key.public().to_bytes()),
    }
}

/// A private key, as its owner alone reads it.
fn write_key(path: &Path, pem: &str) {
    fs::write(path, pem).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn certificates(folder: &Path) -> ServerConfig {
    let (ca_key, mut ca) = (KeyPair::generate().unwrap(), CertificateParams::default());
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = ca.self_signed(&ca_key).unwrap();
    fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    let issuer = Issuer::from_params(&ca, &ca_key);
    let leaf = |name: &str, usage| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate, key)
    };
    let (kiosk, kiosk_key) = leaf("lobby-1", ExtendedKeyUsagePurpose::ClientAuth);
    fs::write(folder.join("kiosk.pem"), kiosk.pem()).unwrap();
    write_key(&folder.join("kiosk.key"), &kiosk_key.serialize_pem());
    let (stranger, stranger_key) = {
        let key = KeyPair::generate().unwrap();
        (
            CertificateParams::new(vec!["stranger".to_owned()])
                .unwrap()
                .self_signed(&key)
                .unwrap(),
            key,
        )
    };
    fs::write(folder.join("stranger.pem"), stranger.pem()).unwrap();
    write_key(&folder.join("stranger.key"), &stranger_key.serialize_pem());
    let (server, server_key) = leaf("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth);
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.der().to_vec()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let key = PrivateKeyDer::from_pem_slice(server_key.serialize_pem().as_bytes()).unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap()
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn routes(fake: FakeCloud) -> Router {
    Router::new()
        .route(route::NONCES, post(nonce))
        .route(route::HOUSEHOLD, post(household))
        .route(route::APPLICATIONS, post(application))
        .route(route::SEALING_KEY, get(signed_sealing_key))
        .route(route::CATALOGUE, get(catalogue))
        .route(
            route::FORMS,
            get(async || problem(ProblemCode::EditionMissing)),
        )
        .route(route::MASTERS, get(masters))
        .route(route::HEARTBEAT, post(heartbeat))
        .route(route::STAFF_CALLS, post(staff_call))
        .with_state(fake)
}

fn problem(code: ProblemCode) -> Response {
    (
        StatusCode::from_u16(code.status()).unwrap(),
        Json(Problem::new(code)),
    )
        .into_response()
}

/// The answer, unless the test wants another.
fn unless_told(town: &FakeCloud, answer: impl FnOnce(&mut FakeCloudState) -> Response) -> Response {
    let mut state = town.state();
    let response = match (state.refuse, state.nonsense) {
        (Some(code), _) => problem(code),
        (None, true) => (StatusCode::OK, "<html>captive portal</html>").into_response(),
        (None, false) => answer(&mut state),
    };
    drop(state);
    town.came.notify_waiters();
    response
}

async fn nonce(State(town): State<FakeCloud>) -> Response {
    unless_told(&town, |_| {
        let expires_at = Timestamp::now() + jiff::SignedDuration::from_secs(120);
        let reply = NonceReply {
            id: NonceId(Uuid::new_v4()),
            nonce: Bytes(vec![9; 32]),
            expires_at,
        };
        (StatusCode::CREATED, Json(reply)).into_response()
    })
}

async fn household(State(town): State<FakeCloud>, Json(proof): Json<LoginProof>) -> Response {
    unless_told(&town, |state| {
        state.proofs.push(proof);
        if let Some(code) = state.refuse_household {
            return problem(code);
        }
        let reply = state.household.clone().unwrap_or_else(|| HouseholdReply {
            facts: FactsDocument(
                serde_json::json!({ "as_of": "2026-04-27", "household": {}, "persons": [] }),
            ),
            values: application::ValueSet::default(),
            verification: Verification {
                checked_at: Timestamp::now(),
                revocation: Revocation::Checked,
                certificate_until: Timestamp::now(),
            },
        });
        Json(reply).into_response()
    })
}

async fn application(
    State(town): State<FakeCloud>,
    Json(sealed): Json<SealedApplication>,
) -> Response {
    unless_told(&town, |state| {
        state.deliveries += 1;
        let id = sealed.id;
        let repeated = state.applications.insert(id, sealed).is_some();
        let receipt = Receipt {
            id,
            received_at: Timestamp::now(),
            repeated,
        };
        (
            if repeated {
                StatusCode::OK
            } else {
                StatusCode::CREATED
            },
            Json(receipt),
        )
            .into_response()
    })
}

async fn catalogue(State(town): State<FakeCloud>, headers: HeaderMap) -> Response {
    unless_told(&town, |state| {
        let Some(edition) = &state.catalogue else {
            return problem(ProblemCode::EditionMissing);
        };
        if headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|tag| tag.as_bytes() == edition.etag().as_bytes())
        {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, edition.etag())], Json(edition)).into_response()
    })
}

async fn masters(State(town): State<FakeCloud>, headers: HeaderMap) -> Response {
    unless_told(&town, |state| {
        let etag = state.masters.etag();
        let named = headers.get(header::IF_NONE_MATCH);
        if named.is_some_and(|tag| tag.as_bytes() == etag.as_bytes()) {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, etag)], Json(&state.masters)).into_response()
    })
}

async fn signed_sealing_key(State(town): State<FakeCloud>) -> Response {
    unless_told(&town, |state| match &state.sealing_key {
        Some(signed) => Json(signed).into_response(),
        None => problem(ProblemCode::NotFound),
    })
}

async fn heartbeat(State(town): State<FakeCloud>, Json(heartbeat): Json<Heartbeat>) -> Response {
    unless_told(&town, |state| {
        state.heartbeats.push(heartbeat);
        let catalogue_etag = state.catalogue.as_ref().map(SignedEdition::etag);
        Json(HeartbeatReply {
            now: Timestamp::now(),
            catalogue_etag,
            forms_etag: None,
            masters_etag: Some(state.masters.etag()),
        })
        .into_response()
    })
}

async fn staff_call(State(town): State<FakeCloud>, Json(call): Json<StaffCall>) -> Response {
    unless_told(&town, |state| {
        state.calls.push(call);
        StatusCode::NO_CONTENT.into_response()
    })
}
