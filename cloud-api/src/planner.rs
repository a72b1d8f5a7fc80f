//! Planning off the threads that answer requests, as long as somebody waits for the plan.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kiosk_api::ProblemCode;

use crate::refusal::Refusal;

/// Says no once the one who waits has gone.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does the work, which asks the function that it gets whether to go on: not once the future is dropped, which it is when the
/// client leaves or its time is over. Planning asks between rules and between facts that it tries, so it ends within
/// microseconds.
///
/// # Errors
/// `internal` when the work panicked.
pub(crate) async fn while_awaited<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
) -> Result<T, Refusal> {
    let gone = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(gone.clone());
    let go_on = move || !gone.load(Ordering::Relaxed);
    tokio::task::spawn_blocking(move || work(&go_on))
        .await
        .map_err(|_| ProblemCode::Internal.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_ends_when_nobody_waits_any_more() {
        let (begun, has_begun) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let work = tokio::spawn(while_awaited(move |go_on| {
            begun.send(()).unwrap();
            while go_on() {
                std::hint::spin_loop();
            }
            ended.send(()).unwrap();
        }));
        has_begun.await.unwrap();
        work.abort();
        has_ended.await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_of_the_service() {
        let refused = while_awaited(|_| panic!("as a broken rule would")).await;
        let Err(Refusal(problem)): Result<(), _> = refused else {
            panic!("it was answered");
        };
        assert_eq!(problem.code, ProblemCode::Internal);
    }
}
