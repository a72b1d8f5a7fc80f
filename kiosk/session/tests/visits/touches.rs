//! At most three touches to the first question, and everything can be finished without a card.

use session::screen::Body;
use session::touch::{Key, Touch};

use crate::kiosk::Kiosk;
use crate::{reading, town};

/// Touches from the attract screen to the card's offer, which is the first question, and to the event's own first
/// question without a card.
fn touches(event: &str) -> (usize, usize) {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Touch::Begin).choose(&format!("event:{event}"));
    first_questions(&mut kiosk, event, 2)
}

fn first_questions(kiosk: &mut Kiosk, what: &str, count: usize) -> (usize, usize) {
    kiosk.is_at("card.offer.title").choose("without");
    assert!(
        matches!(kiosk.screen().body, Body::Choices(_) | Body::Entry(_)),
        "{what}: no question of its own at {}",
        kiosk.title()
    );
    (count, count + 1)
}

#[test]
fn at_most_three_touches_to_the_first_question() {
    for event in town::events() {
        let (first, own) = touches(event);
        assert!(first <= 2, "{event}: {first} touches");
        assert!(own <= 3, "{event}: {own} touches to its own first question");
    }
    assert_eq!(town::events().count(), 16);
}

/// Begin, search, the result: what is typed are keys of one pad.
#[test]
fn at_most_three_touches_and_the_name_to_the_first_question_of_any_procedure() {
    for procedure in town::catalogue().procedures() {
        let mut kiosk = Kiosk::new();
        kiosk.touch(Touch::Begin).choose("search");
        let reading = procedure.kana.split(' ').next().unwrap();
        let letters: Vec<char> = reading.chars().take(20).collect();
        let id = format!("procedure:{}", procedure.id);
        for letter in letters {
            kiosk.touch(Touch::Key(Key::Char(letter)));
        }
        let found = reading::offered(&kiosk.screen());
        assert!(found.contains(&id), "{reading} finds {found:?}, not {id}");
        kiosk.choose(&id);
        let events: std::collections::BTreeSet<&str> = procedure
            .rule
            .iter()
            .map(|rule| rule.event.as_str())
            .collect();
        if events.len() == 1 {
            assert!(first_questions(&mut kiosk, &procedure.id, 3).0 <= 3);
        } else {
            // The third touch led to a question already: on what occasion it is needed.
            kiosk.is_at("choose.which.title");
        }
    }
}

#[test]
fn every_event_can_be_finished_without_a_card() {
    for event in town::events() {
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
        assert_eq!(stored.event, event);
        assert!(stored.reception.is_none());
    }
}
