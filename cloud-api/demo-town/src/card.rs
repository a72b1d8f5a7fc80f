//! The demo cards: who holds which, and the profile that the card simulator is fed with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::asset::{self, AssetError};
use crate::pki::{Generation, PkiError, birthday_after};
use crate::resident::{HouseholdStatus, Resident, Sex};
use crate::town::Town;

/// `cards.toml` is broken or does not fit the town.
#[derive(Debug, Error)]
pub enum CardError {
    /// A file cannot be read.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// A holder that the register does not have.
    #[error("assets/demo-city/cards.toml: card {0:?} names no person of the register")]
    Holder(String),
}

/// What is wrong with a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Nothing.
    #[default]
    Good,
    /// The certificate has ended; the card itself has not.
    Expired,
    /// The certificate is on the revocation list.
    Revoked,
    /// Both PINs are blocked.
    Blocked,
    /// One try is left for both PINs.
    LastTry,
    /// Good, but without short file ids, extended length and signing of bare digests.
    Plain,
    /// The four items are not those that the issuer signed.
    ForgedItems,
    /// The files of a genuine card, without its key.
    Copied,
    /// Signed by an issuer whose authority no kiosk trusts.
    UnknownIssuer,
}

impl Condition {
    /// Whether an office gave the card to its holder.
    fn is_genuine(self) -> bool {
        !matches!(self, Self::ForgedItems | Self::Copied | Self::UnknownIssuer)
    }

    /// What the simulator makes wrong with the card face data.
    fn forgery(self) -> Option<&'static str> {
        match self {
            Self::ForgedItems => Some("items"),
            Self::Copied => Some("copy"),
            _ => None,
        }
    }
}

/// The four items that a card bears (基本4情報).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// 氏名
    pub name: String,
    /// 住所
    pub address: String,
    /// 生年月日
    pub birth_date: Date,
    /// 性別
    pub sex: Sex,
}

