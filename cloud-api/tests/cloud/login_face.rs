//! Whose household a login opens: the card's face and the certificate must both be proven, and belong together as far as
//! the core system can say.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloud_api::core_system::{CoreSystem, DemoCore, HouseholdRecord};
use cloud_api::jpki::CertificateSerial;
use kiosk_api::{Bytes, FaceProof, FourItems, LoginProof, NonceReply, face_message, login_message};
use serde_json::Value;

use crate::card::{TestCard, Wanted};
use crate::face::{FACES, TestFaces};
use crate::login::{ask, hanako, nonce, with_face};
use crate::town::{Answer, Choice, TOWN, Town, household, items, town};

const KIOSK: &str = "kiosk-1";

fn challenge(nonce: &NonceReply, kiosk: &str) -> Vec<u8> {
    let (tenant, kiosk) = (TOWN.parse().unwrap(), kiosk.parse().unwrap());
    face_message(&tenant, &kiosk, &nonce.nonce.0)
}

/// A login with whatever `change` makes of the genuine face.
async fn changed(town: &Town, change: impl FnOnce(&mut FaceProof, &[u8])) -> Answer {
    let card = town.authority.card(&Wanted::default());
    let given = nonce(town, KIOSK).await;
    let signed = challenge(&given, KIOSK);
    let mut face = FACES.face(&hanako(), &signed);
    change(&mut face, &signed);
    ask(town, KIOSK, &with_face(&card, &given, KIOSK, face)).await
}

/// As a kiosk of an earlier version sends it, or one whose card has no face.
fn without_face(card: &TestCard, nonce: &NonceReply, items: Option<FourItems>) -> Value {
    let (tenant, kiosk) = (TOWN.parse().unwrap(), KIOSK.parse().unwrap());
    let message = login_message(&tenant, &kiosk, &nonce.nonce.0);
    let proof = LoginProof {
        certificate: card.certificate.clone().into(),
        signature: card.sign(&message).into(),
        nonce: nonce.id,
        face: None,
        items,
    };
    serde_json::to_value(&proof).unwrap()
}

async fn faceless(town: &Town, card: &TestCard, items: Option<FourItems>) -> Answer {
    let given = nonce(town, KIOSK).await;
    ask(town, KIOSK, &without_face(card, &given, items)).await
}

/// A town whose core system knows these certificates of 花子.
async fn linked(serials: &[&str]) -> Town {
    let mut family = household(&[
        ("R1", "見本　太郎", "1986-07-30", "1", "世帯主"),
        ("R2", "見本　花子", "1988-04-01", "2", "妻"),
    ]);
    let serials = serials.iter().map(|text| CertificateSerial::parse(text));
    family.persons[1].certificates = serials.collect::<Result<_, _>>().unwrap();
    let households: BTreeMap<String, HouseholdRecord> = [("H1".to_owned(), family)].into();
    let core: Arc<dyn CoreSystem> = Arc::new(DemoCore::new(households));
    Town::new(Choice {
        core: Some(core),
        ..Choice::default()
    })
    .await
}

/// The certificate of [`Wanted::default`], 100, as hexadecimal digits.
const OWN: &str = "0064";

#[tokio::test]
async fn every_part_of_the_face_must_hold() {
    let town = town().await;
    assert_eq!(changed(&town, |_, _| {}).await.status, 200);
    type Change = fn(&mut FaceProof, &[u8]);
    let changes: [Change; 7] = [
        // Another's items under this card's record.
        |face, signed| {
            face.items = FACES
                .face(&items("見本　太郎", "1986-07-30", 1), signed)
                .items
                .clone()
        },
        // A record, a key that the issuer did not sign.
        |face, _| *face.record.0.last_mut().unwrap() ^= 1,
        |face, _| *face.card_key.0.last_mut().unwrap() ^= 1,
        // The signature of another moment, of another card, none at all.
        |face, _| face.signature = FACES.face(&hanako(), b"yesterday").signature.clone(),
        |face, signed| face.signature = TestFaces::new().face(&hanako(), signed).signature.clone(),
        |face, _| face.signature = Bytes(Vec::new()),
        |face, _| face.record = Bytes(b"nonsense".to_vec()),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let answer = changed(&town, change).await;
        assert_eq!(answer.problem(), "login_refused", "change {at}");
    }
}

