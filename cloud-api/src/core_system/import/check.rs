//! From a row's texts to a resident, or to what is wrong with it.

use application::characters::printable;
use application::era::Eras;
use application::{FieldKind, FormSet};
use guidance::{FactId, FactKind, Scope};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::Kind;
use super::column::{Column, Field};
use super::rejection::Reason;
use super::row::{Faulty, RawRow};
use crate::core_system::record::{Address, HouseholdStatus, PersonRecord};
use crate::core_system::registered::Registered;
use crate::jpki::CertificateSerial;

/// Most characters of a name or a building, and of an address.
const NAME_MOST: usize = 100;
const ADDRESS_MOST: usize = 200;

/// What a row asks for.
pub(super) enum Change {
    /// This resident, as of now.
    Upsert(Box<Registered>),
    /// The resident of this 宛名番号 has left or died.
    Delete(String),
}

/// What rows are held against.
pub(super) struct Rules<'a> {
    /// Holds the closed list of 続柄 and the eras.
    pub(super) forms: &'a FormSet,
    pub(super) kind: Kind,
    /// Whether 宛名番号 end in a check digit.
    pub(super) check_digit: bool,
    pub(super) today: Date,
}

impl Rules<'_> {
    /// Reads a row.
    pub(super) fn change(&self, raw: &RawRow) -> Result<Change, Faulty> {
        let cells = raw.cells.as_ref().map_err(Clone::clone)?;
        for (column, text) in cells {
            characters(text).map_err(|reason| (reason, Some(*column)))?;
        }
        let row = Row { raw, rules: self };
        let resident = row.resident()?;
        match (self.kind, raw.field(Field::Change)) {
            (Kind::Full, "") | (_, "upsert") => {
                Ok(Change::Upsert(Box::new(row.registered(resident, cells)?)))
            }
            (Kind::Delta, "delete") => Ok(Change::Delete(resident)),
            (Kind::Delta, "") => Err(row.at(Field::Change, Reason::Missing)),
            _ => Err(row.at(Field::Change, Reason::Change)),
        }
    }
}

fn characters(text: &str) -> Result<(), Reason> {
    printable(text).map_err(|problem| {
        Reason::Character(problem.details.get("code").cloned().unwrap_or_default())
    })
}

struct Row<'a> {
    raw: &'a RawRow,
    rules: &'a Rules<'a>,
}

