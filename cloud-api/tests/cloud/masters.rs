//! Masters: what a town sets on the console changes its plans, here and on its kiosks.

use axum::body::Body;
use axum::http::Request;
use cloud_store::audit::TrailFilter;
use cloud_store::{Realm, Role};
use serde_json::{Value, json};

use crate::people::{cookie_of, csrf, form, look};
use crate::town::{Answer, Choice, TOWN, Town, get, post, send};

const PLACE: &str = "/console/990019/masters";

struct Hall {
    town: Town,
    session: String,
    csrf: String,
}

impl Hall {
    async fn new() -> Self {
        let town = Town::new(Choice {
            editions: true,
            ..Choice::default()
        })
        .await;
        let session = cookie_of(&town, TOWN, Role::TenantAdmin).await;
        let csrf = csrf(&look(&town, &session, PLACE).await.text());
        Self {
            town,
            session,
            csrf,
        }
    }

    async fn sets(&self, revision: &str, part: &str, rows: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("csrf", &*self.csrf),
            ("revision", revision),
            ("part", part),
        ];
        all.extend(rows);
        form(&self.town, &self.session, PLACE, &all).await
    }

    async fn page(&self) -> String {
        look(&self.town, &self.session, PLACE).await.text()
    }

    async fn masters(&self) -> Value {
        get(self.town.kiosk(), "/v1/990019/masters").await.json()
    }

    /// The plan's line of a procedure, as the cloud makes it.
    async fn line(&self, facts: &Value, procedure: &str) -> Value {
        let plan = post(self.town.kiosk(), "/v1/990019/guidance", facts)
            .await
            .json();
        let lines = plan["lines"].as_array().unwrap();
        let line = lines.iter().find(|line| line["procedure"] == procedure);
        line.unwrap().clone()
    }
}

fn birth() -> Value {
    json!({"as_of": "2026-12-03", "event": {"kind": "birth", "date": "2026-12-02"},
        "persons": [{"id": "C", "birth_date": "2026-12-02", "role": "newborn"}]})
}

#[tokio::test]
async fn a_closed_day_moves_due_dates_and_reaches_the_kiosks() {
    let hall = Hall::new().await;
    assert_eq!(
        hall.line(&birth(), "shussho").await["due"]["date"],
        "2026-12-15"
    );
    let before = get(hall.town.kiosk(), "/v1/990019/masters").await;
    assert_eq!(before.headers["etag"], "\"masters-0\"");
    let set = hall
        .sets(
            "0",
            "closed",
            &[
                ("date", "2026-12-15"),
                ("name", "町制記念日"),
                ("date", ""),
                ("name", ""),
            ],
        )
        .await;
    assert_eq!(set.status, 303, "{}", set.text());
    assert_eq!(
        hall.line(&birth(), "shussho").await["due"]["date"],
        "2026-12-16"
    );
    let masters = hall.masters().await;
    assert_eq!(masters["revision"], 1);
    assert_eq!(
        masters["masters"]["closed"],
        json!({"2026-12-15": "町制記念日"})
    );
    let unchanged = Request::get("/v1/990019/masters")
        .header("if-none-match", "\"masters-1\"")
        .body(Body::empty())
        .unwrap();
    assert_eq!(send(hall.town.kiosk(), unchanged).await.status, 304);
    let page = hall.page().await;
    assert!(
        page.contains("町制記念日") && page.contains("第1版"),
        "{page}"
    );
    let trail = hall
        .town
        .cloud
        .store
        .search_trail(
            &Realm::from(&TOWN.parse().unwrap()),
            &TrailFilter {
                event: Some("master_changed".to_owned()),
                ..TrailFilter::default()
            },
            10,
        )
        .await
        .unwrap();
    assert_eq!(trail.len(), 1);
    assert_eq!(
        serde_json::from_str::<Value>(&trail[0].detail).unwrap(),
        json!({"part": "closed", "revision": 1})
    );
}

