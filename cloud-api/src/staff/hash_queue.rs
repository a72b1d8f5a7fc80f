//! Where passwords are hashed: a few threads, each with one block of memory for Argon2, and a line that has an end. So many
//! log-ins at once wait or are sent away; they take neither the memory nor the processors of everything else.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use argon2::{Block, Params};
use kiosk_api::ProblemCode;
use thiserror::Error;
use tokio::sync::oneshot;
use zeroize::Zeroize as _;

/// Work that waits; it does nothing if whoever asked for it has gone.
type Job = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// Most that wait: on one thread of a slow processor they are done in some five seconds.
const MOST_WAITING: usize = 100;
/// Most threads; more would only take processors from what else the service does.
const MOST_THREADS: usize = 4;

/// Nothing is hashed: the line is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("so many log in at once that no more can wait")]
pub struct LineFull;

impl From<LineFull> for ProblemCode {
    fn from(LineFull: LineFull) -> Self {
        Self::Busy
    }
}

/// The memory of one thread, in which it hashes one password after the other.
pub struct HashMemory(Vec<Block>);

impl HashMemory {
    fn new() -> Self {
        Self(vec![Block::new(); Params::DEFAULT.block_count()])
    }

    /// So many blocks; `None` if hashes of ours never need as many.
    pub(super) fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        self.0.get_mut(..count)
    }

    /// Whether nothing of a password is left in it.
    #[cfg(test)]
    fn is_wiped(&self) -> bool {
        let bytes = |block: &Block| block.as_ref().iter().all(|word| *word == 0);
        self.0.iter().all(bytes)
    }
}

/// The threads and the line before them; the threads end with it.
pub struct HashQueue {
    line: SyncSender<Job>,
}

impl HashQueue {
    /// On half of the processors.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn new() -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with((processors / 2).clamp(1, MOST_THREADS), MOST_WAITING)
    }

    /// On so many threads, with so many waiting at most.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn with(threads: usize, most_waiting: usize) -> io::Result<Self> {
        let (line, jobs) = sync_channel(most_waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = Arc::clone(&jobs);
            let thread = std::thread::Builder::new().name("password-hash".to_owned());
            thread.spawn(move || work(&jobs))?;
        }
        Ok(Self { line })
    }

    /// Waits for its turn and does this; dropped before, it is not done.
    ///
    /// # Errors
    /// [`LineFull`].
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, LineFull> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            if !answer.is_closed() {
                // Who left meanwhile needs no answer.
                let _gone = answer.send(work(memory));
            }
        });
        self.line.try_send(job).map_err(|_| LineFull)?;
        answered.await.map_err(|_| LineFull)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = HashMemory::new();
    loop {
        let next = jobs.lock().map(|jobs| jobs.recv());
        let Ok(Ok(job)) = next else { return };
        // One password that makes Argon2 panic must not end the thread for all others.
        let done = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        if done.is_err() {
            tracing::error!("hashing a password panicked");
        }
        // Whoever reads these blocks can try passwords at a fraction of the cost.
        memory.0.iter_mut().for_each(|block| block.zeroize());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::{HashMemory, HashQueue, LineFull};

    /// Occupies the only thread until it is let go.
    fn occupy(queue: &HashQueue) -> std::sync::mpsc::Sender<()> {
        let ((go, gone), (begun, begins)) = (channel(), channel());
        let job = move |_: &mut HashMemory| {
            begun.send(()).ok();
            gone.recv().ok();
        };
        queue.line.try_send(Box::new(job)).ok();
        begins.recv().ok();
        go
    }

    #[tokio::test]
    async fn a_full_line_sends_away_and_one_that_left_is_not_computed() {
        let queue = HashQueue::with(1, 2).expect("a thread");
        let go = occupy(&queue);
        let (done, computed) = channel();
        let leaves = {
            let done = done.clone();
            queue.run(move |_| done.send("left"))
        };
        let stays = queue.run(move |_| done.send("stayed"));
        let (mut leaves, mut stays) = (Box::pin(leaves), Box::pin(stays));
        for waiting in [
            &mut leaves as &mut (dyn Future<Output = _> + Unpin),
            &mut stays,
        ] {
            let polled = std::future::poll_fn(|context| {
                let polled = std::pin::Pin::new(&mut *waiting).poll(context);
                std::task::Poll::Ready(polled)
            });
            assert!(polled.await.is_pending());
        }
        assert_eq!(queue.run(|_| ()).await, Err(LineFull));
        drop(leaves);
        go.send(()).expect("the thread waits");
        stays.await.expect("its turn").expect("received");
        let all: Vec<&str> = computed.iter().collect();
        assert_eq!(all, ["stayed"]);
    }

    #[tokio::test]
    async fn memory_is_wiped_between_two() {
        let queue = HashQueue::with(1, 2).expect("a thread");
        let fill =
            |memory: &mut HashMemory| memory.0.iter_mut().for_each(|block| block.as_mut().fill(7));
        queue.run(fill).await.expect("its turn");
        let wiped = queue.run(|memory| memory.is_wiped()).await;
        assert_eq!(wiped, Ok(true));
    }
}
