//! The cloud becomes reachable and unreachable.

use session::effect::{Event, Notice};

use crate::cloud::Cloud;
use crate::loop_event::EventSender;

/// Reports each change until the client is dropped.
pub async fn online(cloud: Cloud, events: EventSender) {
    let mut online = cloud.online();
    while online.changed().await.is_ok() {
        if let Some(now) = *online.borrow_and_update() {
            events.event(Event::Notice(Notice::Online(now)));
        }
    }
}
