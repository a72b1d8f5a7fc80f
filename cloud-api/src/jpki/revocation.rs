//! Revocation lists (CRL, RFC 5280 §5) from a folder.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_X509_EXT_DELTA_CRL_INDICATOR, OID_X509_EXT_ISSUER_DISTRIBUTION_POINT,
};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::anchors::{Anchor, same_key, subject_key};
use super::certificate::point_names;
use super::der::{der_objects, sha256};
use super::signature;

/// Which certificates a list speaks of.
enum Scope {
    /// All of its authority.
    All,
    /// Those that name one of these distribution points.
    Points(BTreeSet<Vec<u8>>),
    /// None that is ours, or only a part of the reasons: being absent from it says nothing.
    Nothing,
}

/// A revocation list, not yet known to be authentic.
pub(super) struct RevocationList {
    der: Vec<u8>,
    pub(super) digest: [u8; 32],
    authority: Option<Vec<u8>>,
    scope: Scope,
    from: i64,
    until: Option<i64>,
    revoked: HashSet<Vec<u8>>,
}

/// Reads the lists of one file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<RevocationList>, String> {
    der_objects(bytes, "X509 CRL")?
        .into_iter()
        .map(RevocationList::new)
        .collect()
}

impl RevocationList {
    fn new(der: Vec<u8>) -> Result<Self, String> {
        let (_, list) = CertificateRevocationList::from_der(&der)
            .map_err(|e| format!("not a revocation list: {e}"))?;
        let authority =
            list.extensions()
                .iter()
                .find_map(|extension| match extension.parsed_extension() {
                    ParsedExtension::AuthorityKeyIdentifier(aki) => {
                        aki.key_identifier.as_ref().map(|id| id.0.to_vec())
                    }
                    _ => None,
                });
        let (scope, from) = (scope(&list), list.last_update().timestamp());
        let until = list.next_update().map(|time| time.timestamp());
        let revoked = list
            .iter_revoked_certificates()
            .map(|entry| entry.raw_serial().to_vec())
            .collect();
        let digest = sha256(&der);
        Ok(Self {
            digest,
            authority,
            scope,
            from,
            until,
            revoked,
            der,
        })
    }

    /// Whether the anchor's key signed this list.
    pub(super) fn signed_by(&self, anchor: &Anchor) -> bool {
        let Ok((_, list)) = CertificateRevocationList::from_der(&self.der) else {
            return false;
        };
        anchor
            .parsed(|anchor| {
                same_key(self.authority.clone(), subject_key(anchor))
                    && signature::by_authority(
                        anchor.public_key(),
                        &list.signature_algorithm,
                        list.tbs_cert_list.as_ref(),
                        &list.signature_value.data,
                    )
            })
            .unwrap_or(false)
    }

    /// Whether the serial number (DER content bytes) stands in the list.
    pub(super) fn has(&self, serial: &[u8]) -> bool {
        self.revoked.contains(serial)
    }

    /// Whether being absent from this list means not revoked, for a certificate with these distribution points.
    pub(super) fn covers(&self, points: &BTreeSet<Vec<u8>>) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Points(names) => !names.is_disjoint(points),
            Scope::Nothing => false,
        }
    }

    /// From its issue until the next one is due. A list that names no next one is never current.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        self.from <= now.as_second() && self.until.is_some_and(|until| now.as_second() < until)
    }
}

fn scope(list: &CertificateRevocationList<'_>) -> Scope {
    let mut scope = Scope::All;
    for extension in list.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(point) => {
                let elsewhere = point.only_contains_ca_certs
                    || point.only_contains_attribute_certs
                    || point.indirect_crl
                    || point.only_some_reasons.is_some();
                scope = match &point.distribution_point {
                    _ if elsewhere => return Scope::Nothing,
                    Some(name) => Scope::Points(point_names(name).into_iter().collect()),
                    None => scope,
                };
            }
            _ if extension.oid == OID_X509_EXT_ISSUER_DISTRIBUTION_POINT => return Scope::Nothing,
            _ if extension.oid == OID_X509_EXT_DELTA_CRL_INDICATOR => return Scope::Nothing,
            ParsedExtension::AuthorityKeyIdentifier(_) | ParsedExtension::CRLNumber(_) => {}
            _ if extension.critical => return Scope::Nothing,
            _ => {}
        }
    }
    scope
}
