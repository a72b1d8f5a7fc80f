//! A connection whose client has to keep pace: heads arrive in time, and answers are taken in time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connection_limit::{OpenConnection, Phase};

/// So many bytes of an answer have to be taken in each [`Patience::answer`].
const LEAST: usize = 16 * 1024;
/// What a client gets that did not finish its head (RFC 9110, 15.5.9).
const HEAD_TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a whole ClientHello.
    pub(super) hello: Duration,
    /// For the handshake after it.
    pub(super) handshake: Duration,
    /// For a request's head, from its first byte.
    pub(super) head: Duration,
    /// For a request's body.
    pub(super) body: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// For the next bytes of an answer.
    pub(super) answer: Duration,
}

/// The stream below HTTP.
pub(super) struct PacedStream<S> {
    inner: S,
    connection: Arc<OpenConnection>,
    patience: Patience,
    reading: Pin<Box<Sleep>>,
    /// Runs while the client does not take what is written.
    writing: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> PacedStream<S> {
    pub(super) fn new(inner: S, connection: Arc<OpenConnection>, patience: Patience) -> Self {
        Self {
            inner,
            connection,
            patience,
            reading: Box::pin(sleep_until(Instant::now())),
            writing: None,
            taken: 0,
        }
    }

    /// Nothing came; an error once it is too late for a head.
    fn wait_to_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (Phase::Head, since) = self.connection.phase() else {
            return Poll::Pending;
        };
        let at = since + self.patience.head;
        if self.reading.deadline() != at {
            self.reading.as_mut().reset(at);
        }
        ready!(self.reading.as_mut().poll(context));
        // As far as it can be said: who does not read either is sent away without it.
        let _sent = Pin::new(&mut self.inner).poll_write(context, HEAD_TOO_SLOW);
        let _sent = Pin::new(&mut self.inner).poll_flush(context);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// What became of writing; an error once the client has taken too little for too long.
    fn wait_to_write<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        count: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(Ok(done)) = &written {
            let count = count(done);
            self.taken += count;
            if self.taken >= LEAST {
                (self.writing, self.taken) = (None, 0);
            }
            // An answer that takes long to write is no idleness.
            if count > 0 && self.connection.phase().0 == Phase::Idle {
                self.connection.begin(Phase::Idle);
            }
        }
        if written.is_pending() {
            let end = Instant::now() + self.patience.answer;
            let time = self
                .writing
                .get_or_insert_with(|| Box::pin(sleep_until(end)));
            ready!(time.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if read.is_pending() {
            return self.wait_to_read(context);
        }
        if buffer.filled().len() > before && self.connection.phase().0 == Phase::Idle {
            self.connection.begin(Phase::Head);
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.wait_to_write(context, written, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, bytes);
        self.wait_to_write(context, written, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        if flushed.is_ready() {
            (self.writing, self.taken) = (None, 0);
        }
        self.wait_to_write(context, flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(context);
        self.wait_to_write(context, shut, |()| 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::super::connection_limit::ConnectionLimit;
    use super::*;
    use crate::client_address::Proxies;

    const SHORT: Duration = Duration::from_millis(30);
    const LONG: Duration = Duration::from_secs(3600);

    fn connection() -> Arc<OpenConnection> {
        let limit = Arc::new(ConnectionLimit::new(1, 1, Proxies::default()));
        limit
            .admit(Ipv4Addr::LOCALHOST.into())
            .unwrap()
            .connection
            .clone()
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_ends() {
        let patience = Patience {
            hello: LONG,
            handshake: LONG,
            head: LONG,
            body: LONG,
            idle: LONG,
            answer: SHORT,
        };
        let (mut client, server) = duplex(1024);
        let connection = connection();
        connection.begin(Phase::Working);
        let mut stream = PacedStream::new(server, connection, patience);
        let error = stream.write_all(&[0; 100_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(stream);
        let mut taken = Vec::new();
        client.read_to_end(&mut taken).await.unwrap();
        assert_eq!(taken.len(), 1024);
    }

    /// A drop now and then is no taking.
    #[tokio::test]
    async fn an_answer_that_is_taken_drop_by_drop_ends() {
        let patience = Patience {
            hello: LONG,
            handshake: LONG,
            head: LONG,
            body: LONG,
            idle: LONG,
            answer: SHORT,
        };
        let (mut client, server) = duplex(1024);
        let mut stream = PacedStream::new(server, connection(), patience);
        let writing = stream.write_all(&[0; 1_000_000]);
        let drops = async {
            let mut every = tokio::time::interval(Duration::from_millis(1));
            loop {
                every.tick().await;
                if client.read(&mut [0]).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            ended = writing => assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut),
            () = drops => panic!("the reader never ends first"),
        }
    }
}
