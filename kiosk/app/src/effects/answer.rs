//! Answers to the session's questions: each is given exactly once, also when the work for it panics or is abandoned.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use session::effect::{Ask, Event, Reply, Request};
use session::effect::{CardProblem, HouseholdProblem, PrintProblem, ReopenProblem};

use crate::loop_event::EventSender;

/// The questions that the session still waits for. Clones are the same list.
#[derive(Clone, Default)]
pub struct OpenAsks(Arc<Asks>);

#[derive(Default)]
struct Asks {
    asks: Mutex<HashSet<Ask>>,
    changed: Condvar,
}

impl OpenAsks {
    /// The session no longer waits for this one.
    pub fn drop_ask(&self, ask: Ask) {
        self.lock().remove(&ask);
        self.0.changed.notify_all();
    }

    /// The session no longer waits for any.
    pub fn drop_all(&self) {
        self.lock().clear();
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Ask>> {
        self.0.asks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to answer one question. Dropped unanswered (a panic, an abandoned job), it answers that it did not work.
pub struct Answer {
    ask: Ask,
    events: EventSender,
    open: OpenAsks,
    fallback: Option<Reply>,
}

impl Answer {
    /// Registers the question as open.
    #[must_use]
    pub fn to(ask: Ask, request: &Request, events: EventSender, open: &OpenAsks) -> Self {
        open.lock().insert(ask);
        Self {
            ask,
            events,
            open: open.clone(),
            fallback: Some(failure(request)),
        }
    }

    /// Answers. The session drops what it no longer waits for, so a late answer is safe.
    pub fn give(mut self, reply: Reply) {
        self.fallback = None;
        self.send(reply);
    }

    /// The number of the visit that asked.
    #[must_use]
    pub fn visit(&self) -> u64 {
        self.ask.visit
    }

    /// Whether the session still waits.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.open.lock().contains(&self.ask)
    }

    /// Waits for `time`, or until the session no longer waits for the answer; returns whether it still does.
    #[must_use]
    pub fn pause(&self, time: Duration) -> bool {
        let asks = self.open.lock();
        let waited = self
            .open
            .0
            .changed
            .wait_timeout_while(asks, time, |asks| asks.contains(&self.ask));
        waited
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .contains(&self.ask)
    }

    fn send(&self, reply: Reply) {
        self.open.lock().remove(&self.ask);
        self.events.event(Event::Reply(self.ask, reply));
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(reply) = self.fallback.take() {
            tracing::error!(kind = "unanswered", "work ended without an answer");
            self.send(reply);
        }
    }
}

/// The reply when the work itself failed.
fn failure(request: &Request) -> Reply {
    match request {
        Request::CardTries | Request::ReadCard { .. } => Reply::CardFailed(CardProblem::Reader),
        Request::Household => Reply::NoHousehold(HouseholdProblem::Offline),
        Request::PostalCode(_) => Reply::Towns(Vec::new()),
        Request::Preview { .. } => Reply::PreviewFailed,
        Request::Store(_) => Reply::StoreFailed,
        Request::PrintForm { .. } | Request::PrintPlan(_) | Request::PrintReceipt(_) => {
            Reply::PrintFailed(PrintProblem::Fault)
        }
        Request::Reopen { .. } => Reply::NotReopened(ReopenProblem::Storage),
    }
}
