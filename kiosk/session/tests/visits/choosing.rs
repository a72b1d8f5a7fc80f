//! Tiles, certificates and the 50音 search.

use session::effect::Notice;
use session::screen::{Body, ChoicesBody, Overlay};
use session::touch::{Key, TextSize, Touch};

use crate::kiosk::Kiosk;
use crate::{reading, town};

fn found(query: &[Key]) -> Vec<String> {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Touch::Begin).choose("search");
    for key in query {
        kiosk.touch(Touch::Key(*key));
    }
    reading::offered(&kiosk.screen())
}

fn keys(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

fn events(kiosk: &Kiosk) -> Vec<String> {
    let mut ids = reading::offered(&kiosk.screen());
    ids.retain(|id| id.starts_with("event:"));
    ids
}

#[test]
fn all_sixteen_events_are_on_one_page() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Touch::Begin);
    let seen = events(&kiosk);
    for event in town::events() {
        assert!(
            seen.contains(&format!("event:{event}")),
            "{event} has no tile"
        );
    }
    assert!(!reading::offered(&kiosk.screen()).contains(&"more".to_owned()));
}

#[test]
fn larger_words_and_low_reach_turn_pages() {
    for (look, most) in [
        (Touch::TextSize(TextSize::Large), 8),
        (Touch::TextSize(TextSize::Largest), 8),
        (Touch::LowReach(true), 6),
    ] {
        let mut kiosk = Kiosk::new();
        kiosk.touch(look).touch(Touch::Begin);
        let first = events(&kiosk);
        assert_eq!(first.len(), most);
        kiosk.choose("more");
        let second = events(&kiosk);
        assert_eq!(second.len(), most);
        assert!(second.iter().all(|id| !first.contains(id)));
        kiosk
            .touch(Touch::TextSize(TextSize::Normal))
            .touch(Touch::LowReach(false));
        assert_eq!(events(&kiosk).len(), 16, "words of normal size again");
        kiosk.touch(Touch::TextSize(TextSize::Large)).choose("more");
        assert_eq!(events(&kiosk)[0], first[0], "round and round");
    }
}

#[test]
fn marks_do_not_matter_in_a_search() {
    let plain = found(&keys("てんにゆう"));
    assert!(plain.contains(&"procedure:tennyu".to_owned()), "{plain:?}");
    let mut small = keys("てんに");
    small.extend([Key::Char('ゆ'), Key::Small, Key::Char('う')]);
    assert_eq!(found(&small), plain);
    assert_eq!(found(&keys("テンニユウ")), plain);
}

#[test]
fn beginnings_come_before_middles_and_nothing_for_nothing() {
    assert!(found(&[]).is_empty());
    let all = found(&keys("こ"));
    assert!(!all.is_empty() && all.len() <= 7);
    assert!(found(&keys("んんんんん")).is_empty());
}

#[test]
fn a_procedure_of_one_event_begins_it_and_one_of_several_asks() {
    let mut kiosk = Kiosk::new();
    kiosk
        .touch(Touch::Begin)
        .choose("search")
        .keys("てんにゆうとどけ")
        .choose("procedure:tennyu");
    kiosk.is_at("card.offer.title").back();
    kiosk.choose("search").keys("いんかん");
    let several = reading::offered(&kiosk.screen());
    assert!(!several.is_empty());
    let mut asked = false;
    for id in several {
        kiosk.choose(&id);
        if kiosk.title() == "choose.which.title" {
            asked = true;
            let Body::Choices(ChoicesBody { choices, .. }) = kiosk.screen().body else {
                panic!("no choices")
            };
            assert!(choices.len() > 1);
            kiosk.back().is_at("choose.search.title");
        } else {
            kiosk.back().choose("search").keys("いんかん");
        }
    }
    assert!(asked);
}

#[test]
fn back_leads_to_the_beginning() {
    let mut kiosk = Kiosk::new();
    kiosk
        .touch(Touch::TextSize(TextSize::Large))
        .touch(Touch::Begin)
        .choose("search")
        .back()
        .is_at("choose.title")
        .choose("more")
        .back()
        .back();
    kiosk.is_at("welcome");
}

/// With a card read, the welcome screen is reached only by ending the visit: nothing of it stays behind for the next.
#[test]
fn back_from_the_tiles_with_a_card_read_asks_and_then_forgets() {
    let mut kiosk = Kiosk::new();
    kiosk.with_household("move_in").back();
    kiosk.is_at("choose.title").back().is_at("choose.title");
    assert!(kiosk.screen().overlay == Some(Overlay::StartOver));
    assert_eq!(kiosk.forgotten, 0);
    kiosk.touch(Touch::Close).choose("event:birth");
    assert_ne!(kiosk.title(), "card.offer.title");
    kiosk.back().back().touch(Touch::StartOver);
    assert_eq!(kiosk.forgotten, 1);
    kiosk.is_at("leave.title.card");
    kiosk.notice(Notice::CardGone).is_at("welcome");
    kiosk.begin("move_in").is_at("card.offer.title");
}
