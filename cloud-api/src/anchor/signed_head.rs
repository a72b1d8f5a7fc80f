//! The head of a trail with a signature: one JSON object, a line in the anchor file and the body of the webhook.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_store::audit::{AnchoredHead, Hash};
use cloud_store::{Realm, RealmKeys};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The last entry of a realm's trail at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The realm: a town's code, or `platform`.
    pub realm: String,
    /// The number of the entry.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
    /// When it was signed.
    pub at: Timestamp,
    /// The Ed25519 public key, base64.
    pub key: String,
    /// The signature over [`message`](Self::message), base64.
    pub signature: String,
    /// A time-stamp token over the signature (RFC 3161, DER), base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_stamp: Option<String>,
}

impl SignedHead {
    /// Signs a head with the realm's key.
    #[must_use]
    pub fn sign(keys: &RealmKeys, realm: &Realm, (seq, hash): (i64, Hash), at: Timestamp) -> Self {
        let mut head = Self {
            realm: realm.as_str().to_owned(),
            seq,
            hash,
            at,
            key: STANDARD.encode(keys.head_key()),
            signature: String::new(),
            time_stamp: None,
        };
        head.signature = STANDARD.encode(keys.sign_head(head.message().as_bytes()));
        head
    }

    /// What is signed: five lines, the last one the time in milliseconds since 1970 (UTC).
    #[must_use]
    pub fn message(&self) -> String {
        let hash = String::from(self.hash);
        let at = self.at.as_millisecond();
        format!(
            "genkan trail head 1\n{}\n{}\n{hash}\n{at}\n",
            self.realm, self.seq
        )
    }

    /// Whether this key signed it.
    #[must_use]
    pub fn holds(&self, key: &[u8; 32]) -> bool {
        let signature = STANDARD.decode(&self.signature).unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, key)
            .verify(self.message().as_bytes(), &signature)
            .is_ok()
    }

    /// What a trail is compared with.
    #[must_use]
    pub fn anchored(&self) -> AnchoredHead {
        AnchoredHead {
            seq: self.seq,
            hash: self.hash,
            at: self.at.to_string(),
        }
    }
}
