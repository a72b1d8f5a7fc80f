//! People: what they may do, and how they get in.

use axum::body::Body;
use axum::http::Request;
use cloud_api::staff::{Enrolled, Password, SecondFactor};
use cloud_store::audit::Actor;
use cloud_store::{Permission, Realm, Rights, Role};

use crate::town::{Answer, TOWN, Town, send, town};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn factor() -> SecondFactor {
    SecondFactor::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap()
}

/// Adds somebody who can log in at once.
pub(crate) async fn add(town: &Town, realm: &Realm, login: &str, rights: Rights) {
    let key = town.cloud.realm_key(realm).unwrap();
    let enrolled = Enrolled {
        password: Password::typed(PASSWORD.to_owned()),
        factor: factor(),
    };
    town.cloud
        .add_enrolled(
            realm,
            &key,
            Actor::Command,
            (login, "見本　職員"),
            rights,
            enrolled,
        )
        .await
        .unwrap();
}

pub(crate) async fn form(town: &Town, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = serde_urlencoded::to_string(fields).unwrap();
    let request = Request::post(path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    send(town.office(), request).await
}

pub(crate) async fn look(town: &Town, cookie: &str, path: &str) -> Answer {
    let request = Request::get(path).header("cookie", cookie);
    send(town.office(), request.body(Body::empty()).unwrap()).await
}

/// The cookie that an answer sets.
pub(crate) fn cookie(answer: &Answer) -> String {
    let all = answer.headers["set-cookie"].to_str().unwrap();
    all.split(';').next().unwrap().to_owned()
}

/// Both steps, as a browser sends them.
pub(crate) async fn log_in(town: &Town, realm: &str, login: &str) -> String {
    let fields = [("login", login), ("password", PASSWORD)];
    let first = form(town, "", &format!("/console/{realm}/log-in"), &fields).await;
    assert_eq!(first.status, 303, "{}", first.text());
    let code = factor().code(town.cloud.clock.now());
    let second = form(
        town,
        &cookie(&first),
        &format!("/console/{realm}/code"),
        &[("code", &code)],
    )
    .await;
    assert_eq!(second.status, 303, "{}", second.text());
    assert_eq!(second.headers["location"], format!("/console/{realm}"));
    cookie(&second)
}

/// A full session of somebody with this role, who is added for it.
pub(crate) async fn cookie_of(town: &Town, realm: &str, role: Role) -> String {
    let parsed: Realm = realm.parse().unwrap();
    let login = format!(
        "{}-{}",
        role.as_str().replace('_', "-"),
        uuid::Uuid::new_v4().simple()
    );
    let login = &login[..40.min(login.len())];
    add(town, &parsed, login, Rights::of([role])).await;
    log_in(town, realm, login).await
}

pub(crate) async fn clerk_of(town: &Town, realm: &str) -> String {
    cookie_of(town, realm, Role::Clerk).await
}

/// The session's form token, as its pages carry it.
pub(crate) fn csrf(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"csrf\" value=\"")
        .expect("no csrf field");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_matrix_is_this() {
    let rows: Vec<String> = Role::ALL
        .iter()
        .map(|role| {
            let marks: String = Permission::ALL
                .iter()
                .map(|action| {
                    if Rights::of([*role]).may(*action) {
                        '●'
                    } else {
                        '・'
                    }
                })
                .collect();
            format!("{marks} {}", role.as_str())
        })
        .collect();
    assert_eq!(
        rows,
        [
            // list read claim correct state others hand-off interview kiosks manage catalogue trail staff masters clients towns
            "●●●●●・●●●・・・・・・・ clerk",
            "●●●●●●●●●・・・・・・・ supervisor",
            "・・・・・・・●・・●・・・・・ catalogue_editor",
            "・・・・・・・・・・・●・・・・ auditor",
            "・・・・・・・・●●・・・・・・ fleet_manager",
            "・・・・・・・・●・・・●●●・ tenant_admin",
            "・・・・・・・・・・・・●・・● platform_operator",
        ]
    );
}

#[test]
fn single_rights_stand_beside_roles() {
    let mut rights = Rights::of([Role::Clerk]);
    rights.granted.insert(Permission::ReadTrail);
    rights.withheld.insert(Permission::HandOff);
    assert!(rights.may(Permission::ReadTrail) && rights.may(Permission::ReadApplication));
    assert!(
        !rights.may(Permission::HandOff),
        "withheld is stronger than the role"
    );
    rights.granted.insert(Permission::HandOff);
    assert!(!rights.may(Permission::HandOff), "and than a grant");
}

#[test]
fn words_are_kept_and_read_back() {
    for role in Role::ALL {
        assert_eq!(Role::from_word(role.as_str()), Some(*role));
    }
    for action in Permission::ALL {
        assert_eq!(Permission::from_word(action.as_str()), Some(*action));
    }
    assert_eq!(Role::from_word("emperor"), None);
}

#[tokio::test]
async fn an_invitation_makes_a_person_once() {
    let town = town().await;
    let realm: Realm = TOWN.parse().unwrap();
    let key = town.cloud.realm_key(&realm).unwrap();
    let invite = |login: &'static str| {
        let (cloud, realm, key) = (&town.cloud, &realm, &key);
        async move {
            cloud
                .invite(
                    realm,
                    key,
                    Actor::Command,
                    (login, "新人　花"),
                    Rights::of([Role::Clerk]),
                )
                .await
        }
    };
    let (_, invitation) = invite("hana").await.unwrap();
    assert!(invite("hana").await.is_err(), "the log-in name is taken");
    assert!(invite("花").await.is_err(), "a log-in name is plain ASCII");

    let place = format!("/console/{TOWN}/enrol/{}", invitation.reveal());
    let page = look(&town, "", &place).await.text();
    assert!(page.contains("新人　花") && page.contains("<svg"));
    let (_, factor) = town.cloud.invited(&realm, &key, &invitation).await.unwrap();
    let grouped = factor
        .base32()
        .as_bytes()
        .chunks(4)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect::<Vec<_>>()
        .join(" ");
    assert!(page.contains(&grouped), "the secret can be typed, too");

    let code = factor.code(town.cloud.clock.now());
    for (password, again, code, why) in [
        ("short", "short", code.as_str(), "12文字以上"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", &code, "同じ文字だけ"),
        (
            "hana is my login name",
            "hana is my login name",
            &code,
            "ログイン名を含めない",
        ),
        (PASSWORD, "another one", &code, "同じではありません"),
        (PASSWORD, PASSWORD, "000000", "6桁の数字が正しくありません"),
    ] {
        let fields = [("password", password), ("again", again), ("code", code)];
        let answer = form(&town, "", &place, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(why), "{why}");
    }
    let fields = [
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", code.as_str()),
    ];
    assert_eq!(form(&town, "", &place, &fields).await.status, 200);
    assert_eq!(form(&town, "", &place, &fields).await.status, 404, "once");
    assert_eq!(look(&town, "", &place).await.status, 404);

    town.clock
        .set(town.cloud.clock.now() + jiff::SignedDuration::from_secs(60));
    let first = form(
        &town,
        "",
        "/console/990019/log-in",
        &[("login", "hana"), ("password", PASSWORD)],
    )
    .await;
    let code = factor.code(town.cloud.clock.now());
    let second = form(
        &town,
        &cookie(&first),
        "/console/990019/code",
        &[("code", &code)],
    )
    .await;
    assert_eq!(second.status, 303);
}

#[tokio::test]
async fn an_old_invitation_is_none() {
    let town = town().await;
    let realm: Realm = TOWN.parse().unwrap();
    let key = town.cloud.realm_key(&realm).unwrap();
    let (_, invitation) = town
        .cloud
        .invite(
            &realm,
            &key,
            Actor::Command,
            ("late", "遅刻"),
            Rights::default(),
        )
        .await
        .unwrap();
    town.clock
        .set(town.cloud.clock.now() + jiff::SignedDuration::from_hours(73));
    let place = format!("/console/{TOWN}/enrol/{}", invitation.reveal());
    let answer = look(&town, "", &place).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("期限が切れた"));
}

