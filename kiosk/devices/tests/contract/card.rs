//! What every card reader must do, simulated or real: the same visits are played on both.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use devices::card::integrity::{CardFaceTrust, Forgery, Integrity, MissingLink};
use devices::card::{
    CardError, CardReader, Digest, LastTry, MyNumberCard, Pin, PinKind, Presence, TriesLeft,
};

/// The deadline readers under test are made with.
pub const DEADLINE: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_secs(20);
pub const LONG_ADDRESS: &str = "架空県玄関市大字長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長町字辻󠄀ノ上壱弐参肆番地伍\
     メゾン・ド・トレ・ロング・ノン・トレ・ロング・アドレス・ジャポネ・グラン・パレ壱号棟弐千参百肆拾伍号室　髙﨑𠮷野様方";

/// Public facts about the test cards that the contract compares against.
pub struct Known {
    auth_public_key: Vec<u8>,
    certificate: Vec<u8>,
    /// The card-face authority's public key, DER.
    authority: Vec<u8>,
}

fn new_key() -> (KeyPair, Vec<u8>) {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key)
        .unwrap()
        .as_ref()
        .to_vec();
    (key, der)
}

/// Writes the test cards as profile files.
pub fn write_profiles(folder: &Path) -> Known {
    let (auth, auth_der) = new_key();
    let (_, issuer_der) = new_key();
    let (ca, ca_der) = new_key();
    let (_, card_der) = new_key();
    let issuer = serde_json::json!({
        "private_key": STANDARD.encode(&issuer_der), "key_id": "9900001/00100000",
        "ca_private_key": STANDARD.encode(&ca_der), "ca_key_id": "9900000/00100000",
        "card_private_key": STANDARD.encode(&card_der),
    });
    let issued = |changes: serde_json::Value| {
        let mut issuer = issuer.clone();
        issuer
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        serde_json::json!({ "issuer": issuer })
    };
    // An issuer with an authority of its own making, under the ids of the true ones.
    let forger = issued(serde_json::json!({
        "private_key": STANDARD.encode(&auth_der), "ca_private_key": STANDARD.encode(&auth_der),
    }));
    // No real certificate is needed here: an object of a real one's size with bytes that differ.
    let body: Vec<u8> = (0..1461_u32)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let certificate = [&[0x30, 0x82, 0x05, 0xB5][..], &body].concat();
    let base = serde_json::json!({
        "name": "玄関　太郎", "address": "架空県玄関市本町一丁目２番３号", "birth_date": "19800217", "sex": "1",
        "card_expires_on": "20350217", "my_number": "123456789018",
        "text_pin": {"pin": "1234"}, "auth_pin": {"pin": "5678"},
        "auth_certificate": STANDARD.encode(&certificate), "auth_private_key": STANDARD.encode(&auth_der),
    });
    let cards = [
        ("plain", serde_json::json!({})),
        (
            "second",
            serde_json::json!({"name": "別人　花子", "sex": "2"}),
        ),
        ("long", serde_json::json!({"address": LONG_ADDRESS})),
        (
            "short-apdu",
            serde_json::json!({"address": LONG_ADDRESS, "extended_length": false}),
        ),
        (
            "no-short-ids",
            serde_json::json!({"address": LONG_ADDRESS, "short_file_ids": false, "bare_digest": false}),
        ),
        (
            "oldest",
            serde_json::json!({"extended_length": false, "short_file_ids": false, "bare_digest": false}),
        ),
        (
            "one-left",
            serde_json::json!({"text_pin": {"pin": "1234", "tries_left": 1}}),
        ),
        (
            "blocked",
            serde_json::json!({"auth_pin": {"pin": "5678", "tries_left": 0}}),
        ),
        ("private-use", serde_json::json!({"name": "玄関　\u{E000}"})),
        ("signed", issued(serde_json::json!({}))),
        (
            "no-own-key",
            issued(serde_json::json!({"card_private_key": ""})),
        ),
        ("unknown-authority", forger),
        (
            "forged-items",
            issued(serde_json::json!({"forgery": "items"})),
        ),
        (
            "forged-record",
            issued(serde_json::json!({"forgery": "record"})),
        ),
        (
            "forged-card-key",
            issued(serde_json::json!({"forgery": "card-key"})),
        ),
        ("copied", issued(serde_json::json!({"forgery": "copy"}))),
    ];
    for (name, changes) in cards {
        let mut card = base.clone();
        card.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        std::fs::write(folder.join(format!("{name}.json")), card.to_string()).unwrap();
    }
    let known = Known {
        auth_public_key: auth.public_key().as_ref().to_vec(),
        certificate,
        authority: ca.public_key().as_ref().to_vec(),
    };
    std::fs::write(folder.join("auth.pub"), &known.auth_public_key).unwrap();
    std::fs::write(folder.join("auth.cert"), &known.certificate).unwrap();
    std::fs::write(folder.join("ca.pub"), &known.authority).unwrap();
    known
}

/// Reads back what [`write_profiles`] left, in another process.
pub fn read_known(folder: &Path) -> Known {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    Known {
        auth_public_key: read("auth.pub"),
        certificate: read("auth.cert"),
        authority: read("ca.pub"),
    }
}

/// The reader under test and the hand that moves cards on it.
pub struct Bench<'a> {
    pub reader: &'a mut dyn CardReader,
    pub hand: &'a mut dyn FnMut(&str) -> Vec<String>,
    pub known: Known,
}

