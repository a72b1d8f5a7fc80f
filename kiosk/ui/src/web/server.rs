//! The page and its socket, on a thread of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::{mpsc, oneshot};

use super::command::{Command, Input, ViewerInput};
use super::door::Door;
use super::viewers::OUTBOX;
use crate::error::UiError;

/// No script, style, picture or connection from anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The running server.
pub(super) struct Server {
    pub(super) addr: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Ends all connections and waits for the thread.
    pub(super) fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

#[derive(Clone)]
struct Shared {
    commands: Sender<Command>,
    next: Arc<AtomicU64>,
}

/// Binds and serves.
pub(super) fn start(
    addr: SocketAddr,
    door: Door,
    commands: Sender<Command>,
) -> Result<Server, UiError> {
    let listen = |source| UiError::Listen { addr, source };
    let listener = std::net::TcpListener::bind(addr).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.map_err(UiError::Thread)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("browser-screen".to_owned())
        .spawn(move || {
            runtime.block_on(serve(listener, door, commands, stopped));
            runtime.shutdown_background();
        });
    Ok(Server {
        addr: bound,
        stop,
        thread: thread.map_err(UiError::Thread)?,
    })
}

async fn serve(
    listener: std::net::TcpListener,
    door: Door,
    commands: Sender<Command>,
    stopped: oneshot::Receiver<()>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the browser screen cannot listen");
            return;
        }
    };
    let shared = Shared {
        commands,
        next: Arc::new(AtomicU64::new(1)),
    };
    let app = Router::new()
        .route(
            "/",
            get(|| async { file("text/html; charset=utf-8", include_str!("static/page.html")) }),
        )
        .route(
            "/page.css",
            get(|| async { file("text/css; charset=utf-8", include_str!("static/page.css")) }),
        )
        .route(
            "/page.js",
            get(|| async {
                file(
                    "text/javascript; charset=utf-8",
                    include_str!("static/page.js"),
                )
            }),
        )
        .route("/screen", get(screen))
        .layer(from_fn_with_state(door, guard))
        .with_state(shared);
    let served = axum::serve(listener, app).into_future();
    tokio::select! {
        ended = served => if let Err(error) = ended { tracing::error!(%error, "the browser screen stopped"); },
        _ = stopped => {}
    }
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    let mut response = if door.lets_in(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn screen(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(64 * 1024)
        .on_upgrade(move |socket| view(socket, shared))
}

/// One viewer, until either side ends.
async fn view(mut socket: WebSocket, shared: Shared) {
    let id = shared.next.fetch_add(1, Ordering::Relaxed);
    let (outbox, mut outgoing) = mpsc::channel(OUTBOX);
    if shared.commands.send(Command::Join(id, outbox)).is_err() {
        return;
    }
    loop {
        tokio::select! {
            message = outgoing.recv() => match message {
                Some(message) => if socket.send(message).await.is_err() { break },
                None => break,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => if !hear(&shared, id, &text) { break },
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    // The window may have ended first.
    let _ = shared.commands.send(Command::Leave(id));
}

/// Whether the viewer may go on.
fn hear(shared: &Shared, id: u64, text: &str) -> bool {
    let command = match serde_json::from_str::<ViewerInput>(text) {
        Ok(ViewerInput {
            input: Input::Painted,
            ..
        }) => Command::Painted(id),
        Ok(said) => Command::Input(said),
        Err(error) => {
            // Its kind and length only: what a viewer sends may be a person's name, and may be made to look like a log line.
            tracing::warn!(
                kind = "viewer-unknown",
                category = ?error.classify(),
                bytes = text.len()
            );
            return false;
        }
    };
    shared.commands.send(command).is_ok()
}
