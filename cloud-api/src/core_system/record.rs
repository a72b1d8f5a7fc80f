//! What a core system answers, as JSON (docs/core-system.md). No Debug: records are people.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::jpki::CertificateSerial;

/// One match of the four items.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// 宛名番号
    pub resident: String,
    /// 世帯番号
    pub household: String,
}

/// Whether a household lives at its address already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdStatus {
    /// Residents.
    #[default]
    Resident,
    /// Another town's notice (転出証明書情報) has come; the address is still the old one.
    Expected,
}

/// A household.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseholdRecord {
    /// Whether it lives at its address already.
    #[serde(default, alias = "standing")]
    pub status: HouseholdStatus,
    /// Its registered address.
    pub address: Address,
    /// Household facts of guidance by their long names.
    #[serde(default)]
    pub household: Map<String, Value>,
    /// Every living member in the register's order.
    pub persons: Vec<PersonRecord>,
}

impl HouseholdRecord {
    /// Whether anybody in it is under 支援措置.
    #[must_use]
    pub fn has_protected(&self) -> bool {
        self.persons.iter().any(|person| person.protected)
    }

    /// Whose certificate this is, as far as the core system knows of this resident.
    #[must_use]
    pub fn link(&self, resident: &str, serial: &CertificateSerial) -> CertificateLink {
        let person = self.persons.iter().find(|one| one.resident == resident);
        let linked = person.map_or(&[][..], |person| &person.certificates);
        if linked.is_empty() {
            CertificateLink::Unknown
        } else if linked.contains(serial) {
            CertificateLink::Own
        } else {
            CertificateLink::Another
        }
    }
}

/// What the core system knows of a resident and a certificate (申請管理: シリアル番号 and 宛名番号).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CertificateLink {
    /// It links no certificate to this resident.
    Unknown,
    /// The certificate is the resident's.
    Own,
    /// The resident has another one.
    Another,
}

/// A registered address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Whole address to the house number.
    pub text: String,
    /// Seven digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Building and room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// Reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
}

/// A member of a household.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// 宛名番号
    pub resident: String,
    /// 氏名
    pub name: String,
    /// 氏名の振り仮名, katakana.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_kana: Option<String>,
    /// 生年月日; absent where a part of it is unknown (不詳, 住民記録システム標準仕様書 1.1.9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// What the register knows of it then, as it is printed: 「昭和20年月日不詳」.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date_text: Option<String>,
    /// 性別, the card's digit.
    pub sex: String,
    /// 続柄
    pub relationship: String,
    /// 世帯主
    pub head_of_household: bool,
    /// Under 支援措置; never leaves the cloud.
    #[serde(default)]
    pub protected: bool,
    /// Serial numbers of the resident's 利用者証明用電子証明書, where the core system has linked them to the 宛名番号; never leave
    /// the cloud.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateSerial>,
    /// Person facts of guidance by their long names; anything else is refused when the household is released.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}
