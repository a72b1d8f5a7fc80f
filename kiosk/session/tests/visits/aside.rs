//! Every page met in random visits: put aside and taken up again it is the same page, and it takes every touch that it offers.

use std::collections::BTreeSet;

use jiff::ToSpan;
use session::Session;
use session::effect::{Event, Notice};
use session::screen::{Body, Pad, PinPadBody, PreviewBody, Screen};
use session::touch::{ChoiceId, Key, SecretDigit, Touch};

use crate::reading;
use crate::shuffled::World;
use crate::town;

/// The visit of `world` taken up at another kiosk, where the same card lies.
fn taken_up(world: &World, aside: &str) -> Session {
    let mut session = Session::new(town::town(), world.now);
    if world.card_here {
        session.step(Event::Notice(Notice::CardHere), world.now);
    }
    let online = world.online;
    session.step(Event::Notice(Notice::Online(online)), world.now);
    session.take_up(aside, world.now).unwrap();
    session
}

/// The screen without what is never put aside: typed digits of the PIN, and a picture that is drawn again.
fn kept(mut screen: Screen) -> Screen {
    let mut lost = false;
    match &mut screen.body {
        Body::PinPad(PinPadBody { typed, .. }) => {
            lost = *typed > 0;
            *typed = 0;
        }
        Body::Preview(PreviewBody { image, page, .. }) => {
            lost = page.0 < page.1;
            *image = None;
        }
        _ => {}
    }
    if let (true, Some((_, ready))) = (lost, &mut screen.frame.next) {
        *ready = false;
    }
    screen.overlay = None;
    screen
}

/// Every touch that the screen offers.
fn offered(screen: &Screen) -> Vec<Touch> {
    let choice = |id: &String| {
        let id: ChoiceId = id.parse().unwrap();
        Touch::Choose(id)
    };
    let mut touches: Vec<Touch> = reading::touchable(screen).iter().map(choice).collect();
    if screen.frame.next.as_ref().is_some_and(|(_, ready)| *ready) {
        touches.push(Touch::Next);
    }
    if screen.frame.back {
        touches.push(Touch::Back);
    }
    match &screen.body {
        Body::PinPad(pad) if pad.typed < 4 => touches.push(Touch::Pin(SecretDigit(1))),
        Body::PinPad(_) => touches.push(Touch::PinErase),
        Body::Search(_) => touches.push(Touch::Key(Key::Char('あ'))),
        Body::Entry(entry) if !matches!(entry.pad, Pad::Vocabulary(_)) => {
            touches.push(Touch::Key(Key::Char('1')));
        }
        Body::Sign(_) => touches.push(Touch::Stroke(vec![(1, 1)])),
        Body::Choices(choices) if choices.why.is_some() => touches.push(Touch::Why),
        Body::Welcome(_) => touches.push(Touch::Begin),
        _ => {}
    }
    touches
}

fn takes_every_touch(world: &World, aside: &str) {
    for touch in offered(&taken_up(world, aside).screen()) {
        let mut session = taken_up(world, aside);
        let later = world.now.checked_add(1.seconds()).unwrap();
        session.step(Event::Touch(touch.clone()), later);
        let named = match &touch {
            Touch::Choose(id) => id.to_string(),
            Touch::Next => "next".to_owned(),
            Touch::Back => "back".to_owned(),
            _ => "another touch".to_owned(),
        };
        assert!(
            !session.last_touch_ignored(),
            "{} offers {named} and does not take it",
            reading::title(&world.session.screen())
        );
    }
}

#[test]
fn a_page_put_aside_is_the_same_page_and_takes_every_touch_that_it_offers() {
    let mut seen = BTreeSet::new();
    let mut titles = BTreeSet::new();
    for seed in 1..=12 {
        let mut world = World::new(seed * 104_729);
        for _ in 0..24 {
            for _ in 0..140 {
                world.something();
                let Some(aside) = world.session.put_aside() else {
                    continue;
                };
                let screen = world.session.screen();
                let title = reading::title(&screen);
                let ids = reading::touchable(&screen);
                if !seen.insert((title, ids)) {
                    continue;
                }
                titles.insert(title);
                let same = kept(taken_up(&world, &aside).screen()) == kept(screen);
                assert!(same, "{title} is another page when it is taken up again");
                takes_every_touch(&world, &aside);
            }
            world.end();
        }
    }
    for title in [
        "choose.search.title",
        "card.pin.title",
        "household.no_match.title",
        "move_in.who",
        "plan.title.lines",
        "plan.offer.title",
        "review.title",
        "sign.title",
        "done.title",
    ] {
        assert!(
            titles.contains(title),
            "{title} was never reached: {titles:?}"
        );
    }
}

#[test]
fn nothing_is_put_aside_before_a_visit_or_while_the_world_works() {
    let mut kiosk = crate::kiosk::Kiosk::new();
    assert!(kiosk.session.put_aside().is_none());
    kiosk.pin_pad(3).pin([1, 2, 3, 4]);
    let aside = kiosk.session.put_aside().unwrap();
    assert!(!aside.contains("1234"), "a PIN was written down");
    kiosk.next().is_at("card.reading.title");
    assert!(kiosk.session.put_aside().is_none());
    assert!(kiosk.session.take_up(&aside, kiosk.now).is_err());
}
