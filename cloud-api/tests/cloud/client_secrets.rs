//! A machine client from its registration to its end: whoever registers it never sees what opens its doors.

use cloud_store::Role;
use jiff::SignedDuration;

use crate::administration::Person;
use crate::clients::token_request;
use crate::people::{PASSWORD, factor, form, look};
use crate::town::{TOWN, Town, town};

const FIELDS: [(&str, &str); 3] = [
    ("name", "税"),
    ("scope", "jobs"),
    ("scope", "applications:read"),
];

/// What the pages show between `<code>` and `</code>`.
fn codes(page: &str) -> Vec<String> {
    let parts = page.split("<code>").skip(1);
    parts
        .filter_map(|rest| Some(rest.split("</code>").next()?.to_owned()))
        .collect()
}

struct Fetched {
    id: String,
    secret: String,
    number: String,
}

async fn fetch(town: &Town, place: &str) -> Fetched {
    let asked = look(town, "", place).await;
    assert!(
        asked.status == 200 && codes(&asked.text()).is_empty(),
        "following the address shows nothing"
    );
    let shown = form(town, "", place, &[]).await;
    assert_eq!(shown.status, 200);
    let all = codes(&shown.text());
    Fetched {
        id: all[0].clone(),
        secret: all[1].clone(),
        number: all[3].clone(),
    }
}

async fn opens(town: &Town, id: &str, secret: &str) -> bool {
    let fields = [("grant_type", "client_credentials")];
    token_request(town, TOWN, &fields, Some((id, secret)))
        .await
        .status
        == 200
}

/// Password and code again.
async fn proves(town: &Town, who: &Person<'_>) {
    let code = factor().code(town.cloud.clock.now());
    let fields = [("password", PASSWORD), ("code", code.as_str())];
    assert_eq!(who.sends("again", &fields).await.status, 303);
}

#[tokio::test]
async fn a_client_works_when_a_second_person_knows_who_has_its_secret() {
    let town = town().await;
    let giver = Person::new(&town, Role::TenantAdmin).await;
    let second = Person::new(&town, Role::TenantAdmin).await;
    let nothing = giver.sends("clients", &[("name", "税")]).await;
    assert_eq!(nothing.problem(), "malformed_request");
    let handed = giver.sends("clients", &FIELDS).await.text();
    assert!(!handed.contains("client_secret"));
    let place = codes(&handed)[0].clone();
    let early = second.sees("people").await;
    assert!(early.contains("受け取り待ち"));

    let fetched = fetch(&town, &place).await;
    assert_eq!(form(&town, "", &place, &[]).await.status, 404, "once");
    assert!(
        !opens(&town, &fetched.id, &fetched.secret).await,
        "not yet, whoever fetched it"
    );
    let client = format!("clients/{}", fetched.id);
    let confirm = [("do", "confirm"), ("number", fetched.number.as_str())];
    assert_eq!(
        giver.sends(&client, &confirm).await.status,
        422,
        "not by the giver"
    );
    let wrong = [("do", "confirm"), ("number", "0000-0000")];
    assert!(
        second
            .sends(&client, &wrong)
            .await
            .text()
            .contains("確認番号が違います")
    );
    assert_eq!(second.sends(&client, &confirm).await.status, 303);
    assert!(opens(&town, &fetched.id, &fetched.secret).await);
    let page = second.sees("people").await;
    assert!(
        page.contains("2027年4月27日") && !page.contains(&fetched.secret),
        "{page}"
    );

    assert_eq!(second.sends(&client, &[("do", "revoke")]).await.status, 303);
    assert_eq!(
        second.sends(&client, &[("do", "revoke")]).await.problem(),
        "not_found"
    );
    assert!(!opens(&town, &fetched.id, &fetched.secret).await);
    assert!(second.sees("people").await.contains("失効"));
}

#[tokio::test]
async fn two_secrets_hold_while_a_service_changes_over_and_each_has_an_end() {
    let town = town().await;
    let giver = Person::new(&town, Role::TenantAdmin).await;
    let second = Person::new(&town, Role::TenantAdmin).await;
    let place = codes(&giver.sends("clients", &FIELDS).await.text())[0].clone();
    let old = fetch(&town, &place).await;
    let client = format!("clients/{}", old.id);
    let confirm = [("do", "confirm"), ("number", old.number.as_str())];
    second.sends(&client, &confirm).await;

    let place = codes(&giver.sends(&client, &[("do", "renew")]).await.text())[0].clone();
    let new = fetch(&town, &place).await;
    assert_eq!(new.id, old.id);
    assert!(opens(&town, &old.id, &old.secret).await && !opens(&town, &new.id, &new.secret).await);
    let confirm = [("do", "confirm"), ("number", new.number.as_str())];
    assert_eq!(second.sends(&client, &confirm).await.status, 303);
    assert!(opens(&town, &old.id, &old.secret).await && opens(&town, &new.id, &new.secret).await);
    let later = |days: i64| {
        town.clock
            .set(town.cloud.clock.now() + SignedDuration::from_hours(24 * days))
    };
    later(14);
    assert!(
        !opens(&town, &old.id, &old.secret).await,
        "the overlap is over"
    );
    assert!(opens(&town, &new.id, &new.secret).await);
    later(351);
    assert!(!opens(&town, &new.id, &new.secret).await, "a year");
}

#[tokio::test]
async fn an_address_that_nobody_used_in_time_is_none() {
    let town = town().await;
    let giver = Person::new(&town, Role::TenantAdmin).await;
    let handed = giver.sends("clients", &FIELDS).await.text();
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_hours(73));
    let answer = look(&town, "", &codes(&handed)[0]).await;
    assert!(answer.status == 404 && answer.text().contains("このアドレスは使えません"));
}

#[tokio::test]
async fn a_renewal_asks_for_password_and_code_again() {
    let town = town().await;
    let giver = Person::new(&town, Role::TenantAdmin).await;
    let place = codes(&giver.sends("clients", &FIELDS).await.text())[0].clone();
    let fetched = fetch(&town, &place).await;
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_mins(6));
    let client = format!("clients/{}", fetched.id);
    let answer = giver.sends(&client, &[("do", "renew")]).await;
    assert!(
        answer.headers["location"]
            .to_str()
            .unwrap()
            .contains("/again?back=")
    );
    proves(&town, &giver).await;
    assert_eq!(giver.sends(&client, &[("do", "renew")]).await.status, 200);
}
