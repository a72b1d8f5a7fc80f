//! Which editions are used: this town's, this kind's, signed by a trusted key, never an older one again.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use kiosk_api::{
    Bytes, Edition, EditionError, EditionFile, EditionKind, SignedEdition, TenantCode,
};

fn tenant() -> TenantCode {
    "990019".parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn signed() -> SignedEdition {
    let content = Edition {
        kind: EditionKind::Catalogue,
        tenant: tenant(),
        edition: "e1".to_owned(),
        signed_at: at(1000),
        files: vec![EditionFile {
            path: "a.toml".to_owned(),
            text: "x".to_owned(),
        }],
    };
    let signature = Bytes(toy_sign(b"key", &content.canonical_bytes()));
    SignedEdition {
        content,
        key_id: "k1".to_owned(),
        signature,
    }
}

/// Stands in for Ed25519, whose real implementation both sides hand in: here only the plumbing is tested.
fn toy_sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    let sum = message.iter().fold(7u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    [key, &sum.to_be_bytes()].concat()
}

fn open(
    edition: SignedEdition,
    kind: EditionKind,
    town: &TenantCode,
    in_use: Option<i64>,
) -> Result<Edition, EditionError> {
    let keys = [("k1".to_owned(), b"key".to_vec())];
    edition.open(
        kind,
        town,
        in_use.map(at),
        &keys,
        |key, message, signature| toy_sign(key, message) == signature,
    )
}

#[test]
fn good_one_is_used_again_and_again() {
    assert!(open(signed(), EditionKind::Catalogue, &tenant(), None).is_ok());
    assert!(open(signed(), EditionKind::Catalogue, &tenant(), Some(1000)).is_ok());
}

#[test]
fn each_wrong_one_has_its_reason() {
    let mut changed = signed();
    changed.content.files[0].text.push('y');
    assert_eq!(
        open(changed, EditionKind::Catalogue, &tenant(), None),
        Err(EditionError::Signature {
            edition: "e1".to_owned()
        })
    );
    let mut stranger = signed();
    stranger.key_id = "k9".to_owned();
    assert!(matches!(
        open(stranger, EditionKind::Catalogue, &tenant(), None),
        Err(EditionError::UnknownKey { key_id, .. }) if key_id == "k9"
    ));
    assert!(matches!(
        open(signed(), EditionKind::Forms, &tenant(), None),
        Err(EditionError::Other { .. })
    ));
    let other: TenantCode = "990027".parse().unwrap();
    assert!(matches!(
        open(signed(), EditionKind::Catalogue, &other, None),
        Err(EditionError::Other { .. })
    ));
    assert!(matches!(
        open(signed(), EditionKind::Catalogue, &tenant(), Some(1001)),
        Err(EditionError::Older { .. })
    ));
}

#[test]
fn moving_text_between_fields_changes_the_signed_bytes() {
    let mut one = signed().content;
    let mut other = one.clone();
    one.files[0] = EditionFile {
        path: "ab".to_owned(),
        text: "c".to_owned(),
    };
    other.files[0] = EditionFile {
        path: "a".to_owned(),
        text: "bc".to_owned(),
    };
    assert_ne!(one.canonical_bytes(), other.canonical_bytes());
}

#[test]
fn tenant_codes_have_a_check_digit() {
    for good in ["131016", "322016", "010006", "990019", "990027"] {
        assert_eq!(good.parse::<TenantCode>().unwrap().as_str(), good);
    }
    for bad in ["990018", "99001", "9900190", "99001a", "", "９９００１９"] {
        assert!(bad.parse::<TenantCode>().is_err(), "{bad}");
    }
}
