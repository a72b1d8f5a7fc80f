//! Signed editions of catalogue and forms: read from a folder, checked, served, used.
//!
//! An edition that is not this town's, not signed by a trusted key or does not compile is left out with a line in the
//! log; the one signed last among the good ones is served. The others stay: an application is shown with the forms that
//! it was made with, so files leave the folder only when the applications that name them do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use application::FormSet;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::body::Bytes;
use guidance::Catalogue;
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{Edition, EditionFile, EditionKind, SignedEdition, TenantCode};

use crate::clock::Clock;
use crate::folder::Folder;

/// Whether an Ed25519 signature holds (RFC 8032).
#[must_use]
pub fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}

/// What an edition's files are compiled to.
pub trait Compile: Sized + Send + Sync + 'static {
    /// Which kind of edition it comes from.
    const KIND: EditionKind;

    /// Compiles the files.
    ///
    /// # Errors
    /// File, line and reason.
    fn compile(edition: &Edition) -> Result<Self, String>;
}

impl Compile for Catalogue {
    const KIND: EditionKind = EditionKind::Catalogue;

    fn compile(edition: &Edition) -> Result<Self, String> {
        Self::from_files(edition.files.iter().map(EditionFile::pair))
            .map_err(|error| error.to_string())
    }
}

impl Compile for FormSet {
    const KIND: EditionKind = EditionKind::Forms;

    fn compile(edition: &Edition) -> Result<Self, String> {
        Self::from_files(edition.files.iter().map(EditionFile::pair))
            .map_err(|error| error.to_string())
    }
}

/// A published edition.
pub struct Published<T> {
    /// As it is sent.
    pub body: Bytes,
    /// Its entity tag, quotes included.
    pub etag: String,
    /// Its files.
    pub edition: Edition,
    /// Compiled.
    pub value: T,
}

/// How far a signing machine's clock may be ahead. What is dated later is not used before its time: the edition signed last is
/// in use, and one from next year would keep all that come until then out.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The editions of one kind of one town.
pub struct Publication<T> {
    folder: Folder<Arc<Published<T>>>,
    clock: Arc<dyn Clock>,
}

impl<T: Compile> Publication<T> {
    /// Editions from a folder of `*.json`, signed by one of `keys` (key id, public key).
    #[must_use]
    pub fn new(
        folder: PathBuf,
        tenant: TenantCode,
        keys: Vec<(String, Vec<u8>)>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let read = move |_: &Path, bytes: &[u8]| read(bytes, &tenant, &keys);
        Self {
            folder: Folder::new(folder, &["json"], read),
            clock,
        }
    }

    /// The edition signed last, and not ahead of time.
    pub fn current(&self) -> Option<Arc<Published<T>>> {
        let latest = self.clock.now().saturating_add(AHEAD);
        let latest = latest.unwrap_or(Timestamp::MAX);
        let editions = self.folder.current();
        editions
            .iter()
            .filter(|published| published.edition.signed_at <= latest)
            .max_by_key(|published| published.edition.signed_at)
            .cloned()
    }

    /// The edition with this entity tag, in use or not: what was made with it is shown with it.
    pub fn named(&self, etag: &str) -> Option<Arc<Published<T>>> {
        let editions = self.folder.current();
        let named = editions.iter().find(|published| published.etag == etag);
        named.cloned()
    }

    /// The edition that was in use at a time: the one signed last before it, or the first of all.
    pub fn at(&self, time: Timestamp) -> Option<Arc<Published<T>>> {
        let editions = self.folder.current();
        let signed_at = |published: &&Arc<Published<T>>| published.edition.signed_at;
        let before = editions.iter().filter(|one| signed_at(one) <= time);
        before
            .max_by_key(signed_at)
            .or_else(|| editions.iter().min_by_key(signed_at))
            .cloned()
    }
}

fn read<T: Compile>(
    bytes: &[u8],
    tenant: &TenantCode,
    keys: &[(String, Vec<u8>)],
) -> Result<Vec<Arc<Published<T>>>, String> {
    let signed: SignedEdition = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let etag = signed.etag();
    let edition = signed
        .open(T::KIND, tenant, None, keys, verify_ed25519)
        .map_err(|error| error.to_string())?;
    let value = T::compile(&edition)?;
    Ok(vec![Arc::new(Published {
        body: Bytes::copy_from_slice(bytes),
        etag,
        edition,
        value,
    })])
}
