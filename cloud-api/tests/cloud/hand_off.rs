//! What other systems get of an application.

use application::{Application, CardCheck, FormUse, Source};
use cloud_api::hand_off::{Document, Sheet, write_sheet};

use crate::device_api::application as plain;
use crate::town::assets;

fn family() -> Application {
    let mut family = plain(1);
    let mut set = |key: &str, text: &str, source| family.values.set(key, text, source);
    set("move.kind", "転入", Source::Resident);
    set("event.date", "令和8年4月20日", Source::Resident);
    set("home.address", "=HYPERLINK(\"http://x\")", Source::Resident);
    set("persons[A].birth_date", "昭和63年4月1日", Source::Card);
    set("persons[A].relationship", "妻", Source::Core);
    set("persons[B].name", "見本　\"桜\", 次女", Source::Fixed);
    set("certificate.kind", "住民票の写し", Source::Resident);
    set("certificate.copies", "2", Source::Resident);
    let one = |form: &str, persons: &[&str]| FormUse {
        form: form.to_owned(),
        persons: persons.iter().map(|id| (*id).to_owned()).collect(),
    };
    family.forms = vec![
        one("resident_record_change", &["A", "B"]),
        one("move_out", &["B"]),
        one("residence_certificate", &["A"]),
    ];
    family
}

fn sheet(sheet: Sheet, applications: &[Application]) -> Vec<Vec<String>> {
    let mut file = Vec::new();
    write_sheet(&mut file, sheet, false, applications).unwrap();
    let text = String::from_utf8(file).unwrap();
    assert_eq!(
        text.matches("\r\n").count(),
        text.matches('\n').count(),
        "CRLF"
    );
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let record = |record: csv::Result<csv::StringRecord>| {
        record.unwrap().iter().map(str::to_owned).collect()
    };
    reader.records().map(record).collect()
}

fn cell<'a>(rows: &'a [Vec<String>], row: usize, heading: &str) -> &'a str {
    let at = rows[0].iter().position(|one| one == heading).unwrap();
    &rows[row][at]
}

#[test]
fn a_row_for_each_person_who_moves() {
    let rows = sheet(Sheet::ResidentChange, &[family(), plain(2)]);
    assert_eq!(rows.len(), 1 + 2 + 1, "two of the family, one of the other");
    assert_eq!(cell(&rows, 1, "氏名"), "見本　花子");
    assert_eq!(cell(&rows, 2, "氏名"), "見本　\"桜\", 次女");
    assert_eq!(cell(&rows, 1, "異動事由"), "転入");
    assert_eq!(
        cell(&rows, 1, "旧住所"),
        "'=HYPERLINK(\"http://x\")",
        "no spreadsheet computes it"
    );
    assert_eq!(
        cloud_api::spreadsheet::from_cell(cell(&rows, 1, "旧住所")),
        "=HYPERLINK(\"http://x\")"
    );
    let sources = cell(&rows, 1, "値の出どころ");
    for one in [
        "氏名=住基",
        "生年月日=カード",
        "異動事由=申告",
        "届出人電話番号=申告",
    ] {
        assert!(sources.contains(one), "{sources}");
    }
    assert!(cell(&rows, 2, "値の出どころ").contains("氏名=職員"));
}

#[test]
fn requests_for_certificates_and_card_faces() {
    let rows = sheet(Sheet::Certificate, &[family(), plain(2)]);
    assert_eq!(rows.len(), 2, "only who asks for one");
    assert_eq!(
        (cell(&rows, 1, "証明書の種類"), cell(&rows, 1, "通数")),
        ("住民票の写し", "2")
    );
    let rows = sheet(Sheet::CardFace, &[family(), plain(2)]);
    assert_eq!(rows.len(), 2, "only who used a card");
    assert_eq!(cell(&rows, 1, "生年月日"), "昭和63年4月1日");
}

/// What could not be checked of a card goes along to whoever takes the application over.
#[test]
fn every_sheet_and_document_says_whether_the_card_was_checked() {
    let files = cloud_api::signing::edition_files(&assets("forms")).unwrap();
    let forms =
        application::FormSet::from_files(files.iter().map(kiosk_api::EditionFile::pair)).unwrap();
    for (card, word, text) in [
        (CardCheck::None, "none", "カードなし"),
        (CardCheck::Unverified, "unverified", "未確認"),
        (CardCheck::Verified, "verified", "確認済み"),
    ] {
        let mut one = family();
        one.card = card;
        let document = serde_json::to_value(Document::new(&one, &forms)).unwrap();
        assert_eq!(document["card"], word);
        for kind in Sheet::ALL {
            let rows = sheet(kind, std::slice::from_ref(&one));
            assert_eq!(cell(&rows, 1, "カードの確認"), text);
        }
    }
}

#[test]
fn a_spreadsheet_s_mark_is_there_when_asked_for() {
    for mark in [true, false] {
        let mut file = Vec::new();
        write_sheet(&mut file, Sheet::CardFace, mark, &[]).unwrap();
        assert_eq!(file.starts_with(b"\xEF\xBB\xBF"), mark);
    }
}

#[test]
fn the_document_has_every_value_with_its_source() {
    let files = cloud_api::signing::edition_files(&assets("forms")).unwrap();
    let forms =
        application::FormSet::from_files(files.iter().map(kiosk_api::EditionFile::pair)).unwrap();
    let document = serde_json::to_value(Document::new(&family(), &forms)).unwrap();
    assert_eq!(document["reception"], family().reception.unwrap());
    let values = document["values"].as_array().unwrap();
    assert_eq!(values.len(), family().values.iter().count());
    let named = |key: &str| values.iter().find(|one| one["key"] == key).unwrap();
    let name = named("persons[B].name");
    assert_eq!(
        (&name["text"], &name["source"], &name["person"]),
        (&"見本　\"桜\", 次女".into(), &"fixed".into(), &"B".into())
    );
    assert_eq!(named("home.address")["label"], "いままでの住所");
    assert!(
        !named("persons[A].name")["label"]
            .as_str()
            .unwrap()
            .contains("{person}")
    );
}
