//! Every demo card on the kiosk's own card protocol: it shows what `cards.toml` promises.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use clap::Parser;
use demo_town::card::{Condition, DemoCard};
use demo_town::{DemoSettings, Town, card, prepare};
use devices::card::integrity::{CardFaceTrust, Forgery, Integrity, MissingLink};
use devices::card::simulated::{Card, CardProfile, SimulatedReader, Slot};
use devices::card::{
    CardError, CardReader as _, Digest, LastTry, MyNumberCard, Pin, PinKind, TriesLeft,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    places: DemoSettings,
}

const MESSAGE: &[u8] = b"a nonce of the cloud";

fn pin(digits: &str) -> Pin {
    Pin::four_digits(digits).unwrap()
}

fn lay(root: &Path, name: &str) -> MyNumberCard {
    let json = std::fs::read_to_string(root.join(format!("cards/{name}.json"))).unwrap();
    let slot = Slot::new();
    slot.insert(Card::new(&CardProfile::from_json(&json).unwrap()).unwrap());
    let mut reader = SimulatedReader::new(slot, Duration::from_secs(5));
    let channel = reader.connect().unwrap();
    MyNumberCard::new(channel, reader.memory())
}

/// The one key of the trust folder.
fn card_face_trust(root: &Path) -> CardFaceTrust {
    let mut folder = std::fs::read_dir(root.join("trust/card-face")).unwrap();
    let pem = std::fs::read(folder.next().unwrap().unwrap().path()).unwrap();
    assert!(folder.next().is_none());
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
    CardFaceTrust::new([pem.contents.as_slice()]).unwrap()
}

/// What the check of a card's face says.
fn face(condition: Condition) -> Integrity {
    match condition {
        Condition::ForgedItems => Integrity::Forged(Forgery::Items),
        Condition::Copied => Integrity::Forged(Forgery::Copy),
        Condition::UnknownIssuer => Integrity::Unverified(MissingLink::UnknownAuthority),
        _ => Integrity::Genuine,
    }
}

fn reads_the_four_items(root: &Path, card: &DemoCard, trust: &CardFaceTrust) {
    let mut line = lay(root, &card.name);
    let record = line
        .read_four_items(pin(&card.pin), LastTry::Spend)
        .unwrap();
    assert_eq!(record.name(), card.items.name);
    assert_eq!(record.address(), card.items.address);
    assert_eq!(
        record.birth_date(),
        card.items.birth_date.strftime("%Y%m%d").to_string()
    );
    assert_eq!(
        record.sex().digit().to_string(),
        card.items.sex.digit().to_string()
    );
    if card.name == "long-address" {
        assert!(record.raw().len() > 256, "needs more than one short read");
    }
    let check = line.check_integrity(&record, trust, &[9; 32]);
    let verdict = check.unwrap().integrity;
    assert_eq!(verdict, face(card.condition), "{}", card.name);
}

fn signs_a_login(root: &Path, card: &DemoCard) {
    let mut line = lay(root, &card.name);
    let message = Digest::Sha256(digest(&SHA256, MESSAGE).as_ref().try_into().unwrap());
    let login = line
        .login(pin(&card.auth_pin), &message, LastTry::Spend)
        .unwrap();
    let (_, certificate) = X509Certificate::from_der(&login.certificate).unwrap();
    UnparsedPublicKey::new(
        &RSA_PKCS1_2048_8192_SHA256,
        &certificate.public_key().subject_public_key.data,
    )
    .verify(MESSAGE, &login.signature)
    .unwrap();
}

#[test]
fn every_card_does_what_its_line_in_the_list_says() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    let line = Line::parse_from(["test", "--assets", "nowhere"]);
    let town = Town::build().unwrap();
    let now = "2026-05-01T03:00:00Z".parse().unwrap();
    prepare::prepare(&town, root, &line.places, now).unwrap();
    let trust = card_face_trust(root);
    for card in card::cards(&town).unwrap() {
        for kind in [PinKind::Text, PinKind::UserAuthentication] {
            let left = lay(root, &card.name).tries_left(kind).unwrap();
            let expected = match card.condition {
                Condition::Blocked => TriesLeft::Blocked,
                Condition::LastTry => TriesLeft::Left(1),
                _ => TriesLeft::Left(3),
            };
            assert_eq!(left, expected, "{}", card.name);
        }
        if card.condition == Condition::Blocked {
            let refused = lay(root, &card.name).read_four_items(pin(&card.pin), LastTry::Spend);
            assert!(matches!(refused, Err(CardError::Blocked)), "{}", card.name);
            continue;
        }
        reads_the_four_items(root, &card, &trust);
        signs_a_login(root, &card);
        let wrong = lay(root, &card.name).read_four_items(pin("0000"), LastTry::Keep);
        assert!(wrong.is_err(), "{}", card.name);
    }
    // The card whose two PINs differ costs a try when the first is used for both.
    let mut two_pins = lay(root, "two-pins");
    let message = Digest::Sha256([7; 32]);
    assert!(
        two_pins
            .sign_challenge(pin("1234"), &message, LastTry::Keep)
            .is_err()
    );
    assert_eq!(
        two_pins.tries_left(PinKind::UserAuthentication).unwrap(),
        TriesLeft::Left(2)
    );
}
