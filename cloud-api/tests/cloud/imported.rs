//! Imports: what comes in, what is left out and why, and that nothing half-done is ever seen.

use std::io::{Cursor, Read};
use std::sync::Arc;

use cloud_api::clock::Clock as _;
use cloud_api::core_system::import::{
    Encoding, Format, Import, ImportError, Kind, Origin, Report, export, write_rows,
};
use cloud_api::core_system::{CoreError, CoreSystem, ImportedCore, RegisterKeys, Registered};
use cloud_store::PullOutcome;
use jiff::SignedDuration;
use kiosk_api::TenantCode;

use crate::postgres::Cluster;
use crate::town::{Choice, TOWN, Town, items, register};

pub(crate) const HEADING: &str =
    "宛名番号,世帯番号,氏名,生年月日,性別,続柄,住所,方書,health_insurance,household.dogs\r\n";

pub(crate) fn code() -> TenantCode {
    TOWN.parse().unwrap()
}

pub(crate) fn keys(town: &Town) -> RegisterKeys {
    town.cloud.tenants[&code()].register_keys().unwrap()
}

pub(crate) async fn town() -> Town {
    Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await
}

pub(crate) fn import(town: &Town, kind: Kind, format: Format) -> Import {
    Import {
        tenant: code(),
        keys: Arc::new(keys(town)),
        forms: town.cloud.tenants[&code()].forms().unwrap(),
        kind,
        format,
        encoding: Encoding::Auto,
        check_digit: false,
        most_rejected_percent: 50,
        now: town.clock.now(),
        today: town.clock.today(),
        origin: Origin::File,
        cursor: None,
    }
}

pub(crate) async fn run(town: &Town, import: Import, bytes: &[u8]) -> Result<Report, ImportError> {
    let source = Cursor::new(bytes.to_vec());
    import.run(&town.cloud.store, source, |_| {}).await
}

pub(crate) async fn full(town: &Town, text: &str) -> Result<Report, ImportError> {
    run(town, import(town, Kind::Full, Format::Csv), text.as_bytes()).await
}

pub(crate) async fn delta(town: &Town, text: &str) -> Result<Report, ImportError> {
    run(
        town,
        import(town, Kind::Delta, Format::Csv),
        text.as_bytes(),
    )
    .await
}

pub(crate) fn core(town: &Town) -> ImportedCore {
    ImportedCore::new(town.cloud.store.clone(), code(), Arc::new(keys(town)))
}

/// The households of the test towns' register but the one with an unknown fact.
pub(crate) async fn residents() -> Vec<Registered> {
    let demo = register();
    let mut residents = Vec::new();
    for id in ["H1", "H2", "H3", "H4"] {
        let record = demo.household(id).await.unwrap().unwrap();
        for person in record.persons {
            residents.push(Registered {
                household: id.to_owned(),
                status: record.status,
                address: record.address.clone(),
                household_facts: record.household.clone(),
                person,
            });
        }
    }
    residents
}

pub(crate) async fn import_register(town: &Town) {
    let mut file = Vec::new();
    write_rows(&mut file, Format::Csv, &residents().await).unwrap();
    let report = run(town, import(town, Kind::Full, Format::Csv), &file).await;
    let report = report.unwrap();
    assert_eq!(
        (report.accepted, report.rejected_rows),
        (7, 0),
        "{:?}",
        report.rejected
    );
}

/// A row of [`HEADING`].
pub(crate) fn row(number: u32, name: &str) -> String {
    format!(
        "R{number},H{number},{name},昭和63年4月1日,2,世帯主,見本県玄関町桜町一丁目２番３号,,national,1\r\n"
    )
}

async fn names(town: &Town) -> Vec<String> {
    let mut file = Vec::new();
    export(
        &town.cloud.store,
        &code(),
        &keys(town),
        &mut file,
        Format::Json,
    )
    .await
    .unwrap();
    let text = String::from_utf8(file).unwrap();
    let name = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["name"].as_str().unwrap().to_owned()
    };
    text.lines().map(name).collect()
}

async fn leftovers(town: &Town) -> (i64, i64) {
    let url = format!(
        "sqlite:{}",
        town.folder.path().join("cloud.sqlite").display()
    );
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let counted = sqlx::query_as("SELECT count(*), count(DISTINCT generation) FROM core_residents");
    let counts = counted.fetch_one(&pool).await.unwrap();
    pool.close().await;
    counts
}

