//! Cards that are pulled, hang, dawdle or talk nonsense at every command of a reading: a page, never a panic, never a
//! mixture of two people; and the next card is read as if nothing had been.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod test_card;

use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use card_face::{FaceAuthorities, FaceFiles, Forgery, Integrity};
use devices::card::integrity::CardFaceTrust;
use devices::card::simulated::{Card, CardProfile, FaultPlan, SimulatedReader, Slot};
use jiff::Timestamp;
use kiosk::card_face::read_trust;
use kiosk::effects::{Audience, CardService};
use kiosk_api::{Bytes, NonceId, NonceReply, face_message, login_message_with_face};
use serde_json::{Value, json};
use session::effect::{CardProblem, Reply};
use test_card::{NAME, PIN, TestCard};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

struct TestBench {
    card: TestCard,
    trust: CardFaceTrust,
    _folder: tempfile::TempDir,
}

impl TestBench {
    fn new() -> Self {
        let (folder, card) = (tempfile::tempdir().unwrap(), TestCard::new());
        let trust = read_trust(Some(&card.write_trust(folder.path()))).unwrap();
        Self {
            card,
            trust,
            _folder: folder,
        }
    }

    fn lay(&self, slot: &Slot, changes: Value) {
        let profile = CardProfile::from_json(&self.card.profile(changes)).unwrap();
        slot.insert(Card::new(&profile).unwrap());
    }

    fn service(&self, slot: &Slot) -> CardService {
        let reader = SimulatedReader::new(slot.clone(), Duration::from_millis(40));
        let audience = Audience {
            tenant: "990019".parse().unwrap(),
            kiosk: "lobby-1".parse().unwrap(),
        };
        CardService::new(Box::new(reader), self.trust.clone(), audience)
    }
}

fn read(service: &mut CardService) -> Reply {
    let nonce = NonceReply {
        id: NonceId(uuid::Uuid::nil()),
        nonce: Bytes(vec![9; 32]),
        expires_at: Timestamp::MAX,
    };
    match service.tries() {
        Reply::CardTries(_) => service.read(&Zeroizing::new(PIN.to_owned()), Some(&nonce)),
        other => other,
    }
}

/// The name read, or the problem.
fn outcome(reply: Reply) -> Result<(String, bool), CardProblem> {
    match reply {
        Reply::CardRead(items) => Ok((items.name.clone(), items.proof)),
        Reply::CardFailed(problem) => Err(problem),
        _ => panic!("another kind of answer"),
    }
}

/// SELECT, tries, PIN, items; record, key, proof (the issuer is known by then); the login and the goodbye.
const FACE_CHECKED: u32 = 7;
/// SELECT, tries, PIN, signature, certificate.
const LOGGED_IN: u32 = FACE_CHECKED + 5;

#[test]
fn every_fault_at_every_command_is_a_page_and_the_next_card_is_read() {
    let bench = TestBench::new();
    let slot = Slot::new();
    let mut service = bench.service(&slot);
    bench.lay(&slot, json!({}));
    assert_eq!(outcome(read(&mut service)), Ok((NAME.to_owned(), true)));
    for fault in ["pulled", "truncated", "garbage", "mute", "status 6f00"] {
        for after in 0..=LOGGED_IN {
            bench.lay(&slot, json!({}));
            let words = format!("{fault} after {after}");
            let words: Vec<&str> = words.split(' ').collect();
            slot.set_fault(Some(FaultPlan::parse(&words).unwrap()));
            match outcome(read(&mut service)) {
                // The login is a gain, not a condition; up to then a fault must not pass unnoticed.
                Ok((name, proof)) => {
                    assert_eq!(name, NAME, "{words:?}");
                    let refused = fault == "status 6f00";
                    assert!(after >= FACE_CHECKED || refused, "{words:?}");
                    assert!(!proof || after >= LOGGED_IN || refused, "{words:?}");
                }
                Err(problem) => {
                    let expected = match fault {
                        "pulled" | "truncated" => {
                            &[CardProblem::Removed, CardProblem::Unreadable][..]
                        }
                        "mute" => &[CardProblem::Silent],
                        _ => &[
                            CardProblem::Unreadable,
                            CardProblem::Forged,
                            CardProblem::Reader,
                        ],
                    };
                    assert!(expected.contains(&problem), "{words:?}: {problem:?}");
                }
            }
            service.forget();
            slot.remove();
            bench.lay(&slot, json!({"name": "次の　方"}));
            let next = outcome(read(&mut service));
            assert_eq!(next, Ok(("次の　方".to_owned(), true)), "after {words:?}");
            service.forget();
            assert!(service.take_proof().is_none(), "forgotten");
            slot.remove();
        }
    }
}

