//! What a simulated card is made from: one JSON file per card.
//!
//! ```json
//! {
//!   "name": "玄関　太郎", "address": "架空県玄関市一丁目２番３号", "birth_date": "19800217", "sex": "1",
//!   "card_expires_on": "20350217",
//!   "text_pin": { "pin": "1234", "tries_left": 3 },
//!   "auth_pin": { "pin": "1234" },
//!   "auth_certificate": "<base64 of X.509 DER>",
//!   "auth_private_key": "<base64 of PKCS#8 DER, RSA>"
//! }
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// One simulated card. Unknown keys are refused. No Debug and no Serialize: it holds PINs and a private key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardProfile {
    /// 氏名 as the card has it, family and given name parted by U+3000.
    pub name: String,
    /// 住所.
    pub address: String,
    /// 生年月日, YYYYMMDD.
    pub birth_date: String,
    /// 性別: 1, 2, 3, 9 or 0.
    pub sex: String,
    /// Expiry of the card itself, YYYYMMDD.
    pub card_expires_on: String,
    /// 15 digits; zeros if absent.
    #[serde(default = "zeros15")]
    pub serial: String,
    /// 団体コード without check digit, five digits; the demo town's if absent.
    #[serde(default = "demo_town")]
    pub municipality: String,
    /// A made-up 個人番号 for the file that the kiosk must never read; all zeros if absent.
    #[serde(default = "zeros12")]
    pub my_number: String,
    /// 券面事項入力補助用暗証番号.
    pub text_pin: PinProfile,
    /// 利用者証明用電子証明書の暗証番号.
    pub auth_pin: PinProfile,
    /// 利用者証明用電子証明書, X.509 DER in base64.
    #[serde(deserialize_with = "base64")]
    pub auth_certificate: Vec<u8>,
    #[serde(default, deserialize_with = "base64")]
    pub auth_ca_certificate: Vec<u8>,
    /// Its RSA private key, PKCS#8 DER in base64.
    #[serde(deserialize_with = "base64")]
    pub auth_private_key: Vec<u8>,
    /// Keys that sign the four items; without them the card has no integrity record.
    #[serde(default)]
    pub issuer: Option<IssuerProfile>,
    /// Whether extended-length APDUs work.
    #[serde(default = "yes")]
    pub extended_length: bool,
    /// Whether short file ids work.
    #[serde(default = "yes")]
    pub short_file_ids: bool,
    /// Whether signing takes a bare digest (P1 = 02).
    #[serde(default = "yes")]
    pub bare_digest: bool,
}

/// A PIN and its counter.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinProfile {
    /// The digits.
    pub pin: String,
    /// Tries left at the first insertion; 0 is blocked, 3 if absent.
    #[serde(default = "three")]
    pub tries_left: u8,
}

/// The issuer of the card face data. All keys are RSA-2048, PKCS#8 DER in base64.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerProfile {
    /// Signs the digests of the four items.
    #[serde(deserialize_with = "base64")]
    pub private_key: Vec<u8>,
    /// 16 characters.
    pub key_id: String,
    /// Signs the issuer's CV certificate.
    #[serde(deserialize_with = "base64")]
    pub ca_private_key: Vec<u8>,
    /// 16 characters.
    pub ca_key_id: String,
    /// The card's own key, which the issuer signs too; without it the card cannot prove that it is no copy.
    #[serde(default, deserialize_with = "base64")]
    pub card_private_key: Vec<u8>,
    /// What is wrong with the card face data.
    #[serde(default)]
    pub forgery: Option<Forged>,
}

/// A forged card, for training and tests. The kiosk must refuse each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forged {
    /// The record was made for other items.
    Items,
    /// The record's signature is another's.
    Record,
    /// The issuer did not sign the card's key.
    CardKey,
    /// The files of a genuine card without its key.
    Copy,
}

/// Why a profile makes no card.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Not JSON of this shape; the message names line and column.
    #[error("card profile: {0}")]
    Json(#[from] serde_json::Error),
    /// A value has the wrong form.
    #[error("card profile: {0}")]
    Value(&'static str),
    /// A private key is not RSA PKCS#8.
    #[error("card profile: {0} is no RSA key in PKCS#8")]
    Key(&'static str),
}

impl CardProfile {
    /// Reads one profile.
    ///
    /// # Errors
    /// With line and column for JSON, else with the name of the value.
    pub fn from_json(json: &str) -> Result<Self, ProfileError> {
        let profile: Self = serde_json::from_str(json)?;
        profile.check()?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), ProfileError> {
        let digits = |text: &str, count: usize| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let rules = [
            (
                !self.name.is_empty() && self.name.len() <= 512,
                "name is empty or too long",
            ),
            (
                !self.address.is_empty() && self.address.len() <= 2048,
                "address is empty or too long",
            ),
            (digits(&self.birth_date, 8), "birth_date is not YYYYMMDD"),
            (
                ["0", "1", "2", "3", "9"].contains(&self.sex.as_str()),
                "sex is none of 0 1 2 3 9",
            ),
            (
                digits(&self.card_expires_on, 8),
                "card_expires_on is not YYYYMMDD",
            ),
            (digits(&self.serial, 15), "serial is not 15 digits"),
            (
                digits(&self.municipality, 5),
                "municipality is not five digits",
            ),
            (digits(&self.my_number, 12), "my_number is not 12 digits"),
            (
                digits(&self.text_pin.pin, 4) && self.text_pin.tries_left <= 3,
                "text_pin is not four digits with at most 3 tries",
            ),
            (
                digits(&self.auth_pin.pin, 4) && self.auth_pin.tries_left <= 3,
                "auth_pin is not four digits with at most 3 tries",
            ),
            (
                self.auth_certificate.first() == Some(&0x30),
                "auth_certificate is not DER",
            ),
            (
                self.issuer
                    .iter()
                    .all(|issuer| issuer.key_id.len() == 16 && issuer.ca_key_id.len() == 16),
                "key ids of issuer are not 16 bytes",
            ),
        ];
        rules
            .iter()
            .find(|(kept, _)| !kept)
            .map_or(Ok(()), |(_, rule)| Err(ProfileError::Value(rule)))
    }
}

fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    // Wrapped base64, as openssl writes it, is welcome.
    let joined: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(joined).map_err(serde::de::Error::custom)
}

fn zeros15() -> String {
    "0".repeat(15)
}

fn zeros12() -> String {
    "0".repeat(12)
}

fn demo_town() -> String {
    "99001".to_owned()
}

fn three() -> u8 {
    3
}

fn yes() -> bool {
    true
}
