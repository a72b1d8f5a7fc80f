//! 利用者証明: the card signs the cloud's challenge. Whether the certificate is good is for the cloud to say.

use zeroize::Zeroizing;

use super::apdu;
use super::connection::data_of;
use super::generation::SignatureScheme;
use super::{CardError, LastTry, Meaning, MyNumberCard, Pin, PinKind};

/// DER of `DigestInfo` for SHA-256 up to the digest itself (RFC 8017, 9.2 note 1).
pub(super) const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// The digest of what is to be signed, made by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256, for cards with RSA-2048.
    Sha256([u8; 32]),
    /// SHA-384, which the next card is announced to use.
    Sha384([u8; 48]),
}

/// What a login needs from the card.
pub struct Login {
    /// 利用者証明用電子証明書, X.509 DER.
    pub certificate: Vec<u8>,
    /// Signature over the digest; its length depends on the key.
    pub signature: Vec<u8>,
}

impl MyNumberCard {
    /// 利用者証明用電子証明書, X.509 DER. Free to read on this generation.
    ///
    /// # Errors
    /// Whatever the reader or card reports, and an object that is no certificate.
    pub fn user_auth_certificate(&mut self) -> Result<Vec<u8>, CardError> {
        self.run_step(|card| {
            let jpki = card.generation.jpki;
            card.connection.select(&jpki)?;
            let der = card
                .connection
                .read_object(card.generation.auth_certificate, "certificate")?;
            if der.first() == Some(&0x30) {
                Ok(der.to_vec())
            } else {
                Err(CardError::Malformed {
                    step: "certificate",
                    reason: "not a DER sequence",
                })
            }
        })
    }

    /// Verifies the user-authentication PIN and signs a digest.
    ///
    /// # Errors
    /// As [`MyNumberCard::read_four_items`]; [`CardError::UnsupportedDigest`] before any try is spent.
    pub fn sign_challenge(
        &mut self,
        pin: Pin,
        digest: &Digest,
        last_try: LastTry,
    ) -> Result<Vec<u8>, CardError> {
        let SignatureScheme::RsaPkcs1Sha256 = self.generation.signature;
        let digest = match digest {
            Digest::Sha256(digest) => *digest,
            Digest::Sha384(other) => return Err(CardError::UnsupportedDigest(other.len())),
        };
        self.run_step(|card| {
            card.verify(PinKind::UserAuthentication, pin, last_try)?;
            card.compute_signature(&digest)
        })
    }

    /// Signature and certificate: six commands with the last SELECT, the counter included.
    ///
    /// # Errors
    /// As [`MyNumberCard::sign_challenge`].
    pub fn login(
        &mut self,
        pin: Pin,
        digest: &Digest,
        last_try: LastTry,
    ) -> Result<Login, CardError> {
        let signature = self.sign_challenge(pin, digest, last_try)?;
        let certificate = self.user_auth_certificate()?;
        Ok(Login {
            certificate,
            signature,
        })
    }

    fn compute_signature(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, CardError> {
        let key = self.generation.auth_key;
        if self.connection.bare_digest {
            let answer = self.connection.by_reference(key, |reference| {
                Zeroizing::new(apdu::sign(0x02, reference, digest))
            })?;
            match answer.status.meaning() {
                Meaning::WrongParameters
                | Meaning::BeyondEnd
                | Meaning::UnknownCommand
                | Meaning::WrongLength => {
                    self.connection.bare_digest = false;
                }
                _ => return signature(&data_of(answer, "sign")?),
            }
        }
        let info = [&SHA256_DIGEST_INFO[..], digest].concat();
        let answer = self.connection.by_reference(key, |reference| {
            Zeroizing::new(apdu::sign(0x00, reference, &info))
        })?;
        signature(&data_of(answer, "sign")?)
    }
}

/// A signature has no fixed length here, but an empty or tiny one is none.
fn signature(bytes: &[u8]) -> Result<Vec<u8>, CardError> {
    if bytes.len() >= 64 {
        Ok(bytes.to_vec())
    } else {
        Err(CardError::Malformed {
            step: "sign",
            reason: "signature too short",
        })
    }
}