#[tokio::test]
async fn bad_rows_are_named_and_the_rest_is_loaded() {
    let town = town().await;
    let mut file = HEADING.to_owned();
    for number in 1..=198 {
        file.push_str(&row(number, "見本　花子"));
    }
    // Two of two hundred: a quoted cell with a line end, then a 続柄 that is none.
    file.push_str("R199,H199,\"見本\r\n花子\",1988-04-01,2,世帯主,見本県玄関町,,national,1\r\n");
    file.push_str("R200,H200,見本　孫,1988-04-01,2,孫,見本県玄関町,,national,1\r\n");
    let report = full(&town, &file).await.unwrap();
    assert_eq!((report.accepted, report.rejected_rows), (198, 2));
    let told: Vec<(u64, Option<&str>)> = report
        .rejected
        .iter()
        .map(|one| (one.row, one.column.as_deref()))
        .collect();
    assert_eq!(told, [(200, Some("name")), (201, Some("relationship"))]);
    let reason = &report.rejected[1];
    assert!(reason.reason.contains("続柄") && reason.reason_en.contains("closed list"));
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains("見本"), "a report names nobody: {text}");
    assert_eq!(names(&town).await.len(), 198);
}

#[tokio::test]
async fn every_rule_has_its_reason() {
    let town = town().await;
    let bad: [(&str, &str); 14] = [
        (",H1,甲,1988-04-01,2,世帯主,町,,,", "resident"),
        ("R 1,H1,甲,1988-04-01,2,世帯主,町,,,", "resident"),
        ("R2,,甲,1988-04-01,2,世帯主,町,,,", "household"),
        ("R3,H3,,1988-04-01,2,世帯主,町,,,", "name"),
        ("R4,H4,甲\u{E000},1988-04-01,2,世帯主,町,,,", "name"),
        ("R5,H5,甲,昭和65年4月1日,2,世帯主,町,,,", "birth_date"),
        ("R6,H6,甲,2999-01-01,2,世帯主,町,,,", "birth_date"),
        ("R7,H7,甲,1988-04-01,4,世帯主,町,,,", "sex"),
        (
            "R8,H8,甲,1988-04-01,2,子の子の子の子の子,町,,,",
            "relationship",
        ),
        ("R9,H9,甲,1988-04-01,2,世帯主,,,,", "address"),
        (
            "R10,H10,甲,1988-04-01,2,世帯主,町,,kokuho,",
            "health_insurance",
        ),
        ("R11,H11,甲,1988-04-01,2,世帯主,町,,,-1", "household.dogs"),
        ("R99,H12,甲,1988-04-01,2,世帯主,町,,,", "resident"),
        ("R13,H99,甲,1988-04-01,2,子,別の町,,,", "address"),
    ];
    let mut file = HEADING.to_owned();
    file.push_str("R99,H99,甲,1988-04-01,2,世帯主,町,,,\r\n");
    bad.iter()
        .for_each(|(row, _)| file.push_str(&format!("{row}\r\n")));
    file.push_str("R20,H20,甲\r\n");
    let mut lenient = import(&town, Kind::Full, Format::Csv);
    lenient.most_rejected_percent = 100;
    let report = run(&town, lenient, file.as_bytes()).await.unwrap();
    assert_eq!(report.accepted, 1);
    let columns: Vec<Option<&str>> = report
        .rejected
        .iter()
        .map(|one| one.column.as_deref())
        .collect();
    let expected = bad.iter().map(|(_, column)| Some(*column)).chain([None]);
    assert_eq!(columns, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_household_with_a_row_left_out_is_not_shown_as_if_it_were_whole() {
    let town = town().await;
    let child = |birth: &str| {
        format!("R3,H1,見本　桜,{birth},2,子,見本県玄関町桜町一丁目２番３号,,national,1\r\n")
    };
    full(
        &town,
        &format!("{HEADING}{}{}", row(1, "見本　花子"), child("いつか")),
    )
    .await
    .unwrap();
    let core = core(&town);
    let found = core
        .find(&items("見本　花子", "1988-04-01", 2))
        .await
        .unwrap();
    assert_eq!(found.len(), 1, "she is there");
    assert!(matches!(
        core.household("H1").await,
        Err(CoreError::WrongAnswer(_))
    ));
    let mended = format!("異動区分,{HEADING}upsert,{}", child("令和2年4月2日"));
    delta(&town, &mended).await.unwrap();
    let household = core.household("H1").await.unwrap().unwrap();
    let names: Vec<&str> = household
        .persons
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["見本　花子", "見本　桜"]);
    // Whose row it was cannot be read, but whose household.
    let nobody = child("令和2年4月2日").replace("R3,", ",");
    full(&town, &format!("{HEADING}{}{nobody}", row(1, "見本　花子")))
        .await
        .unwrap();
    assert!(core.household("H1").await.is_err());
    full(&town, &format!("{HEADING}{}", row(1, "見本　花子")))
        .await
        .unwrap();
    assert!(core.household("H1").await.unwrap().is_some());
    // A delta whose row cannot be taken leaves doubt about the one that stood.
    delta(
        &town,
        &format!("異動区分,{HEADING}upsert,{}", child("いつか")),
    )
    .await
    .unwrap();
    assert!(matches!(
        core.household("H1").await,
        Err(CoreError::WrongAnswer(_))
    ));
}

/// Full, delta, and files that end badly.
async fn comes_and_goes(town: &Town) {
    let three: String = (1..=3).map(|number| row(number, "前")).collect();
    full(town, &format!("{HEADING}{three}")).await.unwrap();
    let changes = format!(
        "異動区分,{HEADING}upsert,{}upsert,{}delete,R3,,,,,,,,,\r\nupsert,R9,H1,,,,,,,,\r\n",
        row(2, "後"),
        row(4, "新")
    );
    let report = delta(town, &changes).await.unwrap();
    assert_eq!(
        (report.accepted, report.deleted, report.rejected_rows),
        (2, 1, 1)
    );
    assert_eq!(names(town).await, ["前", "後", "新"], "each in its place");
    assert!(core(town).household("H3").await.unwrap().is_none());
    assert!(core(town).household("H1").await.is_err(), "R9 is missing");
    let mended = format!("異動区分,{HEADING}delete,R9,,,,,,,,,\r\n");
    delta(town, &mended).await.unwrap();
    assert!(core(town).household("H1").await.unwrap().is_some());

    let bad = format!("{HEADING}{}x\r\ny\r\nz\r\n", row(7, "丁"));
    assert!(full(town, &bad).await.is_err());
    assert_eq!(names(town).await, ["前", "後", "新"]);
    full(town, &format!("{HEADING}{}", row(1, "次")))
        .await
        .unwrap();
    assert_eq!(names(town).await, ["次"]);
}

#[tokio::test]
async fn a_delta_adds_replaces_and_takes_out() {
    let town = town().await;
    comes_and_goes(&town).await;
    assert_eq!(leftovers(&town).await, (1, 1), "what was staged is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_it_is_the_same() {
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    let town = Town::new(Choice {
        editions: true,
        store: Some(store),
        ..Choice::default()
    })
    .await;
    comes_and_goes(&town).await;
    let every = SignedDuration::from_mins(10).as_millis();
    let every = i64::try_from(every).unwrap();
    let (store, now) = (&town.cloud.store, town.clock.now());
    let code = code();
    let (a, b) = tokio::join!(
        store.take_pull_turn(&code, now, every),
        store.take_pull_turn(&code, now, every)
    );
    assert!(a.unwrap() != b.unwrap(), "one replica pulls");
    let failed = PullOutcome::Failed("slow".to_owned());
    store.finish_pull(&code, &failed).await.unwrap();
    let fresh = store.freshness(&code).await.unwrap().unwrap();
    assert_eq!(fresh.pull_problem.as_deref(), Some("slow"));
    store.close().await;
}

#[tokio::test]
async fn an_import_that_ends_badly_leaves_the_register_as_it_was() {
    let town = town().await;
    let first = format!("{HEADING}{}{}", row(1, "甲"), row(2, "乙"));
    full(&town, &first).await.unwrap();

    struct BreaksOff(Cursor<Vec<u8>>);
    impl Read for BreaksOff {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::Error::other("the line is cut")),
                read => Ok(read),
            }
        }
    }
    let mut long = HEADING.to_owned();
    (10..2000).for_each(|number| long.push_str(&row(number, "丙")));
    let source = BreaksOff(Cursor::new(long.clone().into_bytes()));
    let broken = import(&town, Kind::Full, Format::Csv).run(&town.cloud.store, source, |_| {});
    assert!(matches!(broken.await, Err(ImportError::Read(_))));

    let unclosed = format!("{HEADING}R1,H1,\"{}", "x".repeat(2 * 1024 * 1024));
    assert!(matches!(
        full(&town, &unclosed).await,
        Err(ImportError::Read(_))
    ));

    let shifted: String = (1..=3).map(|n| format!("見本,R{n},H{n}\r\n")).collect();
    let shifted = full(&town, &format!("{HEADING}{}{shifted}", row(7, "丁"))).await;
    assert!(matches!(
        shifted,
        Err(ImportError::TooManyRejected { percent: 50, .. })
    ));

    for (text, what) in [
        ("", "empty"),
        (HEADING, "a heading and no more"),
        ("宛名番号,靴のサイズ\r\n", "unknown heading"),
        ("宛名番号,resident\r\n", "twice"),
        ("見本　花子,1988-04-01\r\n", "no heading"),
    ] {
        let error = full(&town, text).await.unwrap_err();
        assert!(!error.to_string().contains("見本"), "{what}: {error}");
    }
    assert_eq!(names(&town).await, ["甲", "乙"]);
    assert_eq!(leftovers(&town).await, (2, 1));
}

