//! HTTP on one connection, whoever its client is. HTTP/1.1 alone is offered: one request at a time, so that a bound on
//! connections bounds requests too.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower::ServiceExt as _;

use super::connection_limit::{OpenConnection, Phase};
use super::paced_stream::{PacedStream, Patience};
use super::timed_body::TimedBody;
use crate::client_address::Proxies;
use crate::late_body::LateBody;

/// What a listener's connections have in common.
#[derive(Clone)]
pub(super) struct Http {
    pub(super) router: Router,
    pub(super) patience: Patience,
    pub(super) proxies: Proxies,
    pub(super) stop: watch::Receiver<bool>,
}

impl Http {
    /// Answers until the client goes or is too slow, or the service has to stop.
    pub(super) async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: IpAddr,
        connection: Arc<OpenConnection>,
    ) {
        connection.begin(Phase::Idle);
        let stream = PacedStream::new(stream, connection.clone(), self.patience);
        let mut stop = self.stop.clone();
        let idle = idle_for(connection.clone(), self.patience.idle);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let request = self.prepared(request, peer, &connection);
            let (router, connection) = (self.router.clone(), connection.clone());
            async move {
                let response = router.oneshot(request).await;
                connection.begin(Phase::Idle);
                response
            }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            () = idle => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection");
        }
    }

    /// The request with its client's address, and a body that has to arrive in time.
    fn prepared(
        &self,
        request: hyper::Request<Incoming>,
        peer: IpAddr,
        connection: &Arc<OpenConnection>,
    ) -> Request {
        let late = LateBody::default();
        let client = self.proxies.client(peer, request.headers());
        let timed =
            |body| TimedBody::new(body, connection.clone(), self.patience.body, late.clone());
        let mut request = request.map(timed).map(Body::new);
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(late);
        request
    }
}

/// Until the client has asked for nothing for so long. While it is quiet nobody polls the stream, which therefore cannot tell.
async fn idle_for(connection: Arc<OpenConnection>, longest: Duration) {
    loop {
        let end = match connection.phase() {
            (Phase::Idle, since) => since + longest,
            _ => Instant::now() + longest,
        };
        sleep_until(end).await;
        match connection.phase() {
            (Phase::Idle, since) if since + longest <= Instant::now() => return,
            _ => {}
        }
    }
}

/// Until the service has to stop; a sender that is gone means the same.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
