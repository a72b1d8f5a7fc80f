//! What a user-authentication certificate must say of itself (card.md A6).

use std::collections::BTreeSet;

use jiff::Timestamp;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_CERTIFICATE_POLICIES, OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
    OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE, OID_X509_EXT_SUBJECT_ALT_NAME,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER, Oid,
};
use x509_parser::prelude::X509Certificate;

use super::refusal::CardRefusal;

/// Extensions that this program understands; a critical one beside these means a rule that it would break unknowingly.
const UNDERSTOOD: [Oid<'static>; 8] = [
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
    OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_CERTIFICATE_POLICIES,
    OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
    OID_X509_EXT_EXTENDED_KEY_USAGE,
    OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_SUBJECT_ALT_NAME,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
];

/// keyUsage digitalSignature alone, EKU clientAuth, one of the policies, not a CA.
///
/// The signing certificate (署名用) carries nonRepudiation beside digitalSignature and must not open a login.
pub(super) fn check_use(
    certificate: &X509Certificate<'_>,
    policies: &[String],
) -> Result<(), CardRefusal> {
    for extension in certificate.extensions() {
        if extension.critical && !UNDERSTOOD.contains(&extension.oid) {
            return Err(CardRefusal::Usage("an unknown critical extension"));
        }
        if matches!(
            extension.parsed_extension(),
            ParsedExtension::ParseError { .. }
        ) {
            return Err(CardRefusal::Unreadable);
        }
    }
    if certificate.is_ca() {
        return Err(CardRefusal::Usage("an authority's certificate"));
    }
    let key_usage = certificate
        .key_usage()
        .map_err(|_| CardRefusal::Unreadable)?;
    if !key_usage
        .is_some_and(|usage| usage.value.digital_signature() && !usage.value.non_repudiation())
    {
        return Err(CardRefusal::Usage("keyUsage"));
    }
    let extended = certificate
        .extended_key_usage()
        .map_err(|_| CardRefusal::Unreadable)?;
    if !extended.is_some_and(|usage| usage.value.client_auth) {
        return Err(CardRefusal::Usage("extendedKeyUsage"));
    }
    if policies.is_empty() || has_policy(certificate, policies) {
        Ok(())
    } else {
        Err(CardRefusal::Usage("certificatePolicies"))
    }
}

fn has_policy(certificate: &X509Certificate<'_>, accepted: &[String]) -> bool {
    certificate
        .extensions()
        .iter()
        .any(|extension| match extension.parsed_extension() {
            ParsedExtension::CertificatePolicies(policies) => policies
                .iter()
                .any(|policy| accepted.contains(&policy.policy_id.to_id_string())),
            _ => false,
        })
}

/// The certificate's end, if `now` lies inside its validity (both ends included, RFC 5280 §4.1.2.5).
pub(super) fn check_validity(
    certificate: &X509Certificate<'_>,
    now: Timestamp,
) -> Result<Timestamp, CardRefusal> {
    let validity = certificate.validity();
    let (from, until) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    if (from..=until).contains(&now.as_second()) {
        Timestamp::from_second(until).map_err(|_| CardRefusal::Unreadable)
    } else {
        Err(CardRefusal::Expired)
    }
}

/// Names of the distribution points that say where this certificate's revocation would stand; JPKI splits its lists by city.
pub(super) fn distribution_points(certificate: &X509Certificate<'_>) -> BTreeSet<Vec<u8>> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::CRLDistributionPoints(points) => Some(points),
            _ => None,
        })
        .flat_map(|points| points.iter())
        .filter_map(|point| point.distribution_point.as_ref())
        .flat_map(point_names)
        .collect()
}

/// A distribution point's names as comparable bytes. Relative names are left out: they can't be compared without the issuer.
pub(super) fn point_names(point: &DistributionPointName<'_>) -> Vec<Vec<u8>> {
    let DistributionPointName::FullName(names) = point else {
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DirectoryName(name) => Some([b"d".as_slice(), name.as_raw()].concat()),
            GeneralName::URI(uri) => Some([b"u".as_slice(), uri.as_bytes()].concat()),
            _ => None,
        })
        .collect()
}
