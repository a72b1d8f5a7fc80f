//! PINs: wrong ones are counted, the last try is never spent unasked, a blocked one is not tried.

use devices::card::{CardError, Digest, LastTry, PinKind, TriesLeft};

use super::{Bench, pin};

pub(super) fn wrong_pins_are_counted_and_the_last_try_is_kept(bench: &mut Bench<'_>) {
    let mut card = bench.open("plain");
    assert_eq!(
        card.read_four_items(pin("0000"), LastTry::Keep).err(),
        Some(CardError::WrongPin { left: 2 })
    );
    assert_eq!(
        card.read_four_items(pin("0000"), LastTry::Keep).err(),
        Some(CardError::WrongPin { left: 1 })
    );
    let before = card.count().commands;
    assert_eq!(
        card.read_four_items(pin("1234"), LastTry::Keep).err(),
        Some(CardError::LastTry)
    );
    assert_eq!(card.count().commands, before, "the card was not asked");
    assert_eq!(bench.tries(), "inserted plain text 1 auth 3");
    assert_eq!(
        card.read_four_items(pin("9999"), LastTry::Spend).err(),
        Some(CardError::Blocked)
    );
    assert_eq!(
        card.read_four_items(pin("1234"), LastTry::Spend).err(),
        Some(CardError::Blocked)
    );
    drop(card);
    // A fresh connection asks before it spends, and a right PIN refills the counter.
    let mut card = bench.open("one-left");
    assert_eq!(
        card.read_four_items(pin("1234"), LastTry::Keep).err(),
        Some(CardError::LastTry)
    );
    assert!(card.read_four_items(pin("1234"), LastTry::Spend).is_ok());
    drop(card);
    assert_eq!(bench.tries(), "inserted one-left text 3 auth 3");
}

pub(super) fn a_blocked_pin_is_not_tried(bench: &mut Bench<'_>) {
    let mut card = bench.open("blocked");
    assert_eq!(
        card.tries_left(PinKind::UserAuthentication).unwrap(),
        TriesLeft::Blocked
    );
    let result = card.sign_challenge(pin("5678"), &Digest::Sha256([0; 32]), LastTry::Spend);
    assert_eq!(result.err(), Some(CardError::Blocked));
    assert_eq!(card.count().commands, 2);
    let unsupported = card.sign_challenge(pin("5678"), &Digest::Sha384([0; 48]), LastTry::Spend);
    assert_eq!(unsupported.err(), Some(CardError::UnsupportedDigest(48)));
    assert!(
        card.read_four_items(pin("1234"), LastTry::Keep).is_ok(),
        "the other PIN is not affected"
    );
}
