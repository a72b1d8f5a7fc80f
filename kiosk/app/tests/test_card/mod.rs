//! A test resident's card with keys made for this run, and the trust folder that its authority stands in.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part of it"
)]

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

/// Both PINs of the card.
pub const PIN: &str = "1234";
/// What the card says.
pub const NAME: &str = "玄関　太郎";
pub const ADDRESS: &str = "架空県玄関市本町一丁目２番３号";

/// Keys of one card and its issuer.
pub struct TestCard {
    profile: Value,
    authority: String,
}

impl TestCard {
    pub fn new() -> Self {
        let (auth, issuer, ca, card) = (rsa_key(), rsa_key(), rsa_key(), rsa_key());
        let pair = |der: &[u8]| {
            KeyPair::from_pkcs8_der_and_sign_algo(&der.to_vec().into(), &PKCS_RSA_SHA256).unwrap()
        };
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "TEST13221003A");
        let certificate = params.self_signed(&pair(&auth)).unwrap().der().to_vec();
        let profile = json!({
            "name": NAME, "address": ADDRESS, "birth_date": "19800217", "sex": "1",
            "card_expires_on": "20350217", "text_pin": {"pin": PIN}, "auth_pin": {"pin": PIN},
            "auth_certificate": STANDARD.encode(&certificate), "auth_private_key": STANDARD.encode(&auth),
            "issuer": {
                "private_key": STANDARD.encode(&issuer), "key_id": "9900001/00100000",
                "ca_private_key": STANDARD.encode(&ca), "ca_key_id": "9900000/00100000",
                "card_private_key": STANDARD.encode(&card),
            },
        });
        Self {
            profile,
            authority: pair(&ca).public_key_pem(),
        }
    }

    /// The authority's public key, DER `SubjectPublicKeyInfo`.
    pub fn authority_der(&self) -> Vec<u8> {
        let text: String = self
            .authority
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        STANDARD.decode(text).unwrap()
    }

    /// The profile with changes to its members; those of `issuer` change its members.
    pub fn profile(&self, changes: Value) -> String {
        let mut profile = self.profile.clone();
        for (key, value) in changes.as_object().unwrap() {
            match value {
                Value::Object(inner) if key == "issuer" => {
                    let issuer = profile["issuer"].as_object_mut().unwrap();
                    issuer.extend(inner.clone());
                }
                _ => profile[key] = value.clone(),
            }
        }
        profile.to_string()
    }

    /// Writes `NAME.json` and returns its path.
    pub fn write(&self, folder: &Path, name: &str, changes: Value) -> PathBuf {
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, self.profile(changes)).unwrap();
        path
    }

    /// Writes the folder `card-face` with the authority's key and returns it.
    pub fn write_trust(&self, folder: &Path) -> PathBuf {
        let trust = folder.join("card-face");
        fs::create_dir_all(&trust).unwrap();
        fs::write(trust.join("any name.pem"), &self.authority).unwrap();
        trust
    }
}

fn rsa_key() -> Vec<u8> {
    let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    AsDer::<Pkcs8V1Der<'_>>::as_der(&key)
        .unwrap()
        .as_ref()
        .to_vec()
}