#[tokio::test]
async fn of_two_imports_at_once_the_second_to_end_changes_nothing() {
    let town = town().await;
    full(&town, &format!("{HEADING}{}", row(1, "前")))
        .await
        .unwrap();
    let store = &town.cloud.store;
    let slow = store.begin_import(&code()).await.unwrap();
    full(&town, &format!("{HEADING}{}", row(1, "後")))
        .await
        .unwrap();
    let end = cloud_store::ImportEnd {
        import: slow,
        key_id: "2026-1".to_owned(),
        loaded_at: town.clock.now(),
        pulled: false,
        rejected: 0,
        cursor: None,
    };
    assert!(!store.replace_register(&code(), &end).await.unwrap());
    assert!(!store.merge_register(&code(), &end).await.unwrap());
    assert_eq!(names(&town).await, ["後"]);
}

#[tokio::test]
async fn without_a_register_nobody_is_found_and_a_delta_is_refused() {
    let town = town().await;
    let wanted = items("見本　花子", "1988-04-01", 2);
    let Err(CoreError::WrongAnswer(reason)) = core(&town).find(&wanted).await else {
        panic!("must be a wrong answer")
    };
    assert!(reason.contains("imported"), "{reason}");
    let refused = delta(&town, &format!("異動区分,{HEADING}upsert,{}", row(1, "甲"))).await;
    assert!(matches!(refused, Err(ImportError::NothingToChange)));
}

