//! Takes sealed applications out of the outbox and to the cloud, in order, for as long as it takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::Cloud;
use super::backoff::{Backoff, random};
use crate::outbox::{Queue, QueueError, Record};

/// How often the queue is checked when nothing signals a new record.
const CHECK_EVERY: Duration = Duration::from_secs(60);

/// The background task with what it reads and writes.
pub struct Delivery {
    /// Where the sealed applications wait.
    pub queue: Arc<dyn Queue>,
    /// Receives them.
    pub cloud: Cloud,
    /// Notified when something was stored.
    pub stored: Arc<Notify>,
}

/// The outcome of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One was delivered; there may be more.
    Delivered,
    /// Nothing waits.
    Empty,
    /// It failed now and may succeed later.
    Later,
    /// The cloud will never take this one: put aside, and logged for staff.
    PutAside,
}

impl Delivery {
    /// Delivers until the program ends.
    pub async fn run(self) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        loop {
            let wait = match self.step().await {
                Step::Delivered | Step::PutAside => {
                    backoff.reset();
                    continue;
                }
                Step::Empty => CHECK_EVERY,
                Step::Later => backoff.next(random()),
            };
            // Something new is no reason to hammer a cloud that is away: only an empty queue listens.
            if wait == CHECK_EVERY {
                let _ = tokio::time::timeout(wait, self.stored.notified()).await;
            } else {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Tries to deliver the oldest record.
    pub async fn step(&self) -> Step {
        let record = match self.peek().await {
            Ok(Some(record)) => record,
            Ok(None) => return Step::Empty,
            Err(QueueError::Broken { sequence, reason }) => {
                tracing::error!(kind = "outbox-record-broken", sequence, reason);
                return Step::PutAside;
            }
            Err(error) => {
                tracing::error!(kind = "outbox", %error);
                return Step::Later;
            }
        };
        let sequence = record.sequence;
        match self.cloud.deliver(record.sealed).await {
            Ok(receipt) if receipt.id.0 == record.id => {
                tracing::info!(kind = "delivered", sequence, repeated = receipt.repeated);
                self.settle(sequence, Settle::Acknowledge).await
            }
            Ok(_) => {
                tracing::error!(kind = "delivery-other-id", sequence);
                Step::Later
            }
            Err(error) if error.retry() => {
                tracing::debug!(kind = "delivery-later", sequence, %error);
                Step::Later
            }
            Err(error) => {
                tracing::error!(kind = "delivery-refused", sequence, %error, "put aside; tried again at the next start");
                self.settle(sequence, Settle::PutAside).await
            }
        }
    }

    async fn peek(&self) -> Result<Option<Record>, QueueError> {
        let queue = Arc::clone(&self.queue);
        on_a_thread(move || queue.peek()).await
    }

    async fn settle(&self, sequence: u64, how: Settle) -> Step {
        let queue = Arc::clone(&self.queue);
        let done = on_a_thread(move || match how {
            Settle::Acknowledge => queue.acknowledge(sequence).map(|()| Step::Delivered),
            Settle::PutAside => queue.put_aside(sequence).map(|()| Step::PutAside),
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(kind = "outbox", %error);
            Step::Later
        })
    }
}

#[derive(Clone, Copy)]
enum Settle {
    Acknowledge,
    PutAside,
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, QueueError> + Send + 'static,
) -> Result<T, QueueError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(QueueError::Stopped))
}
