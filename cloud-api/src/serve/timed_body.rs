//! A request's body, which has to arrive in time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use super::connection_limit::{OpenConnection, Phase};
use crate::late_body::LateBody;

/// Ends with an error when its time is over, however little came last.
pub(super) struct TimedBody {
    inner: Incoming,
    connection: Arc<OpenConnection>,
    time: Pin<Box<Sleep>>,
    late: LateBody,
}

impl TimedBody {
    pub(super) fn new(
        inner: Incoming,
        connection: Arc<OpenConnection>,
        time: Duration,
        late: LateBody,
    ) -> Self {
        connection.begin(if inner.is_end_stream() {
            Phase::Working
        } else {
            Phase::Body
        });
        Self {
            inner,
            connection,
            time: Box::pin(sleep(time)),
            late,
        }
    }

    fn note_end(&self) {
        if self.connection.phase().0 == Phase::Body {
            self.connection.begin(Phase::Working);
        }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        match polled {
            Poll::Ready(frame) => {
                if frame.is_none() || self.inner.is_end_stream() {
                    self.note_end();
                }
                Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)))
            }
            Poll::Pending => {
                std::task::ready!(self.time.as_mut().poll(context));
                self.late.set();
                Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