impl Bench<'_> {
    fn empty(&mut self) {
        (self.hand)("remove");
        let end = Instant::now() + PATIENCE;
        let mut seen = self.reader.presence().unwrap();
        while matches!(seen, Presence::Card { .. } | Presence::Mute) {
            assert!(Instant::now() < end, "removal was never seen");
            seen = self
                .reader
                .wait_for_change(seen, Duration::from_secs(2))
                .unwrap();
        }
    }

    /// Puts a fresh card down and opens it.
    fn open(&mut self, name: &str) -> MyNumberCard {
        self.empty();
        (self.hand)(&format!("reset {name}"));
        (self.hand)(&format!("insert {name}"));
        self.connect()
    }

    fn connect(&mut self) -> MyNumberCard {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.reader.presence().unwrap();
        while !matches!(seen, Presence::Card { .. }) {
            assert!(
                Instant::now() < end,
                "insertion was never seen, only {seen:?}"
            );
            seen = self
                .reader
                .wait_for_change(seen, Duration::from_secs(2))
                .unwrap();
        }
        let channel = self.reader.connect().unwrap();
        MyNumberCard::new(channel, self.reader.memory())
    }

    fn tries(&mut self) -> String {
        (self.hand)("status").remove(0)
    }
}

fn pin(digits: &str) -> Pin {
    Pin::four_digits(digits).unwrap()
}

/// Plays everything.
pub fn play_all(bench: &mut Bench<'_>) {
    four_items_take_five_commands(bench);
    a_login_takes_six_commands(bench);
    // Before a card teaches the reader that it has no extended length.
    a_genuine_card_face_takes_four_commands_then_three(bench);
    every_kind_of_card_is_read(bench);
    wrong_pins_are_counted_and_the_last_try_is_kept(bench);
    a_blocked_pin_is_not_tried(bench);
    leaving_clears_the_verified_state(bench);
    a_second_program_is_kept_out(bench);
    cards_are_told_apart(bench);
    the_card_tells_when_it_expires(bench);
    a_missing_link_is_told_apart_from_a_forgery(bench);
    anothers_items_are_forged(bench);
    deceptive_texts_are_refused(bench);
    faults_become_errors(bench);
    bench.empty();
}

fn four_items_take_five_commands(bench: &mut Bench<'_>) {
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
    let count = card.leave().unwrap();
    assert_eq!(count.commands, 5);
    report("four items", &count);
}

fn a_login_takes_six_commands(bench: &mut Bench<'_>) {
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
    let count = card.leave().unwrap();
    assert_eq!(count.commands, 6);
    report("login", &count);
}

fn every_kind_of_card_is_read(bench: &mut Bench<'_>) {
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
            report(&format!("both, {name}, {round}"), &card.leave().unwrap());
        }
    }
}

fn wrong_pins_are_counted_and_the_last_try_is_kept(bench: &mut Bench<'_>) {
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

fn a_blocked_pin_is_not_tried(bench: &mut Bench<'_>) {
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

fn leaving_clears_the_verified_state(bench: &mut Bench<'_>) {
    for politely in [true, false] {
        let mut card = bench.open("plain");
        assert!(card.read_four_items(pin("1234"), LastTry::Keep).is_ok());
        if politely {
            card.leave().unwrap();
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

fn a_second_program_is_kept_out(bench: &mut Bench<'_>) {
    let first = bench.open("plain");
    assert_eq!(bench.reader.connect().err(), Some(CardError::Busy));
    drop(first);
    assert!(bench.reader.connect().is_ok());
}

fn cards_are_told_apart(bench: &mut Bench<'_>) {
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

fn the_card_tells_when_it_expires(bench: &mut Bench<'_>) {
    let expiry = bench.open("signed").expiry().unwrap();
    assert_eq!((expiry.year, expiry.month, expiry.day), (2035, 2, 17));
}

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
    (verdict, card.count().commands - before)
}

fn a_genuine_card_face_takes_four_commands_then_three(bench: &mut Bench<'_>) {
    let trust = trust(bench);
    assert_eq!(check(bench, "signed", &trust), (Integrity::Genuine, 4));
    assert_eq!(
        check(bench, "signed", &trust),
        (Integrity::Genuine, 3),
        "the issuer is known by now"
    );
}

fn a_missing_link_is_told_apart_from_a_forgery(bench: &mut Bench<'_>) {
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

fn anothers_items_are_forged(bench: &mut Bench<'_>) {
    let trust = trust(bench);
    let mut other = bench.open("second");
    let foreign = other.read_four_items(pin("1234"), LastTry::Keep).ok();
    drop(other);
    let mut card = bench.open("signed");
    assert!(card.read_four_items(pin("1234"), LastTry::Keep).is_ok());
    assert_eq!(
        card.check_integrity(&foreign.unwrap(), &trust, &[7; 32]),
        Ok(Integrity::Forged(Forgery::Items))
    );
}

fn deceptive_texts_are_refused(bench: &mut Bench<'_>) {
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

fn faults_become_errors(bench: &mut Bench<'_>) {
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

fn report(what: &str, count: &devices::card::ApduCount) {
    println!(
        "{what}: {} commands, {} bytes to the card, {} from it",
        count.commands, count.bytes_sent, count.bytes_received
    );
}
