//! The administrator's and the auditor's pages.

use cloud_api::audit::{FAILURES, MANY, OfficeHours, analyse};
use cloud_store::audit::{Entry, GENESIS};
use cloud_store::{Realm, Role};
use jiff::civil::{Weekday, time};
use jiff::{SignedDuration, Timestamp};

use crate::people::{cookie_of, csrf, form, look};
use crate::town::{TOWN, Town, post, town};

pub(crate) struct Person<'a> {
    pub(crate) town: &'a Town,
    pub(crate) session: String,
    pub(crate) csrf: String,
}

impl<'a> Person<'a> {
    pub(crate) async fn new(town: &'a Town, role: Role) -> Self {
        let session = cookie_of(town, TOWN, role).await;
        let csrf = csrf(&look(town, &session, "/console/990019/me").await.text());
        Self {
            town,
            session,
            csrf,
        }
    }

    pub(crate) async fn sees(&self, path: &str) -> String {
        look(self.town, &self.session, &format!("/console/990019/{path}"))
            .await
            .text()
    }

    pub(crate) async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> crate::town::Answer {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        form(
            self.town,
            &self.session,
            &format!("/console/990019/{path}"),
            &all,
        )
        .await
    }
}

#[tokio::test]
async fn an_administrator_invites_changes_and_ends() {
    let town = town().await;
    let admin = Person::new(&town, Role::TenantAdmin).await;
    for (fields, why) in [
        (vec![("login", "hana"), ("name", "花")], "役割を1つ以上"),
        (
            vec![("login", "Hana!"), ("name", "花"), ("role", "clerk")],
            "ログイン名は半角",
        ),
    ] {
        let answer = admin.sends("people", &fields).await;
        assert!(answer.status == 422 && answer.text().contains(why), "{why}");
    }
    let smuggled = [
        ("login", "hana"),
        ("name", "花"),
        ("role", "platform_operator"),
    ];
    assert_eq!(
        admin.sends("people", &smuggled).await.status,
        422,
        "the platform's role is not a town's to give"
    );
    let good = [
        ("login", "hana"),
        ("name", "窓口　花"),
        ("role", "clerk"),
        ("role", "auditor"),
    ];
    let handed = admin.sends("people", &good).await;
    assert!(handed.status == 200 && handed.text().contains("/console/990019/enrol/"));
    let list = admin.sees("people").await;
    assert!(
        list.contains("窓口　花") && list.contains("窓口担当・監査担当") && list.contains("招待中")
    );

    let realm: Realm = TOWN.parse().unwrap();
    let (hana, _) = town
        .cloud
        .store
        .person_by_login(&realm, "hana")
        .await
        .unwrap()
        .unwrap();
    let place = format!("people/{}", hana.id);
    let changed = [
        ("do", "save"),
        ("name", "窓口　華"),
        ("role", "clerk"),
        ("granted", "read_trail"),
        ("withheld", "hand_off"),
    ];
    assert_eq!(admin.sends(&place, &changed).await.status, 303);
    let page = admin.sees(&place).await;
    assert!(
        page.contains("窓口　華")
            && page.contains("value=\"read_trail\" aria-label=\"監査証跡の閲覧を加える\" checked")
    );
    assert_eq!(admin.sends(&place, &[("do", "leave")]).await.status, 303);
    assert!(admin.sees("people").await.contains("退職・異動"));
}

#[tokio::test]
async fn a_town_keeps_an_administrator() {
    let town = town().await;
    let admin = Person::new(&town, Role::TenantAdmin).await;
    let realm: Realm = TOWN.parse().unwrap();
    let own = town.cloud.store.people(&realm).await.unwrap().remove(0);
    let refused = admin
        .sends(
            &format!("people/{}", own.id),
            &[("do", "save"), ("name", "a")],
        )
        .await;
    assert_eq!(refused.problem(), "state_conflict");
    assert!(
        refused
            .text()
            .contains("職員を管理できる人がいなくなります")
    );
    Person::new(&town, Role::TenantAdmin).await;
    let now = admin
        .sends(
            &format!("people/{}", own.id),
            &[("do", "save"), ("name", "a")],
        )
        .await;
    assert_eq!(now.status, 303, "another one is there");
}

