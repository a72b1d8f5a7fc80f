//! Files as offices send them: encodings, quotes, formulas, JSON; and that an export is read back whole.

use std::io::Cursor;

use cloud_api::core_system::import::{
    Encoding, Format, ImportError, Kind, Report, read_rows, write_rows,
};
use cloud_api::core_system::{RegisterKeys, Registered};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use crate::imported::{self, HEADING, code, import, row, run};

fn forms() -> application::FormSet {
    let files = cloud_api::signing::edition_files(&crate::town::assets("forms")).unwrap();
    application::FormSet::from_files(files.iter().map(kiosk_api::EditionFile::pair)).unwrap()
}

fn keys() -> RegisterKeys {
    let key = kiosk_api::TenantPrivateKey::derive(&kiosk_api::Entropy::new([1; 32]));
    RegisterKeys::derive(&code(), &key, "2026-1").unwrap()
}

fn read(bytes: &[u8], format: Format) -> Result<(Vec<Registered>, Report), ImportError> {
    let source = Cursor::new(bytes.to_vec());
    read_rows(
        source,
        (format, Encoding::Auto),
        &forms(),
        date(2026, 4, 27),
        &keys(),
    )
}

fn shift_jis(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

#[test]
fn utf_8_with_and_without_mark_and_shift_jis_are_the_same_register() {
    let text = format!(
        "{HEADING}{}{}",
        row(1, "髙橋　﨑子"),
        row(2, "\"見本　\"\"花\"\"子\"")
    );
    let (plain, _) = read(text.as_bytes(), Format::Csv).unwrap();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let unix = text.replace("\r\n", "\n");
    for (bytes, what) in [
        (marked, "mark"),
        (shift_jis(&text), "Shift_JIS"),
        (unix.into_bytes(), "LF"),
    ] {
        let (rows, report) = read(&bytes, Format::Csv).unwrap();
        assert!(rows == plain, "{what}: {:?}", report.rejected);
    }
    assert_eq!(plain[0].person.name, "髙橋　﨑子");
    assert_eq!(plain[1].person.name, "見本　\"花\"子");
    assert_eq!(
        plain[0].person.birth_date,
        Some(date(1988, 4, 1)),
        "昭和63年4月1日"
    );
}

#[test]
fn characters_of_one_town_only_and_wrong_bytes_are_refused_where_they_stand() {
    let mut file = shift_jis(&format!("{HEADING}{}", row(1, "見本")));
    let mut own = shift_jis(&row(2, "外字"));
    let at = own
        .windows(4)
        .position(|part| part == shift_jis("外字"))
        .unwrap();
    own.splice(at..at + 4, [0xF0, 0x40]);
    file.extend(own);
    let mut cut = shift_jis(&row(3, "見本"));
    let at = cut
        .windows(4)
        .position(|part| part == shift_jis("見本"))
        .unwrap();
    cut.splice(at..at + 4, [0x8C]);
    file.extend(cut);
    let (rows, report) = read(&file, Format::Csv).unwrap();
    assert_eq!((rows.len(), report.rejected_rows), (1, 2));
    assert!(report.rejected[0].reason.contains("U+E000"));
    assert_eq!(report.rejected[0].column.as_deref(), Some("name"));
    assert_eq!(report.rejected[1].row, 4);

    let mut late = format!("{HEADING}{}", row(1, "A")).into_bytes();
    late.extend(shift_jis(&row(2, "見本")));
    let told = read_rows(
        Cursor::new(late),
        (Format::Csv, Encoding::Utf8),
        &forms(),
        date(2026, 4, 27),
        &keys(),
    );
    assert_eq!(
        told.unwrap().1.rejected_rows,
        1,
        "Shift_JIS in a file told to be UTF-8"
    );
    let utf_16 = [0xFF, 0xFE, b'a', 0];
    assert!(matches!(
        read(&utf_16, Format::Csv),
        Err(ImportError::Utf16)
    ));
}

#[test]
fn dates_with_unknown_parts_are_kept_as_they_are() {
    let text = format!(
        "{HEADING}{}",
        row(1, "見本").replace("昭和63年4月1日", "昭和20年月日不詳")
    );
    let (rows, _) = read(text.as_bytes(), Format::Csv).unwrap();
    assert_eq!(rows[0].person.birth_date, None);
    assert_eq!(
        rows[0].person.birth_date_text.as_deref(),
        Some("昭和20年月日不詳")
    );
    let meiji = format!(
        "{HEADING}{}",
        row(1, "見本").replace("昭和63年4月1日", "明治45年7月30日")
    );
    let (rows, _) = read(meiji.as_bytes(), Format::Csv).unwrap();
    assert_eq!(rows[0].person.birth_date, Some(date(1912, 7, 30)));
}

#[test]
fn objects_in_an_array_or_one_a_line() {
    let one = json!({
        "resident": "R1", "household": "H1", "name": "見本　花子", "birth_date": "1988-04-01", "sex": 2,
        "relationship": "世帯主", "address": "見本県玄関町", "my_number_card": true, "household.dogs": 2, "building": null,
    });
    let mut two = one.clone();
    two["resident"] = json!("R2");
    let lines = format!("{one}\n\n{{\"resident\": \n{two}\n");
    let (rows, report) = read(lines.as_bytes(), Format::Json).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(report.rejected[0].row, 2, "the broken line");
    assert_eq!(rows[0].household_facts["dogs"], 2);
    assert_eq!(rows[0].person.facts["my_number_card"], true);

    let array = serde_json::to_vec_pretty(&json!([one, two])).unwrap();
    let (same, _) = read(&array, Format::Json).unwrap();
    assert!(same == rows);
    for bad in [
        &array[..array.len() - 2],
        b"[{} {}]",
        b"[{},,]",
        b"[\"x",
        b"[3]",
    ] {
        assert!(matches!(read(bad, Format::Json), Err(ImportError::Json(_))));
    }
    let mut odd = two.clone();
    odd["shoe_size"] = json!(26);
    let mut nested = two;
    nested["name"] = json!(["x"]);
    let (rows, report) = read(json!([odd, nested]).to_string().as_bytes(), Format::Json).unwrap();
    assert_eq!((rows.len(), report.rejected_rows), (0, 2));
    assert!(matches!(
        read(&shift_jis("[{\"name\": \"見本\"}]"), Format::Json),
        Err(ImportError::JsonEncoding)
    ));
}

#[tokio::test]
async fn a_check_digit_is_asked_for_where_the_town_has_one() {
    let town = imported::town().await;
    let file = format!(
        "{HEADING}{}{}",
        row(1, "甲").replace("R1", "123455"),
        row(2, "乙").replace("R2", "123456")
    );
    let mut strict = import(&town, Kind::Full, Format::Csv);
    strict.check_digit = true;
    let report = run(&town, strict, file.as_bytes()).await.unwrap();
    assert_eq!((report.accepted, report.rejected_rows), (1, 1));
    assert!(report.rejected[0].reason.contains("チェックディジット"));
}

fn text() -> impl Strategy<Value = String> {
    // What a cell may meet: formulas, quotes, commas, apostrophes, variants, half-width kana.
    proptest::string::string_regex("[=+@'\"＝\\-,;見本花子辻髙ｱA1]{1,12}").unwrap()
}

fn person() -> impl Strategy<Value = serde_json::Value> {
    let birth = prop_oneof![
        Just(json!({"birth_date": "1988-04-01"})),
        Just(json!({"birth_date_text": "昭和20年月日不詳"})),
        Just(json!({"birth_date_text": "令和元年5月頃"})),
    ];
    let relationship = proptest::sample::select(vec!["世帯主", "妻", "子の子", "縁故者"]);
    let insurance = proptest::option::of(proptest::sample::select(vec!["national", "not_yet"]));
    (text(), birth, relationship, insurance, any::<[bool; 2]>()).prop_map(
        |(name, birth, relationship, insurance, [protected, card])| {
            let mut person = json!({
                "name": name, "sex": "9", "relationship": relationship,
                "head_of_household": relationship == "世帯主", "protected": protected, "my_number_card": card,
            });
            let object = person.as_object_mut().unwrap();
            object.extend(birth.as_object().unwrap().clone());
            if let Some(insurance) = insurance {
                object.insert("health_insurance".to_owned(), json!(insurance));
            }
            person
        },
    )
}

fn residents() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let household = (
        text(),
        proptest::option::of(text()),
        0..9u16,
        prop::collection::vec(person(), 1..4),
    );
    prop::collection::vec(household, 0..5).prop_map(|households| {
        let mut residents = Vec::new();
        for (h, (address, building, dogs, persons)) in households.into_iter().enumerate() {
            for (p, mut person) in persons.into_iter().enumerate() {
                person["resident"] = json!(format!("R{h}-{p}"));
                let mut place = json!({"text": address});
                if let Some(building) = &building {
                    place["building"] = json!(building);
                }
                let row = json!({
                    "household": format!("H{h}"), "address": place, "household_facts": {"dogs": dogs}, "person": person,
                });
                residents.push(row);
            }
        }
        residents
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_exported_is_imported_as_it_was(residents in residents(), csv in any::<bool>()) {
        let format = if csv { Format::Csv } else { Format::Json };
        let residents: Vec<Registered> = residents
            .into_iter()
            .map(|row| serde_json::from_value(row).unwrap())
            .collect();
        let mut file = Vec::new();
        write_rows(&mut file, format, &residents).unwrap();
        if csv {
            let text = String::from_utf8(file.clone()).unwrap();
            let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝']), "{} computes", cell);
                }
            }
        }
        let (read, report) = read(&file, format).unwrap();
        prop_assert!(read == residents, "{:?}", report.rejected);
    }

    #[test]
    fn no_bytes_end_it_otherwise_than_with_a_word(bytes in prop::collection::vec(any::<u8>(), 0..300), csv in any::<bool>()) {
        let format = if csv { Format::Csv } else { Format::Json };
        let with_heading = [HEADING.as_bytes(), &bytes].concat();
        for bytes in [&bytes, &with_heading] {
            match read(bytes, format) {
                Ok((rows, report)) => prop_assert_eq!(rows.len() as u64, report.accepted),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
