//! What the loop reacts to, and the way there from every other thread.

use std::sync::mpsc::Sender;

use session::effect::Event;

use crate::editions::NewEdition;

/// Something that the loop must react to.
pub enum LoopEvent {
    /// For the session: a touch, a reply, a notice or a tick.
    Session(Event),
    /// Another edition was accepted.
    NewEdition(NewEdition),
    /// The program ends.
    Quit,
}

/// Sends to the loop. Clones send to the same one.
#[derive(Clone)]
pub struct EventSender(Sender<LoopEvent>);

impl EventSender {
    /// Sends to whoever holds the receiving end of `sender`.
    #[must_use]
    pub fn new(sender: Sender<LoopEvent>) -> Self {
        Self(sender)
    }

    /// Sends an event of the session.
    pub fn event(&self, event: Event) {
        self.send(LoopEvent::Session(event));
    }

    /// Sends any event. After the loop's end it is dropped, which is no error.
    pub fn send(&self, event: LoopEvent) {
        let _ = self.0.send(event);
    }
}
