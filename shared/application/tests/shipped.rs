//! The shipped forms: they load, they ask everything once, closed vocabularies stay closed.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use application::era::{Eras, Part};
use application::{
    Application, CardCheck, CardFour, FieldKind, FormContext, FormSet, FormUse, Signature, Source,
    ValueSet, fill, needs, prefill,
};
use guidance::Facts;
use jiff::civil::date;
use proptest::prelude::*;

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/forms");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = names.filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    texts.collect()
}

fn shipped() -> FormSet {
    let files = files();
    FormSet::from_files(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
    .unwrap()
}

fn family() -> Facts {
    Facts::from_json(
        r#"{"as_of":"2026-04-27","event":{"kind":"move_in","date":"2026-04-20"},"household":{},"persons":[
        {"id":"A","role":"self","moves":true,"birth_date":"1987-06-15"},{"id":"B","role":"spouse","moves":true},
        {"id":"C","role":"child","moves":true,"birth_date":"2017-09-20"}]}"#,
    )
    .unwrap()
}

fn uses(form: &str, persons: &[&str]) -> FormUse {
    FormUse {
        form: form.to_owned(),
        persons: persons.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[test]
fn every_form_loads_with_a_template_and_all_languages() {
    let set = shipped();
    assert!(set.forms().count() >= 14);
    let names: Vec<String> = files().into_iter().map(|(name, _)| name).collect();
    for form in set.forms() {
        assert!(
            names.contains(&format!("{}.typ", form.id)),
            "{} has no template",
            form.id
        );
        for language in ["ja", "ja-simple", "en"] {
            assert!(
                form.title.exact(language).is_some(),
                "{} has no title in {language}",
                form.id
            );
        }
    }
    for field in set.fields() {
        for language in ["ja", "ja-simple", "en"] {
            assert!(
                field.label.exact(language).is_some(),
                "{} has no label in {language}",
                field.key
            );
        }
    }
}

/// Base letters of marked words; readings are above the line.
fn base(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, then) = after.split_once('}').unwrap();
        out.push_str(before);
        // A person's name has the width of its own line; where it stands alone, it breaks by itself.
        out.push_str(inside.split_once('|').map_or("", |(kanji, _)| kanji));
        rest = then;
    }
    out + rest
}

/// Full-width characters; ASCII takes half.
fn width(line: &str) -> f64 {
    let wide = |c: char| if c.is_ascii() { 0.5 } else { 1.0 };
    line.chars().map(wide).sum()
}

#[test]
fn every_value_is_asked_for_in_a_full_polite_sentence_that_fits_the_title() {
    for field in shipped().fields() {
        let Some(ask) = &field.ask else {
            let never = matches!(field.kind, FieldKind::Signature | FieldKind::Seal);
            assert!(never || !field.editable, "{} is not asked", field.key);
            continue;
        };
        let own = field.key.contains(application::PERSON);
        for (language, ends) in [
            (
                "ja",
                ["ですか", "ますか", "ください", "でしたか"].as_slice(),
            ),
            ("ja-simple", &["ですか", "ますか", "ください", "でしたか"]),
            ("en", &["?"]),
        ] {
            for words in [&ask.title, &ask.title_self] {
                let text = words.exact(language).unwrap();
                assert!(
                    ends.iter().any(|end| base(text).ends_with(end)),
                    "{} in {language} is no sentence: {text}",
                    field.key
                );
                let lines: Vec<&str> = text.split('\n').collect();
                assert!(lines.len() <= 3, "{} in {language}: {text}", field.key);
                for line in lines {
                    let wide = width(&base(line));
                    // 18 are the most that a title may have; a 64 px title line holds 16 without breaking.
                    assert!(wide <= 18.0, "{} in {language}: {wide} {line}", field.key);
                }
            }
            let named = ask.title.exact(language).unwrap();
            assert_eq!(
                named.contains(application::PERSON),
                own,
                "{} in {language}: whose is it? {named}",
                field.key
            );
        }
    }
}

