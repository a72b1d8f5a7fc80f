//! The demo family's application, for tests and proofs. Everything is invented.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use application::{
    Application, CardCheck, FilledForm, FormContext, FormSet, FormUse, Signature, Source, ValueSet,
    derive, fill,
};
use guidance::Facts;
use jiff::civil::date;
use paper::{FontSet, Press};

mod cases;
mod slip;

pub use cases::{CASES, case};
pub use slip::{many_lines, receipt, receipt_words};

pub const TENANT: &str = "990019";

/// The shipped forms, from whichever package uses this demo.
pub fn assets() -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders
        .find_map(|folder| Some(folder.join("assets/forms")).filter(|forms| forms.is_dir()))
        .unwrap()
}

pub fn files() -> Vec<(String, String)> {
    let paths = std::fs::read_dir(assets())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.is_file()).map(|path| {
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            std::fs::read_to_string(&path).unwrap(),
        )
    });
    texts.collect()
}

pub fn fonts() -> FontSet {
    FontSet::load(&[
        PathBuf::from("/usr/share/fonts"),
        PathBuf::from("/usr/local/share/fonts"),
    ])
    .unwrap()
}

pub fn press() -> &'static Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| {
        let files = files();
        Press::new(
            fonts(),
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
    })
}

pub fn forms() -> &'static FormSet {
    static FORMS: OnceLock<FormSet> = OnceLock::new();
    FORMS.get_or_init(|| {
        let files = files();
        FormSet::from_files(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
        .unwrap()
    })
}

fn event_of(form: &str) -> &'static str {
    match form {
        "move_out" => "move_out",
        "birth_guidance" | "child_allowance_change" | "childbirth_grant" => "birth",
        "death_guidance" | "funeral_grant" => "death",
        "dog_registration" => "dog",
        "pregnancy_notification" => "pregnancy",
        "marriage_guidance" => "marriage",
        "divorce_guidance" | "single_parent_guidance" => "divorce",
        "national_health_insurance_loss" => "insurance_gained",
        "pension" => "insurance_lost",
        "residence_certificate" | "seal_registration" => "certificate",
        _ => "move_in",
    }
}

fn person(values: &mut ValueSet, id: &str, items: [&str; 5]) {
    let names = ["name", "name_kana", "birth_date", "sex", "relationship"];
    for (name, text) in names.into_iter().zip(items) {
        let source = if id == "A" && name != "name_kana" && name != "relationship" {
            Source::Card
        } else {
            Source::Core
        };
        values.set(format!("persons[{id}].{name}"), text, source);
    }
    values.set(
        format!("persons[{id}].domicile"),
        "見本県土間郡玄関町敷居三丁目4番",
        Source::Core,
    );
    values.set(
        format!("persons[{id}].head_of_register"),
        "髙﨑　𠮷郎",
        Source::Core,
    );
    values.set(
        format!("persons[{id}].my_number_card"),
        if id == "D" { "いいえ" } else { "はい" },
        Source::Core,
    );
    values.set(format!("persons[{id}].living"), "同居", Source::Resident);
}

