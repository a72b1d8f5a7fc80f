//! RSA keys as the card writes them.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::tlv;

/// `90` exponent, `91` modulus.
pub(crate) struct RsaKey<'a> {
    exponent: &'a [u8],
    modulus: &'a [u8],
}

impl<'a> RsaKey<'a> {
    pub(crate) fn parse(objects: &'a [u8]) -> Option<Self> {
        Some(Self {
            exponent: tlv::find(objects, 0x90)?.value,
            modulus: tlv::find(objects, 0x91)?.value,
        })
    }

    /// PKCS#1 v1.5 with SHA-256.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents {
            n: self.modulus,
            e: self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}
