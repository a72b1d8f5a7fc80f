//! What `prepare` leaves: keys that stay, certificates of the right shape, cards that the simulator takes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use demo_town::card::{Condition, DemoCard};
use demo_town::pki::Generation;
use demo_town::{DemoSettings, Town, card, prepare};
use devices::card::simulated::{Card, CardProfile};
use jiff::Timestamp;
use kiosk_api::{EditionKind, SignedEdition, TenantPrivateKey};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    places: DemoSettings,
}

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets")
}

fn run(root: &Path, now: &str) -> Vec<String> {
    let line = Line::parse_from(["test".into(), "--assets".into(), assets().into_os_string()]);
    let now: Timestamp = now.parse().unwrap();
    prepare::prepare(&Town::build().unwrap(), root, &line.places, now)
        .unwrap()
        .written
}

const DAY: &str = "2026-05-01T03:00:00Z";

fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let inside = path.strip_prefix(root).unwrap().to_owned();
                found.insert(inside, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_second_run_keeps_every_key_and_signs_only_the_lists_again() {
    let place = tempfile::tempdir().unwrap();
    run(place.path(), DAY);
    let before = contents(place.path());
    for (name, bytes) in &before {
        let mode = std::fs::metadata(place.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        let text = String::from_utf8_lossy(bytes);
        let secret = text.contains("PRIVATE KEY")
            || text.contains("auth_private_key")
            || name.to_string_lossy().contains(".key")
            || name.ends_with("token");
        assert_eq!(
            mode,
            if secret { 0o600 } else { 0o644 },
            "{}",
            name.display()
        );
    }
    let written = run(place.path(), "2026-06-15T03:00:00Z");
    assert_eq!(
        written,
        ["trust/crl/jpki-first.crl", "trust/crl/jpki-second.crl"]
    );
    let after = contents(place.path());
    for (name, bytes) in &before {
        let list = name.starts_with("trust/crl");
        assert_eq!(after[name] == *bytes, !list, "{}", name.display());
    }
    // A card that is lost is made again, the others stay.
    std::fs::remove_file(place.path().join("cards/twin.json")).unwrap();
    assert_eq!(
        run(place.path(), "2026-06-15T03:00:00Z"),
        ["cards/twin.json"]
    );
}

fn der(root: &Path, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(root.join(name)).unwrap();
    x509_parser::pem::parse_x509_pem(&bytes).unwrap().1.contents
}

fn signed_by(certificate: &X509Certificate<'_>, authority: &X509Certificate<'_>) -> bool {
    UnparsedPublicKey::new(
        &RSA_PKCS1_2048_8192_SHA256,
        &authority.public_key().subject_public_key.data,
    )
    .verify(
        certificate.tbs_certificate.as_ref(),
        &certificate.signature_value.data,
    )
    .is_ok()
}

#[test]
fn cards_have_jpki_shaped_certificates_of_the_right_authority() {
    let place = tempfile::tempdir().unwrap();
    run(place.path(), DAY);
    let root = place.path();
    let first = der(root, "trust/jpki/jpki-first.pem");
    let second = der(root, "trust/jpki/jpki-second.pem");
    let (_, first) = X509Certificate::from_der(&first).unwrap();
    let (_, second) = X509Certificate::from_der(&second).unwrap();
    assert_eq!(
        first.subject(),
        second.subject(),
        "one name, two generations"
    );
    assert_eq!(first.subject().iter_organizational_unit().count(), 2);
    assert!(
        first.raw_serial() != second.raw_serial()
            && first.public_key().raw != second.public_key().raw
    );
    for authority in [&first, &second] {
        assert!(signed_by(authority, authority) && authority.is_ca());
        assert!(authority.key_usage().unwrap().unwrap().value.crl_sign());
    }
    for card in card::cards(&Town::build().unwrap()).unwrap() {
        let json = std::fs::read_to_string(root.join(format!("cards/{}.json", card.name))).unwrap();
        let profile = CardProfile::from_json(&json).unwrap();
        bears_the_four_items(&profile, &card);
        assert!(Card::new(&profile).is_ok(), "{}", card.name);
        let (_, certificate) = X509Certificate::from_der(&profile.auth_certificate).unwrap();
        shaped_like_jpki(&certificate, &card);
        let signers = [
            signed_by(&certificate, &first),
            signed_by(&certificate, &second),
        ];
        assert_eq!(
            signers[0],
            card.generation == Generation::First,
            "{}",
            card.name
        );
        assert_eq!(
            signers[1],
            card.generation == Generation::Second,
            "{}",
            card.name
        );
        assert_eq!(certificate.issuer(), first.subject(), "{}", card.name);
        key_fits(&profile.auth_private_key, &certificate);
    }
}

fn bears_the_four_items(profile: &CardProfile, card: &DemoCard) {
    assert_eq!(profile.name, card.items.name);
    assert_eq!(profile.address, card.items.address);
    assert_eq!(
        profile.birth_date,
        card.items.birth_date.to_string().replace('-', "")
    );
    assert_eq!(profile.sex, card.items.sex.digit().to_string());
    let left = match card.condition {
        Condition::Blocked => 0,
        Condition::LastTry => 1,
        _ => 3,
    };
    assert_eq!(
        (profile.text_pin.tries_left, profile.auth_pin.tries_left),
        (left, left)
    );
    assert_eq!(
        (&profile.text_pin.pin, &profile.auth_pin.pin),
        (&card.pin, &card.auth_pin)
    );
    assert!(
        profile.card_expires_on.as_str() > "20260501",
        "the card itself never lapses in the demo"
    );
}

fn shaped_like_jpki(certificate: &X509Certificate<'_>, card: &DemoCard) {
    let name = &card.name;
    let common_name = certificate
        .subject()
        .iter_common_name()
        .next()
        .unwrap()
        .as_str()
        .unwrap();
    assert_eq!(common_name, card.common_name());
    assert_eq!(
        certificate.signature_algorithm.algorithm.to_id_string(),
        "1.2.840.113549.1.1.11"
    );
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.digital_signature() && !usage.value.non_repudiation());
    assert!(
        certificate
            .extended_key_usage()
            .unwrap()
            .unwrap()
            .value
            .client_auth
    );
    assert!(
        certificate.subject_alternative_name().unwrap().is_none(),
        "{name}"
    );
    let mut policies = Vec::new();
    let mut points = Vec::new();
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::CertificatePolicies(found) => {
                assert!(extension.critical);
                policies.extend(found.iter().map(|policy| policy.policy_id.to_id_string()));
            }
            ParsedExtension::CRLDistributionPoints(found) => points.extend(found.iter().cloned()),
            ParsedExtension::UnsupportedExtension { oid } => panic!("{name}: {oid}"),
            ParsedExtension::ParseError { error } => panic!("{name}: {error}"),
            _ => {}
        }
    }
    assert_eq!(policies, ["1.2.392.200149.8.5.1.0.30"]);
    let x509_parser::extensions::DistributionPointName::FullName(names) =
        points[0].distribution_point.clone().unwrap()
    else {
        panic!("{name}: no full name");
    };
    let GeneralName::DirectoryName(directory) = &names[0] else {
        panic!("{name}: not a directory name");
    };
    assert_eq!(
        directory
            .iter_common_name()
            .next()
            .unwrap()
            .as_str()
            .unwrap(),
        "Genkan-cho CRLDP"
    );
    let end = Timestamp::from_second(certificate.validity().not_after.timestamp()).unwrap();
    assert!(end.to_string().ends_with("T14:59:59Z"), "{name}: {end}");
    let now: Timestamp = DAY.parse().unwrap();
    assert_eq!(
        end < now,
        card.condition == Condition::Expired,
        "{name}: {end}"
    );
    if card.name == "leap-day" {
        assert!(end.to_string().contains("-02-28") || end.to_string().contains("-02-29"));
    }
}