#[tokio::test]
async fn the_heartbeat_names_the_masters_in_use() {
    let hall = Hall::new().await;
    let beat = json!({"at": "2026-06-01T00:00:00Z", "software": "0.1.0", "catalogue": null, "forms": null, "outbox": 0, "parts": []});
    let path = "/v1/990019/heartbeat";
    let etag = async || post(hall.town.kiosk(), path, &beat).await.json()["masters_etag"].clone();
    assert_eq!(etag().await, "\"masters-0\"");
    hall.sets("0", "fees", &[("id", "cert_fee_juminhyo"), ("yen", "250")])
        .await;
    assert_eq!(etag().await, "\"masters-1\"");
}

#[tokio::test]
async fn fees_hours_and_counters_stand_in_the_plan() {
    let hall = Hall::new().await;
    let certificate = json!({"as_of": "2026-04-27", "event": {"kind": "certificate", "what": "juminhyo"}, "persons": [{"id": "A"}]});
    hall.sets(
        "0",
        "fees",
        &[
            ("id", "cert_fee_juminhyo"),
            ("yen", "250"),
            ("id", "cert_fee_koseki"),
            ("yen", "450"),
        ],
    )
    .await;
    let saturday = [
        ("day", ""),
        ("from", "09:00"),
        ("until", "16:30"),
        ("day", "土曜"),
        ("from", "09:00"),
        ("until", "12:00"),
        ("day", "土曜"),
        ("from", ""),
        ("until", ""),
    ];
    assert_eq!(hall.sets("1", "opening", &saturday).await.status, 303);
    hall.sets(
        "2",
        "sites",
        &[
            ("id", ""),
            ("name", "本庁舎"),
            ("name_en", ""),
            ("address", ""),
            ("phone", ""),
        ],
    )
    .await;
    hall.sets(
        "3",
        "sites",
        &[
            ("id", "s1"),
            ("name", "本庁舎"),
            ("name_en", "Main hall"),
            ("address", "式台一丁目１番１号"),
            ("phone", ""),
            ("id", ""),
            ("name", "西支所"),
            ("name_en", ""),
            ("address", ""),
            ("phone", "0000-00-0200"),
            ("kiosk:kiosk-1", "s1"),
            ("kiosk:kiosk-2", "s2"),
        ],
    )
    .await;
    let counter = [
        ("id", "certificates"),
        ("number", "21"),
        ("place", "2階"),
        ("place_simple", "2{階|かい}"),
        ("place_en", "2nd floor"),
        ("site", "s2"),
        ("from", ""),
        ("until", ""),
        ("id", "tax"),
        ("number", "14"),
        ("place", "3階"),
        ("place_simple", "3{階|かい}"),
        ("place_en", "3rd floor"),
        ("site", ""),
        ("from", ""),
        ("until", ""),
    ];
    let set = hall.sets("4", "counters", &counter).await;
    assert_eq!(set.status, 303, "{}", set.text());
    let line = hall.line(&certificate, "cert_juminhyo").await;
    assert_eq!(line["fee_yen"], 250);
    assert_eq!(line["hours"], "09:00-16:30、土曜 09:00-12:00");
    let masters = hall.masters().await["masters"].clone();
    assert_eq!(
        masters["fee"],
        json!({"cert_fee_juminhyo": 250}),
        "what is as shipped is not kept"
    );
    assert_eq!(masters["counter"].as_array().unwrap().len(), 1);
    assert_eq!(masters["site"][1]["kiosks"], json!(["kiosk-2"]));
    let beat = json!({"at": "2026-06-01T00:00:00Z", "software": "0.1.0", "catalogue": null, "forms": null, "outbox": 0, "parts": []});
    post(hall.town.kiosk(), "/v1/990019/heartbeat", &beat).await;
    let kiosks = look(&hall.town, &hall.session, "/console/990019/kiosks").await;
    assert!(kiosks.text().contains("<td>本庁舎</td>"));
    // A building that is gone takes nobody's counter along.
    let gone = [
        ("id", "s1"),
        ("name", "本庁舎"),
        ("name_en", ""),
        ("address", ""),
        ("phone", ""),
        ("id", "s2"),
        ("name", ""),
        ("name_en", ""),
        ("address", ""),
        ("phone", ""),
        ("kiosk:kiosk-2", "s2"),
    ];
    assert_eq!(hall.sets("5", "sites", &gone).await.status, 303);
    let masters = hall.masters().await["masters"].clone();
    assert_eq!(masters["site"].as_array().unwrap().len(), 1);
    assert!(masters["counter"][0].get("site").is_none());
    let page = hall.page().await;
    assert!(page.contains("本庁舎") && !page.contains("西支所"));
}

