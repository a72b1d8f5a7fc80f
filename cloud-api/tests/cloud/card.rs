//! A test JPKI: authorities that share one name, cards, revocation lists.

use cloud_api::jpki::{CardAuthority, CardFaces};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256,
    RevokedCertParams, RsaKeySize, SerialNumber, SigningKey as _, date_time_ymd,
};
use tempfile::TempDir;

use crate::face::FACES;

/// The day on which every test takes place, unless it says otherwise.
pub(crate) fn now() -> Timestamp {
    "2026-04-27T01:00:00Z".parse().unwrap()
}

/// id-ce-certificatePolicies holding 1.2.392.200149.8.5.1.0.30 (JPKI's test policy of user authentication), DER by hand.
const POLICY: [u8; 16] = [
    0x30, 0x0E, 0x30, 0x0C, 0x06, 0x0A, 0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x55, 0x08, 0x05, 0x01, 0x00,
];

fn policy(last: u8) -> CustomExtension {
    let mut content = POLICY.to_vec();
    // One more arc than the constant holds: the lengths grow with it.
    content.push(last);
    for at in [1, 3, 5] {
        content[at] += 1;
    }
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 32], content);
    extension.set_criticality(true);
    extension
}

pub(crate) struct TestAuthority {
    params: CertificateParams,
    key: KeyPair,
}

#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) serial: u64,
    pub(crate) until: (i32, u8, u8),
    pub(crate) key_usages: Vec<KeyUsagePurpose>,
    pub(crate) purposes: Vec<ExtendedKeyUsagePurpose>,
    pub(crate) policy: u8,
    pub(crate) p384: bool,
    pub(crate) points: Vec<String>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            serial: 100,
            until: (2030, 1, 1),
            key_usages: vec![KeyUsagePurpose::DigitalSignature],
            purposes: vec![ExtendedKeyUsagePurpose::ClientAuth],
            policy: 30,
            p384: true,
            points: Vec::new(),
        }
    }
}

pub(crate) struct TestCard {
    pub(crate) certificate: Vec<u8>,
    key: KeyPair,
}

impl TestCard {
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).unwrap()
    }
}

fn key(p384: bool) -> KeyPair {
    if p384 {
        KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()
    } else {
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
    }
}

impl TestAuthority {
    /// Every authority bears the same name, as JPKI's three generations do.
    pub(crate) fn new(serial: u64, p384: bool) -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "JPKI-TEST");
        params.distinguished_name.push(
            DnType::OrganizationalUnitName,
            "JPKI for user authentication",
        );
        params.serial_number = Some(SerialNumber::from(serial));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2033, 1, 1);
        Self {
            params,
            key: key(p384),
        }
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.params.self_signed(&self.key).unwrap().der().to_vec()
    }

    pub(crate) fn card(&self, wanted: &Wanted) -> TestCard {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "997794E9AGCIEG13990019A");
        params.serial_number = Some(SerialNumber::from(wanted.serial));
        params.key_usages = wanted.key_usages.clone();
        params.extended_key_usages = wanted.purposes.clone();
        params.use_authority_key_identifier_extension = true;
        params.custom_extensions = vec![policy(wanted.policy)];
        params.crl_distribution_points = wanted
            .points
            .iter()
            .map(|uri| CrlDistributionPoint {
                uris: vec![uri.clone()],
            })
            .collect();
        params.not_before = date_time_ymd(2021, 1, 1);
        let (year, month, day) = wanted.until;
        params.not_after = date_time_ymd(year, month, day);
        let key = key(wanted.p384);
        let certificate = params
            .signed_by(&key, &self.issuer())
            .unwrap()
            .der()
            .to_vec();
        TestCard { certificate, key }
    }

    /// A list from 2026-04-20 to `until`; with a point it is a part of the whole, as JPKI's are split by city.
    pub(crate) fn list(
        &self,
        revoked: &[u64],
        until: (i32, u8, u8),
        point: Option<&str>,
    ) -> Vec<u8> {
        let revoked_certs = revoked
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from(*serial),
                revocation_time: date_time_ymd(2026, 4, 1),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let (year, month, day) = until;
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 4, 20),
            next_update: date_time_ymd(year, month, day),
            crl_number: SerialNumber::from(7u64),
            issuing_distribution_point: point.map(|uri| CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint {
                    uris: vec![uri.to_owned()],
                },
                scope: None,
            }),
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer()).unwrap().der().to_vec()
    }
}

