//! Takes sealed applications out of the outbox and to the cloud, in order, for as long as it takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::Cloud;
use super::backoff::{Backoff, random};
use crate::outbox::{Queue, QueueError, Record};

/// The queue is looked at this often even when nobody says that something came.
const LOOK: Duration = Duration::from_secs(60);

/// The task's parts.
pub struct Delivery {
    /// Where the sealed applications wait.
    pub queue: Arc<dyn Queue>,
    /// Where they go.
    pub cloud: Cloud,
    /// Told when something was stored.
    pub stored: Arc<Notify>,
}

/// What one look at the queue led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One was delivered; there may be more.
    Delivered,
    /// Nothing waits.
    Empty,
    /// It did not work now; it may later.
    Later,
    /// The cloud will never take this one: put aside, staff are told.
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
                Step::Empty => LOOK,
                Step::Later => backoff.next(random()),
            };
            // Something new is no reason to hammer a cloud that is away: only an empty queue listens.
            if wait == LOOK {
                let _ = tokio::time::timeout(wait, self.stored.notified()).await;
            } else {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Tries the oldest one.
    pub async fn step(&self) -> Step {
        let record = match self.peek().await {
            Ok(Some(record)) => record,
            Ok(None) => return Step::Empty,
            Err(QueueError::Broken { place, reason }) => {
                tracing::error!(kind = "outbox-record-broken", place, reason);
                return Step::PutAside;
            }
            Err(error) => {
                tracing::error!(kind = "outbox", %error);
                return Step::Later;
            }
        };
        let place = record.place;
        match self.cloud.deliver(record.sealed).await {
            Ok(receipt) if receipt.id.0 == record.id => {
                tracing::info!(kind = "delivered", place, repeated = receipt.repeated);
                self.settle(place, Settle::Acknowledge).await
            }
            Ok(_) => {
                tracing::error!(kind = "delivery-other-id", place);
                Step::Later
            }
            Err(error) if error.retry() => {
                tracing::debug!(kind = "delivery-later", place, %error);
                Step::Later
            }
            Err(error) => {
                tracing::error!(kind = "delivery-refused", place, %error, "put aside; tried again at the next start");
                self.settle(place, Settle::PutAside).await
            }
        }
    }

    async fn peek(&self) -> Result<Option<Record>, QueueError> {
        let queue = Arc::clone(&self.queue);
        on_a_thread(move || queue.peek()).await
    }

    async fn settle(&self, place: u64, how: Settle) -> Step {
        let queue = Arc::clone(&self.queue);
        let done = on_a_thread(move || match how {
            Settle::Acknowledge => queue.acknowledge(place).map(|()| Step::Delivered),
            Settle::PutAside => queue.put_aside(place).map(|()| Step::PutAside),
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
