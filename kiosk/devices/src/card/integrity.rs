//! 券面事項の真正性: the issuer's signature over the four items (text EF 0003) under a CV certificate (EF 0004).
//!
//! Without it the four items are whatever answered the commands. The record also holds a digest of the 個人番号, which is
//! few enough digits to be found by trying: it is checked in place, wiped, and never leaves this module.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::{CardError, FourItemsRecord, MyNumberCard, tlv};

const STEP: &str = "integrity";

/// A key of the authority that certifies card-face issuers; comes from the trust folder in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFaceAuthority {
    /// 証明者鍵ID, 16 bytes.
    pub key_id: [u8; 16],
    /// RSA modulus, big-endian.
    pub modulus: Vec<u8>,
    /// RSA exponent, big-endian.
    pub exponent: Vec<u8>,
}

/// What the signature says about the four items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Signed by an issuer that a known authority certified, and unchanged.
    Genuine,
    /// Signed under an authority that is not in the trust folder.
    UnknownAuthority,
    /// A signature or digest does not fit: forged or damaged.
    Broken,
}

impl MyNumberCard {
    /// Checks the four items just read; the text PIN must still be verified. Two commands.
    ///
    /// # Errors
    /// Whatever the line or card reports; [`CardError::Refused`] on a card without the record.
    pub fn check_integrity(
        &mut self,
        record: &FourItemsRecord,
        authorities: &[CardFaceAuthority],
    ) -> Result<Integrity, CardError> {
        self.watch(|card| {
            let text = card.generation.text;
            card.link.select(&text)?;
            let signed = card
                .link
                .read_object(card.generation.integrity_record, STEP)?;
            let certificate = card
                .link
                .read_object(card.generation.integrity_certificate, STEP)?;
            judge(record.raw(), &signed, &certificate, authorities).ok_or(CardError::Malformed {
                step: STEP,
                reason: "missing or cut object",
            })
        })
    }
}

/// `None` when an object is missing.
fn judge(
    items: &[u8],
    signed: &[u8],
    certificate: &[u8],
    authorities: &[CardFaceAuthority],
) -> Option<Integrity> {
    let (certificate, _) = tlv::first(certificate).filter(|(object, _)| object.tag == 0x7F21)?;
    let body = tlv::find(certificate.value, 0x5F4E)?.value;
    let seal = tlv::find(certificate.value, 0x5F37)?.value;
    let authority_id = body.get(..16)?;
    let key = body.get(32..)?;
    let Some(authority) = authorities
        .iter()
        .find(|authority| authority.key_id == authority_id)
    else {
        return Some(Integrity::UnknownAuthority);
    };
    let certified = verify(&authority.modulus, &authority.exponent, body, seal);
    let (record, _) = tlv::first(signed).filter(|(object, _)| object.tag == 0xFF30)?;
    let first = tlv::find(record.value, 0xDF31)?;
    let second = tlv::find(record.value, 0xDF32)?;
    let signature = tlv::find(record.value, 0xDF33)?.value;
    let message = zeroize::Zeroizing::new([first.encoded, second.encoded].concat());
    let modulus = tlv::find(key, 0x91)?.value;
    let exponent = tlv::find(key, 0x90)?.value;
    // The digest covers the items without their offset table DF21, the first object inside FF20.
    let (outer, _) = tlv::first(items)?;
    let (table, rest) = tlv::first(outer.value).filter(|(object, _)| object.tag == 0xDF21)?;
    debug_assert_eq!(table.tag, 0xDF21);
    let unchanged = digest(&SHA256, rest).as_ref() == second.value;
    let genuine = certified && unchanged && verify(modulus, exponent, &message, signature);
    Some(if genuine {
        Integrity::Genuine
    } else {
        Integrity::Broken
    })
}

fn verify(modulus: &[u8], exponent: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = RsaPublicKeyComponents {
        n: modulus,
        e: exponent,
    };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
}