#[test]
fn a_slow_card_is_only_slow() {
    let bench = TestBench::new();
    let slot = Slot::new();
    bench.lay(&slot, json!({}));
    slot.set_fault(FaultPlan::parse(&["slow", "3"]));
    assert_eq!(
        outcome(read(&mut bench.service(&slot))),
        Ok((NAME.to_owned(), true))
    );
}

#[test]
fn another_card_laid_down_between_counting_and_pin_is_never_asked() {
    let bench = TestBench::new();
    let slot = Slot::new();
    bench.lay(&slot, json!({}));
    let mut service = bench.service(&slot);
    assert!(matches!(service.tries(), Reply::CardTries(Some(3))));
    bench.lay(&slot, json!({"name": "次の　方"}));
    let reply = service.read(&Zeroizing::new("0000".to_owned()), None);
    assert_eq!(outcome(reply), Err(CardProblem::Removed));
    assert_eq!(slot.tries_left(), Some((3, 3)), "no try was spent on it");
}

#[test]
fn the_face_decides_about_items_and_login() {
    let bench = TestBench::new();
    let slot = Slot::new();
    let mut service = bench.service(&slot);
    for forgery in ["items", "record", "card-key", "copy"] {
        bench.lay(&slot, json!({"issuer": {"forgery": forgery}}));
        assert_eq!(
            outcome(read(&mut service)),
            Err(CardProblem::Forged),
            "{forgery}"
        );
        assert!(service.take_proof().is_none());
    }
    for changes in [
        json!({"issuer": null}),
        json!({"issuer": {"card_private_key": ""}}),
    ] {
        bench.lay(&slot, changes);
        let Reply::CardRead(items) = read(&mut service) else {
            panic!("not read")
        };
        assert_eq!((items.genuine, items.proof), (false, true));
        let proof = service.take_proof().unwrap();
        assert!(proof.face.is_none(), "the cloud gets no face, and knows it");
        assert!(proof.items.as_ref().unwrap().name == NAME);
    }
}

#[test]
fn the_cloud_can_check_what_the_card_proves() {
    let bench = TestBench::new();
    let slot = Slot::new();
    let mut service = bench.service(&slot);
    let authorities = FaceAuthorities::new([bench.card.authority_der().as_slice()]).unwrap();
    // The second time the issuer's certificate comes from memory.
    for _ in 0..2 {
        bench.lay(&slot, json!({}));
        assert_eq!(outcome(read(&mut service)), Ok((NAME.to_owned(), true)));
        let proof = service.take_proof().unwrap();
        assert!(proof.items.is_none(), "the items are in the face alone");
        let face = proof.face.as_ref().unwrap();
        let files = FaceFiles {
            items: &face.items.0,
            record: &face.record.0,
            certificate: &face.certificate.0,
            card_key: &face.card_key.0,
            signature: &face.signature.0,
        };
        let (tenant, kiosk) = ("990019".parse().unwrap(), "lobby-1".parse().unwrap());
        let challenge = face_message(&tenant, &kiosk, &[9; 32]);
        assert_eq!(
            authorities.check(&files, &challenge),
            Ok(Integrity::Genuine)
        );
        let elsewhere = face_message(&tenant, &"lobby-2".parse().unwrap(), &[9; 32]);
        assert_eq!(
            authorities.check(&files, &elsewhere),
            Ok(Integrity::Forged(Forgery::Copy))
        );
        let signed = login_message_with_face(&tenant, &kiosk, &[9; 32], face);
        let (_, certificate) = X509Certificate::from_der(&proof.certificate.0).unwrap();
        let key = certificate.public_key().subject_public_key.data.as_ref();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(&signed, &proof.signature.0)
            .unwrap();
        slot.remove();
    }
}