impl Row<'_> {
    fn at(&self, field: Field, reason: Reason) -> Faulty {
        (reason, Some(Column::Field(field)))
    }

    fn optional(&self, field: Field, most: usize) -> Result<Option<String>, Faulty> {
        let text = self.raw.field(field);
        if text.chars().count() > most {
            return Err(self.at(field, Reason::TooLong(most)));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn required(&self, field: Field, most: usize) -> Result<String, Faulty> {
        self.optional(field, most)?
            .ok_or_else(|| self.at(field, Reason::Missing))
    }

    /// As docs/core-system.md says of identifiers.
    fn identifier(&self, field: Field) -> Result<String, Faulty> {
        let text = self.required(field, ADDRESS_MOST)?;
        if !is_identifier(&text) {
            return Err(self.at(field, Reason::Identifier));
        }
        Ok(text)
    }

    fn resident(&self) -> Result<String, Faulty> {
        let number = self.identifier(Field::Resident)?;
        if self.rules.check_digit && !check_digit_fits(&number) {
            return Err(self.at(Field::Resident, Reason::CheckDigit));
        }
        Ok(number)
    }

    fn flag(&self, field: Field) -> Result<Option<bool>, Faulty> {
        match self.raw.field(field) {
            "" => Ok(None),
            text => yes_no(text)
                .map(Some)
                .ok_or_else(|| self.at(field, Reason::YesNo)),
        }
    }

    fn registered(
        &self,
        resident: String,
        cells: &[(Column, String)],
    ) -> Result<Registered, Faulty> {
        Ok(Registered {
            household: self.identifier(Field::Household)?,
            status: self.status()?,
            address: self.address()?,
            household_facts: self.facts(cells, Scope::Household)?,
            person: self.person(resident, cells)?,
        })
    }

    fn status(&self) -> Result<HouseholdStatus, Faulty> {
        match self.raw.field(Field::HouseholdStatus) {
            "" | "resident" => Ok(HouseholdStatus::Resident),
            "expected" => Ok(HouseholdStatus::Expected),
            _ => {
                let words = Reason::Word("resident・expected".to_owned());
                Err(self.at(Field::HouseholdStatus, words))
            }
        }
    }

    fn address(&self) -> Result<Address, Faulty> {
        let postal_code = self.optional(Field::PostalCode, ADDRESS_MOST)?;
        let digits = postal_code.map(|text| {
            let checked = self.rules.forms.check(&FieldKind::PostalCode, &text);
            checked
                .map(|code| code.replace('-', ""))
                .map_err(|_| self.at(Field::PostalCode, Reason::PostalCode))
        });
        Ok(Address {
            text: self.required(Field::Address, ADDRESS_MOST)?,
            postal_code: digits.transpose()?,
            building: self.optional(Field::Building, NAME_MOST)?,
            kana: self.kana(Field::AddressKana)?,
        })
    }

    fn kana(&self, field: Field) -> Result<Option<String>, Faulty> {
        let text = self.optional(field, ADDRESS_MOST)?;
        let checked = text.map(|text| {
            let checked = self.rules.forms.check(&FieldKind::Kana, &text);
            checked.map_err(|_| self.at(field, Reason::Kana))
        });
        checked.transpose()
    }

    fn person(&self, resident: String, cells: &[(Column, String)]) -> Result<PersonRecord, Faulty> {
        let (birth_date, birth_date_text) = self.birth_date()?;
        let relationship = self.relationship()?;
        let head = self.flag(Field::Head)?;
        Ok(PersonRecord {
            resident,
            name: self.required(Field::Name, NAME_MOST)?,
            name_kana: self.kana(Field::NameKana)?,
            birth_date,
            birth_date_text,
            sex: self.sex()?,
            head_of_household: head.unwrap_or(relationship == "世帯主"),
            relationship,
            protected: self.flag(Field::Protected)?.unwrap_or(false),
            certificates: self.certificates()?,
            facts: self.facts(cells, Scope::Person)?,
        })
    }

    /// The day, or what is known of it where a part is 不詳 (JK-1.1.9).
    fn birth_date(&self) -> Result<(Option<Date>, Option<String>), Faulty> {
        let text = self.required(Field::BirthDate, NAME_MOST)?;
        let eras = self.rules.forms.eras();
        let shape = |_| self.at(Field::BirthDate, Reason::Date);
        let date = eras.parse(&text).map_err(shape)?;
        if date.has_unknown() {
            return Ok((None, Some(date.to_string())));
        }
        let day = eras.to_date(&date).map_err(shape)?;
        if day > self.rules.today {
            return Err(self.at(Field::BirthDate, Reason::Future));
        }
        Ok((Some(day), None))
    }

    /// Parted by spaces; none where the core system links none.
    fn certificates(&self) -> Result<Vec<CertificateSerial>, Faulty> {
        let text = self.optional(Field::Certificates, ADDRESS_MOST)?;
        let serials = text.as_deref().unwrap_or_default().split_whitespace();
        serials
            .map(CertificateSerial::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| self.at(Field::Certificates, Reason::Serial))
    }

    fn sex(&self) -> Result<String, Faulty> {
        let digit = match self.required(Field::Sex, NAME_MOST)?.as_str() {
            "1" | "男" => "1",
            "2" | "女" => "2",
            "9" | "3" | "0" => "9",
            _ => return Err(self.at(Field::Sex, Reason::Sex)),
        };
        Ok(digit.to_owned())
    }

    fn relationship(&self) -> Result<String, Faulty> {
        let text = self.required(Field::Relationship, NAME_MOST)?;
        let checked = self.rules.forms.check(&FieldKind::Relationship, &text);
        checked.map_err(|_| self.at(Field::Relationship, Reason::Relationship))
    }

    fn facts(
        &self,
        cells: &[(Column, String)],
        scope: Scope,
    ) -> Result<Map<String, Value>, Faulty> {
        let mut facts = Map::new();
        for (column, text) in cells {
            let fact = match (column, scope) {
                (Column::Person(fact), Scope::Person) => fact,
                (Column::Household(fact), Scope::Household) => fact,
                _ => continue,
            };
            if let Some(value) = value(*fact, text.trim(), self.rules.forms.eras())
                .map_err(|reason| (reason, Some(*column)))?
            {
                facts.insert(fact.def().name.to_owned(), value);
            }
        }
        Ok(facts)
    }
}

/// The value of a fact; none where the cell is empty, which means unknown.
fn value(fact: FactId, text: &str, eras: &Eras) -> Result<Option<Value>, Reason> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = match fact.def().kind {
        FactKind::Flag => json!(yes_no(text).ok_or(Reason::YesNo)?),
        FactKind::Count => json!(text.parse::<u16>().map_err(|_| Reason::Count)?),
        FactKind::Date => {
            let date = eras.parse(text).map_err(|_| Reason::Date)?;
            json!(eras.to_date(&date).map_err(|_| Reason::Date)?)
        }
        FactKind::Choice(words) => {
            if !words.iter().any(|(long, _)| *long == text) {
                let all: Vec<&str> = words.iter().map(|(long, _)| *long).collect();
                return Err(Reason::Word(all.join("・")));
            }
            json!(text)
        }
    };
    Ok(Some(value))
}

fn yes_no(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// 1 to 64 characters of `A-Z a-z 0-9 - _`.
pub(super) fn is_identifier(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// 住民記録システム標準仕様書 1.1.13: modulus 11, weights 2 to 7 from the right. A remainder of 0 or 1 gives 0, as in the
/// 個人番号 (平成26年総務省令第85号 5条); the specification's text does not say.
fn check_digit_fits(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some((check, serial)) = digits.as_ref().and_then(|digits| digits.split_last()) else {
        return false;
    };
    let weights = (2..=7).cycle();
    let sum: u32 = serial.iter().rev().zip(weights).map(|(d, w)| d * w).sum();
    let expected = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    !serial.is_empty() && *check == expected
}

/// How a birth date stands in an export; the same text gives the same record.
pub(super) fn written_birth_date(person: &PersonRecord) -> String {
    match (person.birth_date, &person.birth_date_text) {
        (Some(day), _) => day.to_string(),
        (None, text) => text.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        // 1×3 + 2×2 … from the right: 5×2+4×3+3×4+2×5+1×6 = 50, 50 mod 11 = 6, 11 − 6 = 5.
        assert!(check_digit_fits("123455"));
        for wrong in ["123456", "213455", "5", "", "12345x", "１２３４５５"] {
            assert!(!check_digit_fits(wrong), "{wrong}");
        }
        // 2×2 + 3×… remainder 1 and 0 give 0: 6×2 = 12, 12 mod 11 = 1.
        assert!(check_digit_fits("60"));
    }

    #[test]
    fn identifiers() {
        assert!(is_identifier("R-000_1"));
        for wrong in ["", "R 1", "../x", "Ｒ１", &"x".repeat(65)] {
            assert!(!is_identifier(wrong), "{wrong}");
        }
    }
}
