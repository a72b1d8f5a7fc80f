//! Cards come and go.

use std::sync::Arc;
use std::time::Duration;

use devices::card::{CardReader, Presence};
use kiosk_api::{Part, PartState};
use session::effect::{Event, Notice};

use super::StopSignal;
use super::watcher::start;
use crate::kiosk_health::KioskHealth;
use crate::loop_event::EventSender;

/// Reports cards that come and go. `reader` is a handle of its own, beside the one that works with the card.
pub fn cards(
    mut reader: Box<dyn CardReader>,
    events: EventSender,
    health: Arc<KioskHealth>,
    stop: StopSignal,
) {
    let _ = start("card-watch", move || {
        let mut seen = Presence::Empty;
        while !stop.wait(Duration::ZERO) {
            match reader.wait_for_change(seen, Duration::from_secs(1)) {
                Ok(now) => {
                    health.part(
                        Part::CardReader,
                        if now == Presence::NoReader {
                            PartState::Missing
                        } else {
                            PartState::Ready
                        },
                    );
                    for notice in card_notices(seen, now) {
                        events.event(Event::Notice(notice));
                    }
                    events.event(Event::Notice(Notice::Cards(now != Presence::NoReader)));
                    // Without a reader there is nothing to wait on: check each second.
                    if now == Presence::NoReader
                        && seen == Presence::NoReader
                        && stop.wait(Duration::from_secs(1))
                    {
                        break;
                    }
                    seen = now;
                }
                Err(error) => {
                    events.event(Event::Notice(Notice::Cards(false)));
                    if health.part(Part::CardReader, PartState::Missing) {
                        tracing::warn!(kind = "card-reader", reason = error.kind());
                    }
                    if stop.wait(Duration::from_secs(1)) {
                        break;
                    }
                }
            }
        }
    });
}

/// A card that follows another at once counts as gone and here, so that the second is never taken for the first.
fn card_notices(before: Presence, now: Presence) -> Vec<Notice> {
    let there = |presence| matches!(presence, Presence::Card { .. } | Presence::Mute);
    match (there(before), there(now)) {
        (false, true) => vec![Notice::CardHere],
        (true, false) => vec![Notice::CardGone],
        (true, true) if before != now => vec![Notice::CardGone, Notice::CardHere],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_card_is_a_leaving_and_a_coming() {
        let (first, second) = (
            Presence::Card { insertion: 1 },
            Presence::Card { insertion: 2 },
        );
        assert_eq!(card_notices(Presence::Empty, first), [Notice::CardHere]);
        assert_eq!(card_notices(first, first), []);
        assert_eq!(
            card_notices(first, second),
            [Notice::CardGone, Notice::CardHere]
        );
        assert_eq!(card_notices(second, Presence::NoReader), [Notice::CardGone]);
        assert_eq!(card_notices(Presence::NoReader, Presence::Empty), []);
    }
}
