//! Tiles, certificates and the 50音 search.

use session::screen::Body;
use session::touch::{Key, Touch};

use crate::kiosk::Kiosk;
use crate::reading;

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

#[test]
fn all_sixteen_events_are_within_two_pages() {
    let mut kiosk = Kiosk::new();
    kiosk.touch(Touch::Begin);
    let mut seen = reading::offered(&kiosk.screen());
    kiosk.choose("more");
    seen.extend(reading::offered(&kiosk.screen()));
    for (event, _) in guidance::EVENT_KINDS {
        assert!(
            seen.contains(&format!("event:{event}")),
            "{event} has no tile"
        );
    }
    kiosk.choose("more");
    assert_eq!(
        reading::offered(&kiosk.screen()),
        seen[..reading::offered(&kiosk.screen()).len()]
    );
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
            let Body::Choices { choices, .. } = kiosk.screen().body else {
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
        .touch(Touch::Begin)
        .choose("search")
        .back()
        .is_at("choose.title")
        .choose("more")
        .back()
        .back();
    kiosk.is_at("welcome");
}