#[tokio::test]
async fn who_has_left_is_out_at_once() {
    let town = town().await;
    let realm: Realm = TOWN.parse().unwrap();
    let session = clerk_of(&town, TOWN).await;
    assert_eq!(look(&town, &session, "/console/990019").await.status, 200);
    let mut person = town.cloud.store.people(&realm).await.unwrap().remove(0);
    person.left_at = Some(town.cloud.clock.now());
    let record = cloud_store::audit::AuditRecord::new(
        town.cloud.clock.now(),
        Actor::Command,
        cloud_store::audit::AuditEvent::StaffChanged,
    );
    town.cloud
        .store
        .change_person(&realm, &person, None, &record)
        .await
        .unwrap();
    let answer = look(&town, &session, "/console/990019").await;
    assert_eq!(answer.status, 303, "to the log-in");
    let fields = [("login", person.login.as_str()), ("password", PASSWORD)];
    let again = form(&town, "", "/console/990019/log-in", &fields).await;
    assert_eq!(again.status, 401);
    assert!(!again.text().contains("退職"), "it does not tell why");
    let trail = town.cloud.store.trail(&realm, 1, 100).await.unwrap();
    assert!(
        trail
            .iter()
            .any(|entry| entry.detail.contains(r#""by":"unknown login""#))
    );
}
