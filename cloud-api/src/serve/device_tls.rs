//! Mutual TLS for kiosks: without a certificate from the kiosk CA that names a kiosk, no request is ever read.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::server::{Acceptor, ServerConfig, WebPkiClientVerifier};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::connection_limit::{ConnectionLimit, OpenConnection};
use super::http_connection::Http;
use super::listener::accept;
use super::paced_stream::Patience;
use crate::device_api::Peer;
use crate::secret_file;
use crate::settings::DeviceSettings;

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
    config: Arc<ServerConfig>,
    /// Answers to a ClientHello that are computed at once. They cost a signature each, which any stranger can ask for: half
    /// the processors stay free for kiosks that are in already, and for the office.
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
        let unusable = |reason: String| TlsError::Pem {
            path: path.clone(),
            reason,
        };
        let pem = secret_file::read(path).map_err(|error| unusable(error.to_string()))?;
        let key =
            PrivateKeyDer::from_pem_slice(&pem).map_err(|error| unusable(error.to_string()))?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_client_cert_verifier(kiosks)
            .with_single_cert(certificates(&settings.certificate_file)?, key)
            .map_err(setup)?;
        Ok(Self {
            config: Arc::new(config),
            turns: Arc::new(Semaphore::new(turns())),
        })
    }

    /// The handshake after a whole ClientHello. A turn lasts while this side computes its answer, never while it waits for
    /// the client: who is silent, before his hello or after it, holds none.
    async fn opened(&self, hello: StartHandshake<TcpStream>) -> io::Result<TlsStream<TcpStream>> {
        let turn = self.turns.acquire().await;
        let config = self.config.clone();
        let answer = tokio::task::spawn_blocking(move || hello.into_stream(config)).await?;
        drop(turn);
        answer.await
    }
}

fn turns() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))
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

/// Serves kiosks until `http` says stop.
pub(super) async fn serve(
    listener: TcpListener,
    limit: Arc<ConnectionLimit>,
    tls: DeviceTls,
    http: Http,
) {
    let stop = http.stop.clone();
    let connection = move |stream, peer, connection: Arc<OpenConnection>| {
        let (tls, http) = (tls.clone(), http.clone());
        async move {
            let kiosk = handshake(stream, &tls, http.patience).await;
            let Some((stream, kiosk)) = kiosk else { return };
            connection.identify();
            let router = http.router.clone().layer(axum::Extension(kiosk));
            Http { router, ..http }
                .serve(stream, peer, connection)
                .await;
        }
    };
    accept(listener, limit, stop, connection).await;
}

/// The connection of a kiosk, once its certificate is checked.
async fn handshake(
    stream: TcpStream,
    tls: &DeviceTls,
    patience: Patience,
) -> Option<(TlsStream<TcpStream>, Peer)> {
    let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let Ok(Ok(hello)) = timeout(patience.hello, hello).await else {
        tracing::debug!("device connection refused: no whole ClientHello in time");
        return None;
    };
    let stream = match timeout(patience.handshake, tls.opened(hello)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::info!(%error, "device connection refused");
            return None;
        }
        Err(_) => {
            tracing::debug!("device connection refused: handshake too slow");
            return None;
        }
    };
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let peer = certificate.and_then(|certificate| Peer::from_certificate(certificate));
    if peer.is_none() {
        tracing::warn!("device connection refused: the certificate names no kiosk");
    }
    Some((stream, peer?))
}