fn key_fits(pkcs8: &[u8], certificate: &X509Certificate<'_>) {
    use aws_lc_rs::signature::KeyPair as _;
    let pair = aws_lc_rs::rsa::KeyPair::from_pkcs8(pkcs8).unwrap();
    assert_eq!(
        pair.public_key().as_ref(),
        certificate.public_key().subject_public_key.data.as_ref()
    );
}

#[test]
fn lists_are_signed_and_name_the_revoked_card_only() {
    let place = tempfile::tempdir().unwrap();
    run(place.path(), DAY);
    let revoked = card::cards(&Town::build().unwrap())
        .unwrap()
        .into_iter()
        .find(|card| card.condition == Condition::Revoked)
        .unwrap();
    for (generation, expected) in [
        ("first", vec![]),
        ("second", vec![revoked.certificate_serial()]),
    ] {
        let authority = der(place.path(), &format!("trust/jpki/jpki-{generation}.pem"));
        let (_, authority) = X509Certificate::from_der(&authority).unwrap();
        let list = std::fs::read(
            place
                .path()
                .join(format!("trust/crl/jpki-{generation}.crl")),
        )
        .unwrap();
        let (_, list) = CertificateRevocationList::from_der(&list).unwrap();
        let serials: Vec<u64> = list
            .iter_revoked_certificates()
            .map(|entry| {
                entry
                    .raw_serial()
                    .iter()
                    .fold(0, |all, byte| all << 8 | u64::from(*byte))
            })
            .collect();
        assert_eq!(serials, expected);
        UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA256,
            &authority.public_key().subject_public_key.data,
        )
        .verify(list.tbs_cert_list.as_ref(), &list.signature_value.data)
        .unwrap();
        let now: Timestamp = DAY.parse().unwrap();
        assert_eq!(list.last_update().timestamp(), now.as_second());
        assert!(list.next_update().unwrap().timestamp() > now.as_second());
    }
}

