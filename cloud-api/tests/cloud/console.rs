//! What a clerk sees.

use axum::body::Body;
use axum::http::Request;

use crate::device_api::{application, seal};
use crate::people::{clerk_of, cookie_of, csrf, form, look};
use crate::town::{Answer, Choice, OTHER, TOWN, Town, get, post, send, town};

/// As the town's clerk sees it.
async fn see(town: &Town, path: &str) -> Answer {
    look(town, &clerk_of(town, TOWN).await, path).await
}

async fn with_one() -> Town {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let answer = post(
        town.kiosk(),
        "/v1/990019/applications",
        &seal(&town, &application(1), 1, 1),
    )
    .await;
    assert_eq!(answer.status, 201);
    town
}

const ONE: &str = "/console/990019/applications/00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn the_list_shows_what_came() {
    let town = with_one().await;
    let towns = get(town.office(), "/").await.text();
    assert!(
        towns.contains("玄関町") && !towns.contains("1件"),
        "outside nobody sees more than names"
    );
    let list = see(&town, "/console/990019").await.text();
    let reception = application(1).reception.unwrap();
    assert!(list.contains(&reception) && list.contains(ONE) && list.contains("確認済み"));
    assert!(!list.contains("見本　花子"), "the list names nobody");
}

#[tokio::test]
async fn one_application_shows_values_with_their_sources() {
    let town = with_one().await;
    let page = see(&town, ONE).await.text();
    for shown in [
        "見本　花子",
        ">住基<",
        "0312345678",
        ">申告<",
        "転入届",
        "2026年5月11日",
        "住民異動届",
        "/forms/1/pages/1",
        "昼間の連絡先電話番号",
    ] {
        assert!(page.contains(shown), "{shown} is missing");
    }
    assert!(!page.contains("persons[A]"), "keys are not words");
}

#[tokio::test]
async fn values_cannot_become_markup() {
    let town = town().await;
    let mut wicked = application(2);
    wicked.values.set(
        "applicant.phone",
        "<script>alert(1)</script>",
        application::Source::Resident,
    );
    post(
        town.kiosk(),
        "/v1/990019/applications",
        &seal(&town, &wicked, 2, 1),
    )
    .await;
    let answer = see(&town, &ONE.replace("0001", "0002")).await;
    assert!(!answer.text().contains("<script>"));
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn its_paper_is_a_pdf() {
    let town = with_one().await;
    let answer = see(&town, &format!("{ONE}/forms/1")).await;
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert!(answer.body.starts_with(b"%PDF-"));
    assert_eq!(
        see(&town, &format!("{ONE}/forms/1")).await.body,
        answer.body,
        "the same bytes each time"
    );
    for none in ["forms/0", "forms/2", "forms/x"] {
        assert_eq!(
            see(&town, &format!("{ONE}/{none}")).await.problem(),
            "not_found"
        );
    }
}

#[tokio::test]
async fn its_pages_are_pictures() {
    let town = with_one().await;
    let answer = see(&town, &format!("{ONE}/forms/1/pages/1")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "image/png");
    assert!(answer.body.starts_with(&[0x89, b'P', b'N', b'G']));
    for none in ["pages/0", "pages/2", "pages/x"] {
        let path = format!("{ONE}/forms/1/{none}");
        assert_eq!(see(&town, &path).await.problem(), "not_found");
    }
    let other = see(&town, &format!("{ONE}?paper=7")).await.text();
    assert!(other.contains("この書類を表示できません") && other.contains("見本　花子"));
}

#[tokio::test]
async fn a_scanned_code_and_a_typed_number_open_the_application() {
    let town = with_one().await;
    let reception = application(1).reception.unwrap();
    let code = paper::code::Code {
        tenant: "990019".to_owned(),
        reception: reception.clone(),
        application: application(1).id,
    };
    let session = clerk_of(&town, TOWN).await;
    let csrf = csrf(&look(&town, &session, "/console/990019").await.text());
    let find = async |typed: &str| {
        let fields = [("csrf", csrf.as_str()), ("q", typed)];
        form(&town, &session, "/console/990019/find", &fields).await
    };
    for typed in [code.text(), reception.clone(), reception.replace('-', "")] {
        let answer = find(&typed).await;
        assert_eq!(answer.status, 303, "{typed}");
        assert_eq!(answer.headers["location"], ONE);
    }
    let other_number = paper::code::Code {
        reception: application::reception_number(9, jiff::civil::date(2026, 4, 27), 1).unwrap(),
        ..code
    };
    for typed in [other_number.text(), other_number.reception.clone()] {
        let answer = find(&typed).await.text();
        assert!(answer.contains("申請は届いていません"), "{typed}");
    }
    let answer = find("\"><script>").await.text();
    assert!(answer.contains("受付番号が正しくありません") && !answer.contains("<script>"));
}

#[tokio::test]
async fn nothing_of_another_town_and_nothing_that_is_not_there() {
    let town = with_one().await;
    for path in [
        &ONE.replace("990019", "990027"),
        "/console/131016",
        "/console/990019/applications/x",
        "/none",
    ] {
        assert_eq!(see(&town, path).await.problem(), "not_found", "{path}");
    }
    let foreign = clerk_of(&town, OTHER).await;
    for path in [ONE, "/console/990019"] {
        let answer = look(&town, &foreign, path).await;
        assert_eq!(answer.problem(), "not_found", "{path}");
    }
}

#[tokio::test]
async fn a_person_gets_a_refusal_as_a_page() {
    let town = with_one().await;
    let cookie = cookie_of(&town, TOWN, cloud_store::Role::Auditor).await;
    let request = Request::get(ONE)
        .header("cookie", &cookie)
        .header("accept", "text/html,*/*;q=0.8")
        .body(Body::empty())
        .unwrap();
    let answer = send(town.office(), request).await;
    assert_eq!(answer.status, 403);
    let page = answer.text();
    assert!(page.contains("権限がありません") && page.contains("必要な権限：申請の閲覧"));
    assert!(!page.contains("見本　花子"));
}

#[tokio::test]
async fn a_name_that_is_rebound_to_loopback_reaches_nothing() {
    let town = with_one().await;
    for (host, status) in [
        ("evil.example", 404),
        ("evil.example:8080", 404),
        ("localhost:8080", 303),
        ("127.0.0.1:8080", 303),
        ("[::1]:80", 303),
    ] {
        let request = Request::get("/console/990019")
            .header("host", host)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            send(town.office(), request).await.status.as_u16(),
            status,
            "{host}"
        );
    }
}
