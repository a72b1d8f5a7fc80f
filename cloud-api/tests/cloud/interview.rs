//! 聞き取り: the clerk's screen, on the kiosk's rules.

use aws_lc_rs::digest::{SHA256, digest};
use cloud_api::signing::edition_files;
use cloud_store::Role;
use guidance::Catalogue;

use crate::people::{cookie_of, csrf, form, look};
use crate::town::{Answer, Choice, TOWN, Town, assets};

const PLACE: &str = "/console/990019/interview";

struct Desk {
    town: Town,
    session: String,
    csrf: String,
}

impl Desk {
    async fn new() -> Self {
        let town = Town::new(Choice {
            editions: true,
            ..Choice::default()
        })
        .await;
        let session = cookie_of(&town, TOWN, Role::Clerk).await;
        let csrf = csrf(&look(&town, &session, PLACE).await.text());
        Self {
            town,
            session,
            csrf,
        }
    }

    async fn sends(&self, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        form(&self.town, &self.session, PLACE, &all).await
    }
}

/// What the page carries on: the facts, as the form will send them back.
fn facts(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"facts\" value=\"").unwrap();
    let text = rest.split('"').next().unwrap();
    text.replace("&#34;", "\"").replace("&quot;", "\"")
}

fn digest_of(facts: &str) -> String {
    let files = edition_files(&assets("catalogue")).unwrap();
    let files = files.into_iter().map(|file| (file.path, file.text));
    let catalogue = Catalogue::from_files(files).unwrap();
    let plan = guidance::guide(&catalogue, facts).unwrap();
    let hash = digest(&SHA256, plan.as_bytes());
    hash.as_ref()
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn the_same_facts_give_the_kiosks_plan_at_every_step() {
    let desk = Desk::new().await;
    let begin = [
        ("event", "move_in"),
        ("date", "2026-05-01"),
        ("role", "self"),
        ("birth_date", "1988-04-01"),
        ("role", "child"),
        ("birth_date", "2020-04-02"),
        ("role", ""),
        ("birth_date", ""),
    ];
    let mut page = desk.sends(&begin).await.text();
    assert!(page.contains("手続きの案内") && page.contains("転入"));
    let mut steps = 0;
    while let Some((_, question)) = page.split_once("class=\"question\"") {
        let known = facts(&page);
        assert!(
            page.contains(&digest_of(&known)),
            "step {steps}: another plan than the kiosk's"
        );
        // The first question's first answer, as its radio button or field is named.
        let (_, rest) = question.split_once("name=\"").unwrap();
        let path = rest.split('"').next().unwrap().to_owned();
        let value = rest
            .split_once("value=\"")
            .filter(|_| question.split_once("radio").is_some());
        let kind = question
            .split_once("type=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        let answer = match kind {
            "radio" => value.unwrap().1.split('"').next().unwrap().to_owned(),
            "date" => "2026-05-01".to_owned(),
            _ => "0".to_owned(),
        };
        let answered = [("facts", known.as_str()), (path.as_str(), answer.as_str())];
        page = desk.sends(&answered).await.text();
        assert_ne!(facts(&page), known, "{path} was taken");
        steps += 1;
        assert!(steps < 60, "the questions end");
    }
    assert!(steps > 3 && page.contains("すべて聞きました"));
    assert!(page.contains(&digest_of(&facts(&page))));
}

#[tokio::test]
async fn what_is_missing_or_broken_is_said() {
    let desk = Desk::new().await;
    for (fields, why) in [
        (
            vec![("event", ""), ("date", "2026-05-01")],
            "きっかけを選んで",
        ),
        (
            vec![("event", "move_in"), ("date", "昨日")],
            "できごとの日を",
        ),
        (
            vec![
                ("event", "move_in"),
                ("date", "2026-05-01"),
                ("role", "child"),
                ("birth_date", ""),
            ],
            "本人を1人",
        ),
        (
            vec![
                ("event", "move_in"),
                ("date", "2026-05-01"),
                ("role", "self"),
                ("birth_date", "x"),
            ],
            "生年月日を正しく",
        ),
        (vec![("facts", "{")], "最初からやり直して"),
        (
            vec![("facts", "{}"), ("persons[Z].x", "1")],
            "最初からやり直して",
        ),
    ] {
        let answer = desk.sends(&fields).await;
        assert!(
            answer.status == 422 && answer.text().contains(why),
            "{why}: {}",
            answer.text()
        );
    }
    let odd = desk.sends(&[("facts", "{\"as_of\":\"2026-05-01\",\"event\":{\"kind\":\"move_in\",\"date\":\"2026-05-01\"},\"persons\":[{\"id\":\"A\",\"shoe_size\":3}]}")]).await;
    assert!(odd.text().contains("案内を計算できません"));
}