#[test]
fn transport_tenant_and_edition_keys_fit_together() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    run(root, DAY);
    let kiosk = der(root, "tls/kiosk-1.pem");
    let (_, kiosk) = X509Certificate::from_der(&kiosk).unwrap();
    let names = &kiosk
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names;
    assert!(matches!(
        &names[..],
        [GeneralName::URI("urn:genkan:kiosk:990019:kiosk-1")]
    ));
    assert!(
        kiosk
            .extended_key_usage()
            .unwrap()
            .unwrap()
            .value
            .client_auth
    );
    let server = der(root, "tls/server.pem");
    let (_, server) = X509Certificate::from_der(&server).unwrap();
    let names = &server
        .subject_alternative_name()
        .unwrap()
        .unwrap()
        .value
        .general_names;
    assert!(
        names
            .iter()
            .any(|name| matches!(name, GeneralName::IPAddress([127, 0, 0, 1])))
    );
    let authority = der(root, "tls/authority.pem");
    let (_, authority) = X509Certificate::from_der(&authority).unwrap();
    for leaf in [&kiosk, &server] {
        assert_eq!(leaf.issuer(), authority.subject());
        aws_lc_rs::signature::UnparsedPublicKey::new(
            &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1,
            &authority.public_key().subject_public_key.data,
        )
        .verify(leaf.tbs_certificate.as_ref(), &leaf.signature_value.data)
        .unwrap();
    }

    let private = STANDARD
        .decode(read(root, "tenant/sealing.key").trim())
        .unwrap();
    let public: serde_json::Value =
        serde_json::from_str(&read(root, "tenant/sealing.json")).unwrap();
    let derived = TenantPrivateKey::from_bytes(&private).unwrap().public();
    assert_eq!(public["public_key"], STANDARD.encode(derived.to_bytes()));
    assert_eq!(public["key_id"], prepare::KEY_ID);

    let key = STANDARD
        .decode(read(root, "trust/editions/demo-1.pub").trim())
        .unwrap();
    assert_eq!(key.len(), 32);
    for kind in [EditionKind::Catalogue, EditionKind::Forms] {
        let text = read(
            root,
            &format!("editions/{}/2026-05-01.1.json", kind.as_str()),
        );
        let signed: SignedEdition = serde_json::from_str(&text).unwrap();
        let keys = [(prepare::KEY_ID.to_owned(), key.clone())];
        let verify = |key: &[u8], message: &[u8], signature: &[u8]| {
            UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key)
                .verify(message, signature)
                .is_ok()
        };
        let edition = signed
            .open(kind, &"990019".parse().unwrap(), None, &keys, verify)
            .unwrap();
        assert!(!edition.files.is_empty());
        assert!(edition.files.is_sorted_by(|a, b| a.path < b.path));
    }
}

fn read(root: &Path, name: &str) -> String {
    std::fs::read_to_string(root.join(name)).unwrap()
}
