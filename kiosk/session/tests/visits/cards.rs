//! The card: tries before the pad, the last one only by insisting, and no digit on any screen.

use session::effect::{CardProblem, HouseholdProblem, Notice, Reply, Request, StaffReason};
use session::screen::{Body, Degraded, NoticeBody, PinPadBody, Tone};
use session::touch::Touch;

use crate::kiosk::{Kiosk, household, items};
use crate::reading;

fn card_on() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_in")
        .choose("use")
        .notice(Notice::CardHere);
    kiosk
}

#[test]
fn tries_show_before_anything_is_typed() {
    let mut kiosk = card_on();
    kiosk
        .is_at("card.counting.title")
        .reply(Reply::CardTries(Some(2)))
        .is_at("card.pin.title");
    let Body::PinPad(PinPadBody {
        tries_left, typed, ..
    }) = kiosk.screen().body
    else {
        panic!("no pad")
    };
    assert_eq!((tries_left, typed), (Some(2), 0));
}

#[test]
fn the_last_try_is_refused_unless_insisted() {
    let mut kiosk = card_on();
    kiosk
        .reply(Reply::CardTries(Some(1)))
        .is_at("card.last.title");
    kiosk.pin([1, 2, 3, 4]).touch(Touch::Next);
    assert!(kiosk.asked.is_empty(), "the last try was spent");
    kiosk
        .choose("insist")
        .is_at("card.pin.title")
        .pin([1, 2, 3, 4])
        .next();
    assert!(matches!(
        kiosk.asked.last(),
        Some((_, Request::ReadCard { .. }))
    ));
}

#[test]
fn a_card_that_does_not_tell_its_tries_is_treated_like_the_last_try() {
    card_on()
        .reply(Reply::CardTries(None))
        .is_at("card.last.title-unknown")
        .choose("insist")
        .is_at("card.pin.title");
}

#[test]
fn a_blocked_card_says_where_to_unblock_it() {
    let mut kiosk = card_on();
    kiosk
        .reply(Reply::CardTries(Some(0)))
        .is_at("card.blocked.title");
    assert_eq!(kiosk.staff, [StaffReason::Card]);
    kiosk.choose("without").is_at("move_in.date");
}

#[test]
fn a_wrong_pin_is_never_sent_twice() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([9, 9, 9, 9])
        .next()
        .is_at("card.reading.title");
    kiosk
        .reply(Reply::CardFailed(CardProblem::WrongPin { left: 2 }))
        .is_at("card.pin.title");
    let Body::PinPad(PinPadBody {
        typed,
        problem,
        tries_left,
        ..
    }) = kiosk.screen().body
    else {
        panic!("no pad")
    };
    assert_eq!((typed, tries_left), (0, Some(2)));
    assert!(problem.is_some());
    kiosk.touch(Touch::Next);
    assert!(kiosk.asked.is_empty());
    kiosk
        .pin([9, 9, 9, 8])
        .next()
        .reply(Reply::CardFailed(CardProblem::WrongPin { left: 1 }));
    kiosk
        .is_at("card.last.title-wrong")
        .choose("insist")
        .pin([9, 9, 9, 7])
        .next();
    kiosk
        .reply(Reply::CardFailed(CardProblem::WrongPin { left: 0 }))
        .is_at("card.blocked.title");
}

#[test]
fn three_digits_are_not_sent() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .touch(Touch::PinErase)
        .touch(Touch::Next);
    assert!(kiosk.asked.is_empty());
    kiosk.is_at("card.pin.title");
}

#[test]
fn no_digit_reaches_a_screen_or_an_application() {
    let mut kiosk = Kiosk::new();
    kiosk.pin_pad(3).pin([7, 3, 9, 1]);
    for _ in 0..4 {
        for text in reading::strings(&kiosk.screen()) {
            assert!(!text.contains("7391") && !text.contains("739"), "{text}");
        }
        kiosk.touch(Touch::PinErase);
    }
    kiosk
        .pin([7, 3, 9, 1])
        .next()
        .reply(Reply::CardRead(items("山田　太郎")));
    kiosk
        .reply(Reply::NoHousehold(HouseholdProblem::Offline))
        .next();
    kiosk.until("paper.storing.title");
    let stored = serde_json::to_string(kiosk.stored.last().unwrap().as_ref()).unwrap();
    assert!(!stored.contains("7391"));
}