#[tokio::test]
async fn the_plan_is_the_same_at_the_counter_and_on_the_kiosk() {
    let hall = Hall::new().await;
    hall.sets(
        "0",
        "closed",
        &[("date", "2026-12-15"), ("name", "町制記念日")],
    )
    .await;
    // As a kiosk does it: the signed edition, and the masters as they came.
    let masters: kiosk_api::TownMasters = serde_json::from_value(hall.masters().await).unwrap();
    let edition = get(hall.town.kiosk(), "/v1/990019/catalogue").await.json();
    let files = edition["content"]["files"].as_array().unwrap().iter();
    let text = |file: &Value, key: &str| file[key].as_str().unwrap().to_owned();
    let files = files.map(|file| (text(file, "path"), text(file, "text")));
    let catalogue = guidance::Catalogue::from_files(files).unwrap();
    let catalogue = catalogue.with_masters(&masters.masters).unwrap();
    let kiosk = guidance::guide(&catalogue, &birth().to_string()).unwrap();
    let cloud = post(hall.town.kiosk(), "/v1/990019/guidance", &birth()).await;
    assert_eq!(cloud.text(), kiosk);
}

#[tokio::test]
async fn two_at_once_do_not_both_change() {
    let hall = Hall::new().await;
    let fee = [("id", "cert_fee_juminhyo"), ("yen", "250")];
    assert_eq!(hall.sets("0", "fees", &fee).await.status, 303);
    let late = hall
        .sets("0", "fees", &[("id", "cert_fee_juminhyo"), ("yen", "200")])
        .await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("他の職員が先に変更しました"));
    assert_eq!(
        hall.masters().await["masters"]["fee"]["cert_fee_juminhyo"],
        250
    );
}

#[tokio::test]
async fn what_cannot_be_is_said_in_japanese_and_changes_nothing() {
    let hall = Hall::new().await;
    let row = |number: &'static str| {
        [
            ("id", "tax"),
            ("number", number),
            ("place", "3階"),
            ("place_simple", ""),
            ("place_en", ""),
            ("site", ""),
            ("from", ""),
            ("until", ""),
        ]
    };
    let mut other = row("9");
    other[0].1 = "disability_welfare";
    let same = [row("9"), other].concat();
    for (part, rows, words) in [
        (
            "counters",
            &row("百")[..],
            "税務窓口：番号を1から999の数字で",
        ),
        ("counters", &row("0")[..], "税務窓口：使えない値です"),
        ("counters", &same[..], "障害福祉窓口：同じ番号"),
        (
            "opening",
            &[("day", ""), ("from", "17:00"), ("until", "09:00")][..],
            "開庁時間：終わりの時刻を",
        ),
        (
            "opening",
            &[("day", ""), ("from", "17:00"), ("until", "")][..],
            "始まりと終わりの両方",
        ),
        (
            "opening",
            &[("day", "土曜"), ("from", "09:00"), ("until", "12:00")][..],
            "平日の開庁時間を",
        ),
        (
            "closed",
            &[("date", "12月15日"), ("name", "記念日")][..],
            "記念日：日付を",
        ),
        (
            "closed",
            &[("date", "2026-12-15"), ("name", "")][..],
            "2026-12-15：日本語の欄が空です",
        ),
        (
            "fees",
            &[("id", "cert_fee_juminhyo"), ("yen", "三百")][..],
            "金額を数字で",
        ),
        (
            "fees",
            &[("id", "cert_fee_juminhyo"), ("yen", "5000000")][..],
            "100万円以下",
        ),
    ] {
        let answer = hall.sets("0", part, rows).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(words), "{words}");
    }
    assert_eq!(
        hall.sets("0", "moon", &[]).await.problem(),
        "malformed_request"
    );
    assert_eq!(
        hall.sets("x", "fees", &[]).await.problem(),
        "malformed_request"
    );
    assert_eq!(hall.masters().await["revision"], 0);
}
