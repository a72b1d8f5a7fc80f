//! The town's data (`assets/demo-city/`), built into the program so that it starts from any folder.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::resident::{HouseholdFacts, HouseholdStatus, PersonFacts, Sex};

/// A file of `assets/demo-city/` is broken; a fault of the build, told with line and column.
#[derive(Debug, Error)]
#[error("assets/demo-city/{file}: {reason}")]
pub struct AssetError {
    /// Which file.
    pub file: &'static str,
    /// Why.
    pub reason: String,
}

/// `town.toml`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TownSheet {
    /// 全国地方公共団体コード, six digits.
    pub code: String,
    /// 都道府県
    pub prefecture: String,
    /// Its reading.
    pub prefecture_kana: String,
    /// 郡
    pub county: String,
    /// Its reading.
    pub county_kana: String,
    /// 市区町村
    pub name: String,
    /// Its reading.
    pub name_kana: String,
    /// Its reading in hiragana.
    pub name_hiragana: String,
    /// Name in English.
    pub name_en: String,
    /// The day on which the register stands.
    pub as_of: Date,
    /// Seed of the generated households.
    pub seed: u64,
    /// How many households in all.
    pub households: usize,
    /// The town hall.
    pub office: Office,
    /// 町名
    #[serde(rename = "street")]
    pub streets: Vec<Street>,
    /// 方書
    #[serde(rename = "building")]
    pub buildings: Vec<Building>,
}

/// The town hall.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Its name.
    pub name: String,
    /// 7 digits.
    pub postal_code: String,
    /// 所在地
    pub address: String,
    /// Telephone; prefix 0000 is nobody's.
    pub phone: String,
    /// `HH:MM-HH:MM`
    pub hours: String,
}

/// How houses are numbered.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// 住居表示: 一丁目２番３号
    Blocks,
    /// 地番: １２３番地４
    Lots,
}

/// 町名
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Street {
    /// Name.
    pub name: String,
    /// Reading.
    pub kana: String,
    /// 7 digits.
    pub postal_code: String,
    /// Numbering.
    pub numbering: Numbering,
    /// Number of 丁目.
    #[serde(default)]
    pub chome: u8,
}

/// A house with rooms.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Building {
    /// Name.
    pub name: String,
    /// Reading.
    pub kana: String,
    /// Rooms.
    pub rooms: Vec<String>,
}

/// A name with its reading.
pub(crate) type Reading = (String, String);

/// Given names by the bearer's age.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenNames {
    pub(crate) old: Vec<Reading>,
    pub(crate) middle: Vec<Reading>,
    pub(crate) young: Vec<Reading>,
}

/// A foreign resident's name.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForeignName {
    pub(crate) name: String,
    pub(crate) kana: String,
    pub(crate) nationality: String,
    pub(crate) sex: Sex,
}

/// `names.toml`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameSheet {
    pub(crate) family: Vec<Reading>,
    pub(crate) male: GivenNames,
    pub(crate) female: GivenNames,
    pub(crate) foreign: Vec<ForeignName>,
    /// 在留資格 of mid- and long-term residents.
    pub(crate) residences: Vec<String>,
}

/// A household of `households.toml`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HouseholdSheet {
    pub(crate) key: String,
    pub(crate) shows: String,
    #[serde(default)]
    pub(crate) status: HouseholdStatus,
    pub(crate) address: String,
    pub(crate) address_kana: String,
    pub(crate) postal_code: String,
    #[serde(default)]
    pub(crate) facts: HouseholdFacts,
    #[serde(rename = "person")]
    pub(crate) persons: Vec<PersonSheet>,
}

/// A person of `households.toml`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonSheet {
    pub(crate) name: String,
    pub(crate) kana: String,
    pub(crate) birth_date: Date,
    pub(crate) sex: Sex,
    pub(crate) relationship: String,
    pub(crate) nationality: Option<String>,
    pub(crate) residence: Option<String>,
    pub(crate) stay_until: Option<Date>,
    pub(crate) deceased_on: Option<Date>,
    #[serde(default)]
    pub(crate) protected: bool,
    #[serde(default)]
    pub(crate) facts: PersonFacts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HouseholdFile {
    #[serde(rename = "household")]
    households: Vec<HouseholdSheet>,
}

fn read<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, AssetError> {
    toml::from_str(text).map_err(|error| AssetError {
        file,
        reason: error.to_string(),
    })
}

/// Reads `town.toml`.
///
/// # Errors
/// [`AssetError`] when the file is broken.
pub fn town() -> Result<TownSheet, AssetError> {
    read(
        "town.toml",
        include_str!("../../../assets/demo-city/town.toml"),
    )
}

pub(crate) fn names() -> Result<NameSheet, AssetError> {
    read(
        "names.toml",
        include_str!("../../../assets/demo-city/names.toml"),
    )
}

pub(crate) fn households() -> Result<Vec<HouseholdSheet>, AssetError> {
    let file: HouseholdFile = read(
        "households.toml",
        include_str!("../../../assets/demo-city/households.toml"),
    )?;
    Ok(file.households)
}

pub(crate) fn cards<T: serde::de::DeserializeOwned>() -> Result<T, AssetError> {
    read(
        "cards.toml",
        include_str!("../../../assets/demo-city/cards.toml"),
    )
}
