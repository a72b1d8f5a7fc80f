//! CSV in the manner of 住民記録システム標準仕様書 10.8, which has the core system read 住民異動届, 交付申請書 and the card's face
//! from CSV. The specification's text names the documents, not the columns: the columns are our reading (docs/hand-off.md).

use std::collections::BTreeSet;
use std::io::{self, Write};

use application::{APPLICANT, Application, PERSON, Source};
use csv::{Terminator, Writer, WriterBuilder};

use super::document::source;
use crate::labels::Label as _;
use crate::spreadsheet::to_cell;

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sheet {
    /// 住民異動届: a row for each person who moves or changes.
    ResidentChange,
    /// 交付申請書: a row for each request for certificates.
    Certificate,
    /// 券面: the four items as the card gave them, a row for each visit with a card.
    CardFace,
}

/// What a cell holds.
#[derive(Clone, Copy)]
enum Cell {
    Reception,
    AsOf,
    Event,
    /// The value of this key.
    Value(&'static str),
    /// Where the row's values came from.
    Sources,
    /// Whether the visit's card was checked.
    Card,
}

type Column = (&'static str, Cell);

const RESIDENT_CHANGE: &[Column] = &[
    ("受付番号", Cell::Reception),
    ("受付日", Cell::AsOf),
    ("ライフイベント", Cell::Event),
    ("届出日", Cell::Value("filing.date")),
    ("異動事由", Cell::Value("move.kind")),
    ("異動日", Cell::Value("event.date")),
    ("転出予定日", Cell::Value("move.planned_date")),
    ("届出人氏名", Cell::Value("applicant.name")),
    ("届出人資格", Cell::Value("filing.capacity")),
    ("届出人住所", Cell::Value("applicant.address")),
    ("届出人電話番号", Cell::Value("applicant.phone")),
    ("旧住所郵便番号", Cell::Value("home.postal_code")),
    ("旧住所", Cell::Value("home.address")),
    ("旧世帯主氏名", Cell::Value("home.head_name")),
    ("新住所郵便番号", Cell::Value("new_home.postal_code")),
    ("新住所", Cell::Value("new_home.address")),
    ("新世帯主氏名", Cell::Value("new_home.head_name")),
    ("氏名", Cell::Value("persons[{person}].name")),
    ("氏名の振り仮名", Cell::Value("persons[{person}].name_kana")),
    ("生年月日", Cell::Value("persons[{person}].birth_date")),
    ("性別", Cell::Value("persons[{person}].sex")),
    ("続柄", Cell::Value("persons[{person}].relationship")),
    (
        "旧続柄",
        Cell::Value("persons[{person}].former_relationship"),
    ),
    ("本籍", Cell::Value("persons[{person}].domicile")),
    ("筆頭者", Cell::Value("persons[{person}].head_of_register")),
    (
        "個人番号カードの有無",
        Cell::Value("persons[{person}].my_number_card"),
    ),
    ("値の出どころ", Cell::Sources),
    ("カードの確認", Cell::Card),
];

const CERTIFICATE: &[Column] = &[
    ("受付番号", Cell::Reception),
    ("受付日", Cell::AsOf),
    ("申請日", Cell::Value("filing.date")),
    ("証明書の種類", Cell::Value("certificate.kind")),
    ("通数", Cell::Value("certificate.copies")),
    ("世帯主・続柄の記載", Cell::Value("certificate.show_head")),
    (
        "本籍・筆頭者の記載",
        Cell::Value("certificate.show_domicile"),
    ),
    ("使用目的", Cell::Value("certificate.use")),
    ("申請者氏名", Cell::Value("applicant.name")),
    ("申請者氏名の振り仮名", Cell::Value("applicant.name_kana")),
    ("申請者生年月日", Cell::Value("applicant.birth_date")),
    ("申請者住所", Cell::Value("applicant.address")),
    ("申請者電話番号", Cell::Value("applicant.phone")),
    ("申請者の資格", Cell::Value("filing.capacity")),
    ("値の出どころ", Cell::Sources),
    ("カードの確認", Cell::Card),
];

const CARD_FACE: &[Column] = &[
    ("受付番号", Cell::Reception),
    ("受付日", Cell::AsOf),
    ("氏名", Cell::Value("persons[{applicant}].name")),
    ("住所", Cell::Value("home.address")),
    ("生年月日", Cell::Value("persons[{applicant}].birth_date")),
    ("性別", Cell::Value("persons[{applicant}].sex")),
    ("値の出どころ", Cell::Sources),
    ("カードの確認", Cell::Card),
];

impl Sheet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ResidentChange, Self::Certificate, Self::CardFace];

