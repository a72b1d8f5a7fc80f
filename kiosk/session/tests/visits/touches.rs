//! At most three touches to the first question, and everything can be finished without a card.

use guidance::EVENT_KINDS;
use session::screen::Body;
use session::touch::Touch;

use crate::kiosk::Kiosk;
use crate::reading;

/// Touches from the attract screen to the first question, and those to the event's own first question without a card.
fn touches(event: &str) -> (usize, usize) {
    let mut kiosk = Kiosk::new();
    let mut count = 1;
    kiosk.touch(Touch::Begin);
    let id = format!("event:{event}");
    if !reading::offered(&kiosk.screen()).contains(&id) {
        kiosk.choose("more");
        count += 1;
    }
    kiosk.choose(&id);
    count += 1;
    let first = count;
    assert!(
        matches!(kiosk.screen().body, Body::Choices { .. }),
        "{event}: no question after {count} touches"
    );
    kiosk.choose("without");
    assert!(
        matches!(
            kiosk.screen().body,
            Body::Choices { .. } | Body::Entry { .. }
        ),
        "{event}: no question of its own at {}",
        kiosk.title()
    );
    (first, count + 1)
}

#[test]
fn at_most_three_touches_to_the_first_question() {
    let counted: Vec<(&str, (usize, usize))> = EVENT_KINDS
        .iter()
        .map(|(event, _)| (*event, touches(event)))
        .collect();
    assert_eq!(counted.len(), 16);
    for (event, (first, own)) in &counted {
        assert!(*first <= 3, "{event}: {first} touches");
        assert!(
            *own <= 4,
            "{event}: {own} touches to its own first question"
        );
    }
    let within_three = counted.iter().filter(|(_, (_, own))| *own <= 3).count();
    assert!(
        within_three >= 9,
        "only {within_three} events ask their own first question after three touches"
    );
}

#[test]
fn every_event_can_be_finished_without_a_card() {
    for (event, _) in EVENT_KINDS {
        let mut kiosk = Kiosk::new();
        kiosk.begin(event).choose("without");
        for _ in 0..300 {
            match kiosk.title() {
                "paper.storing.title" => break,
                _ => kiosk.answer_plainly(),
            }
        }
        assert_eq!(
            kiosk.title(),
            "paper.storing.title",
            "{event} was not finished"
        );
        let stored = kiosk.stored.last().unwrap();
        assert_eq!(stored.event, *event);
        assert!(stored.reception.is_none());
    }
}
