//! Accepting connections: each is counted at the listener's limit and has a task of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection_limit::{ConnectionLimit, OpenConnection};
use super::http_connection::stopped;

/// Accepts until `stop`, then lets each connection finish its request. A connection ends early when it has to make room.
pub(super) async fn accept<F>(
    listener: TcpListener,
    limit: Arc<ConnectionLimit>,
    mut stop: watch::Receiver<bool>,
    connection: impl Fn(TcpStream, IpAddr, Arc<OpenConnection>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let Some(admitted) = limit.admit(peer.ip()) else { continue };
                    let _unsupported = stream.set_nodelay(true);
                    let served = connection(stream, peer.ip(), admitted.connection.clone());
                    connections.spawn(async move {
                        tokio::select! {
                            () = served => {}
                            () = admitted.connection.evicted() => {}
                        }
                    });
                }
                // Out of file handles, or the peer went away at once: neither ends the service.
                Err(error) => {
                    tracing::warn!(%error, "listener");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = stopped(&mut stop) => break,
        }
    }
    while connections.join_next().await.is_some() {}
}
