//! A body that arrives, as a blocking reader for the import's thread.

use std::future::Future;
use std::io::{self, Read};

use reqwest::Response;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::error::{PullError, classify};

type Chunk = Result<Zeroizing<Vec<u8>>, ()>;

/// Reads what is sent; ends with an error when the sender says so or goes away without an end.
pub(super) struct BodyReader {
    chunks: mpsc::Receiver<Option<Chunk>>,
    chunk: Zeroizing<Vec<u8>>,
    at: usize,
    ended: bool,
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() && !self.ended {
            match self.chunks.blocking_recv() {
                Some(Some(Ok(chunk))) => (self.chunk, self.at) = (chunk, 0),
                Some(None) => self.ended = true,
                Some(Some(Err(()))) | None => return Err(io::Error::other("it broke off")),
            }
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let read = (&mut &*rest).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// The reader of a response's body, and what feeds it; at most `most` MiB go through.
pub(super) fn stream(
    mut response: Response,
    most: u64,
) -> (BodyReader, impl Future<Output = Result<(), PullError>>) {
    let (send, chunks) = mpsc::channel(4);
    let reader = BodyReader {
        chunks,
        chunk: Zeroizing::new(Vec::new()),
        at: 0,
        ended: false,
    };
    let feeding = async move {
        let mut left = most.saturating_mul(1024 * 1024);
        loop {
            let next = match response.chunk().await {
                Err(error) => Err(classify(&error)),
                Ok(Some(chunk)) if chunk.len() as u64 > left => Err(PullError::TooLarge(most)),
                Ok(chunk) => Ok(chunk),
            };
            let (message, ended) = match next {
                Ok(Some(chunk)) => {
                    left -= chunk.len() as u64;
                    (Some(Ok(Zeroizing::new(chunk.to_vec()))), None)
                }
                Ok(None) => (None, Some(Ok(()))),
                Err(error) => (Some(Err(())), Some(Err(error))),
            };
            // A reader that has gone away has its own reason, which the import tells.
            let gone = send.send(message).await.is_err();
            match ended {
                Some(ended) => return ended,
                None if gone => return Ok(()),
                None => {}
            }
        }
    };
    (reader, feeding)
}
