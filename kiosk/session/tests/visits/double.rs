//! A second tap that follows a page at once is not meant for it; keys of one pad are as quick as the hand.

use jiff::ToSpan;
use session::effect::{Event, Reply};
use session::screen::{Body, EntryBody, Overlay, Pad};
use session::touch::{Key, Touch};

use crate::kiosk::Kiosk;

/// The same touch again, so many milliseconds after the last event.
fn after(kiosk: &mut Kiosk, milliseconds: i64, touch: Touch) {
    kiosk.now = kiosk.now.checked_add(milliseconds.milliseconds()).unwrap();
    kiosk.step(Event::Touch(touch));
}

fn choose(id: &str) -> Touch {
    Touch::Choose(id.parse().unwrap())
}

#[test]
fn a_double_tap_does_not_answer_the_next_page() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("birth")
        .choose("without")
        .choose("day:today")
        .is_at("details.parent.title");
    for early in [0, 100, 199] {
        // The three together stay under 300 ms.
        after(&mut kiosk, early / 2, choose("mother"));
        kiosk.is_at("details.parent.title");
    }
    after(&mut kiosk, 151, choose("mother"));
    kiosk.is_at("details.how_many.children");
}

#[test]
fn a_page_that_came_by_an_answer_is_guarded_too() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .reply(Reply::CardFailed(session::effect::CardProblem::Unreadable))
        .is_at("card.unreadable.title");
    after(&mut kiosk, 299, choose("without"));
    kiosk.is_at("card.unreadable.title");
    after(&mut kiosk, 1, choose("without"));
    assert_ne!(kiosk.title(), "card.unreadable.title");
}

#[test]
fn start_over_is_not_confirmed_by_a_double_tap() {
    let mut kiosk = Kiosk::new();
    kiosk.with_household("birth").touch(Touch::StartOver);
    after(&mut kiosk, 120, Touch::StartOver);
    assert!(kiosk.screen().overlay == Some(Overlay::StartOver));
    assert_eq!(kiosk.forgotten, 0);
    after(&mut kiosk, 180, Touch::Close);
    assert!(kiosk.screen().overlay.is_none());
    after(&mut kiosk, 10, choose("day:today"));
    kiosk.is_at("birth.date");
}

#[test]
fn keys_of_one_pad_are_not_slowed_down() {
    let mut kiosk = Kiosk::new();
    kiosk.begin("birth").choose("without");
    after(&mut kiosk, 300, choose("era:showa"));
    for key in ['5', '0', '6', '1', '5'] {
        after(&mut kiosk, 0, Touch::Key(Key::Char(key)));
    }
    let Body::Entry(EntryBody {
        pad: Pad::Date(pad),
        ..
    }) = kiosk.screen().body
    else {
        panic!("no date pad")
    };
    assert_eq!(pad.parts, ["50", "6", "15"]);
}

#[test]
fn a_clock_set_back_blocks_no_touch() {
    let mut kiosk = Kiosk::new();
    kiosk.begin("birth").choose("without");
    kiosk.now = "2026-04-26T00:00:00Z".parse().unwrap();
    kiosk.step(Event::Touch(choose("day:today")));
    kiosk.is_at("details.parent.title");
}
