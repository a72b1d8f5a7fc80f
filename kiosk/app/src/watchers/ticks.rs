//! Time passes: one tick a second for the session.

use std::time::Duration;

use session::effect::Event;

use super::StopSignal;
use super::watcher::start;
use crate::loop_event::EventSender;

/// Sends a tick each second.
pub fn ticks(events: EventSender, stop: StopSignal) {
    let _ = start("tick", move || {
        while !stop.wait(Duration::from_secs(1)) {
            events.event(Event::Tick);
        }
    });
}