/// Folders of anchors and lists.
pub(crate) struct Trust {
    pub(crate) folder: TempDir,
}

impl Trust {
    pub(crate) fn new(anchors: &[&TestAuthority], lists: &[Vec<u8>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["anchors", "lists", "faces"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let trust = Self { folder };
        for (at, anchor) in anchors.iter().enumerate() {
            trust.write("anchors", &format!("{at}.cer"), &anchor.certificate());
        }
        trust.write("faces", "any name.pem", FACES.authority().as_bytes());
        for (at, list) in lists.iter().enumerate() {
            trust.write("lists", &format!("{at}.crl"), list);
        }
        trust
    }

    pub(crate) fn write(&self, folder: &str, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(folder).join(name), bytes).unwrap();
    }

    pub(crate) fn remove(&self, folder: &str, name: &str) {
        std::fs::remove_file(self.folder.path().join(folder).join(name)).unwrap();
    }

    pub(crate) fn faces(&self) -> CardFaces {
        CardFaces::new(Some(self.folder.path().join("faces")))
    }

    pub(crate) fn authority(&self) -> CardAuthority {
        let path = self.folder.path();
        let policies = vec!["1.2.392.200149.8.5.1.0.30".to_owned()];
        CardAuthority::new(path.join("anchors"), path.join("lists"), policies)
    }
}

mod tests {
    use cloud_api::jpki::CardRefusal;
    use kiosk_api::Revocation;
    use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};

    use super::*;

    const LATER: (i32, u8, u8) = (2026, 5, 20);

    fn judge(trust: &Trust, card: &TestCard) -> Result<Revocation, CardRefusal> {
        verify(&trust.authority(), card, &card.sign(b"nonce"))
    }

    fn verify(
        authority: &CardAuthority,
        card: &TestCard,
        signature: &[u8],
    ) -> Result<Revocation, CardRefusal> {
        let verified = authority.verify(&card.certificate, b"nonce", signature, now());
        verified.map(|verified| verified.revocation)
    }

    #[test]
    fn todays_card_and_the_next_one_hold() {
        let authority = TestAuthority::new(1, false);
        let trust = Trust::new(&[&authority], &[authority.list(&[], LATER, None)]);
        for p384 in [false, true] {
            let card = authority.card(&Wanted {
                p384,
                ..Wanted::default()
            });
            assert_eq!(judge(&trust, &card), Ok(Revocation::Checked));
        }
    }

    #[test]
    fn generations_of_one_name_are_told_apart_by_key() {
        let (old, new, forged) = (
            TestAuthority::new(1, true),
            TestAuthority::new(2, true),
            TestAuthority::new(2, true),
        );
        let trust = Trust::new(&[&old, &new], &[]);
        assert!(judge(&trust, &old.card(&Wanted::default())).is_ok());
        assert!(judge(&trust, &new.card(&Wanted::default())).is_ok());
        assert_eq!(
            judge(&trust, &forged.card(&Wanted::default())),
            Err(CardRefusal::Untrusted)
        );
    }

    #[test]
    fn a_new_generation_is_trusted_by_a_file_alone() {
        let (old, new) = (TestAuthority::new(1, true), TestAuthority::new(2, true));
        let trust = Trust::new(&[&old], &[]);
        let (authority, card) = (trust.authority(), new.card(&Wanted::default()));
        let signature = card.sign(b"nonce");
        assert_eq!(
            verify(&authority, &card, &signature),
            Err(CardRefusal::Untrusted)
        );
        trust.write("anchors", "new.cer", &new.certificate());
        assert!(verify(&authority, &card, &signature).is_ok());
        trust.write("anchors", "broken.cer", b"not a certificate");
        assert!(
            verify(&authority, &card, &signature).is_ok(),
            "a bad file takes no good one along"
        );
    }

