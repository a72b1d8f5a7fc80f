//! Builds the files of a card from its profile, byte for byte as a card stores them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use card_face::tlv;
use zeroize::Zeroizing;

use super::files::{Access, ApplicationFiles, File, PinFile};
use super::profile::{CardProfile, Forged, IssuerProfile, ProfileError};
use crate::card::generation::CURRENT;

/// All applications of a card.
pub(super) fn applications(profile: &CardProfile) -> Result<Vec<ApplicationFiles>, ProfileError> {
    Ok(vec![text(profile)?, jpki(profile)?, common(profile)])
}

fn text(profile: &CardProfile) -> Result<ApplicationFiles, ProfileError> {
    let number = my_number(profile);
    let items = four_items(profile);
    let mut files = vec![
        // 照合番号A is the 個人番号 as a PIN: ten tries, opens the number but not the four items.
        (0x0014, File::Pin(PinFile::new(&profile.my_number, 10, 10))),
        (
            0x0011,
            File::Pin(PinFile::new(
                &profile.text_pin.pin,
                profile.text_pin.tries_left,
                3,
            )),
        ),
    ];
    if let Some(issuer) = &profile.issuer {
        files.push((
            0x0003,
            data(
                integrity_record(&number, &items, issuer)?,
                Access::After(&[0x0011, 0x0014]),
            ),
        ));
        files.push((0x0004, data(cv_certificate(issuer)?, Access::Free)));
        if !issuer.card_private_key.is_empty() {
            files.push((
                0x0007,
                data(card_key(issuer)?, Access::After(&[0x0011, 0x0014])),
            ));
            files.push((0x0013, File::OwnKey(own_key(profile, issuer)?)));
        }
    }
    files.push((0x0001, data(number, Access::After(&[0x0011, 0x0014]))));
    files.push((0x0002, data(items, Access::After(&[0x0011]))));
    Ok(ApplicationFiles {
        aid: CURRENT.text.aid,
        files,
    })
}

/// 署名用パスワード. No signing key stands behind it, but every card has its counter, and other clients (OpenSC) take a card
/// without one for none.
const SIGN_PASSWORD: &str = "GENKAN01";

fn jpki(profile: &CardProfile) -> Result<ApplicationFiles, ProfileError> {
    let mut token = b"JPKIAPICCTOKEN2".to_vec();
    token.resize(160, b' ');
    let mut certificate = profile.auth_certificate.clone();
    // Files are larger than what they hold.
    certificate.extend_from_slice(&[0xFF; 16]);
    let mut files = vec![
        (0x0006, data(token, Access::Free)),
        (0x000A, data(certificate, Access::Free)),
        (
            0x0017,
            File::Key {
                pair: key(&profile.auth_private_key, "auth_private_key")?,
                pin: 0x0018,
            },
        ),
        (
            0x0018,
            File::Pin(PinFile::new(
                &profile.auth_pin.pin,
                profile.auth_pin.tries_left,
                3,
            )),
        ),
        (0x001B, File::Pin(PinFile::new(SIGN_PASSWORD, 5, 5))),
    ];
    if !profile.auth_ca_certificate.is_empty() {
        files.push((
            0x000B,
            data(profile.auth_ca_certificate.clone(), Access::Free),
        ));
    }
    Ok(ApplicationFiles {
        aid: CURRENT.jpki.aid,
        files,
    })
}

fn common(profile: &CardProfile) -> ApplicationFiles {
    let mut content = vec![0x01, 0x1C];
    for digits in [
        &profile.serial,
        &profile.municipality,
        &profile.card_expires_on,
    ] {
        content.extend_from_slice(digits.as_bytes());
    }
    ApplicationFiles {
        aid: CURRENT.common.aid,
        files: vec![(0x0001, File::Record { content })],
    }
}

fn data(content: Vec<u8>, access: Access) -> File {
    File::Data {
        content: Zeroizing::new(content),
        access,
    }
}

fn key(pkcs8: &[u8], name: &'static str) -> Result<KeyPair, ProfileError> {
    KeyPair::from_pkcs8(pkcs8).map_err(|_| ProfileError::Key(name))
}

/// `FF10 0C` + 12 digits + filler.
fn my_number(profile: &CardProfile) -> Vec<u8> {
    let mut file = Vec::new();
    tlv::write(&mut file, 0xFF10, profile.my_number.as_bytes());
    file.extend_from_slice(&[0xFF, 0xFF]);
    file
}

/// `FF20` with the offset table DF21, whose entries count from the file's first byte to each item's tag.
fn four_items(profile: &CardProfile) -> Vec<u8> {
    let mut items = Vec::new();
    let mut starts = Vec::new();
    let values = [
        &profile.name,
        &profile.address,
        &profile.birth_date,
        &profile.sex,
    ];
    for (tag, value) in (0xDF22..).zip(values) {
        starts.push(items.len());
        tlv::write(&mut items, tag, value.as_bytes());
    }
    let table_length = 3 + 8;
    let header = if table_length + items.len() < 0x80 {
        3
    } else {
        5
    };
    let table: Vec<u8> = starts
        .iter()
        .flat_map(|start| {
            u16::try_from(header + table_length + start)
                .unwrap_or(u16::MAX)
                .to_be_bytes()
        })
        .collect();
    let mut inner = Vec::new();
    tlv::write(&mut inner, 0xDF21, &table);
    inner.extend_from_slice(&items);
    let mut file = Vec::new();
    tlv::write(&mut file, 0xFF20, &inner);
    file
}

