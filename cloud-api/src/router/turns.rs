//! Turns: so many requests of a class are worked on at once, and each for so long.
//!
//! A turn is taken when the whole request is there, so that a client who sends slowly, or half, holds none; and one that has
//! left is not worked for, since its request is dropped with its connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use kiosk_api::ProblemCode;
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::route_class::RouteClass;
use crate::refusal::Refusal;

/// Longest time for a request whose body its handler never reads to the end.
const UNREAD: Duration = Duration::from_secs(60);

/// The turns of every class.
#[derive(Clone)]
pub(super) struct Turns(Arc<[Arc<Semaphore>]>);

impl Turns {
    pub(super) fn new() -> Self {
        let classes = RouteClass::ALL.iter();
        let turns = classes.map(|class| Arc::new(Semaphore::new(class.bounds().at_once)));
        Self(turns.collect())
    }

    fn of(&self, class: RouteClass) -> Arc<Semaphore> {
        self.0[class as usize].clone()
    }
}

type Permit = Result<OwnedSemaphorePermit, AcquireError>;

/// Holds a request's turn from the end of its body to its answer.
#[derive(Clone, Default)]
struct Turn {
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    arrived: Arc<Notify>,
}

impl Turn {
    fn keep(&self, permit: Permit) {
        let mut kept = self.permit.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = permit.ok();
    }
}

/// A body whose end waits for a turn.
struct TurnBody {
    inner: Body,
    turn: Turn,
    turns: Arc<Semaphore>,
    waiting: Option<Pin<Box<dyn Future<Output = Permit> + Send>>>,
    ended: bool,
}

impl HttpBody for TurnBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.waiting.is_none() {
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
            if let Some(frame) = frame {
                return Poll::Ready(Some(frame.map_err(BoxError::from)));
            }
            self.turn.arrived.notify_one();
            self.waiting = Some(Box::pin(self.turns.clone().acquire_owned()));
        }
        if let Some(waiting) = &mut self.waiting {
            let permit = ready!(waiting.as_mut().poll(context));
            self.turn.keep(permit);
        }
        (self.waiting, self.ended) = (None, true);
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Keeps a request within the bounds of its class.
pub(super) async fn bounded(
    State(turns): State<Turns>,
    mut request: Request,
    next: Next,
) -> Response {
    let pattern = request.extensions().get::<MatchedPath>();
    let class = RouteClass::of(request.method(), pattern.map(MatchedPath::as_str));
    let bounds = class.bounds();
    // The body of a GET is never read.
    if request.method() != Method::GET && announced(&request) > bounds.bytes as u64 {
        return Refusal::from(ProblemCode::TooLarge).into_response();
    }
    DefaultBodyLimit::max(bounds.bytes).apply(&mut request);
    let (turn, turns) = (Turn::default(), turns.of(class));
    let late = {
        let arrived = turn.arrived.clone();
        async move {
            tokio::select! {
                () = arrived.notified() => sleep(bounds.time).await,
                () = sleep(bounds.time + UNREAD) => {}
            }
        }
    };
    let answer = answered(request, next, turn.clone(), turns);
    tokio::select! {
        response = answer => response,
        () = late => busy(),
    }
}

async fn answered(request: Request, next: Next, turn: Turn, turns: Arc<Semaphore>) -> Response {
    if request.body().is_end_stream() {
        turn.arrived.notify_one();
        turn.keep(turns.acquire_owned().await);
        return next.run(request).await;
    }
    let with_turn = |inner| TurnBody {
        inner,
        turn: turn.clone(),
        turns,
        waiting: None,
        ended: false,
    };
    next.run(request.map(with_turn).map(Body::new)).await
}

/// The length of the body as its head says it; 0 where it says nothing.
fn announced(request: &Request) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or_default()
}

/// Too much at once: to be tried again a moment later.
fn busy() -> Response {
    let mut response = Refusal::from(ProblemCode::Busy).into_response();
    let soon = HeaderValue::from_static("1");
    response.headers_mut().insert(header::RETRY_AFTER, soon);
    response
}
