//! An application keeps the forms that it was made with.

use jiff::SignedDuration;
use kiosk_api::{Edition, EditionFile, EditionKind};

use crate::card::now;
use crate::device_api::{application, seal};
use crate::town::{Answer, Choice, TOWN, Town, assets, post, publish};

/// As a clerk who logged in for it.
async fn see(town: &Town, path: &str) -> Answer {
    let clerk = crate::people::clerk_of(town, TOWN).await;
    crate::people::look(town, &clerk, path).await
}

const FORM: &str = "resident_record_change.toml";

/// The shipped forms with another title on one of them, signed `later` than the first edition.
fn retitled(title: &str, later: SignedDuration) -> Edition {
    let mut files: Vec<EditionFile> = cloud_api::signing::edition_files(&assets("forms")).unwrap();
    let form = files.iter_mut().find(|file| file.path == FORM).unwrap();
    assert!(form.text.contains("住民異動届"));
    form.text = form.text.replace("住民異動届", title);
    Edition {
        kind: EditionKind::Forms,
        tenant: TOWN.parse().unwrap(),
        edition: format!("2026-06-01.{}", later.as_hours()),
        signed_at: now() + later,
        files,
    }
}

fn pdf_of(id: u128) -> String {
    format!("/console/{TOWN}/applications/00000000-0000-0000-0000-{id:012}/forms/1")
}

async fn with_editions() -> Town {
    Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await
}

async fn send(town: &Town, id: u128, forms_edition: Option<String>) {
    let mut one = application(id);
    one.forms_edition = forms_edition;
    let answer = post(
        town.kiosk(),
        "/v1/990019/applications",
        &seal(town, &one, id, 1),
    )
    .await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_new_edition_leaves_old_papers_as_they_were() {
    let town = with_editions().await;
    let first = town.cloud.tenant(TOWN).unwrap().forms().unwrap();
    send(&town, 1, Some(first.etag.clone())).await;
    send(&town, 2, None).await;
    let before = [see(&town, &pdf_of(1)).await, see(&town, &pdf_of(2)).await];
    let second = publish(
        town.folder.path(),
        retitled("住民異動届（新様式）", SignedDuration::from_hours(1)),
        "2.json",
    );
    let now_published = town.cloud.tenant(TOWN).unwrap().forms().unwrap();
    assert_eq!(now_published.etag, second, "the new edition is in use");
    for (id, before) in [1, 2].into_iter().zip(before) {
        assert_eq!(before.status, 200);
        let after = see(&town, &pdf_of(id)).await;
        assert!(after.body == before.body, "application {id}");
    }
    town.clock.set(now() + SignedDuration::from_hours(2));
    send(&town, 3, Some(second)).await;
    send(&town, 4, None).await;
    let (old, new) = (see(&town, &pdf_of(1)).await, see(&town, &pdf_of(3)).await);
    assert_eq!(new.status, 200);
    assert!(new.body != old.body);
    let page = |id: u128| pdf_of(id).replace("/forms/1", "");
    for (id, title) in [(1, false), (2, false), (3, true), (4, true)] {
        let page = see(&town, &page(id)).await.text();
        assert_eq!(page.contains("（新様式）"), title, "application {id}");
    }
}

#[tokio::test]
async fn an_edition_that_is_gone_is_named_and_no_other_takes_its_place() {
    let town = with_editions().await;
    let second = publish(
        town.folder.path(),
        retitled("住民異動届（新様式）", SignedDuration::from_hours(1)),
        "2.json",
    );
    send(&town, 1, Some(second.clone())).await;
    assert_eq!(see(&town, &pdf_of(1)).await.status, 200);
    std::fs::remove_file(town.folder.path().join("forms/2.json")).unwrap();
    let answer = see(&town, &pdf_of(1)).await;
    assert_eq!(answer.problem(), "edition_missing");
    assert!(answer.text().contains("put its file back"));
    let page = see(&town, &pdf_of(1).replace("/forms/1", "")).await;
    let text = page.text();
    assert!(
        text.contains("この書類を表示できません"),
        "the values stay readable"
    );
    assert!(text.contains("見本　花子"));
}

#[tokio::test]
async fn an_edition_dated_ahead_is_not_in_use_before_its_time() {
    let town = with_editions().await;
    let in_use = || {
        town.cloud
            .tenant(TOWN)
            .unwrap()
            .forms()
            .unwrap()
            .etag
            .clone()
    };
    let first = in_use();
    let later = SignedDuration::from_hours(72);
    let ahead = publish(
        town.folder.path(),
        retitled("来年の異動届", later),
        "9.json",
    );
    assert_eq!(in_use(), first, "it waits");
    let soon = retitled("今日の異動届", SignedDuration::from_hours(1));
    let soon = publish(town.folder.path(), soon, "2.json");
    assert_eq!(in_use(), soon, "and keeps nobody out");
    town.clock.set(now() + later);
    assert_eq!(in_use(), ahead);
}
