//! Whether the card face is genuine: proven, not provable, or forged.

use devices::card::LastTry;
use devices::card::integrity::{CardFaceTrust, Forgery, Integrity, MissingLink};

use super::{Bench, pin};

fn trust(bench: &Bench<'_>) -> CardFaceTrust {
    CardFaceTrust::new([bench.known.authority.as_slice()]).unwrap()
}

/// Reads the items and checks them; also how many commands the check took.
fn check(bench: &mut Bench<'_>, name: &str, trust: &CardFaceTrust) -> (Integrity, u32) {
    let mut card = bench.open(name);
    let items = card.read_four_items(pin("1234"), LastTry::Keep).ok();
    let before = card.count().commands;
    let verdict = card
        .check_integrity(&items.unwrap(), trust, &[7; 32])
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    (verdict.integrity, card.count().commands - before)
}

pub(super) fn a_genuine_card_face_takes_four_commands_then_three(bench: &mut Bench<'_>) {
    let trust = trust(bench);
    assert_eq!(check(bench, "signed", &trust), (Integrity::Genuine, 4));
    assert_eq!(
        check(bench, "signed", &trust),
        (Integrity::Genuine, 3),
        "the issuer is known by now"
    );
}

pub(super) fn a_missing_link_is_told_apart_from_a_forgery(bench: &mut Bench<'_>) {
    let trust = trust(bench);
    let missing = [
        ("plain", MissingLink::NoRecord),
        ("no-own-key", MissingLink::NoProof),
        ("unknown-authority", MissingLink::UnknownAuthority),
    ];
    for (name, link) in missing {
        let (verdict, _) = check(bench, name, &trust);
        assert_eq!(verdict, Integrity::Unverified(link), "{name}");
    }
    let forged = [
        ("forged-items", Forgery::Items),
        ("forged-record", Forgery::Record),
        ("forged-card-key", Forgery::CardKey),
        ("copied", Forgery::Copy),
    ];
    for (name, forgery) in forged {
        let (verdict, _) = check(bench, name, &trust);
        assert_eq!(verdict, Integrity::Forged(forgery), "{name}");
    }
    assert_eq!(
        check(bench, "signed", &CardFaceTrust::default()),
        (Integrity::Unverified(MissingLink::NoAuthority), 0),
        "without trust the card is not even asked"
    );
    assert!(CardFaceTrust::new([&b"no key"[..]]).is_err());
}

pub(super) fn anothers_items_are_forged(bench: &mut Bench<'_>) {
    let trust = trust(bench);
    let mut other = bench.open("second");
    let foreign = other.read_four_items(pin("1234"), LastTry::Keep).ok();
    drop(other);
    let mut card = bench.open("signed");
    assert!(card.read_four_items(pin("1234"), LastTry::Keep).is_ok());
    let check = card.check_integrity(&foreign.unwrap(), &trust, &[7; 32]);
    assert_eq!(
        check.ok().map(|check| check.integrity),
        Some(Integrity::Forged(Forgery::Items))
    );
}
