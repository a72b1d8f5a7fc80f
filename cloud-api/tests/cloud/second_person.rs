//! Nobody gives rights alone: not to themselves, not by an invitation that they use, not by a grant.

use cloud_store::audit::{Actor, Entry};
use cloud_store::{Permission, Realm, Rights, Role};
use jiff::SignedDuration;

use crate::administration::Person;
use crate::people::{PASSWORD, add, cookie, csrf, factor, form, log_in, look};
use crate::town::{TOWN, Town, town};

fn realm() -> Realm {
    TOWN.parse().unwrap()
}

async fn admins(town: &Town) -> (Person<'_>, Person<'_>) {
    let first = Person::new(town, Role::TenantAdmin).await;
    (first, Person::new(town, Role::TenantAdmin).await)
}

async fn person(town: &Town, login: &str) -> cloud_store::Person {
    let found = town.cloud.store.person_by_login(&realm(), login).await;
    found.unwrap().unwrap().0
}

async fn trail(town: &Town, event: &str) -> Vec<Entry> {
    let all = town.cloud.store.trail(&realm(), 1, 1_000).await.unwrap();
    all.into_iter()
        .filter(|entry| entry.event == event)
        .collect()
}

/// The address that the page shows.
fn invitation(page: &str) -> String {
    let (_, rest) = page.split_once("/console/990019/enrol/").unwrap();
    format!("/console/990019/enrol/{}", rest.split('<').next().unwrap())
}

/// Uses an invitation and logs in, as whoever has its address can; gives the session and what the page said.
async fn enrol(town: &Town, place: &str) -> (String, String) {
    let bearer = cloud_api::staff::Bearer::presented(place.rsplit('/').next().unwrap());
    let key = town.cloud.realm_key(&realm()).unwrap();
    let (person, factor) = town
        .cloud
        .invited(&realm(), &key, &bearer)
        .await
        .ok()
        .unwrap();
    let code = factor.code(town.cloud.clock.now());
    let fields = [("password", PASSWORD), ("again", PASSWORD), ("code", &code)];
    let done = form(town, "", place, &fields).await;
    assert_eq!(done.status, 200, "{}", done.text());
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_secs(60));
    let both = [("login", person.login.as_str()), ("password", PASSWORD)];
    let half = cookie(&form(town, "", "/console/990019/log-in", &both).await);
    let code = factor.code(town.cloud.clock.now());
    let whole = form(town, &half, "/console/990019/code", &[("code", &code)]).await;
    assert_eq!(whole.status, 303);
    (cookie(&whole), done.text())
}

/// What a person's page shows to be confirmed, as its form sends it back.
fn seen(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
    let value = rest.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&#34;", "\"")
}