#[tokio::test]
async fn rows_are_sealed_and_freshness_is_kept() {
    let town = town().await;
    assert!(town.cloud.store.freshness(&code()).await.unwrap().is_none());
    full(&town, &format!("{HEADING}{}", row(1, "金丝雀　花子")))
        .await
        .unwrap();
    let fresh = town.cloud.store.freshness(&code()).await.unwrap().unwrap();
    assert_eq!(
        (fresh.full_at, fresh.loaded_at),
        (Some(town.clock.now()), Some(town.clock.now()))
    );
    assert_eq!((fresh.pulled_at, fresh.rejected), (None, 0));
    town.cloud.store.close().await;
    let mut seen = 0;
    for file in std::fs::read_dir(town.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains("cloud.sqlite") {
            let bytes = std::fs::read(path).unwrap();
            seen += bytes.len();
            for canary in ["金丝雀", "桜町一丁目", "R1,H1"] {
                assert!(
                    !bytes
                        .windows(canary.len())
                        .any(|part| part == canary.as_bytes()),
                    "{canary}"
                );
            }
        }
    }
    assert!(seen > 50_000, "the database was looked at");
}

#[tokio::test]
async fn another_key_opens_nothing() {
    let town = town().await;
    import_register(&town).await;
    let other = kiosk_api::TenantPrivateKey::derive(&kiosk_api::Entropy::new([9; 32]));
    for id in ["2026-1", "2027-1"] {
        let keys = RegisterKeys::derive(&code(), &other, id).unwrap();
        let core = ImportedCore::new(town.cloud.store.clone(), code(), Arc::new(keys));
        let found = core.find(&items("見本　花子", "1988-04-01", 2)).await;
        match id {
            "2026-1" => assert!(found.is_ok_and(|found| found.is_empty()), "another hash"),
            _ => assert!(matches!(found, Err(CoreError::WrongAnswer(_)))),
        }
    }
}
