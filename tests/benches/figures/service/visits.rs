//! Applications as kiosks make them: whole plans of the shipped catalogue, households of one to four, names of the usual
//! kinds.

use application::{
    APPLICATION_VERSION, Application, CardCheck, FormUse, Signature, Source, ValueSet,
};
use guidance::{Catalogue, Due, Facts, Plan};
use jiff::civil::Date;
use kiosk_api::TenantCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Done, planning};

/// Family names with their reading; 斉藤 and 渡邉 are what searches by variants are for.
const FAMILY: [(&str, &str); 20] = [
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("田中", "タナカ"),
    ("伊藤", "イトウ"),
    ("渡邉", "ワタナベ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("吉田", "ヨシダ"),
    ("山田", "ヤマダ"),
    ("佐々木", "ササキ"),
    ("山口", "ヤマグチ"),
    ("松本", "マツモト"),
    ("井上", "イノウエ"),
    ("木村", "キムラ"),
    ("林", "ハヤシ"),
    ("斉藤", "サイトウ"),
    ("清水", "シミズ"),
];
const GIVEN: [(&str, &str); 16] = [
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("一郎", "イチロウ"),
    ("桜", "サクラ"),
    ("翔太", "ショウタ"),
    ("美咲", "ミサキ"),
    ("大輔", "ダイスケ"),
    ("陽子", "ヨウコ"),
    ("健一", "ケンイチ"),
    ("裕子", "ユウコ"),
    ("直樹", "ナオキ"),
    ("恵", "メグミ"),
    ("誠", "マコト"),
    ("由美", "ユミ"),
    ("学", "マナブ"),
    ("さくら", "サクラ"),
];

/// Plans for households of one to four.
pub(crate) struct Visits(Vec<(Value, Plan)>);

/// Where and when an application is made.
pub(crate) struct Reception<'a> {
    pub(crate) town: &'a TenantCode,
    /// From 1.
    pub(crate) kiosk: u16,
    pub(crate) day: Date,
    /// Of the day and kiosk, from 1.
    pub(crate) serial: u16,
}

impl Visits {
    pub(crate) fn of_the_catalogue() -> Done<Self> {
        let catalogue = Catalogue::from_files(planning::files()?)?;
        let family: Value = serde_json::from_str(include_str!("../family.json"))?;
        let persons = family["persons"].as_array().cloned().unwrap_or_default();
        let plans = (1..=persons.len()).map(|count| {
            let mut facts = family.clone();
            facts["persons"] = json!(persons[..count]);
            let plan = catalogue.plan(&Facts::from_value(&facts)?);
            Ok((facts, plan))
        });
        Ok(Self(plans.collect::<Done<_>>()?))
    }

    /// The `n`th application. Half of all households are of one person.
    pub(crate) fn application(&self, n: u64, reception: &Reception<'_>) -> Done<Application> {
        let size = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4][(n % 10) as usize];
        let (facts, plan) = &self.0[size - 1];
        let mut plan = plan.clone();
        let due = reception.day.checked_add(jiff::Span::new().days(14))?;
        for line in &mut plan.lines {
            if let Due::On { date, .. } | Due::Before { date, .. } = &mut line.due {
                *date = due;
            }
        }
        Ok(Application {
            version: APPLICATION_VERSION,
            id: Uuid::now_v7().to_string(),
            tenant: reception.town.to_string(),
            kiosk: format!("kiosk-{}", reception.kiosk),
            reception: Some(application::reception_number(
                reception.kiosk,
                reception.day,
                reception.serial,
            )?),
            as_of: reception.day,
            event: "move_in".to_owned(),
            language: "ja".to_owned(),
            applicant: Some("A".to_owned()),
            facts: facts.clone(),
            plan,
            forms: vec![FormUse {
                form: "resident_record_change".to_owned(),
                persons: ["A", "B", "C", "D"][..size]
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            }],
            values: values(n, size),
            forms_edition: None,
            signature: Signature::OnPaper,
            card: CardCheck::Verified,
            notes: Vec::new(),
        })
    }
}

fn values(n: u64, size: usize) -> ValueSet {
    let mut values = ValueSet::default();
    let family = FAMILY[(mixed(n) % FAMILY.len() as u64) as usize];
    for (at, person) in ["A", "B", "C", "D"][..size].iter().enumerate() {
        let given = GIVEN[(mixed(n * 4 + at as u64) % GIVEN.len() as u64) as usize];
        let mut set = |key: &str, text: &str| {
            values.set(format!("persons[{person}].{key}"), text, Source::Core)
        };
        set("name", &format!("{}　{}", family.0, given.0));
        set("name_kana", &format!("{}　{}", family.1, given.1));
        set("birth_date", "1986-05-12");
        set("sex", "2");
        set("relationship", "世帯主");
    }
    for (key, text) in [
        (
            "address.new",
            "見本県玄関町桜町一丁目２番３号　花園ハイツ２０１",
        ),
        ("address.old", "見本県縁側市本町四丁目５番６号"),
        ("applicant.phone", "0312345678"),
    ] {
        values.set(key, text, Source::Resident);
    }
    values
}

/// Scatters numbers that follow each other (SplitMix64), the same in every run.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