#[test]
fn shuffled_keys_are_another_order_of_the_same_ten() {
    let mut kiosk = Kiosk::new();
    kiosk.pin_pad(3).pin([1, 2, 3, 4]).choose("shuffle");
    let Body::PinPad(PinPadBody { keys, typed, .. }) = kiosk.screen().body else {
        panic!("no pad")
    };
    assert_eq!(typed, 0);
    assert_ne!(keys, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_card_taken_while_typing_takes_the_digits_with_it() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .notice(Notice::CardGone)
        .is_at("card.place.title");
    kiosk
        .notice(Notice::CardHere)
        .reply(Reply::CardTries(Some(3)));
    let Body::PinPad(PinPadBody { typed, .. }) = kiosk.screen().body else {
        panic!("no pad")
    };
    assert_eq!(typed, 0, "the next card may be another's");
}

#[test]
fn a_card_pulled_while_working_drops_the_question() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .notice(Notice::CardGone)
        .is_at("card.removed.title");
    assert!(kiosk.asked.is_empty());
    kiosk.choose("retry").is_at("card.place.title");
}

#[test]
fn each_trouble_says_what_to_do_and_leads_on() {
    for (problem, title) in [
        (CardProblem::Removed, "card.removed.title"),
        (CardProblem::Changed, "card.changed.title"),
        (CardProblem::Silent, "card.silent.title"),
        (CardProblem::Unreadable, "card.unreadable.title"),
        (CardProblem::Forged, "card.forged.title"),
        (CardProblem::Reader, "card.reader.title"),
        (CardProblem::Blocked, "card.blocked.title"),
    ] {
        let mut kiosk = Kiosk::new();
        kiosk
            .pin_pad(3)
            .pin([1, 2, 3, 4])
            .next()
            .reply(Reply::CardFailed(problem))
            .is_at(title);
        let Body::Notice(NoticeBody {
            lines, code, tone, ..
        }) = kiosk.screen().body
        else {
            panic!("no notice")
        };
        assert!(!lines.is_empty() && code.is_some() && tone != Tone::Success);
        kiosk.choose("without").is_at("move_in.date");
    }
}

#[test]
fn without_a_household_the_visit_goes_on_and_staff_know() {
    for (problem, title, called) in [
        (HouseholdProblem::Offline, "household.offline.title", false),
        (
            HouseholdProblem::CoreDown,
            "household.core_down.title",
            false,
        ),
        (HouseholdProblem::NoMatch, "household.no_match.title", true),
        (HouseholdProblem::Several, "household.no_match.title", true),
        (HouseholdProblem::Expired, "household.expired.title", false),
        (HouseholdProblem::Revoked, "household.revoked.title", false),
        (HouseholdProblem::Refused, "household.refused.title", false),
        (
            HouseholdProblem::Unverified,
            "household.unverified.title",
            false,
        ),
    ] {
        let mut kiosk = Kiosk::new();
        kiosk
            .pin_pad(3)
            .pin([1, 2, 3, 4])
            .next()
            .reply(Reply::CardRead(items("山田　太郎")));
        kiosk
            .reply(Reply::NoHousehold(problem))
            .is_at(title)
            .next()
            .is_at("move_in.date");
        assert_eq!(
            kiosk.staff.contains(&StaffReason::NoMatch),
            called,
            "{problem:?}"
        );
    }
}

#[test]
fn a_revoked_cards_items_are_not_used() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .reply(Reply::CardRead(items("山田　太郎")));
    kiosk
        .reply(Reply::NoHousehold(HouseholdProblem::Revoked))
        .next()
        .until("paper.storing.title");
    let stored = kiosk.stored.last().unwrap();
    assert!(
        stored
            .values
            .iter()
            .all(|(_, value)| !value.text.contains("太郎"))
    );
    assert_eq!(stored.card, application::CardCheck::Unverified);
}

