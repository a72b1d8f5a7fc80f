//! Mutual TLS for kiosks: without a certificate from the kiosk CA that names a kiosk, no request is ever read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::RootCertStore;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::device_api::Peer;
use crate::settings::DeviceSettings;

/// Longest handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once; more wait for their turn. A thousand kiosks that come back from an outage together would otherwise share
/// the machine until each of them is too slow.
const HANDSHAKES: usize = 64;
/// Longest time for a request's head; an idle connection is closed after it too.
const HEAD: Duration = Duration::from_secs(60);

/// Why the device listener can't be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A PEM file.
    #[error("{path}: {reason}")]
    Pem {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Certificate and key don't fit, or the CA is none.
    #[error("device listener: {0}")]
    Setup(String),
}

/// What the device listener shows and asks.
#[derive(Clone)]
pub struct DeviceTls {
    acceptor: TlsAcceptor,
    turns: Arc<Semaphore>,
}

impl DeviceTls {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// [`TlsError`] names the file.
    pub fn from_files(settings: &DeviceSettings) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&settings.kiosk_ca_file)? {
            roots.add(certificate).map_err(setup)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let kiosks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(setup)?;
        let path = &settings.private_key_file;
        let key = PrivateKeyDer::from_pem_file(path).map_err(|error| TlsError::Pem {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_client_cert_verifier(kiosks)
            .with_single_cert(certificates(&settings.certificate_file)?, key)
            .map_err(setup)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            turns: Arc::new(Semaphore::new(HANDSHAKES)),
        })
    }
}

fn setup(error: impl std::fmt::Display) -> TlsError {
    TlsError::Setup(error.to_string())
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = |reason: String| TlsError::Pem {
        path: path.clone(),
        reason,
    };
    let all = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| pem(error.to_string()))?;
    if all.is_empty() {
        Err(pem("holds no certificate".to_owned()))
    } else {
        Ok(all)
    }
}

/// Accepts connections until `stop`, then lets each finish its request.
pub(super) async fn serve(
    listener: TcpListener,
    tls: DeviceTls,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), router.clone(), stop.clone()));
                }
                // Out of file handles, or the peer went away at once: neither ends the service.
                Err(error) => {
                    tracing::warn!(%error, "device listener");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = stopped(&mut stop) => break,
        }
    }
    while connections.join_next().await.is_some() {}
}

/// Until the service has to stop; a sender that is gone means the same.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

async fn connection(
    stream: TcpStream,
    tls: DeviceTls,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let _unsupported = stream.set_nodelay(true);
    // A turn is for who has begun to speak: whoever is silent keeps nobody waiting.
    if !matches!(timeout(HANDSHAKE, stream.peek(&mut [0])).await, Ok(Ok(1))) {
        return tracing::info!("device connection refused: it says nothing");
    }
    let turn = tls.turns.acquire().await;
    let stream = match timeout(HANDSHAKE, tls.acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::info!(%error, "device connection refused"),
        Err(_) => return tracing::info!("device connection refused: handshake too slow"),
    };
    drop(turn);
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let Some(peer) = certificate.and_then(|certificate| Peer::from_certificate(certificate)) else {
        return tracing::warn!("device connection refused: the certificate names no kiosk");
    };
    let service = router.map_request(
        move |mut request: axum::http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer.clone());
            request
        },
    );
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "device connection");
    }
}
