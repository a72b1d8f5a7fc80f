//! Idle: every kind of input counts, work is never cut off silently, and leaving forgets.

use session::effect::{Event, Notice, Reply, StaffReason};
use session::screen::{Body, LeaveBody, Overlay};
use session::touch::{ChoiceId, Contrast, Key, Language, SecretDigit, TextSize, Touch};

use crate::kiosk::{Kiosk, items};
use crate::reading;

fn warned(kiosk: &Kiosk) -> bool {
    matches!(kiosk.screen().overlay, Some(Overlay::Idle { .. }))
}

/// Every kind of input there is; the match makes a new one a compile error here.
fn every_input() -> Vec<Event> {
    let touches = vec![
        Touch::Begin,
        Touch::Language(Language("en".to_owned())),
        Touch::TextSize(TextSize::Large),
        Touch::Contrast(Contrast::High),
        Touch::LowReach(true),
        Touch::Choose(ChoiceId::Nobody),
        Touch::Key(Key::Char('1')),
        Touch::Pin(SecretDigit(1)),
        Touch::PinErase,
        Touch::Why,
        Touch::Next,
        Touch::Back,
        Touch::Stroke(vec![(1, 1)]),
        Touch::CallStaff,
        Touch::StartOver,
        Touch::StillHere,
        Touch::Close,
        Touch::Activity,
    ];
    for touch in &touches {
        match touch {
            Touch::Begin
            | Touch::Language(_)
            | Touch::TextSize(_)
            | Touch::Contrast(_)
            | Touch::LowReach(_) => {}
            Touch::Choose(_)
            | Touch::Key(_)
            | Touch::Pin(_)
            | Touch::PinErase
            | Touch::Why
            | Touch::Next => {}
            Touch::Back
            | Touch::Stroke(_)
            | Touch::CallStaff
            | Touch::StartOver
            | Touch::StillHere => {}
            Touch::Close | Touch::Activity => {}
        }
    }
    let notices = [Notice::CardHere, Notice::CardGone, Notice::Presence(true)];
    touches
        .into_iter()
        .map(Event::Touch)
        .chain(notices.map(Event::Notice))
        .collect()
}

#[test]
fn every_kind_of_input_puts_the_warning_off() {
    for input in every_input() {
        let mut kiosk = Kiosk::new();
        kiosk
            .begin("birth")
            .choose("without")
            .is_at("birth.date")
            .wait(59);
        assert!(!warned(&kiosk));
        kiosk.step(input);
        kiosk.wait(59);
        assert!(!warned(&kiosk), "an input did not count");
    }
}

#[test]
fn every_kind_of_input_takes_the_warning_away_and_does_nothing_else() {
    for input in every_input() {
        let mut kiosk = Kiosk::new();
        kiosk.begin("birth").choose("without").wait(60);
        assert!(warned(&kiosk));
        kiosk.step(input);
        assert!(!warned(&kiosk), "an input left the warning");
        kiosk.is_at("birth.date");
        kiosk.wait(59);
        assert!(!warned(&kiosk));
    }
}

#[test]
fn what_is_no_input_does_not_count() {
    let mut kiosk = Kiosk::new();
    kiosk.begin("birth").choose("without").wait(59);
    kiosk
        .notice(Notice::Online(false))
        .notice(Notice::Presence(false))
        .wait(1);
    assert!(warned(&kiosk));
}

#[test]
fn unanswered_the_warning_counts_down_and_wipes() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("birth")
        .choose("without")
        .choose("day:today")
        .wait(61);
    assert!(matches!(
        kiosk.screen().overlay,
        Some(Overlay::Idle { seconds: 29 })
    ));
    kiosk.wait(29);
    assert_eq!(kiosk.forgotten, 1);
    kiosk.is_at("welcome");
}

#[test]
fn a_clock_set_back_does_not_stretch_the_warning() {
    let mut kiosk = Kiosk::new();
    kiosk.begin("birth").choose("without").wait(60);
    kiosk.now = "2026-04-26T00:00:00Z".parse().unwrap();
    kiosk.wait(31);
    kiosk.is_at("welcome");
}