/// One demo card.
#[derive(Clone)]
pub struct DemoCard {
    /// Its name in commands and file names.
    pub name: String,
    /// What it bears.
    pub items: Items,
    /// PIN 券面事項入力補助用. Public: these cards open nothing but the demo.
    pub pin: String,
    /// PIN 利用者証明用電子証明書.
    pub auth_pin: String,
    /// Which authority issued its certificate.
    pub generation: Generation,
    /// What is wrong with it.
    pub condition: Condition,
    /// 団体コード without check digit of the municipality that gave it out.
    pub municipality: String,
    /// Household key of the holder, if the register has one.
    pub household: Option<String>,
    /// What it is there to show, for the people who hold it.
    pub shows: String,
    position: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardFile {
    #[serde(rename = "card")]
    cards: Vec<CardSheet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardSheet {
    name: String,
    household: Option<String>,
    #[serde(default)]
    person: usize,
    items: Option<Items>,
    pin: String,
    auth_pin: Option<String>,
    #[serde(default)]
    generation: Generation,
    #[serde(default)]
    condition: Condition,
    shows: String,
}

/// The five digits of the neighbouring town (縁側町, 990027), where the families about to move in come from.
const NEIGHBOUR: &str = "99002";

/// Every demo card, in the order of `cards.toml`.
///
/// # Errors
/// [`CardError`] when the file is broken or names a person that the register does not have.
pub fn cards(town: &Town) -> Result<Vec<DemoCard>, CardError> {
    let file: CardFile = asset::cards()?;
    file.cards
        .into_iter()
        .enumerate()
        .map(|(position, sheet)| card(town, position, sheet))
        .collect()
}

fn card(town: &Town, position: usize, sheet: CardSheet) -> Result<DemoCard, CardError> {
    let household = sheet.household.as_deref().and_then(|key| town.keyed(key));
    let from_register = household.and_then(|household| {
        household.persons.get(sheet.person).map(|person| Items {
            name: person.name.clone(),
            address: household.address.clone(),
            birth_date: person.birth_date,
            sex: person.sex,
        })
    });
    let resident = household.is_some_and(|household| household.status == HouseholdStatus::Resident);
    let items = from_register
        .or(sheet.items)
        .ok_or_else(|| CardError::Holder(sheet.name.clone()))?;
    Ok(DemoCard {
        items,
        auth_pin: sheet.auth_pin.unwrap_or_else(|| sheet.pin.clone()),
        pin: sheet.pin,
        generation: sheet.generation,
        condition: sheet.condition,
        municipality: if resident {
            town.sheet.code[..5].to_owned()
        } else {
            NEIGHBOUR.to_owned()
        },
        household: sheet.household,
        shows: sheet.shows,
        name: sheet.name,
        position,
    })
}

/// Serial numbers of the certificates on residents' genuine cards, by 宛名番号, as a core system links them (申請管理).
#[must_use]
pub fn links(town: &Town, cards: &[DemoCard]) -> BTreeMap<String, Vec<String>> {
    let mut links = BTreeMap::<String, Vec<String>>::new();
    for card in cards.iter().filter(|card| card.condition.is_genuine()) {
        let household = card.household.as_deref().and_then(|key| town.keyed(key));
        let holder = household.iter().flat_map(|household| &household.persons);
        let is_holder = |person: &&Resident| {
            person.name == card.items.name && person.birth_date == card.items.birth_date
        };
        if let Some(holder) = { holder }.find(is_holder) {
            let serial = format!("{:X}", card.certificate_serial());
            links.entry(holder.number.clone()).or_default().push(serial);
        }
    }
    links
}

/// The list of cards for people: name, PINs, what each shows.
#[must_use]
pub fn table(cards: &[DemoCard]) -> String {
    let width = cards.iter().map(|card| card.name.len()).max().unwrap_or(0);
    let mut table = format!("{:width$}  PIN   PIN(利用者証明)  内容\n", "card");
    for card in cards {
        table.push_str(&format!(
            "{:width$}  {}  {:<15}  {}\n",
            card.name, card.pin, card.auth_pin, card.shows
        ));
    }
    table
}

/// The same list for programs: name, both PINs, what each shows, the holder's name.
#[must_use]
pub fn list(cards: &[DemoCard]) -> serde_json::Value {
    cards
        .iter()
        .map(|card| {
            serde_json::json!({
                "name": card.name,
                "pin": card.pin,
                "auth_pin": card.auth_pin,
                "shows": card.shows,
                "holder": card.items.name,
                "household": card.household,
            })
        })
        .collect()
}

impl DemoCard {
    /// Serial number of its certificate, fixed by its place in `cards.toml`.
    #[must_use]
    pub fn certificate_serial(&self) -> u64 {
        0x5_0000 + self.position as u64
    }

    /// Subject CN of its certificate: letters that name nobody, then the issuing office, formed like a real one.
    #[must_use]
    pub fn common_name(&self) -> String {
        // Spread over the alphabet so that neighbours do not look alike.
        let mut mixed = (self.position as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let letters: String = (0..13)
            .map(|_| {
                let letter = char::from(b"0123456789ABCDEFGHJKLMNPQRSTUVWX"[(mixed % 32) as usize]);
                mixed /= 31;
                letter
            })
            .collect();
        format!("{letters}{}003A", self.municipality)
    }

    /// First and last day of its certificate, seen from the day of set-up.
    ///
    /// # Errors
    /// When a date is out of range.
    pub fn validity(&self, today: Date) -> Result<(Date, Date), PkiError> {
        let age = match (self.condition, self.generation) {
            (Condition::Expired, _) => Span::new().years(6),
            (_, Generation::First) => Span::new().years(3),
            _ => Span::new().months(13),
        };
        // Nobody holds a card from before their birth.
        let issued = today
            .checked_sub(age)?
            .max(self.items.birth_date.checked_add(2.months())?);
        Ok((issued, birthday_after(self.items.birth_date, issued, 5)?))
    }

    /// Last day of the card itself: the tenth birthday after issue (the fifth for minors).
    fn expires(&self, issued: Date) -> Result<Date, PkiError> {
        let adult = self.items.birth_date.checked_add(18.years())? <= issued;
        birthday_after(self.items.birth_date, issued, if adult { 10 } else { 5 })
    }

    /// A made-up 個人番号 for the file that must never be read: easy to search for, and its check digit is wrong on
    /// purpose, so that it can be nobody's.
    #[must_use]
    pub fn my_number(&self) -> String {
        let stem = format!("9999000{:04}", self.position + 1);
        let sum: u32 = stem
            .chars()
            .rev()
            .filter_map(|digit| digit.to_digit(10))
            .zip((2..=7).chain(2..=6))
            .map(|(digit, weight)| digit * weight)
            .sum();
        let right = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        format!("{stem}{}", (right + 5) % 10)
    }

    /// The simulator's profile of this card.
    ///
    /// # Errors
    /// When a date is out of range.
    pub fn profile(&self, secrets: CardSecrets, today: Date) -> Result<Profile, PkiError> {
        let (issued, _) = self.validity(today)?;
        let tries_left = match self.condition {
            Condition::Blocked => 0,
            Condition::LastTry => 1,
            _ => 3,
        };
        let modern = self.condition != Condition::Plain;
        let mut issuer = secrets.issuer;
        issuer.forgery = self.condition.forgery().map(str::to_owned);
        Ok(Profile {
            name: self.items.name.clone(),
            address: self.items.address.clone(),
            birth_date: self.items.birth_date.strftime("%Y%m%d").to_string(),
            sex: self.items.sex.digit().to_string(),
            card_expires_on: self.expires(issued)?.strftime("%Y%m%d").to_string(),
            serial: format!("9900190000{:05}", self.position + 1),
            municipality: self.municipality.clone(),
            my_number: self.my_number(),
            text_pin: ProfilePin {
                pin: self.pin.clone(),
                tries_left,
            },
            auth_pin: ProfilePin {
                pin: self.auth_pin.clone(),
                tries_left,
            },
            auth_certificate: secrets.certificate,
            auth_ca_certificate: secrets.ca_certificate,
            auth_private_key: secrets.private_key,
            issuer,
            extended_length: modern,
            short_file_ids: modern,
            bare_digest: modern,
        })
    }
}

/// What set-up made for a card; every text is base64 of DER.
#[derive(Clone)]
pub struct CardSecrets {
    /// 利用者証明用電子証明書
    pub certificate: String,
    /// Its authority's certificate.
    pub ca_certificate: String,
    /// Its private key, PKCS#8.
    pub private_key: String,
    /// Who signs the card face data.
    pub issuer: ProfileIssuer,
}

/// A card profile as the simulator reads it (`devices::card::simulated::CardProfile` reads, this writes). No Debug: it
/// holds PINs and a private key.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// 氏名
    pub name: String,
    /// 住所
    pub address: String,
    /// YYYYMMDD
    pub birth_date: String,
    /// ISO 5218 digit.
    pub sex: String,
    /// Expiry of the card, YYYYMMDD.
    pub card_expires_on: String,
    /// 15 digits.
    pub serial: String,
    /// 5 digits.
    pub municipality: String,
    /// Nobody's.
    pub my_number: String,
    /// 券面事項入力補助用
    pub text_pin: ProfilePin,
    /// 利用者証明用電子証明書用
    pub auth_pin: ProfilePin,
    /// Base64 of DER.
    pub auth_certificate: String,
    /// Base64 of DER.
    pub auth_ca_certificate: String,
    /// Base64 of PKCS#8 DER.
    pub auth_private_key: String,
    /// Signs the card face data.
    pub issuer: ProfileIssuer,
    /// Extended-length APDUs work.
    pub extended_length: bool,
    /// Short file ids work.
    pub short_file_ids: bool,
    /// Signing takes a bare digest.
    pub bare_digest: bool,
}

/// A PIN and its tries.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct ProfilePin {
    /// Four digits.
    pub pin: String,
    /// 0 is blocked.
    pub tries_left: u8,
}

/// Signers of the card face data.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct ProfileIssuer {
    /// Base64 of PKCS#8 DER.
    pub private_key: String,
    /// 16 characters.
    pub key_id: String,
    /// Base64 of PKCS#8 DER.
    pub ca_private_key: String,
    /// 16 characters.
    pub ca_key_id: String,
    /// The card's own key, base64 of PKCS#8 DER.
    #[serde(default)]
    pub card_private_key: String,
    /// What is wrong on purpose, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgery: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::cards;
    use crate::town::Town;

    #[test]
    fn common_names_and_serials_differ_and_numbers_are_nobodys() {
        let cards = cards(&Town::build().unwrap()).unwrap();
        let names: std::collections::HashSet<String> =
            cards.iter().map(|card| card.common_name()).collect();
        assert_eq!(names.len(), cards.len());
        assert!(names.iter().all(|name| name.len() == 22));
        for card in &cards {
            let number = card.my_number();
            let digit = |at: usize| u32::from(number.as_bytes()[at] - b'0');
            let sum: u32 = (0..11)
                .map(|n| digit(10 - n) * (if n < 6 { n as u32 + 2 } else { n as u32 - 4 }))
                .sum();
            let right = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
            assert_ne!(
                digit(11),
                right,
                "{} would be a possible 個人番号",
                card.name
            );
        }
    }
}
