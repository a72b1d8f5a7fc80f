//! The authorities by which cards are judged.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use kiosk_api::Revocation;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::anchors::{self, Anchor};
use super::der::Digest;
use super::refusal::CardRefusal;
use super::revocation::{self, RevocationList};
use super::serial::CertificateSerial;
use super::{certificate, signature};
use crate::folder::Folder;

/// What was found good.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which certificate.
    pub serial: CertificateSerial,
    /// Whether a current list covered the certificate.
    pub revocation: Revocation,
    /// The certificate's end.
    pub until: Timestamp,
}

/// The authorities and lists by which cards are judged.
pub struct CardAuthority {
    anchors: Folder<Anchor>,
    lists: Folder<RevocationList>,
    policies: Vec<String>,
    /// Which list holds under which anchor, by their digests, because checking each time would cost: a list of a large town is megabytes.
    held: Mutex<BTreeMap<(Digest, Digest), bool>>,
}

impl CardAuthority {
    /// Folders of anchors and revocation lists, read again when they change, and the policies that are accepted (empty: any).
    #[must_use]
    pub fn new(anchors: PathBuf, lists: PathBuf, policies: Vec<String>) -> Self {
        const FILES: &[&str] = &["cer", "crt", "der", "pem"];
        const LISTS: &[&str] = &["crl", "der", "pem"];
        Self {
            anchors: Folder::new(anchors, FILES, |_, bytes| anchors::read(bytes)),
            lists: Folder::new(lists, LISTS, |_, bytes| revocation::read(bytes)),
            policies,
            held: Mutex::new(BTreeMap::new()),
        }
    }

    /// How many anchors and lists are in use, for the health report.
    pub fn counts(&self) -> (usize, usize) {
        (self.anchors.current().len(), self.lists.current().len())
    }

    /// Checks chain, use, signature, validity and revocation, in this order, at the time `now`.
    ///
    /// # Errors
    /// The first [`CardRefusal`].
    pub fn verify(
        &self,
        certificate: &[u8],
        message: &[u8],
        signature: &[u8],
        now: Timestamp,
    ) -> Result<Verified, CardRefusal> {
        let (rest, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| CardRefusal::Unreadable)?;
        if !rest.is_empty() {
            return Err(CardRefusal::Unreadable);
        }
        let anchors = self.anchors.current();
        let anchor = anchors
            .iter()
            .find(|anchor| anchor.signed(&parsed, now))
            .ok_or(CardRefusal::Untrusted)?;
        certificate::check_use(&parsed, &self.policies)?;
        if !signature::by_card(parsed.public_key(), message, signature) {
            return Err(CardRefusal::Signature);
        }
        let until = certificate::check_validity(&parsed, now)?;
        let revocation = self.revocation(anchor, &parsed, now)?;
        Ok(Verified {
            serial: CertificateSerial::from_bytes(parsed.raw_serial()),
            revocation,
            until,
        })
    }

    /// A certificate on any authentic list is revoked, stale or not; it is *checked* only when a current list covers it.
    fn revocation(
        &self,
        anchor: &Anchor,
        certificate: &X509Certificate<'_>,
        now: Timestamp,
    ) -> Result<Revocation, CardRefusal> {
        let points = certificate::distribution_points(certificate);
        let mut answer = Revocation::Unknown;
        for list in self
            .lists
            .current()
            .iter()
            .filter(|list| self.holds(anchor, list))
        {
            if list.has(certificate.raw_serial()) {
                return Err(CardRefusal::Revoked);
            }
            if list.covers(&points) && list.is_current(now) {
                answer = Revocation::Checked;
            }
        }
        Ok(answer)
    }

    fn holds(&self, anchor: &Anchor, list: &RevocationList) -> bool {
        let key = (anchor.digest, list.digest);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Lists come and go with each day; the map must not grow for years.
        if held.len() > 10_000 {
            held.clear();
        }
        *held.entry(key).or_insert_with(|| list.signed_by(anchor))
    }
}
