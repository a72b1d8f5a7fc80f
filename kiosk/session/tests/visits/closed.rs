//! The housing is opened: whatever is under way ends, and the kiosk is closed until staff open it.

use session::effect::{Event, Notice, ReopenProblem, Reply, Request, StaffReason};
use session::screen::{Body, NoticeBody};
use session::touch::{ChoiceId, Key, Language, SecretDigit, Touch};

use crate::kiosk::{Kiosk, items};
use crate::reading;

const OPEN: Notice = Notice::Housing { open: true };
const SHUT: Notice = Notice::Housing { open: false };
const NUMBER: [u8; 8] = [4, 0, 2, 1, 9, 3, 7, 5];

fn type_number(kiosk: &mut Kiosk) {
    for digit in NUMBER {
        kiosk.touch(Touch::Pin(SecretDigit(digit)));
    }
    kiosk.next();
}

fn lines(kiosk: &Kiosk) -> Vec<&'static str> {
    match kiosk.screen().body {
        Body::Notice(NoticeBody { lines, .. }) => lines.iter().map(reading::key).collect(),
        _ => panic!("another page: {}", kiosk.title()),
    }
}

/// Nothing that a resident could do asks anything of the world, and the page stays.
fn takes_nothing(kiosk: &mut Kiosk) {
    let asked = kiosk.asked.len();
    for touch in [
        Touch::Begin,
        Touch::Next,
        Touch::Back,
        Touch::CallStaff,
        Touch::StartOver,
        Touch::Pin(SecretDigit(1)),
        Touch::Key(Key::Char('1')),
        Touch::Choose(ChoiceId::UseCard),
        Touch::Choose(ChoiceId::Retry),
        Touch::Choose(ChoiceId::PrintAgain),
    ] {
        kiosk.touch(touch);
    }
    kiosk.notice(Notice::CardGone).notice(Notice::CardHere);
    kiosk.notice(Notice::Presence(true)).wait(400);
    kiosk.is_at("closed.title");
    assert_eq!(kiosk.asked.len(), asked);
}

#[test]
fn at_every_page_of_a_visit_it_ends_the_visit_and_takes_nothing_more() {
    for step in 0..60 {
        let mut kiosk = Kiosk::new();
        if step > 0 {
            kiosk.with_household("move_in");
        }
        for _ in 1..step {
            kiosk.answer_plainly();
            while let Some((_, request)) = kiosk.asked.last() {
                let reply = match request {
                    Request::Store(_) => Reply::Stored {
                        reception: "07-0001".to_owned(),
                    },
                    Request::Preview { .. } => Reply::PreviewFailed,
                    _ => Reply::Printed,
                };
                kiosk.reply(reply);
            }
            if kiosk.title() == "done.title" {
                break;
            }
        }
        kiosk.notice(OPEN);
        kiosk.is_at("closed.title");
        assert!(kiosk.session.is_closed() && !kiosk.session.is_idle());
        assert_eq!(kiosk.forgotten, 1, "step {step}");
        assert!(kiosk.asked.is_empty(), "nothing goes on");
        assert!(kiosk.session.put_aside().is_none());
        assert_eq!(kiosk.staff.last(), Some(&StaffReason::Housing));
        takes_nothing(&mut kiosk);
        assert_eq!(kiosk.forgotten, 1);
    }
}

#[test]
fn typed_digits_and_a_late_answer_of_the_card_are_nobodys() {
    let mut kiosk = Kiosk::new();
    kiosk.pin_pad(3).pin([1, 2, 3, 4]).next();
    let (ask, _) = kiosk.asked.pop().unwrap();
    kiosk.notice(OPEN);
    kiosk.step(Event::Reply(ask, Reply::CardRead(items("山田　太郎"))));
    kiosk.is_at("closed.title");
    assert!(
        lines(&kiosk).contains(&"closed.take"),
        "the card is still there"
    );
    takes_nothing(&mut kiosk);
}

