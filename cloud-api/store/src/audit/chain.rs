//! The entries of the trail and the chain of hashes between them.

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// SHA-256, as lower-case hexadecimal outside the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

/// Before the first entry.
pub const GENESIS: Hash = Hash([0; 32]);

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "expected 64 hexadecimal digits";
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(WRONG);
        }
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| WRONG)?;
        }
        Ok(Self(bytes))
    }
}

/// An entry of the trail, as stored and as exported (one JSON object a line).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The realm: a town's code, or `platform`.
    pub tenant: String,
    /// Number in the realm's chain, from 1, without a gap.
    pub seq: i64,
    /// When, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// `staff`, `client`, `kiosk`, `command`, `service`, `nobody`.
    pub actor_kind: String,
    /// Who, by id.
    pub actor: String,
    /// What, as [`AuditEvent::as_str`](super::AuditEvent::as_str); exports and the column call it `deed`.
    #[serde(rename = "deed")]
    pub event: String,
    /// To which thing.
    pub object: String,
    /// Detail, JSON as text: its bytes are what the hash covers.
    pub detail: String,
    /// The hash before.
    pub previous: Hash,
    /// The hash of all of the above.
    pub hash: Hash,
    /// HMAC-SHA256 over the hash with a key of the realm's that is not in the database; absent in entries from before the
    /// realm had one. A chain that was made again by somebody else has none that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Hash>,
}

/// What an entry's hash must be. Each part is preceded by its length, so that no two entries have the same bytes.
#[must_use]
pub fn link(entry: &Entry) -> Hash {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    part(b"genkan audit 1");
    part(&entry.previous.0);
    part(entry.tenant.as_bytes());
    part(&entry.seq.to_be_bytes());
    part(&entry.at.to_be_bytes());
    for text in [
        &entry.actor_kind,
        &entry.actor,
        &entry.event,
        &entry.object,
        &entry.detail,
    ] {
        part(text.as_bytes());
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Hash(hash)
}

/// The first entry at which the chain does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BrokenChain {
    /// A number is missing, twice, or out of order.
    #[error("{tenant}: entry {found} stands where entry {expected} must be")]
    Gap {
        /// The realm.
        tenant: String,
        /// The number that must be here.
        expected: i64,
        /// The number that is here.
        found: i64,
    },
    /// An entry does not follow the one before it.
    #[error("{tenant}: entry {seq} does not continue entry {}", seq - 1)]
    Torn {
        /// The realm.
        tenant: String,
        /// The entry.
        seq: i64,
    },
    /// An entry's content is not what was written.
    #[error("{tenant}: entry {seq} was changed after it was written")]
    Changed {
        /// The realm.
        tenant: String,
        /// The entry.
        seq: i64,
    },
}

/// Checks one realm's entries, in order from its first; gives the last number and hash.
///
/// # Errors
/// [`BrokenChain`] names the first entry at fault. Entries cut off at the end are found by comparing the last hash with
/// one that was noted elsewhere.
pub fn verify<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Result<(i64, Hash), BrokenChain> {
    verify_from((0, GENESIS), entries)
}

/// As [`verify`], going on from the number and hash of an entry that was checked before.
///
/// # Errors
/// [`BrokenChain`].
pub fn verify_from<'a>(
    mut last: (i64, Hash),
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Result<(i64, Hash), BrokenChain> {
    for entry in entries {
        let tenant = || entry.tenant.clone();
        if entry.seq != last.0 + 1 {
            return Err(BrokenChain::Gap {
                tenant: tenant(),
                expected: last.0 + 1,
                found: entry.seq,
            });
        }
        if entry.hash != link(entry) {
            return Err(BrokenChain::Changed {
                tenant: tenant(),
                seq: entry.seq,
            });
        }
        if entry.previous != last.1 {
            return Err(BrokenChain::Torn {
                tenant: tenant(),
                seq: entry.seq,
            });
        }
        last = (entry.seq, entry.hash);
    }
    Ok(last)
}
