//! What a step asks of the world, collected in order.

use crate::asks::Asks;
use crate::effect::{Ask, Effect, Indication, Request, StaffReason};

/// The effects of the step under way, and the one question that is open.
pub(crate) struct Effects {
    asks: Asks,
    out: Vec<Effect>,
    /// A question was asked in this step: the resident waits from now on.
    asked: bool,
}

impl Effects {
    /// Numbers visits on from `last`.
    pub(crate) fn following(last: u64) -> Self {
        Self {
            asks: Asks::following(last),
            out: Vec::new(),
            asked: false,
        }
    }

    /// Asks the world; an open question is dropped first.
    pub(crate) fn ask(&mut self, request: Request) {
        self.asked = true;
        self.asks.ask(request, &mut self.out);
    }

    /// Nobody waits for the open question any more.
    pub(crate) fn give_up(&mut self) {
        self.asks.give_up(&mut self.out);
    }

    pub(crate) fn indicate(&mut self, indication: Indication) {
        self.out.push(Effect::Indicate(indication));
    }

    pub(crate) fn call_staff(&mut self, reason: StaffReason) {
        self.out.push(Effect::CallStaff(reason));
    }

    /// True exactly once, for the reply to the open question.
    pub(crate) fn accept(&mut self, ask: Ask) -> bool {
        self.asks.accept(ask)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.asks.is_waiting()
    }

    pub(crate) fn visit_number(&self) -> u64 {
        self.asks.visit()
    }

    /// The visit is over: everybody forgets it.
    pub(crate) fn forget(&mut self) {
        self.asks.next_visit(&mut self.out);
        self.out.push(Effect::Forget);
    }

    /// Whether a question was asked since the last look.
    pub(crate) fn take_asked(&mut self) -> bool {
        std::mem::take(&mut self.asked)
    }

    /// The effects of the step that ends here.
    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.out)
    }
}