#[tokio::test]
async fn a_face_is_bound_to_this_login_at_this_kiosk() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let (first, second) = (nonce(&town, KIOSK).await, nonce(&town, KIOSK).await);
    for signed in [challenge(&second, KIOSK), challenge(&first, "kiosk-2")] {
        let again = nonce(&town, KIOSK).await;
        let face = FACES.face(&hanako(), &signed);
        let answer = ask(&town, KIOSK, &with_face(&card, &again, KIOSK, face)).await;
        assert_eq!(answer.problem(), "login_refused");
    }
    // Two logins at once: the face of one cannot be put into the other.
    let mut one = with_face(
        &card,
        &first,
        KIOSK,
        FACES.face(&hanako(), &challenge(&first, KIOSK)),
    );
    let other = items("見本　太郎", "1986-07-30", 1);
    let face = FACES.face(&other, &challenge(&first, KIOSK));
    one["face"] = serde_json::to_value(&face).unwrap();
    assert_eq!(ask(&town, KIOSK, &one).await.problem(), "login_refused");
}

#[tokio::test]
async fn without_face_and_link_there_is_no_household_and_nothing_to_search() {
    let town = town().await;
    let card = town.authority.card(&Wanted::default());
    let nobody = items("誰　か", "1980-01-01", 1);
    let several = items("同名　一郎", "1990-01-01", 1);
    let mut answers = Vec::new();
    for items in [hanako(), nobody, several] {
        let answer = faceless(&town, &card, Some(items)).await;
        assert_eq!(answer.problem(), "card_unverified");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the register answers nobody's guesses");
    let empty = faceless(&town, &card, None).await;
    assert_eq!(empty.problem(), "card_unverified");
    assert!(empty.text().contains("no card face"), "{}", empty.text());
}

#[tokio::test]
async fn a_face_of_an_unknown_authority_proves_nothing() {
    let (plain, known) = (town().await, linked(&[OWN]).await);
    for (town, expected) in [(plain, Some("card_unverified")), (known, None)] {
        let card = town.authority.card(&Wanted::default());
        let given = nonce(&town, KIOSK).await;
        let face = TestFaces::new().face(&hanako(), &challenge(&given, KIOSK));
        let answer = ask(&town, KIOSK, &with_face(&card, &given, KIOSK, face)).await;
        match expected {
            Some(code) => assert_eq!(answer.problem(), code),
            None => assert_eq!(answer.status, 200, "the core system knows whose it is"),
        }
    }
}

#[tokio::test]
async fn an_authority_is_trusted_by_a_file_alone() {
    let town = town().await;
    let new = TestFaces::new();
    let card = town.authority.card(&Wanted::default());
    let file = new.authority();
    for (written, status) in [(None, 403), (Some(file.as_bytes()), 200)] {
        if let Some(bytes) = written {
            town.trust.write("faces", "broken.pem", b"no key");
            town.trust.write("faces", "new.pem", bytes);
        }
        let given = nonce(&town, KIOSK).await;
        let face = new.face(&hanako(), &challenge(&given, KIOSK));
        let answer = ask(&town, KIOSK, &with_face(&card, &given, KIOSK, face)).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn a_linked_certificate_decides_whose_the_card_is() {
    let known = linked(&["AB01", OWN]).await;
    let own = known.authority.card(&Wanted::default());
    assert_eq!(changed(&known, |_, _| {}).await.status, 200);
    assert_eq!(faceless(&known, &own, Some(hanako())).await.status, 200);

    // One card's certificate with the face of another: both genuine, both over this login's nonce.
    let stranger = known.authority.card(&Wanted {
        serial: 101,
        ..Wanted::default()
    });
    let given = nonce(&known, KIOSK).await;
    let face = FACES.face(&hanako(), &challenge(&given, KIOSK));
    let answer = ask(&known, KIOSK, &with_face(&stranger, &given, KIOSK, face)).await;
    assert_eq!(answer.problem(), "login_refused");
    let answer = faceless(&known, &stranger, Some(hanako())).await;
    assert_eq!(answer.problem(), "card_unverified");
    // 太郎 has no link: the face alone decides, and the items of a kiosk without one do not.
    let taro = items("見本　太郎", "1986-07-30", 1);
    let answer = faceless(&known, &own, Some(taro)).await;
    assert_eq!(answer.problem(), "card_unverified");
}

#[tokio::test]
async fn a_day_of_birth_that_is_not_known_matches_nobody() {
    let town = town().await;
    let answer = changed(&town, |face, signed| {
        *face = FACES.face_born(&hanako(), "19880400", signed);
    })
    .await;
    assert_eq!(answer.problem(), "no_match");
}
