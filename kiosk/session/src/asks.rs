//! Which answer is awaited. The one place that decides whether a reply is still awaited.

use crate::effect::{Ask, Effect, Request};

/// Numbers the questions of all visits and remembers the one that is open.
pub(crate) struct Asks {
    visit: u64,
    number: u32,
    awaited: Option<Ask>,
}

impl Asks {
    /// Numbers on after the last visit of a session that ended otherwise than by forgetting; 0 where there was none.
    pub(crate) fn following(last: u64) -> Self {
        Self {
            visit: last.saturating_add(1),
            number: 0,
            awaited: None,
        }
    }

    pub(crate) fn visit(&self) -> u64 {
        self.visit
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Asks; an open question is dropped first, since only one answer can be meant.
    pub(crate) fn ask(&mut self, request: Request, out: &mut Vec<Effect>) {
        self.give_up(out);
        self.number = self.number.wrapping_add(1);
        let ask = Ask {
            visit: self.visit,
            number: self.number,
        };
        self.awaited = Some(ask);
        out.push(Effect::Ask(ask, request));
    }

    /// Nobody waits any more.
    pub(crate) fn give_up(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.awaited.take().map(Effect::Drop));
    }

    /// True exactly once, for the reply to the open question of this visit.
    pub(crate) fn accept(&mut self, ask: Ask) -> bool {
        self.awaited.take_if(|awaited| *awaited == ask).is_some()
    }

    /// A new visit: no number of an earlier one can ever be equal again.
    pub(crate) fn next_visit(&mut self, out: &mut Vec<Effect>) {
        self.give_up(out);
        self.visit += 1;
        self.number = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(effects: &[Effect]) -> Ask {
        match effects.last() {
            Some(Effect::Ask(ask, _)) => *ask,
            _ => panic!("nothing was asked"),
        }
    }

    #[test]
    fn an_answer_is_taken_once() {
        let (mut asks, mut out) = (Asks::following(0), Vec::new());
        asks.ask(Request::CardTries, &mut out);
        let ask = asked(&out);
        assert!(asks.accept(ask));
        assert!(!asks.accept(ask));
    }

    #[test]
    fn a_newer_question_drops_the_older() {
        let (mut asks, mut out) = (Asks::following(0), Vec::new());
        asks.ask(Request::CardTries, &mut out);
        let old = asked(&out);
        asks.ask(Request::Household, &mut out);
        assert!(
            out.iter()
                .any(|effect| matches!(effect, Effect::Drop(ask) if *ask == old))
        );
        assert!(!asks.accept(old));
        assert!(asks.accept(asked(&out)));
    }

    #[test]
    fn the_last_visits_answer_is_nobodys() {
        let (mut asks, mut out) = (Asks::following(0), Vec::new());
        asks.ask(Request::Household, &mut out);
        let old = asked(&out);
        asks.next_visit(&mut out);
        asks.ask(Request::Household, &mut out);
        assert!(!asks.accept(old));
        assert!(asks.is_waiting());
    }
}