#[test]
fn it_says_so_from_the_start_and_in_each_language() {
    let mut kiosk = Kiosk::new();
    kiosk.notice(Notice::Closed);
    kiosk.is_at("closed.title");
    assert_eq!(kiosk.staff, [StaffReason::Housing]);
    kiosk.touch(Touch::Language(Language("en".to_owned())));
    assert_eq!(kiosk.screen().frame.language.0, "en");
    kiosk.wait(61);
    assert_eq!(kiosk.screen().frame.language.0, "ja", "the next one's");
    takes_nothing(&mut kiosk);
}

#[test]
fn only_the_staffs_number_with_the_housing_shut_opens_it() {
    let mut kiosk = Kiosk::new();
    kiosk.notice(OPEN);
    let staff = || Touch::Choose(ChoiceId::Staff);
    assert!(reading::offered(&kiosk.screen()).is_empty(), "it is open");
    kiosk.touch(staff()).is_at("closed.title");

    kiosk.notice(SHUT).is_at("closed.title");
    kiosk.choose("staff").is_at("closed.number.title");
    type_number(&mut kiosk);
    assert!(matches!(
        kiosk.asked.last(),
        Some((_, Request::Reopen { .. }))
    ));
    kiosk.reply(Reply::NotReopened(ReopenProblem::WrongNumber { left: 2 }));
    kiosk.is_at("closed.number.title");
    let Body::PinPad(pad) = kiosk.screen().body else {
        panic!("no pad");
    };
    assert_eq!((pad.typed, pad.digits, pad.tries_left), (0, 8, Some(2)));

    // Opened again while staff are at it: what was typed is gone, and so is the offer.
    kiosk.touch(Touch::Pin(SecretDigit(4)));
    kiosk.notice(OPEN).is_at("closed.title");
    assert!(reading::offered(&kiosk.screen()).is_empty());
    kiosk.notice(SHUT).choose("staff");
    type_number(&mut kiosk);
    let (ask, _) = kiosk.asked.pop().unwrap();
    kiosk.notice(OPEN).step(Event::Reply(ask, Reply::Reopened));
    kiosk.is_at("closed.title");

    kiosk.notice(SHUT).choose("staff");
    type_number(&mut kiosk);
    kiosk.reply(Reply::Reopened);
    assert!(kiosk.session.is_idle() && !kiosk.session.is_closed());
    assert_eq!(kiosk.staff, [StaffReason::Housing], "called once");
    kiosk.begin("move_in");
    assert!(!kiosk.session.is_idle(), "the next resident");
}

#[test]
fn staff_hear_why_it_stays_closed_and_what_they_left_typed_is_wiped() {
    let problems = [
        (ReopenProblem::Later, "closed.not.later"),
        (ReopenProblem::HousingOpen, "closed.not.open"),
        (ReopenProblem::NoNumber, "closed.not.number"),
        (ReopenProblem::Storage, "closed.not.storage"),
    ];
    for (problem, words) in problems {
        let mut kiosk = Kiosk::new();
        kiosk.notice(OPEN).notice(SHUT).choose("staff");
        type_number(&mut kiosk);
        kiosk.reply(Reply::NotReopened(problem));
        assert!(lines(&kiosk).contains(&words), "{words}");
        kiosk.choose("staff");
        kiosk.back().is_at("closed.title");
        kiosk.choose("staff");
        kiosk.touch(Touch::Pin(SecretDigit(1))).wait(61);
        kiosk.is_at("closed.title");
        assert!(!lines(&kiosk).contains(&words), "said once");
    }
    // No answer in time.
    let mut kiosk = Kiosk::new();
    kiosk.notice(OPEN).notice(SHUT).choose("staff");
    type_number(&mut kiosk);
    kiosk.wait(61);
    assert!(lines(&kiosk).contains(&"closed.not.storage"));
}
