//! A card pulled away, cut short, slow, mute or talking nonsense.

use std::time::Instant;

use devices::card::{CardError, LastTry, PinKind, TriesLeft};

use super::{Bench, DEADLINE, pin};

pub(super) fn faults_become_errors(bench: &mut Bench<'_>) {
    for after in 0..4 {
        for fault in ["pulled", "truncated"] {
            let mut card = bench.open("plain");
            (bench.hand)(&format!("fault {fault} after {after}"));
            let error = card.read_four_items(pin("1234"), LastTry::Keep).err();
            assert!(error.is_some(), "{fault} after {after}");
            let next = card.tries_left(PinKind::Text);
            assert!(next.is_err(), "{fault} after {after}: the card is gone");
        }
        let mut card = bench.open("plain");
        (bench.hand)(&format!("fault garbage after {after}"));
        assert!(
            card.read_four_items(pin("1234"), LastTry::Keep).is_err(),
            "garbage after {after}"
        );
        drop(card);
        let mut card = bench.open("plain");
        (bench.hand)(&format!("fault status 6f00 after {after}"));
        // After 6F00 only the whole-file read may have another way to go.
        let result = card.read_four_items(pin("1234"), LastTry::Keep);
        assert!(result.is_err() || after == 3, "6F00 after {after}");
    }
    let mut card = bench.open("plain");
    (bench.hand)("fault slow 20");
    assert!(card.read_four_items(pin("1234"), LastTry::Keep).is_ok());
    drop(card);
    let mut card = bench.open("plain");
    (bench.hand)("fault mute after 1");
    let asked = Instant::now();
    assert_eq!(
        card.tries_left(PinKind::Text).err(),
        Some(CardError::Timeout)
    );
    assert!(asked.elapsed() < DEADLINE * 2, "the deadline holds");
    assert_eq!(
        card.tries_left(PinKind::Text).err(),
        Some(CardError::Removed),
        "an abandoned line stays dead"
    );
    drop(card);
    // Taking the card away heals everything.
    let mut card = bench.open("plain");
    assert_eq!(card.tries_left(PinKind::Text).unwrap(), TriesLeft::Left(3));
}
