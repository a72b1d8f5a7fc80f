//! What the resident left out reaches nobody behind the kiosk: console, JSON and CSV show the plan that was stored.

use application::FormSet;
use cloud_api::hand_off::{Document, Sheet, write_sheet};
use guidance::{Catalogue, Facts, Level};
use kiosk_api::EditionFile;
use serde_json::json;

use crate::device_api::{application, seal};
use crate::people::{clerk_of, look};
use crate::town::{Choice, TOWN, Town, assets, post};

#[tokio::test]
async fn an_optional_line_that_was_left_out_is_on_no_page_and_in_no_file() {
    let files = cloud_api::signing::edition_files(&assets("catalogue")).unwrap();
    let catalogue =
        Catalogue::from_files(files.into_iter().map(|file| (file.path, file.text))).unwrap();
    let facts = json!({
        "as_of": "2026-04-27",
        "event": {"kind": "move_in", "date": "2026-04-20"},
        "persons": [{"id": "A", "birth_date": "1990-01-01", "head_of_household": true, "moves": true}],
    });
    let everything = catalogue.plan(&Facts::from_value(&facts).unwrap());
    let mut stored = application(1);
    stored.facts = facts;
    stored.plan = everything.clone();
    stored.plan.lines.retain(|line| line.level != Level::May);
    let left_out: Vec<_> = everything
        .lines
        .iter()
        .filter(|line| line.level == Level::May)
        .collect();
    assert!(!left_out.is_empty());

    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let sealed = seal(&town, &stored, 1, 1);
    let answer = post(town.kiosk(), "/v1/990019/applications", &sealed).await;
    assert_eq!(answer.status, 201);
    let path = "/console/990019/applications/00000000-0000-0000-0000-000000000001";
    let page = look(&town, &clerk_of(&town, TOWN).await, path).await.text();
    let files = cloud_api::signing::edition_files(&assets("forms")).unwrap();
    let forms = FormSet::from_files(files.iter().map(EditionFile::pair)).unwrap();
    let mut outside = serde_json::to_string(&Document::new(&stored, &forms)).unwrap();
    for sheet in [Sheet::ResidentChange, Sheet::Certificate, Sheet::CardFace] {
        let mut csv = Vec::new();
        write_sheet(&mut csv, sheet, false, std::slice::from_ref(&stored)).unwrap();
        outside.push_str(std::str::from_utf8(&csv).unwrap());
    }
    for line in &stored.plan.lines {
        let title = line.title.get("ja");
        assert!(page.contains(title), "{title} is on the page");
    }
    for line in left_out {
        for name in [line.title.get("ja"), &line.procedure] {
            assert!(!page.contains(name), "{name} is on the page");
            assert!(!outside.contains(name), "{name} is handed off: {outside}");
        }
    }
}