fn number(page: &str) -> String {
    let (_, rest) = page.split_once("確認番号は ").unwrap();
    rest.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_gives_an_invitation_gets_nothing_by_using_it() {
    let town = town().await;
    let (giver, second) = admins(&town).await;
    let fields = [("login", "hana"), ("name", "花"), ("role", "supervisor")];
    let place = invitation(&giver.sends("people", &fields).await.text());
    let (session, said) = enrol(&town, &place).await;
    let refused = look(&town, &session, "/console/990019").await;
    assert_ne!(
        refused.status, 200,
        "the giver, as who was invited, sees no application"
    );
    let number = number(&said);
    assert!(
        look(&town, &session, "/console/990019/me")
            .await
            .text()
            .contains(&number)
    );

    let hana = format!("people/{}", person(&town, "hana").await.id);
    let own = giver.sees(&hana).await;
    assert!(own.contains("招待や依頼をした本人は確認できません") && own.contains("staff confirm"));
    let page = second.sees(&hana).await;
    let seen = seen(&page);
    let confirm = |number: String, seen: String| {
        [
            ("do", "confirm".to_owned()),
            ("number", number),
            ("seen", seen),
        ]
    };
    async fn sends(
        who: &Person<'_>,
        place: &str,
        fields: [(&str, String); 3],
    ) -> crate::town::Answer {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        who.sends(place, &fields).await
    }
    let by_giver = sends(&giver, &hana, confirm(number.clone(), seen.clone())).await;
    assert_eq!(
        by_giver.status, 422,
        "not by the giver, who may have the number"
    );
    let guessed = sends(
        &second,
        &hana,
        confirm("0000-0000".to_owned(), seen.clone()),
    )
    .await;
    assert!(guessed.status == 422 && guessed.text().contains("確認番号が違います"));
    let other = sends(&second, &hana, confirm(number.clone(), "{}".to_owned())).await;
    assert!(other.status == 422 && other.text().contains("内容が変わっています"));
    assert_eq!(
        sends(&second, &hana, confirm(number, seen)).await.status,
        303
    );
    assert_eq!(look(&town, &session, "/console/990019").await.status, 200);
    assert!(
        trail(&town, "staff_confirmed").await[0]
            .detail
            .contains("supervisor")
    );
}

#[tokio::test]
async fn nobody_is_confirmed_before_they_have_enrolled() {
    let town = town().await;
    let (giver, second) = admins(&town).await;
    let fields = [("login", "hana"), ("name", "花"), ("role", "clerk")];
    giver.sends("people", &fields).await;
    let hana = person(&town, "hana").await;
    let place = format!("people/{}", hana.id);
    assert!(
        second
            .sees(&place)
            .await
            .contains("初回登録がまだ終わっていません")
    );
    let number = hana.unconfirmed.unwrap().confirmation_number;
    let seen = cloud_api::staff::rights_detail(&Rights::default(), &hana.rights).to_string();
    let fields = [
        ("do", "confirm"),
        ("number", number.as_str()),
        ("seen", &seen),
    ];
    assert_eq!(second.sends(&place, &fields).await.status, 422);
}

#[tokio::test]
async fn an_invitation_again_gives_its_giver_nothing_either() {
    let town = town().await;
    add(&town, &realm(), "kubo", Rights::of([Role::Clerk])).await;
    let (giver, _second) = admins(&town).await;
    let kubo = format!("people/{}", person(&town, "kubo").await.id);
    let place = invitation(&giver.sends(&kubo, &[("do", "invite")]).await.text());
    let (session, _) = enrol(&town, &place).await;
    assert_ne!(look(&town, &session, "/console/990019").await.status, 200);
    for path in ["find", "applications/00000000-0000-0000-0000-000000000001"] {
        let answer = look(&town, &session, &format!("/console/990019/{path}")).await;
        assert_ne!(answer.status, 200, "{path}");
    }
    let own = look(&town, &giver.session, "/console/990019/people")
        .await
        .text();
    assert!(own.contains("▲ 確認待ち"));
}

#[tokio::test]
async fn nobody_gives_themselves_a_right() {
    let town = town().await;
    let (admin, _) = admins(&town).await;
    let own = town.cloud.store.people(&realm()).await.unwrap();
    let me = look(&town, &admin.session, "/console/990019/me")
        .await
        .text();
    let own = own.into_iter().find(|one| me.contains(&one.login)).unwrap();
    let place = format!("people/{}", own.id);
    for more in [("granted", "read_application"), ("role", "supervisor")] {
        let fields = [
            ("do", "save"),
            ("name", "a"),
            ("role", "tenant_admin"),
            more,
        ];
        let refused = admin.sends(&place, &fields).await;
        assert!(
            refused.status == 422 && refused.text().contains("自分自身については"),
            "{more:?}"
        );
    }
    let fields = [("do", "invite")];
    assert_eq!(admin.sends(&place, &fields).await.problem(), "not_allowed");
    assert_eq!(person(&town, &own.login).await.rights, own.rights);
}

#[tokio::test]
async fn more_rights_wait_for_a_second_person_and_fewer_do_not() {
    let town = town().await;
    add(&town, &realm(), "kubo", Rights::of([Role::Clerk])).await;
    let (asker, second) = admins(&town).await;
    let place = format!("people/{}", person(&town, "kubo").await.id);
    let fields = [
        ("do", "save"),
        ("name", "久保"),
        ("role", "clerk"),
        ("granted", "read_trail"),
        ("withheld", "hand_off"),
    ];
    assert_eq!(asker.sends(&place, &fields).await.status, 303);
    let kubo = person(&town, "kubo").await;
    assert!(!kubo.may(Permission::ReadTrail), "not yet");
    assert!(!kubo.may(Permission::HandOff), "at once");
    let asked = &trail(&town, "rights_asked").await[0].detail;
    for part in [
        r#""granted":["read_trail"]"#,
        r#""granted_before":[]"#,
        r#""withheld":["hand_off"]"#,
        r#""roles_before":["clerk"]"#,
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    let seen = seen(&second.sees(&place).await);
    let agree = [("do", "agree"), ("seen", seen.as_str())];
    assert_eq!(
        asker.sends(&place, &agree).await.status,
        422,
        "not by whoever asked"
    );
    let session = log_in(&town, TOWN, "kubo").await;
    let csrf = csrf(&look(&town, &session, "/console/990019/me").await.text());
    let own = [("csrf", csrf.as_str()), ("do", "agree"), ("seen", &seen)];
    let by_kubo = form(&town, &session, &format!("/console/990019/{place}"), &own).await;
    assert_eq!(by_kubo.problem(), "not_allowed");
    assert_eq!(
        second
            .sends(&place, &[("do", "agree"), ("seen", "{}")])
            .await
            .status,
        422
    );
    assert_eq!(second.sends(&place, &agree).await.status, 303);
    let kubo = person(&town, "kubo").await;
    assert!(kubo.may(Permission::ReadTrail) && !kubo.may(Permission::HandOff));
    assert_eq!(trail(&town, "rights_granted").await.len(), 1);

    let fields = [("do", "save"), ("name", "久保"), ("role", "clerk")];
    assert_eq!(
        asker.sends(&place, &fields).await.status,
        303,
        "hand-off is asked for"
    );
    assert_eq!(second.sends(&place, &[("do", "decline")]).await.status, 303);
    let kubo = person(&town, "kubo").await;
    assert!(!kubo.may(Permission::HandOff) && !kubo.may(Permission::ReadTrail));
}

#[tokio::test]
async fn who_left_comes_back_only_with_a_second_person() {
    let town = town().await;
    add(&town, &realm(), "kubo", Rights::of([Role::Clerk])).await;
    let (admin, second) = admins(&town).await;
    let place = format!("people/{}", person(&town, "kubo").await.id);
    assert_eq!(admin.sends(&place, &[("do", "leave")]).await.status, 303);
    let fields = [("do", "save"), ("name", "久保"), ("role", "clerk")];
    assert_eq!(admin.sends(&place, &fields).await.status, 303);
    assert!(person(&town, "kubo").await.left_at.is_some());
    let seen = seen(&second.sees(&place).await);
    let agree = [("do", "agree"), ("seen", seen.as_str())];
    assert_eq!(second.sends(&place, &agree).await.status, 303);
    let kubo = person(&town, "kubo").await;
    assert!(kubo.left_at.is_none() && kubo.may(Permission::ReadApplication));
}

#[tokio::test]
async fn the_operator_is_the_second_person_of_a_town_with_one_administrator() {
    let town = town().await;
    let admin = Person::new(&town, Role::TenantAdmin).await;
    let fields = [("login", "hana"), ("name", "花"), ("role", "clerk")];
    let place = invitation(&admin.sends("people", &fields).await.text());
    let (session, said) = enrol(&town, &place).await;
    let hana = person(&town, "hana").await;
    let by = Actor::Command;
    let done = town
        .cloud
        .confirm_person(&realm(), by, &hana, &number(&said))
        .await;
    assert!(done.is_ok());
    assert_eq!(look(&town, &session, "/console/990019").await.status, 200);
    assert_eq!(
        trail(&town, "staff_confirmed").await[0].actor_kind,
        "command"
    );
}

#[tokio::test]
async fn rights_and_clients_ask_for_password_and_code_again() {
    let town = town().await;
    let admin = Person::new(&town, Role::TenantAdmin).await;
    add(&town, &realm(), "kubo", Rights::of([Role::Clerk])).await;
    let kubo = format!("people/{}", person(&town, "kubo").await.id);
    town.clock
        .set(town.cloud.clock.now() + SignedDuration::from_mins(6));
    let invite = [("login", "hana"), ("name", "花"), ("role", "clerk")];
    let client = [("name", "税"), ("scope", "jobs")];
    for (place, fields) in [
        ("people", invite.as_slice()),
        (kubo.as_str(), &[("do", "leave")]),
        ("clients", &client),
    ] {
        let answer = admin.sends(place, fields).await;
        assert_eq!(answer.status, 303, "{place}");
        let to = answer.headers["location"].to_str().unwrap();
        assert!(
            to.starts_with("/console/990019/again?back=/console/990019/people"),
            "{to}"
        );
    }
    assert!(person(&town, "kubo").await.left_at.is_none());
    let code = factor().code(town.cloud.clock.now());
    let back = ("back", "/console/990019/people");
    let wrong = [("password", "wrong"), ("code", code.as_str()), back];
    assert_eq!(admin.sends("again", &wrong).await.status, 422);
    let wrong = [("password", PASSWORD), ("code", "000000"), back];
    assert_eq!(admin.sends("again", &wrong).await.status, 422);
    let right = [("password", PASSWORD), ("code", code.as_str()), back];
    let proven = admin.sends("again", &right).await;
    assert_eq!(proven.headers["location"], "/console/990019/people");
    assert_eq!(admin.sends("people", &invite).await.status, 200);
}
