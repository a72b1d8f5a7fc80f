//! The columns of an import file, each by its key or, where it has one, its Japanese heading.

use guidance::{FactId, Scope};

use crate::core_system::household::register_fact;

/// What a row says of a resident beside facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    /// 異動区分, in a delta: `upsert` or `delete`.
    Change,
    /// 宛名番号
    Resident,
    /// 世帯番号
    Household,
    /// Whether it lives at its address already.
    HouseholdStatus,
    /// 氏名
    Name,
    /// 氏名の振り仮名
    NameKana,
    /// 生年月日
    BirthDate,
    /// 性別
    Sex,
    /// 続柄
    Relationship,
    /// 世帯主
    Head,
    /// 支援措置
    Protected,
    /// 利用者証明用電子証明書のシリアル番号
    Certificates,
    /// 住所
    Address,
    /// 郵便番号
    PostalCode,
    /// 方書
    Building,
    /// 住所の振り仮名
    AddressKana,
}

/// Key, Japanese heading.
const FIELDS: [(Field, &str, &str); 16] = [
    (Field::Change, "change", "異動区分"),
    (Field::Resident, "resident", "宛名番号"),
    (Field::Household, "household", "世帯番号"),
    (Field::HouseholdStatus, "standing", "世帯の状態"),
    (Field::Name, "name", "氏名"),
    (Field::NameKana, "name_kana", "氏名の振り仮名"),
    (Field::BirthDate, "birth_date", "生年月日"),
    (Field::Sex, "sex", "性別"),
    (Field::Relationship, "relationship", "続柄"),
    (Field::Head, "head_of_household", "世帯主"),
    (Field::Protected, "protected", "支援措置"),
    (Field::Certificates, "certificates", "証明書シリアル番号"),
    (Field::Address, "address", "住所"),
    (Field::PostalCode, "postal_code", "郵便番号"),
    (Field::Building, "building", "方書"),
    (Field::AddressKana, "address_kana", "住所の振り仮名"),
];

/// Stands before a fact of the household.
const HOUSEHOLD: &str = "household.";

/// A column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Of the register itself.
    Field(Field),
    /// A fact of the person, by its long name.
    Person(FactId),
    /// A fact of the household: `household.` and its long name.
    Household(FactId),
}

impl Column {
    /// The column of this key or heading.
    #[must_use]
    pub(super) fn find(name: &str) -> Option<Self> {
        let field = FIELDS
            .iter()
            .find(|(_, key, ja)| [*key, *ja].contains(&name));
        match (field, name.strip_prefix(HOUSEHOLD)) {
            (Some((field, ..)), _) => Some(Self::Field(*field)),
            (None, Some(fact)) => Self::fact(Scope::Household, fact),
            (None, None) => Self::fact(Scope::Person, name),
        }
    }

    /// The column of a fact that a register says.
    fn fact(scope: Scope, name: &str) -> Option<Self> {
        let fact = register_fact(scope, name).filter(|fact| !fact.is_derived())?;
        match scope {
            Scope::Person => Some(Self::Person(fact)),
            Scope::Household => Some(Self::Household(fact)),
            Scope::Event => None,
        }
    }

    /// Its key.
    #[must_use]
    pub(super) fn key(self) -> String {
        match self {
            Self::Field(field) => FIELDS
                .iter()
                .find(|(one, ..)| *one == field)
                .map_or_else(String::new, |(_, key, _)| (*key).to_owned()),
            Self::Person(fact) => fact.def().name.to_owned(),
            Self::Household(fact) => format!("{HOUSEHOLD}{}", fact.def().name),
        }
    }

    /// Every column of a full file, in the order of an export.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let fields = FIELDS.iter().map(|(field, ..)| Self::Field(*field));
        let facts = FactId::all().filter_map(|fact| Self::fact(fact.def().scope, fact.def().name));
        fields
            .filter(|column| *column != Self::Field(Field::Change))
            .chain(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_key_and_heading() {
        for column in Column::all() {
            assert!(
                Column::find(&column.key()) == Some(column),
                "{}",
                column.key()
            );
        }
        assert!(Column::find("宛名番号") == Some(Column::Field(Field::Resident)));
        assert!(Column::find("household.dogs").is_some());
        for unknown in [
            "dogs",
            "household.pregnant",
            "role",
            "age",
            "my_number",
            "kokuho",
            "",
        ] {
            assert!(Column::find(unknown).is_none(), "{unknown}");
        }
    }
}