/// Values of the household: rare kanji (𠮷, 髙﨑), an IVS (辻󠄀), a western birth date.
pub fn values() -> ValueSet {
    let mut values = ValueSet::default();
    person(
        &mut values,
        "A",
        [
            "髙﨑　𠮷郎",
            "タカサキ　ヨシロウ",
            "昭和62年6月15日",
            "男",
            "世帯主",
        ],
    );
    person(
        &mut values,
        "B",
        ["辻󠄀　マリア", "ツジ　マリア", "1989年2月3日", "女", "妻"],
    );
    person(
        &mut values,
        "C",
        [
            "髙﨑　陽翔",
            "タカサキ　ハルト",
            "平成29年9月20日",
            "男",
            "子",
        ],
    );
    person(
        &mut values,
        "D",
        [
            "髙﨑　さくら",
            "タカサキ　サクラ",
            "令和4年11月8日",
            "女",
            "子",
        ],
    );
    values.set(
        "home.address",
        "見本県土間郡縁側町大字濡縁24番地7",
        Source::Card,
    );
    values.set("home.head_name", "髙﨑　𠮷郎", Source::Core);
    let said = [
        ("new_home.postal_code", "000-0103"),
        ("new_home.town", "見本県土間郡玄関町敷居"),
        ("new_home.number", "三丁目4番12号"),
        ("new_home.building", "コーポ上がり框205号室"),
        ("filing.capacity", "本人"),
        ("applicant.phone", "090-1234-5678"),
        ("move.reason", "転勤・就職"),
        ("applicant.occupation", "会社員"),
        ("applicant.pension", "国民年金"),
        ("applicant.employer", "株式会社見本製作所"),
        ("spouse.name", "辻󠄀　マリア"),
        ("spouse.name_kana", "ツジ　マリア"),
        ("bank.name", "見本銀行"),
        ("bank.branch", "玄関支店"),
        ("bank.kind", "普通"),
        ("bank.number", "1234567"),
        ("child.insurance", "国民健康保険"),
        ("insurance.gain_reason", "転入"),
        ("insurance.loss_reason", "社保加入"),
        ("insurance.other_name", "見本健康保険組合"),
        ("insurance.other_number", "1234-567"),
        ("allowance.change_reason", "出生"),
        ("certificate.kind", "世帯全員の写し"),
        ("certificate.copies", "2"),
        ("certificate.show_head", "はい"),
        ("certificate.show_domicile", "いいえ"),
        ("certificate.use", "金融機関"),
        ("seal.event", "新規登録"),
        ("care.event", "資格取得"),
        ("pension.event", "種別変更"),
        ("pension.reason", "退職"),
        ("pension.extra", "いいえ"),
        ("pension.exemption", "はい"),
        ("persons[A].basic_pension_number", "1234-567890"),
        ("persons[A].insured_number", "0012345678"),
        (
            "register.birth_place",
            "見本県土間郡玄関町土間1番 玄関町立病院",
        ),
        ("register.father_name", "髙﨑　𠮷郎"),
        ("register.mother_name", "辻󠄀　マリア"),
        ("register.death_place", "玄関町立病院"),
        ("register.surname", "夫の氏"),
        ("register.new_domicile", "見本県土間郡玄関町敷居三丁目4番"),
        ("register.divorce_kind", "協議離婚"),
        ("register.keep_name", "いいえ"),
        ("pregnancy.weeks", "11"),
        ("pregnancy.due_date", "令和8年11月20日"),
        ("pregnancy.clinic", "見本産婦人科　見本花子"),
        ("pregnancy.clinic_address", "見本県土間郡玄関町土間1番"),
        ("pregnancy.syphilis_test", "はい"),
        ("pregnancy.tuberculosis_test", "いいえ"),
        ("birth.direct_payment", "はい"),
        ("birth.compensation", "はい"),
        ("funeral.date", "令和8年4月23日"),
        ("funeral.insurance", "国民健康保険"),
        ("funeral.relation", "妻"),
        ("dog.name", "ポチ"),
        ("dog.breed", "柴犬"),
        ("dog.sex", "オス"),
        ("dog.birth_date", "令和6年4月日不詳"),
        ("dog.colour", "茶"),
        ("dog.features", "左の耳の先が白い"),
        ("dog.microchip", "392145000123456"),
    ];
    for (key, text) in said {
        values.set(key, text, Source::Resident);
    }
    values
}

pub fn application(form: &str, values: ValueSet) -> Application {
    let event = event_of(form);
    let document = format!(
        r#"{{"as_of":"2026-04-27","event":{{"kind":"{event}","date":"2026-04-20"}},"persons":[{{"id":"A"}},{{"id":"B"}},{{"id":"C"}},{{"id":"D"}}]}}"#
    );
    let facts = Facts::from_json(&document).unwrap();
    let mut values = values;
    derive(
        forms(),
        &FormContext {
            facts: &facts,
            applicant: Some("A"),
        },
        &mut values,
    );
    let persons: &[&str] = match form {
        "birth_guidance" | "child_allowance_change" | "childbirth_grant" => &["D"],
        "child_allowance_claim" | "child_medical" | "single_parent_guidance" => &["C", "D"],
        "pregnancy_notification" => &["B"],
        "dog_registration" => &[],
        "marriage_guidance" | "divorce_guidance" => &["A", "B"],
        "seal_registration" | "pension" | "long_term_care" | "late_elderly" | "death_guidance"
        | "funeral_grant" => &["A"],
        _ => &["A", "B", "C", "D"],
    };
    Application {
        version: application::APPLICATION_VERSION,
        id: "0190b3c0-0000-7000-8000-000000000001".to_owned(),
        tenant: TENANT.to_owned(),
        kiosk: "lobby-1".to_owned(),
        reception: Some("03-260427-0015-4".to_owned()),
        as_of: date(2026, 4, 27),
        event: event.to_owned(),
        language: "ja".to_owned(),
        applicant: Some("A".to_owned()),
        facts: facts.to_value(),
        plan: guidance::Plan::empty(date(2026, 4, 27)),
        forms: vec![FormUse {
            form: form.to_owned(),
            persons: persons.iter().map(|id| (*id).to_owned()).collect(),
        }],
        values,
        forms_edition: None,
        signature: Signature::Strokes(signature()),
        card: CardCheck::Verified,
        notes: Vec::new(),
    }
}

/// Something like handwriting.
fn signature() -> Vec<Vec<(u16, u16)>> {
    let wave = |from: u16, up: u16| {
        (0..12u16)
            .map(|i| (from + i * 14, 500 + if i % 2 == 0 { 0 } else { up } - i * 9))
            .collect()
    };
    vec![
        wave(80, 260),
        vec![(300, 200), (300, 500), (290, 820)],
        wave(330, 180),
        vec![(560, 260), (700, 250)],
        vec![(630, 180), (625, 560), (540, 800)],
        wave(700, 220),
    ]
}

pub fn filled(form: &str, values: ValueSet) -> FilledForm {
    let application = application(form, values);
    fill(forms(), &application.forms[0], &application, "玄関町").unwrap()
}