#[test]
fn a_household_with_a_revocation_that_was_not_checked_leaves_the_card_unverified() {
    for (checked, expected) in [
        (true, application::CardCheck::Verified),
        (false, application::CardCheck::Unverified),
    ] {
        let mut kiosk = Kiosk::new();
        kiosk
            .pin_pad(3)
            .pin([1, 2, 3, 4])
            .next()
            .reply(Reply::CardRead(items("山田　太郎")));
        let mut household = crate::kiosk::household("山田");
        household.revocation_checked = checked;
        kiosk
            .reply(Reply::Household(Box::new(household)))
            .until("paper.storing.title");
        let stored = kiosk.stored.last().unwrap();
        assert_eq!(stored.card, expected);
        let noted = stored
            .notes
            .iter()
            .any(|note| note.kind == application::StaffNoteKind::CardUnverified);
        assert_eq!(noted, !checked, "staff are told so on the receipt, too");
    }
}

#[test]
fn a_card_face_that_cannot_be_verified_goes_on_for_staff_to_check() {
    let mut kiosk = Kiosk::new();
    let mut unverified = items("山田　太郎");
    (unverified.proof, unverified.genuine) = (false, false);
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .reply(Reply::CardRead(unverified))
        .is_at("household.unverified.title");
    assert!(kiosk.asked.is_empty(), "no household is asked for");
    kiosk.next().until("paper.storing.title");
    let stored = kiosk.stored.last().unwrap();
    assert_eq!(stored.card, application::CardCheck::Unverified);
    assert!(
        stored
            .notes
            .iter()
            .any(|note| note.kind == application::StaffNoteKind::CardUnverified)
    );
    assert!(
        stored
            .values
            .iter()
            .any(|(_, value)| value.source == application::Source::Card),
        "what it says is used, and marked"
    );
}

#[test]
fn a_forged_card_is_refused_and_staff_come() {
    let mut kiosk = Kiosk::new();
    kiosk
        .pin_pad(3)
        .pin([1, 2, 3, 4])
        .next()
        .reply(Reply::CardFailed(CardProblem::Forged))
        .is_at("card.forged.title");
    assert!(kiosk.staff.contains(&StaffReason::Card));
    kiosk.choose("without").until("paper.storing.title");
    let stored = kiosk.stored.last().unwrap();
    assert_eq!(stored.card, application::CardCheck::None);
    assert!(
        stored
            .values
            .iter()
            .all(|(_, value)| value.source != application::Source::Card)
    );
}

#[test]
fn signing_by_card_wants_the_same_person() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_in")
        .until("sign.title")
        .choose("card");
    kiosk
        .reply(Reply::CardTries(Some(3)))
        .pin([1, 2, 3, 4])
        .next();
    kiosk
        .reply(Reply::CardRead(items("山田　次郎")))
        .is_at("card.another.title");
    kiosk
        .choose("retry")
        .reply(Reply::CardTries(Some(3)))
        .pin([1, 2, 3, 4])
        .next();
    kiosk
        .reply(Reply::CardRead(items("山田　太郎")))
        .is_at("paper.storing.title");
    assert!(kiosk.stored[0].signature == application::Signature::ByCard);
    assert_eq!(kiosk.stored[0].card, application::CardCheck::Verified);
}

#[test]
fn the_core_systems_event_is_not_taken() {
    let mut kiosk = Kiosk::new();
    kiosk.with_household("birth").until("paper.storing.title");
    assert_eq!(kiosk.stored[0].event, "birth");
    assert_eq!(household("山田").facts.event_kind(), "certificate");
}

#[test]
fn the_most_serious_missing_capability_is_named_and_a_visit_goes_on() {
    let mut kiosk = Kiosk::new();
    let degraded = |kiosk: &Kiosk| kiosk.screen().frame.degraded;
    assert_eq!(degraded(&kiosk), None);
    kiosk.notice(Notice::Online(false));
    assert_eq!(degraded(&kiosk), None, "nobody needs a network to begin");
    kiosk.notice(Notice::Cards(false));
    assert_eq!(degraded(&kiosk), Some(Degraded::Cards));
    kiosk.notice(Notice::Printing(false));
    assert_eq!(degraded(&kiosk), Some(Degraded::Printing));
    kiosk.notice(Notice::Printing(true)).begin("birth");
    assert_eq!(degraded(&kiosk), Some(Degraded::Cards));
    kiosk.notice(Notice::Cards(true));
    assert_eq!(degraded(&kiosk), Some(Degraded::Network));
}