#[test]
fn a_field_that_can_be_asked_needs_its_question() {
    let files: Vec<(String, String)> = files()
        .into_iter()
        .map(|(name, text)| {
            let text = text.replacen("ask = { ja = \"どのような届出ですか\"", "# ", 1);
            (name, text)
        })
        .collect();
    let error =
        FormSet::from_files(files.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap_err();
    assert!(
        error.to_string().starts_with("fields.toml:12: ") && error.reason.contains("`ask`"),
        "{error}"
    );
}

#[test]
fn a_broken_form_names_file_line_and_reason() {
    let mut files = files();
    files.push(("zz.toml".to_owned(), "id = \"zz\"\ntitle = { ja = \"x\" }\ncounter = { ja = \"x\" }\nprocedures = []\nper = \"visit\"\n\n[[fields]]\nkey = \"no.such\"\n".to_owned()));
    let error =
        FormSet::from_files(files.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "zz.toml:8: no field \"no.such\" in fields.toml"
    );
    files.last_mut().unwrap().1 = "id = \"zz\"\nper = \"often\"\n".to_owned();
    let error =
        FormSet::from_files(files.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("zz.toml", 2));
}

#[test]
fn a_value_entered_once_serves_every_form() {
    let (set, facts) = (shipped(), family());
    let visit = FormContext {
        facts: &facts,
        applicant: Some("A"),
    };
    let forms = [
        uses("resident_record_change", &["A", "B", "C"]),
        uses("national_health_insurance_gain", &["A", "B"]),
        uses("child_allowance_claim", &["C"]),
    ];
    let mut values = ValueSet::default();
    let card = CardFour {
        name: "髙﨑　𠮷郎",
        address: "見本県土間郡縁側町大字濡縁24番地7",
        birth_date: date(1987, 6, 15),
        sex: 1,
    };
    assert!(prefill(&set, &visit, Some(card), None, &mut values).is_empty());
    assert_eq!(values.text("applicant.name"), "髙﨑　𠮷郎");
    assert_eq!(values.get("applicant.name").unwrap().source, Source::Card);
    assert_eq!(values.text("move.kind"), "転入");

    let mut asked = Vec::new();
    loop {
        let open = needs(&set, &visit, &forms, &values);
        let Some(need) = open.first() else { break };
        assert!(!asked.contains(&need.key), "{} was asked twice", need.key);
        asked.push(need.key.clone());
        set.enter(&visit, &need.key, &answer(&set, &need.kind), &mut values)
            .unwrap();
    }
    assert!(
        !asked.contains(&"persons[A].name".to_owned()) && !asked.contains(&"home.town".to_owned())
    );
    assert!(
        asked.contains(&"new_home.town".to_owned())
            && asked.contains(&"applicant.phone".to_owned())
    );
    assert!(
        asked.iter().position(|key| key == "new_home.town")
            < asked.iter().position(|key| key == "persons[B].name")
    );
    assert_eq!(
        values.text("new_home.address"),
        "縁側町濡縁なにか",
        "a whole follows its parts"
    );
    assert_eq!(
        values.text("applicant.address"),
        values.text("new_home.address")
    );
}

fn answer(set: &FormSet, kind: &FieldKind) -> String {
    match kind {
        FieldKind::Vocabulary { vocabulary } => set.vocabulary(vocabulary)[0].value.clone(),
        FieldKind::Relationship => "子の子".to_owned(),
        FieldKind::Date { .. } => "令和8年4月27日".to_owned(),
        FieldKind::PostalCode => "0000207".to_owned(),
        FieldKind::Phone => "09012345678".to_owned(),
        FieldKind::Digits { most, .. } => "1".repeat(*most),
        FieldKind::Kana => "たなか".to_owned(),
        FieldKind::YesNo => application::YES.to_owned(),
        FieldKind::Address => "縁側町濡縁".to_owned(),
        _ => "なにか".to_owned(),
    }
}

#[test]
fn forbidden_relationships_are_impossible() {
    let set = shipped();
    let check = |text: &str| set.check(&FieldKind::Relationship, text);
    for good in [
        "世帯主",
        "妻",
        "子の子",
        "妻の父の父の妹",
        "夫（未届）",
        "縁故者",
    ] {
        assert_eq!(check(good).unwrap(), good);
    }
    for bad in [
        "孫",
        "祖父",
        "祖母",
        "子の子の子の子の子",
        "世帯主の子",
        "の子",
        "子の",
        "曾孫",
        "甥",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}

#[test]
fn refused_values_of_card_stay_out() {
    let (set, facts) = (shipped(), family());
    let visit = FormContext {
        facts: &facts,
        applicant: Some("A"),
    };
    let card = CardFour {
        name: "田\u{E123}",
        address: "x",
        birth_date: date(1987, 6, 15),
        sex: 2,
    };
    let mut values = ValueSet::default();
    let refused = prefill(&set, &visit, Some(card), None, &mut values);
    assert_eq!(refused[0].problem.key, "problem.private_use");
    assert!(values.get("persons[A].name").is_none() && values.text("persons[A].sex") == "女");
    values.set("persons[A].sex", "男", Source::Resident);
    prefill(&set, &visit, Some(card), None, &mut values);
    assert_eq!(
        values.text("persons[A].sex"),
        "男",
        "what the resident said stays"
    );
}

#[test]
fn eras_keep_what_a_record_says() {
    let set = shipped();
    let eras: &Eras = set.eras();
    for kept in [
        "明治45年7月30日",
        "大正元年7月30日",
        "大正15年12月25日",
        "昭和元年12月25日",
        "令和5年8月頃",
        "昭和20年月日不詳",
        "令和元年5月日不詳",
        "令和8年頃",
        "1990年5月3日",
    ] {
        assert_eq!(eras.parse(kept).unwrap().to_string(), kept);
    }
    assert_eq!(
        eras.to_date(&eras.parse("明治45年7月30日").unwrap())
            .unwrap(),
        eras.to_date(&eras.parse("大正1.7.30").unwrap()).unwrap()
    );
    assert_eq!(eras.parse("R8.4.27").unwrap().to_string(), "令和8年4月27日");
    assert_eq!(
        eras.parse("２０２６-０４-２７").unwrap().to_string(),
        "令和8年4月27日"
    );
    assert_eq!(eras.parse("昭和20年月日不詳").unwrap().month, Part::Unknown);
    for (bad, key) in [
        ("令和8年2月30日", "problem.date_impossible"),
        ("昭和64年1月8日", "problem.date_outside_era"),
        ("明治45年7月31日", "problem.date_outside_era"),
        ("安政5年1月1日", "problem.era_unknown"),
        ("令和x年", "problem.date_shape"),
    ] {
        assert_eq!(eras.parse(bad).unwrap_err().key, key, "{bad}");
    }
}

proptest! {
    #[test]
    fn every_day_goes_to_its_era_and_back(day in 0i64..60_000) {
        let set = shipped_once();
        let day = date(1873, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let written = set.eras().from_date(day).to_string();
        prop_assert_eq!(set.eras().to_date(&set.eras().parse(&written).unwrap()).unwrap(), day);
    }

    #[test]
    fn no_text_makes_a_check_panic(text in "\\PC*") {
        let set = shipped_once();
        for field in set.fields() {
            if let Ok(once) = set.check(&field.kind, &text) {
                prop_assert_eq!(set.check(&field.kind, &once).unwrap(), once, "a regular text stays");
            }
        }
    }
}

fn shipped_once() -> &'static FormSet {
    static SET: std::sync::OnceLock<FormSet> = std::sync::OnceLock::new();
    SET.get_or_init(shipped)
}

#[test]
fn an_application_survives_its_json() {
    let (set, facts) = (shipped(), family());
    let mut values = ValueSet::default();
    values.set("persons[A].name", "辻󠄀　𠮷郎", Source::Card);
    let application = Application {
        version: application::APPLICATION_VERSION,
        id: "0190b3c0-0000-7000-8000-000000000001".to_owned(),
        tenant: "990019".to_owned(),
        kiosk: "lobby-1".to_owned(),
        reception: None,
        as_of: date(2026, 4, 27),
        event: "move_in".to_owned(),
        language: "ja".to_owned(),
        applicant: Some("A".to_owned()),
        facts: facts.to_value(),
        plan: guidance::Plan::empty(date(2026, 4, 27)),
        forms: vec![uses("resident_record_change", &["A", "B"])],
        values,
        forms_edition: None,
        signature: Signature::Strokes(vec![vec![(1, 2), (3, 4)]]),
        card: CardCheck::Verified,
        notes: Vec::new(),
    };
    let bytes = serde_json::to_vec(&application).unwrap();
    let back: Application = serde_json::from_slice(&bytes).unwrap();
    assert!(back == application);
    let filled = fill(&set, &back.forms[0], &back, "玄関町").unwrap();
    assert_eq!(filled.persons[0].boxes["name"].text, "辻󠄀　𠮷郎");
    assert_eq!(filled.persons.len(), 2);
    assert!(fill(&set, &uses("nothing", &[]), &back, "玄関町").is_err());
}