    #[test]
    fn each_wrong_certificate_has_its_reason() {
        let authority = TestAuthority::new(1, true);
        let trust = Trust::new(&[&authority], &[authority.list(&[13], LATER, None)]);
        let base = Wanted::default();
        let cases: [(Wanted, CardRefusal); 7] = [
            (
                Wanted {
                    until: (2026, 4, 26),
                    ..base.clone()
                },
                CardRefusal::Expired,
            ),
            (
                Wanted {
                    serial: 13,
                    ..base.clone()
                },
                CardRefusal::Revoked,
            ),
            (
                Wanted {
                    key_usages: vec![KeyUsagePurpose::KeyEncipherment],
                    ..base.clone()
                },
                CardRefusal::Usage("keyUsage"),
            ),
            (
                // 署名用電子証明書 must not open a login.
                Wanted {
                    key_usages: vec![
                        KeyUsagePurpose::DigitalSignature,
                        KeyUsagePurpose::ContentCommitment,
                    ],
                    ..base.clone()
                },
                CardRefusal::Usage("keyUsage"),
            ),
            (
                Wanted {
                    purposes: vec![ExtendedKeyUsagePurpose::ServerAuth],
                    ..base.clone()
                },
                CardRefusal::Usage("extendedKeyUsage"),
            ),
            (
                Wanted {
                    purposes: Vec::new(),
                    ..base.clone()
                },
                CardRefusal::Usage("extendedKeyUsage"),
            ),
            (
                Wanted {
                    policy: 20,
                    ..base.clone()
                },
                CardRefusal::Usage("certificatePolicies"),
            ),
        ];
        for (wanted, reason) in cases {
            assert_eq!(judge(&trust, &authority.card(&wanted)), Err(reason));
        }
        assert!(judge(&trust, &authority.card(&base)).is_ok());
    }

    #[test]
    fn another_cards_signature_or_bytes_are_refused() {
        let authority = TestAuthority::new(1, true);
        let trust = Trust::new(&[&authority], &[]);
        let (mine, other) = (
            authority.card(&Wanted::default()),
            authority.card(&Wanted::default()),
        );
        let judge = trust.authority();
        for signature in [&other.sign(b"nonce")[..], &mine.sign(b"m"), b""] {
            assert_eq!(
                verify(&judge, &mine, signature),
                Err(CardRefusal::Signature)
            );
        }
        for rubbish in [
            &b""[..],
            b"\x30",
            &[0x30, 0x82, 0xff, 0xff],
            &mine.certificate[..200],
        ] {
            let verified = judge.verify(rubbish, b"n", b"", now());
            assert_eq!(verified.err(), Some(CardRefusal::Unreadable));
        }
    }

    #[test]
    fn an_authoritys_own_certificate_is_no_card() {
        let authority = TestAuthority::new(1, true);
        let trust = Trust::new(&[&authority], &[]);
        let verified = trust
            .authority()
            .verify(&authority.certificate(), b"n", b"", now());
        assert!(matches!(verified.err(), Some(CardRefusal::Usage(_))));
    }

    #[test]
    fn revocation_is_unknown_without_a_current_list_of_this_authority() {
        let (authority, stranger) = (TestAuthority::new(1, true), TestAuthority::new(1, true));
        let card = authority.card(&Wanted {
            serial: 13,
            ..Wanted::default()
        });
        let mut forged = authority.list(&[13], LATER, None);
        *forged.last_mut().unwrap() ^= 1;
        let unknown: [Vec<Vec<u8>>; 6] = [
            Vec::new(),
            vec![b"no list".to_vec()],
            vec![forged],
            vec![authority.list(&[], (2026, 4, 26), None)],
            vec![stranger.list(&[13], LATER, None)],
            vec![authority.list(&[], LATER, Some("http://crl.invalid/other-city"))],
        ];
        for lists in unknown {
            let trust = Trust::new(&[&authority], &lists);
            assert_eq!(judge(&trust, &card), Ok(Revocation::Unknown));
        }
        let stale = Trust::new(&[&authority], &[authority.list(&[13], (2026, 4, 26), None)]);
        assert_eq!(
            judge(&stale, &card),
            Err(CardRefusal::Revoked),
            "a stale list still names the revoked"
        );
    }

    #[test]
    fn a_citys_list_covers_that_citys_cards() {
        let authority = TestAuthority::new(1, true);
        let point = "http://crl.invalid/genkan-cho".to_owned();
        let trust = Trust::new(&[&authority], &[authority.list(&[], LATER, Some(&point))]);
        let card = authority.card(&Wanted {
            points: vec![point],
            ..Wanted::default()
        });
        assert_eq!(judge(&trust, &card), Ok(Revocation::Checked));
    }
}
