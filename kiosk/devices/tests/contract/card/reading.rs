//! What is read and signed, in how many commands, and what another card or program sees of it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use devices::card::{CardError, Digest, LastTry, PinKind, TriesLeft};

use super::cards::LONG_ADDRESS;
use super::{Bench, pin};

pub(super) fn four_items_take_five_commands(bench: &mut Bench<'_>) {
    let mut card = bench.open("plain");
    assert_eq!(card.tries_left(PinKind::Text).unwrap(), TriesLeft::Left(3));
    let items = card
        .read_four_items(pin("1234"), LastTry::Keep)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (items.name(), items.birth_date(), items.sex().digit()),
        ("玄関　太郎", "19800217", '1')
    );
    assert_eq!(items.address(), "架空県玄関市本町一丁目２番３号");
    let count = card.release().unwrap();
    assert_eq!(count.commands, 5);
    report("four items", &count);
}

pub(super) fn a_login_takes_six_commands(bench: &mut Bench<'_>) {
    let mut card = bench.open("plain");
    let message = b"nonce of the cloud";
    let hash: [u8; 32] = digest(&SHA256, message).as_ref().try_into().unwrap();
    assert_eq!(
        card.tries_left(PinKind::UserAuthentication).unwrap(),
        TriesLeft::Left(3)
    );
    let login = card
        .login(pin("5678"), &Digest::Sha256(hash), LastTry::Keep)
        .unwrap_or_else(|error| panic!("{error}"));
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &bench.known.auth_public_key);
    key.verify(message, &login.signature).unwrap();
    assert_eq!(
        login.certificate, bench.known.certificate,
        "without the file's filler"
    );
    let count = card.release().unwrap();
    assert_eq!(count.commands, 6);
    report("login", &count);
}

pub(super) fn every_kind_of_card_is_read(bench: &mut Bench<'_>) {
    let hash: [u8; 32] = digest(&SHA256, b"x").as_ref().try_into().unwrap();
    for (name, address) in [
        ("long", LONG_ADDRESS),
        ("short-apdu", LONG_ADDRESS),
        ("no-short-ids", LONG_ADDRESS),
        ("oldest", "架空県"),
    ] {
        for round in ["first", "again"] {
            let mut card = bench.open(name);
            let items = card
                .read_four_items(pin("1234"), LastTry::Keep)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(items.address().starts_with(address), "{name}");
            let login = card
                .login(pin("5678"), &Digest::Sha256(hash), LastTry::Keep)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let key =
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &bench.known.auth_public_key);
            key.verify(b"x", &login.signature).unwrap();
            assert_eq!(login.certificate, bench.known.certificate);
            report(&format!("both, {name}, {round}"), &card.release().unwrap());
        }
    }
}

pub(super) fn leaving_clears_the_verified_state(bench: &mut Bench<'_>) {
    for politely in [true, false] {
        let mut card = bench.open("plain");
        assert!(card.read_four_items(pin("1234"), LastTry::Keep).is_ok());
        if politely {
            card.release().unwrap();
        } else {
            drop(card);
        }
        let mut channel = bench.reader.connect().unwrap();
        let select =
            devices::card::apdu::select_application(devices::card::generation::CURRENT.text.aid);
        assert_eq!(channel.transmit(&select).unwrap(), [0x90, 0x00]);
        let read = devices::card::apdu::read_short_id(2);
        assert_eq!(
            channel.transmit(&read).unwrap(),
            [0x69, 0x82],
            "security status not satisfied"
        );
    }
}

pub(super) fn a_second_program_is_kept_out(bench: &mut Bench<'_>) {
    let first = bench.open("plain");
    assert_eq!(bench.reader.connect().err(), Some(CardError::Busy));
    drop(first);
    assert!(bench.reader.connect().is_ok());
}

pub(super) fn cards_are_told_apart(bench: &mut Bench<'_>) {
    let mut first = bench.open("plain");
    let one = first.insertion();
    bench.empty();
    assert_eq!(
        first.tries_left(PinKind::Text).err(),
        Some(CardError::Removed)
    );
    let mut second = bench.open("second");
    assert_ne!(second.insertion(), one);
    assert_eq!(
        second
            .read_four_items(pin("1234"), LastTry::Keep)
            .ok()
            .unwrap()
            .name(),
        "別人　花子"
    );
    assert_eq!(
        first.tries_left(PinKind::Text).err(),
        Some(CardError::Removed),
        "the old line never reaches the new card"
    );
    bench.empty();
    assert_eq!(bench.reader.connect().err(), Some(CardError::NoCard));
}

pub(super) fn the_card_tells_when_it_expires(bench: &mut Bench<'_>) {
    let expiry = bench.open("signed").expiry().unwrap();
    assert_eq!((expiry.year, expiry.month, expiry.day), (2035, 2, 17));
}

pub(super) fn deceptive_texts_are_refused(bench: &mut Bench<'_>) {
    let mut card = bench.open("private-use");
    let error = card.read_four_items(pin("1234"), LastTry::Keep).err();
    assert_eq!(
        error,
        Some(CardError::Text {
            field: "name",
            what: "a private-use character"
        })
    );
}

fn report(what: &str, count: &devices::card::ApduCount) {
    println!(
        "{what}: {} commands, {} bytes to the card, {} from it",
        count.commands, count.bytes_sent, count.bytes_received
    );
}
