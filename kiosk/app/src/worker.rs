//! A thread of its own for each part: jobs one after another, on a state that only they touch.
//!
//! A job that panics costs the state, not the thread: the next job gets a fresh one. A job that hangs beyond the limit is
//! abandoned with its thread, and the next job gets a fresh thread; the old one ends when its job returns. At the end of
//! the program a worker is closed: what was handed over is done, and the state dropped, before the program goes on ending.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Runs jobs on a state of type `S`. The state is made, used and dropped on the worker's thread.
pub struct Worker<S> {
    name: &'static str,
    limit: Duration,
    make: Arc<dyn Fn() -> S + Send + Sync>,
    /// `None` once the worker is closed.
    thread: Mutex<Option<JobThread<S>>>,
}

struct JobThread<S> {
    jobs: Sender<Job<S>>,
    busy: Arc<Busy>,
    /// Nothing is ever sent through it; it disconnects when the thread has ended.
    ended: Receiver<Infallible>,
}

/// When the job now running began, in milliseconds since `epoch`, plus one; zero while idle.
struct Busy {
    epoch: Instant,
    since: AtomicU64,
}

impl Busy {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn begin(&self) {
        self.since.store(self.now() + 1, Ordering::Release);
    }

    fn end(&self) {
        self.since.store(0, Ordering::Release);
    }

    fn longer_than(&self, limit: Duration) -> bool {
        match self.since.load(Ordering::Acquire) {
            0 => false,
            since => Duration::from_millis((self.now() + 1).saturating_sub(since)) > limit,
        }
    }
}

impl<S: 'static> Worker<S> {
    /// A worker whose state comes from `make`. `limit` is how long one job may take before it counts as hung.
    #[must_use]
    pub fn new(
        name: &'static str,
        limit: Duration,
        make: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        let make: Arc<dyn Fn() -> S + Send + Sync> = Arc::new(make);
        let thread = Mutex::new(Some(JobThread::start(name, Arc::clone(&make))));
        Self {
            name,
            limit,
            make,
            thread,
        }
    }

    /// Hands a job over; returns at once. A closed worker drops it.
    pub fn run(&self, job: impl FnOnce(&mut S) + Send + 'static) {
        let mut open = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = open.as_mut() else { return };
        if thread.busy.longer_than(self.limit) {
            tracing::error!(
                kind = "worker-hung",
                worker = self.name,
                "abandoned; a new one takes over"
            );
            *thread = JobThread::start(self.name, Arc::clone(&self.make));
        }
        if let Err(refused) = thread.jobs.send(Box::new(job)) {
            // Only a thread that could not be started, or was ended from outside, refuses.
            *thread = JobThread::start(self.name, Arc::clone(&self.make));
            let _ = thread.jobs.send(refused.0);
        }
    }

    /// Takes no more jobs, and waits until those handed over are done and the state is dropped, but not beyond `until`.
    /// Whether that came in time.
    pub fn close(&self, until: Instant) -> bool {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(JobThread { jobs, ended, .. }) = thread else {
            return true;
        };
        drop(jobs);
        let left = until.saturating_duration_since(Instant::now());
        let in_time = ended.recv_timeout(left) == Err(RecvTimeoutError::Disconnected);
        if !in_time {
            tracing::error!(kind = "worker-hung", worker = self.name, "left behind");
        }
        in_time
    }
}

impl<S: 'static> JobThread<S> {
    fn start(name: &'static str, make: Arc<dyn Fn() -> S + Send + Sync>) -> Self {
        let (jobs, todo) = channel();
        let busy = Arc::new(Busy {
            epoch: Instant::now(),
            since: AtomicU64::new(0),
        });
        let seen = Arc::clone(&busy);
        let (alive, ended) = channel::<Infallible>();
        let started = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                // Dropped last: its end means that the state is gone.
                let _alive = alive;
                work(name, &todo, &*make, &seen);
            });
        if let Err(error) = started {
            tracing::error!(kind = "worker-start", worker = name, %error);
        }
        Self { jobs, busy, ended }
    }
}

fn work<S>(
    name: &'static str,
    todo: &Receiver<Job<S>>,
    make: &(dyn Fn() -> S + Send + Sync),
    busy: &Busy,
) {
    let mut state = None;
    while let Ok(job) = todo.recv() {
        busy.begin();
        let worked = catch_unwind(AssertUnwindSafe(|| job(state.get_or_insert_with(make))));
        if worked.is_err() {
            tracing::error!(
                kind = "worker-panic",
                worker = name,
                "the next job gets a new state"
            );
            let _ = catch_unwind(AssertUnwindSafe(|| state = None));
        }
        busy.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn ask<S: 'static, T: Send + 'static>(
        worker: &Worker<S>,
        job: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Receiver<T> {
        let (answer, answered) = mpsc::channel();
        worker.run(move |state| {
            let _ = answer.send(job(state));
        });
        answered
    }

    #[test]
    fn jobs_come_in_order_and_share_the_state() {
        let worker = Worker::new("test", Duration::from_secs(60), Vec::new);
        for n in 0..50 {
            worker.run(move |seen: &mut Vec<i32>| seen.push(n));
        }
        assert_eq!(
            ask(&worker, |seen| seen.clone()).recv().unwrap(),
            (0..50).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_panic_costs_the_state_and_nothing_else() {
        let worker = Worker::new("test", Duration::from_secs(60), || 0);
        worker.run(|count| *count = 7);
        assert!(ask(&worker, |_| panic!("on purpose")).recv().is_err());
        assert_eq!(ask(&worker, |count| *count).recv().unwrap(), 0);
    }

    #[test]
    fn a_job_that_hangs_is_abandoned() {
        let worker = Worker::new("test", Duration::ZERO, || ());
        let (release, hang) = mpsc::channel::<()>();
        let (begun, running) = mpsc::channel();
        worker.run(move |()| {
            let _ = begun.send(());
            let _ = hang.recv();
        });
        running.recv().unwrap();
        // The limit is zero: from the first millisecond on the job counts as hung.
        let later = Instant::now() + Duration::from_millis(2);
        while Instant::now() < later {
            std::thread::yield_now();
        }
        assert_eq!(ask(&worker, |()| 5).recv().unwrap(), 5);
        drop(release);
    }
    #[test]
    fn closing_waits_for_the_work_and_for_the_end_of_the_state() {
        struct Reporting(mpsc::Sender<&'static str>);
        impl Drop for Reporting {
            fn drop(&mut self) {
                let _ = self.0.send("state dropped");
            }
        }
        let (sender, reports) = mpsc::channel();
        let worker = Worker::new("test", Duration::from_secs(60), move || {
            Reporting(sender.clone())
        });
        worker.run(|state| state.0.send("worked").unwrap());
        assert!(worker.close(Instant::now() + Duration::from_secs(60)));
        assert_eq!(
            reports.try_iter().collect::<Vec<_>>(),
            ["worked", "state dropped"]
        );
        assert!(
            ask(&worker, |_| ()).recv().is_err(),
            "a closed worker takes no job"
        );
    }

    #[test]
    fn closing_leaves_a_hung_job_behind() {
        let worker = Worker::new("test", Duration::from_secs(60), || ());
        let (release, hang) = mpsc::channel::<()>();
        worker.run(move |()| {
            let _ = hang.recv();
        });
        assert!(!worker.close(Instant::now()));
        drop(release);
    }
}
