//! Answers to the session's questions: each given exactly once, also when the work behind it dies.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use session::effect::{Ask, Event, Reply, Request};
use session::effect::{CardProblem, HouseholdProblem, PrintProblem};

use crate::lobby::Tell;

/// Which questions somebody still waits for. Clones are the same list.
#[derive(Clone, Default)]
pub struct Open(Arc<OpenAsks>);

#[derive(Default)]
struct OpenAsks {
    asks: Mutex<HashSet<Ask>>,
    changed: Condvar,
}

impl Open {
    /// Nobody waits for this one any more.
    pub fn drop_ask(&self, ask: Ask) {
        self.lock().remove(&ask);
        self.0.changed.notify_all();
    }

    /// Nobody waits for any.
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
    tell: Tell,
    open: Open,
    otherwise: Option<Reply>,
}

impl Answer {
    /// Takes on a question.
    #[must_use]
    pub fn to(ask: Ask, request: &Request, tell: Tell, open: &Open) -> Self {
        open.lock().insert(ask);
        Self {
            ask,
            tell,
            open: open.clone(),
            otherwise: Some(failure(request)),
        }
    }

    /// Answers. The session drops what it no longer waits for, so this is never too late to be safe.
    pub fn give(mut self, reply: Reply) {
        self.otherwise = None;
        self.send(reply);
    }

    /// Which visit asked.
    #[must_use]
    pub fn visit(&self) -> u64 {
        self.ask.visit
    }

    /// Whether somebody still waits.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.open.lock().contains(&self.ask)
    }

    /// Waits, but not longer than somebody waits for the answer; whether somebody still does.
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
        self.tell.event(Event::Reply(self.ask, reply));
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(reply) = self.otherwise.take() {
            tracing::error!(kind = "unanswered", "work ended without an answer");
            self.send(reply);
        }
    }
}

/// What the resident is told when the work itself broke.
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
    }
}