#[tokio::test]
async fn the_auditor_sees_each_step_and_that_the_chain_holds() {
    let town = town().await;
    let sealed = crate::device_api::seal(&town, &crate::device_api::application(1), 1, 1);
    post(town.kiosk(), "/v1/990019/applications", &sealed).await;
    let clerk = Person::new(&town, Role::Clerk).await;
    let one = "applications/00000000-0000-0000-0000-000000000001";
    clerk.sees(one).await;
    clerk.sends(&format!("{one}/claim"), &[]).await;
    clerk.sees("trail").await;
    let auditor = Person::new(&town, Role::Auditor).await;
    let page = auditor.sees("trail").await;
    for shown in [
        "改ざんなし",
        "申請の受付",
        "端末 kiosk-1",
        "申請の閲覧",
        "担当開始",
        "権限による拒否",
        "ログイン",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("見本　花子"), "the trail names no resident");
    let narrow = auditor
        .sees("trail?event=claimed&object=00000000-0000-0000-0000-000000000001")
        .await;
    assert!(narrow.contains("1件（新しい順）"));
    assert!(
        auditor
            .sees("trail?day=2001-01-01")
            .await
            .contains("0件（新しい順）")
    );
}

#[tokio::test]
async fn an_operator_sees_towns_in_numbers_and_nothing_of_theirs() {
    let town = town().await;
    let sealed = crate::device_api::seal(&town, &crate::device_api::application(1), 1, 1);
    post(town.kiosk(), "/v1/990019/applications", &sealed).await;
    let session = cookie_of(&town, "platform", Role::PlatformOperator).await;
    let page = look(&town, &session, "/console/platform").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("玄関町") && page.text().contains("1件"));
    for closed in ["/console/990019", "/console/990019/trail"] {
        assert_eq!(look(&town, &session, closed).await.problem(), "not_found");
    }
    let clerk = cookie_of(&town, TOWN, Role::Clerk).await;
    assert_eq!(
        look(&town, &clerk, "/console/platform").await.problem(),
        "not_found"
    );
}

fn entry(at: &str, kind: &str, actor: &str, event: &str, object: &str) -> Entry {
    let at: Timestamp = at.parse().unwrap();
    Entry {
        tenant: TOWN.to_owned(),
        seq: 1,
        at: at.as_millisecond(),
        actor_kind: kind.to_owned(),
        actor: actor.to_owned(),
        event: event.to_owned(),
        object: object.to_owned(),
        detail: "{}".to_owned(),
        previous: GENESIS,
        hash: GENESIS,
        tag: None,
    }
}

#[test]
fn night_holiday_bulk_and_failures_are_found() {
    let closed =
        |day: jiff::civil::Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let hours = OfficeHours {
        opens: time(8, 0, 0, 0),
        closes: time(20, 0, 0, 0),
        closed: &closed,
    };
    let mut entries = vec![
        // 2026-05-11 is a Monday.
        entry("2026-05-11T10:00:00+09:00", "staff", "day", "opened", ""),
        entry("2026-05-11T07:59:59+09:00", "staff", "early", "opened", ""),
        entry(
            "2026-05-11T20:00:00+09:00",
            "staff",
            "late",
            "logged_in",
            "",
        ),
        entry(
            "2026-05-10T12:00:00+09:00",
            "staff",
            "sunday",
            "searched",
            "",
        ),
        entry(
            "2026-05-10T12:00:00+09:00",
            "kiosk",
            "kiosk-1",
            "received",
            "",
        ),
        entry(
            "2026-05-10T12:00:00+09:00",
            "staff",
            "day",
            "logged_out",
            "",
        ),
    ];
    let look = |n: usize, who: &str, seconds: i64| {
        let begin: Timestamp = "2026-05-12T10:00:00+09:00".parse().unwrap();
        let at = begin + SignedDuration::from_secs(i64::try_from(n).unwrap() * seconds);
        entry(&at.to_string(), "staff", who, "opened", "")
    };
    entries.extend((0..MANY).map(|n| look(n, "bulk", 59)));
    entries.extend((0..MANY).map(|n| look(n, "steady", 62)));
    entries.extend((0..FAILURES).map(|_| {
        entry(
            "2026-05-11T10:00:00+09:00",
            "nobody",
            "",
            "log_in_failed",
            "p1",
        )
    }));
    entries.extend((0..FAILURES).map(|n| {
        entry(
            &format!("2026-05-1{n}T10:00:00+09:00"),
            "nobody",
            "",
            "log_in_failed",
            "p2",
        )
    }));
    let found = analyse(&entries, &hours);
    let who = |list: &[(String, usize, Timestamp)]| {
        list.iter()
            .map(|(who, count, _)| (who.clone(), *count))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        who(&found.outside),
        [
            ("early".to_owned(), 1),
            ("late".to_owned(), 1),
            ("sunday".to_owned(), 1)
        ]
    );
    assert_eq!(who(&found.bulk), [("bulk".to_owned(), MANY)]);
    assert_eq!(who(&found.failures), [("p1".to_owned(), FAILURES)]);
}