#[test]
fn work_with_the_card_is_not_cut_off_silently() {
    let mut kiosk = Kiosk::new();
    kiosk.pin_pad(3).pin([1, 2, 3, 4]).next().wait(59);
    assert!(kiosk.screen().overlay.is_none());
    kiosk
        .is_at("card.reading.title")
        .wait(1)
        .is_at("card.silent.title");
    assert!(kiosk.screen().overlay.is_none());
    kiosk.wait(60);
    assert!(warned(&kiosk), "the page after it is idle like any other");
}

#[test]
fn an_answer_gives_the_full_time_again() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .wait(50)
        .reply(Reply::CardRead(items("山田　太郎")))
        .wait(50);
    kiosk
        .is_at("household.checking.title")
        .wait(10)
        .is_at("household.offline.title");
}

#[test]
fn while_staff_are_coming_the_visit_waits_longer() {
    let mut kiosk = Kiosk::new();
    kiosk.begin("birth").touch(Touch::CallStaff);
    assert_eq!(kiosk.staff, [StaffReason::Asked]);
    assert!(kiosk.screen().overlay == Some(Overlay::StaffCalled));
    kiosk.wait(299);
    assert!(!warned(&kiosk));
    kiosk.wait(1);
    assert!(warned(&kiosk));
}

#[test]
fn a_language_chosen_and_left_is_taken_back() {
    let mut kiosk = Kiosk::new();
    kiosk
        .touch(Touch::Language(Language("en".to_owned())))
        .wait(59);
    assert_eq!(kiosk.screen().frame.language.0, "en");
    kiosk.wait(1);
    assert_eq!(kiosk.screen().frame.language.0, "ja");
}

#[test]
fn start_over_asks_first_and_then_forgets() {
    let mut kiosk = Kiosk::new();
    kiosk.with_household("birth").touch(Touch::StartOver);
    assert!(kiosk.screen().overlay == Some(Overlay::StartOver));
    kiosk.touch(Touch::Close).is_at("birth.date");
    kiosk
        .touch(Touch::StartOver)
        .touch(Touch::StartOver)
        .is_at("leave.title.card");
    assert_eq!(kiosk.forgotten, 1);
    assert!(reading::strings(&kiosk.screen()).is_empty());
    kiosk.notice(Notice::CardGone).is_at("welcome");
}

#[test]
fn a_forgotten_card_calls_staff_and_the_page_stays() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("birth")
        .touch(Touch::StartOver)
        .touch(Touch::StartOver)
        .wait(60);
    assert_eq!(kiosk.staff, [StaffReason::Card]);
    kiosk
        .wait(600)
        .touch(Touch::Next)
        .touch(Touch::Begin)
        .is_at("leave.title.card");
    assert_eq!(kiosk.staff.len(), 1);
    kiosk.notice(Notice::CardGone).is_at("welcome");
}

#[test]
fn idle_at_the_end_leaves_like_the_button() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("dog")
        .choose("without")
        .until("paper.storing.title");
    kiosk.reply(Reply::Stored {
        reception: "03-260427-0001-7".to_owned(),
    });
    while !kiosk.asked.is_empty() {
        kiosk.reply(Reply::Printed);
    }
    kiosk
        .is_at("done.title")
        .wait(90)
        .is_at("leave.title.papers");
    assert_eq!(kiosk.forgotten, 1);
    assert!(matches!(
        kiosk.screen().body,
        Body::Leave(LeaveBody {
            papers: true,
            card_here: false,
            ..
        })
    ));
    kiosk.wait(15).is_at("welcome");
}

#[test]
fn a_new_edition_waits_for_the_visit_and_numbers_go_on_after_a_fault() {
    let mut kiosk = Kiosk::new();
    assert!(kiosk.session.set_town(crate::town::town()));
    kiosk.with_household("birth");
    assert!(!kiosk.session.set_town(crate::town::town()));
    kiosk
        .touch(Touch::StartOver)
        .touch(Touch::StartOver)
        .is_at("leave.title.card");
    assert!(kiosk.session.set_town(crate::town::town()));
    kiosk.is_at("leave.title.card");
    let last = kiosk.session.visit_number();
    let restarted = session::Session::following(last, crate::town::town(), kiosk.now);
    assert!(restarted.visit_number() > last);
    assert!(restarted.is_idle());
}