/// `FF30 { DF31 digest of the number's file, DF32 digest of the items without their table, DF33 signature over both }`.
fn integrity_record(
    number: &[u8],
    items: &[u8],
    issuer: &IssuerProfile,
) -> Result<Vec<u8>, ProfileError> {
    let without_table = tlv::first(items)
        .and_then(|(outer, _)| tlv::first(outer.value).map(|(_, rest)| rest))
        .ok_or(ProfileError::Value("four items"))?;
    let other = [without_table, b"?"].concat();
    let items = if issuer.forgery == Some(Forged::Items) {
        &other
    } else {
        without_table
    };
    let mut inner = Vec::new();
    tlv::write(&mut inner, 0xDF31, digest(&SHA256, number).as_ref());
    tlv::write(&mut inner, 0xDF32, digest(&SHA256, items).as_ref());
    let signer = if issuer.forgery == Some(Forged::Record) {
        &issuer.ca_private_key
    } else {
        &issuer.private_key
    };
    let signature = sign(&key(signer, "issuer.private_key")?, &inner)?;
    tlv::write(&mut inner, 0xDF33, &signature);
    let mut file = Vec::new();
    tlv::write(&mut file, 0xFF30, &inner);
    Ok(file)
}

/// `7F21 { 5F4E { CA key id, key id, 90 exponent, 91 modulus }, 5F37 signature over 5F4E's value }`.
fn cv_certificate(issuer: &IssuerProfile) -> Result<Vec<u8>, ProfileError> {
    let own = key(&issuer.private_key, "issuer.private_key")?;
    let ca = key(&issuer.ca_private_key, "issuer.ca_private_key")?;
    let mut body = [issuer.ca_key_id.as_bytes(), issuer.key_id.as_bytes()].concat();
    tlv::write(&mut body, 0x90, &[0x01, 0x00, 0x01]);
    tlv::write(&mut body, 0x91, modulus(&own)?);
    let mut inner = Vec::new();
    tlv::write(&mut inner, 0x5F4E, &body);
    tlv::write(&mut inner, 0x5F37, &sign(&ca, &body)?);
    let mut file = Vec::new();
    tlv::write(&mut file, 0x7F21, &inner);
    Ok(file)
}

/// `FF50 { DF51 { 90 exponent, 91 modulus }, DF52 signature over DF51 }`.
fn card_key(issuer: &IssuerProfile) -> Result<Vec<u8>, ProfileError> {
    let own = key(&issuer.card_private_key, "issuer.card_private_key")?;
    let mut public = Vec::new();
    tlv::write(&mut public, 0x90, &[0x01, 0x00, 0x01]);
    tlv::write(&mut public, 0x91, modulus(&own)?);
    let mut inner = Vec::new();
    tlv::write(&mut inner, 0xDF51, &public);
    let signer = if issuer.forgery == Some(Forged::CardKey) {
        own
    } else {
        key(&issuer.private_key, "issuer.private_key")?
    };
    let signature = sign(&signer, &inner)?;
    tlv::write(&mut inner, 0xDF52, &signature);
    let mut file = Vec::new();
    tlv::write(&mut file, 0xFF50, &inner);
    Ok(file)
}

/// A copy answers with whatever key it has.
fn own_key(profile: &CardProfile, issuer: &IssuerProfile) -> Result<KeyPair, ProfileError> {
    if issuer.forgery == Some(Forged::Copy) {
        key(&profile.auth_private_key, "auth_private_key")
    } else {
        key(&issuer.card_private_key, "issuer.card_private_key")
    }
}

/// The modulus out of the key's `RSAPublicKey` sequence, without the sign byte that DER puts before it.
fn modulus(key: &KeyPair) -> Result<&[u8], ProfileError> {
    let integer =
        tlv::first(key.public_key().as_ref()).and_then(|(sequence, _)| tlv::first(sequence.value));
    let (integer, _) = integer
        .filter(|(object, _)| object.tag == 0x02)
        .ok_or(ProfileError::Key("issuer.private_key"))?;
    Ok(integer.value.strip_prefix(&[0]).unwrap_or(integer.value))
}

fn sign(key: &KeyPair, message: &[u8]) -> Result<Vec<u8>, ProfileError> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .map_err(|_| ProfileError::Value("signing failed"))?;
    Ok(signature)
}

#[cfg(test)]
mod tests {
    use super::four_items;
    use crate::card::simulated::CardProfile;

    /// The layout of a published test card's file, with that card's lengths but other contents.
    #[test]
    fn the_offset_table_points_at_tags_from_byte_zero() {
        let profile = CardProfile::from_json(
            r#"{"name":"玄関　幹也","address":"架空県玄関市本町一丁目２３番地５号室","birth_date":"19800217","sex":"1",
                "card_expires_on":"20350217","text_pin":{"pin":"1234"},"auth_pin":{"pin":"1234"},
                "auth_certificate":"MAA=","auth_private_key":"MAA="}"#,
        )
        .unwrap();
        let file = four_items(&profile);
        assert_eq!(file[..6], [0xFF, 0x20, 0x65, 0xDF, 0x21, 0x08]);
        assert_eq!(
            file[6..14],
            [0x00, 0x0E, 0x00, 0x20, 0x00, 0x59, 0x00, 0x64]
        );
        assert_eq!(file.len(), 104);
        for (entry, tag) in [(0x0E, 0x22), (0x20, 0x23), (0x59, 0x24), (0x64, 0x25)] {
            assert_eq!(file[entry..entry + 2], [0xDF, tag]);
        }
    }
}