    /// As in addresses and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResidentChange => "resident_change",
            Self::Certificate => "certificate",
            Self::CardFace => "card_face",
        }
    }

    /// From that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sheet| sheet.as_str() == word)
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Self::ResidentChange => RESIDENT_CHANGE,
            Self::Certificate => CERTIFICATE,
            Self::CardFace => CARD_FACE,
        }
    }

    /// The persons of an application who each have a row here; `None` stands for the visit itself.
    fn rows(self, application: &Application) -> Vec<Option<&str>> {
        match self {
            Self::ResidentChange => {
                let forms = ["resident_record_change", "move_out"];
                let used = application.forms.iter();
                let persons = used
                    .filter(|one| forms.contains(&one.form.as_str()))
                    .flat_map(|one| one.persons.iter().map(String::as_str));
                // Two forms of one visit name the same people.
                let persons: BTreeSet<&str> = persons.collect();
                persons.into_iter().map(Some).collect()
            }
            Self::Certificate => {
                let asked = |one: &application::FormUse| one.form == "residence_certificate";
                application
                    .forms
                    .iter()
                    .any(asked)
                    .then_some(None)
                    .into_iter()
                    .collect()
            }
            Self::CardFace => {
                let values = self.columns().iter().filter_map(|(_, cell)| match cell {
                    Cell::Value(key) => application.values.get(&filled(key, application, None)),
                    _ => None,
                });
                let from_card = values.into_iter().any(|value| value.source == Source::Card);
                from_card.then_some(None).into_iter().collect()
            }
        }
    }
}

fn filled(key: &str, application: &Application, person: Option<&str>) -> String {
    let applicant = application.applicant.as_deref().unwrap_or_default();
    key.replace(PERSON, person.unwrap_or_default())
        .replace(APPLICANT, applicant)
}

fn cells(columns: &[Column], application: &Application, person: Option<&str>) -> Vec<String> {
    let value = |key: &str| application.values.get(&filled(key, application, person));
    let sources = || {
        let named = columns.iter().filter_map(|(heading, cell)| match cell {
            Cell::Value(key) => value(key).map(|one| format!("{heading}={}", source(one.source).1)),
            _ => None,
        });
        named.collect::<Vec<_>>().join("；")
    };
    columns
        .iter()
        .map(|(_, cell)| match cell {
            Cell::Reception => application.reception.clone().unwrap_or_default(),
            Cell::AsOf => application.as_of.to_string(),
            Cell::Event => application.event.clone(),
            Cell::Value(key) => value(key).map_or_else(String::new, |one| one.text.clone()),
            Cell::Sources => sources(),
            Cell::Card => application.card.japanese().to_owned(),
        })
        .collect()
}

fn record<'a>(
    writer: &mut Writer<impl Write>,
    cells: impl Iterator<Item = &'a str>,
) -> io::Result<()> {
    let cells: Vec<_> = cells.map(to_cell).collect();
    let bytes = cells.iter().map(|cell| cell.as_bytes());
    writer.write_record(bytes).map_err(io::Error::from)
}

/// Writes a sheet: UTF-8, CRLF, a heading, quotes where they are needed, formulas neutralised
/// ([`to_cell`](crate::spreadsheet::to_cell)). `mark`: begin with a byte order mark, for spreadsheets.
///
/// # Errors
/// When `to` does not take it.
pub fn write_sheet<'a>(
    mut to: impl Write,
    sheet: Sheet,
    mark: bool,
    applications: impl IntoIterator<Item = &'a Application>,
) -> io::Result<()> {
    if mark {
        to.write_all("\u{FEFF}".as_bytes())?;
    }
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(to);
    let columns = sheet.columns();
    record(&mut writer, columns.iter().map(|(heading, _)| *heading))?;
    for application in applications {
        for person in sheet.rows(application) {
            let cells = cells(columns, application, person);
            record(&mut writer, cells.iter().map(String::as_str))?;
        }
    }
    writer.flush()
}
