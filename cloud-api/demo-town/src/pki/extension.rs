//! The two extensions of a user-authentication certificate that the certificate library has no words for.

use rcgen::CustomExtension;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};

/// id-ce-certificatePolicies
const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];
/// id-ce-cRLDistributionPoints
const CRL_DISTRIBUTION_POINTS: &[u64] = &[2, 5, 29, 31];
/// id-qt-cps
const CPS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 2, 1];
/// The policy of JPKI's *test* certificates for user authentication; real cards bear another one.
pub(super) const TEST_AUTH_POLICY: &[u64] = &[1, 2, 392, 200149, 8, 5, 1, 0, 30];
/// Where the practice statement would be; `.invalid` leads nowhere (RFC 2606).
const CPS_ADDRESS: &str = "http://cps.jpki-demo.invalid/cps.html";

/// O and OU of the authority, in its name and in the names of its lists.
pub(super) const ORGANISATION_NAME: &str = "JPKI-DEMO";
pub(super) const UNIT_NAME: &str = "JPKI for user authentication";

const COUNTRY: &[u64] = &[2, 5, 4, 6];
const ORGANISATION: &[u64] = &[2, 5, 4, 10];
const UNIT: &[u64] = &[2, 5, 4, 11];
const COMMON_NAME: &[u64] = &[2, 5, 4, 3];

fn oid(parts: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(parts)
}

/// certificatePolicies, critical, with one policy and its CPS.
pub(super) fn policies() -> CustomExtension {
    let content = construct_der(|writer| {
        writer.write_sequence_of(|policies| {
            policies.next().write_sequence(|policy| {
                policy.next().write_oid(&oid(TEST_AUTH_POLICY));
                policy.next().write_sequence_of(|qualifiers| {
                    qualifiers.next().write_sequence(|qualifier| {
                        qualifier.next().write_oid(&oid(CPS));
                        qualifier.next().write_ia5_string(CPS_ADDRESS);
                    });
                });
            });
        });
    });
    let mut extension = CustomExtension::from_oid_content(CERTIFICATE_POLICIES, content);
    extension.set_criticality(true);
    extension
}

/// cRLDistributionPoints with a directory name only, no address: lists come to the verifier as files.
pub(super) fn distribution_point(prefecture: &str, municipality: &str) -> CustomExtension {
    let parts = [
        (COUNTRY, "JP"),
        (ORGANISATION, ORGANISATION_NAME),
        (UNIT, UNIT_NAME),
        (UNIT, "CRL Distribution Points"),
        (UNIT, prefecture),
    ];
    let common_name = format!("{municipality} CRLDP");
    let content = construct_der(|writer| {
        writer.write_sequence_of(|points| {
            points.next().write_sequence(|point| {
                point.next().write_tagged(Tag::context(0), |name| {
                    name.write_tagged_implicit(Tag::context(0), |full| {
                        full.write_sequence_of(|names| {
                            // directoryName is a CHOICE, hence tagged explicitly (RFC 5280 4.2.1.6).
                            names.next().write_tagged(Tag::context(4), |directory| {
                                directory_name(directory, &parts, &common_name);
                            });
                        });
                    });
                });
            });
        });
    });
    CustomExtension::from_oid_content(CRL_DISTRIBUTION_POINTS, content)
}

fn directory_name(writer: DERWriter<'_>, parts: &[(&[u64], &str)], common_name: &str) {
    let last = [(COMMON_NAME, common_name)];
    writer.write_sequence_of(|names| {
        for (kind, value) in parts.iter().chain(&last) {
            names.next().write_set_of(|set| {
                set.next().write_sequence(|attribute| {
                    attribute.next().write_oid(&oid(kind));
                    let text = attribute.next();
                    if *kind == COUNTRY {
                        text.write_printable_string(value);
                    } else {
                        text.write_utf8_string(value);
                    }
                });
            });
        }
    });
}
