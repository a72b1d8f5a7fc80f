//! The register as a file that an import reads back to the same register.

use std::io::Write;

use cloud_store::Store;
use kiosk_api::TenantCode;
use serde_json::{Map, Value};

use super::check::written_birth_date;
use super::column::{Column, Field};
use super::{Format, ImportError};
use crate::core_system::record::HouseholdStatus;
use crate::core_system::registered::{RegisterKeys, Registered};
use crate::spreadsheet::to_cell;

/// How many rows are read at once.
const PAGE: i64 = 1000;

/// Writes residents.
struct Writing<W: Write> {
    to: W,
    format: Format,
}

impl<W: Write> Writing<W> {
    fn begin(mut to: W, format: Format) -> Result<Self, ImportError> {
        if format == Format::Csv {
            let keys: Vec<String> = Column::all().map(Column::key).collect();
            record(&mut to, keys.iter().map(String::as_str))?;
        }
        Ok(Self { to, format })
    }

    fn row(&mut self, row: &Registered) -> Result<(), ImportError> {
        let cells = Column::all().map(|column| (column, text(row, column)));
        match self.format {
            Format::Csv => {
                let cells: Vec<String> =
                    cells.map(|(_, text)| to_cell(&text).into_owned()).collect();
                record(&mut self.to, cells.iter().map(String::as_str))?;
            }
            Format::Json => {
                let object: Map<String, Value> = cells
                    .filter(|(_, text)| !text.is_empty())
                    .map(|(column, text)| (column.key(), Value::String(text)))
                    .collect();
                serde_json::to_writer(&mut self.to, &object).map_err(std::io::Error::from)?;
                self.to.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}

/// CRLF as RFC 4180 has it; quoted where a cell needs it.
fn record<'a>(
    to: &mut impl Write,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), ImportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(to);
    writer.write_record(cells)?;
    Ok(writer.flush()?)
}

fn text(row: &Registered, column: Column) -> String {
    let person = &row.person;
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    match column {
        Column::Household(fact) => scalar(row.household_facts.get(fact.def().name)),
        Column::Person(fact) => scalar(person.facts.get(fact.def().name)),
        Column::Field(field) => match field {
            Field::Change => String::new(),
            Field::Resident => person.resident.clone(),
            Field::Household => row.household.clone(),
            Field::HouseholdStatus => match row.status {
                HouseholdStatus::Resident => "resident".to_owned(),
                HouseholdStatus::Expected => "expected".to_owned(),
            },
            Field::Name => person.name.clone(),
            Field::NameKana => of(&person.name_kana),
            Field::BirthDate => written_birth_date(person),
            Field::Sex => person.sex.clone(),
            Field::Relationship => person.relationship.clone(),
            Field::Head => digit(person.head_of_household),
            Field::Protected => digit(person.protected),
            Field::Certificates => {
                let serials: Vec<&str> =
                    person.certificates.iter().map(|one| one.as_str()).collect();
                serials.join(" ")
            }
            Field::Address => row.address.text.clone(),
            Field::PostalCode => of(&row.address.postal_code),
            Field::Building => of(&row.address.building),
            Field::AddressKana => of(&row.address.kana),
        },
    }
}

fn digit(yes: bool) -> String {
    if yes { "1" } else { "0" }.to_owned()
}

fn scalar(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Bool(yes)) => digit(*yes),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Writes these residents as a full file.
///
/// # Errors
/// When `to` does not take it.
pub fn write_rows<'a>(
    to: impl Write,
    format: Format,
    rows: impl IntoIterator<Item = &'a Registered>,
) -> Result<(), ImportError> {
    let mut writing = Writing::begin(to, format)?;
    rows.into_iter().try_for_each(|row| writing.row(row))
}

/// Writes the whole register of a town; returns how many residents it has.
///
/// # Errors
/// A row that does not open, a store that does not answer, a file that does not take it.
pub async fn export(
    store: &Store,
    tenant: &TenantCode,
    keys: &RegisterKeys,
    to: impl Write,
    format: Format,
) -> Result<u64, ImportError> {
    let mut writing = Writing::begin(to, format)?;
    let (mut after, mut count) = (i64::MIN, 0);
    loop {
        let page = store.register_page(tenant, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(count);
        };
        after = last.place;
        for row in &page {
            writing.row(&keys.open_row(row)?)?;
            count += 1;
        }
    }
}
