//! The envelope opens for the town it was sealed to, unchanged and unmoved, and for nobody else.
#![allow(clippy::unwrap_used)]

use application::{APPLICATION_VERSION, Application, CardCheck, Signature, Source, ValueSet};
use kiosk_api::{
    ApplicationId, Entropy, EnvelopeError, KioskId, SealedApplication, TenantCode,
    TenantPrivateKey, TenantPublicKey,
};
use proptest::prelude::*;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x0196_7111_0000_7000_8000_0000_0000_0001);

fn key(seed: u8) -> TenantPrivateKey {
    TenantPrivateKey::derive(&Entropy::new([seed; 32]))
}

fn application(name: &str) -> Application {
    let mut values = ValueSet::default();
    values.set("persons[A].name", name, Source::Card);
    Application {
        version: APPLICATION_VERSION,
        id: ID.to_string(),
        tenant: "990019".to_owned(),
        kiosk: "kiosk-1".to_owned(),
        reception: None,
        as_of: jiff::civil::date(2026, 4, 27),
        event: "move_in".to_owned(),
        language: "ja".to_owned(),
        applicant: None,
        facts: serde_json::Value::Null,
        plan: guidance::Plan::empty(jiff::civil::date(2026, 4, 27)),
        forms: Vec::new(),
        values,
        forms_edition: None,
        signature: Signature::OnPaper,
        card: CardCheck::None,
        notes: Vec::new(),
    }
}

fn seal(
    application: &Application,
    key: &TenantPublicKey,
    seed: [u8; 32],
) -> Result<SealedApplication, EnvelopeError> {
    let (tenant, kiosk): (TenantCode, KioskId) =
        ("990019".parse().unwrap(), "kiosk-1".parse().unwrap());
    SealedApplication::seal(
        application,
        tenant,
        kiosk,
        ApplicationId(ID),
        ("k", key),
        Entropy::new(seed),
    )
}

fn error<T>(result: Result<T, EnvelopeError>) -> EnvelopeError {
    result.err().expect("must be refused")
}

#[test]
fn opens_again() {
    let sealed = seal(&application("髙﨑　𠮷子"), &key(1).public(), [3; 32]).unwrap();
    let opened = sealed.open(&key(1)).unwrap();
    assert_eq!(opened.values.text("persons[A].name"), "髙﨑　𠮷子");
    let wire = serde_json::to_string(&sealed).unwrap();
    assert!(
        !wire.contains("髙"),
        "the name must not stand in the envelope"
    );
}

#[test]
fn another_key_does_not_open_it() {
    let sealed = seal(&application("a"), &key(1).public(), [3; 32]).unwrap();
    assert_eq!(error(sealed.open(&key(2))), EnvelopeError::Unsealable);
}

#[test]
fn a_moved_or_renamed_envelope_does_not_open() {
    let sealed = seal(&application("a"), &key(1).public(), [3; 32]).unwrap();
    let moves: [fn(&mut SealedApplication); 4] = [
        |sealed| sealed.tenant = "990027".parse().unwrap(),
        |sealed| sealed.kiosk = "kiosk-2".parse().unwrap(),
        |sealed| sealed.id = ApplicationId(Uuid::from_u128(2)),
        |sealed| sealed.encapsulated.0.truncate(31),
    ];
    for change in moves {
        let mut other = sealed.clone();
        change(&mut other);
        assert_eq!(error(other.open(&key(1))), EnvelopeError::Unsealable);
    }
    let mut newer = sealed;
    newer.version = 2;
    assert_eq!(error(newer.open(&key(1))), EnvelopeError::Version(2));
}

#[test]
fn what_stands_inside_must_be_what_stands_outside() {
    let mut other = application("a");
    other.tenant = "990027".to_owned();
    assert_eq!(
        error(seal(&other, &key(1).public(), [3; 32])),
        EnvelopeError::Mismatch("tenant")
    );
}

#[test]
fn fresh_entropy_gives_a_fresh_envelope() {
    let public = key(1).public();
    let (a, b) = (
        seal(&application("a"), &public, [3; 32]),
        seal(&application("a"), &public, [4; 32]),
    );
    assert!(a.unwrap().ciphertext != b.unwrap().ciphertext);
}

#[test]
fn a_short_key_is_no_key() {
    assert_eq!(
        error(TenantPublicKey::from_bytes(&[0; 31])),
        EnvelopeError::Key
    );
    assert_eq!(
        error(TenantPrivateKey::from_bytes(&[0; 33])),
        EnvelopeError::Key
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_flipped_bit_is_found(byte in 0usize..400, bit in 0u8..8, seed in any::<[u8; 32]>()) {
        let mut sealed = seal(&application("見本　花子"), &key(1).public(), seed).unwrap();
        let at = byte % sealed.ciphertext.0.len();
        sealed.ciphertext.0[at] ^= 1 << bit;
        prop_assert_eq!(error(sealed.open(&key(1))), EnvelopeError::Unsealable);
    }

    #[test]
    fn any_name_comes_back(name in "\\PC{0,40}") {
        let sealed = seal(&application(&name), &key(7).public(), [8; 32]).unwrap();
        let opened = sealed.open(&key(7)).unwrap();
        prop_assert_eq!(opened.values.0["persons[A].name"].text.as_str(), name.as_str());
    }
}
