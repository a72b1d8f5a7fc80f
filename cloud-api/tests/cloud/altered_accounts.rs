//! Who writes the database gives nobody a right: rows of people, sessions and machine clients count for nothing once somebody else
//! than this program wrote them, and are named.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Realm, Rights, Role, RowFinding, Scope, Store};

use crate::card::now;
use crate::clients::{add as add_client, token, token_request};
use crate::dba::Dba;
use crate::people::{add, log_in, look};
use crate::town::{Choice, TOWN, Town, bearer};

struct Attacked {
    town: Town,
    dba: Dba,
    /// The session of a clerk who administers the database.
    clerk: String,
    /// The session of an administrator.
    admin: String,
}

async fn attacked((store, dba): (Store, Dba)) -> Attacked {
    let choice = Choice {
        editions: true,
        store: Some(store),
        ..Choice::default()
    };
    let (town, realm) = (Town::new(choice).await, TOWN.parse::<Realm>().unwrap());
    add(&town, &realm, "kubo", Rights::of([Role::Clerk])).await;
    add(&town, &realm, "kanri", Rights::of([Role::TenantAdmin])).await;
    let clerk = log_in(&town, TOWN, "kubo").await;
    let admin = log_in(&town, TOWN, "kanri").await;
    Attacked {
        town,
        dba,
        clerk,
        admin,
    }
}

impl Attacked {
    /// Runs a statement that changes one row.
    async fn alter(&self, sql: &str) {
        assert_eq!(self.dba.run(sql).await, 1, "{sql}");
    }

    async fn id(&self, login: &str) -> String {
        self.dba
            .text(&format!("SELECT id FROM staff WHERE login = '{login}'"))
            .await
    }

    /// The status of the page that only an administrator sees.
    async fn people_page(&self, cookie: &str) -> u16 {
        look(&self.town, cookie, "/console/990019/people")
            .await
            .status
            .into()
    }

    /// The tables of which `audit verify` names rows.
    async fn named(&self) -> Vec<&'static str> {
        let realm: Realm = TOWN.parse().unwrap();
        let found = self.town.cloud.inspect(&realm).await.unwrap().0;
        let table = |finding: &RowFinding| match finding {
            RowFinding::Account { table, .. } => *table,
            other => panic!("{other}"),
        };
        found.rows.iter().map(table).collect()
    }
}

async fn a_session_is_not_given_to_another((store, dba): (Store, Dba)) {
    let at = attacked((store, dba)).await;
    assert_eq!(at.people_page(&at.admin).await, 200);
    assert_eq!(at.people_page(&at.clerk).await, 403);
    assert_eq!(at.named().await, Vec::<&str>::new());
    let (clerk, admin) = (at.id("kubo").await, at.id("kanri").await);
    at.alter(&format!(
        "UPDATE sessions SET staff = '{admin}' WHERE staff = '{clerk}'"
    ))
    .await;
    assert_eq!(at.people_page(&at.clerk).await, 303, "it is no session");
    assert_eq!(at.people_page(&at.admin).await, 200);
    assert_eq!(at.named().await, ["sessions"]);
}

async fn rights_are_not_widened((store, dba): (Store, Dba)) {
    let at = attacked((store, dba)).await;
    at.alter("UPDATE staff SET roles = 'clerk tenant_admin' WHERE login = 'kubo'")
        .await;
    assert_eq!(at.people_page(&at.clerk).await, 403);
    let own = look(&at.town, &at.clerk, "/console/990019").await.status;
    assert_eq!(own, 403, "nor what they had");
    assert_eq!(at.named().await, ["staff"]);
    // Their row is given no tag by what they do themselves.
    let realm: Realm = TOWN.parse().unwrap();
    let store = &at.town.cloud.store;
    let bound = store.bind_subject(&realm, &at.id("kubo").await, "me").await;
    assert!(
        bound
            .unwrap_err()
            .to_string()
            .contains("was changed in the database")
    );
    assert_eq!(at.named().await, ["staff"]);
    let list = look(&at.town, &at.admin, "/console/990019/people").await;
    assert_eq!(list.text().matches("書き換えの疑い").count(), 1);
    let id = at.id("kubo").await;
    let page = look(&at.town, &at.admin, &format!("/console/990019/people/{id}")).await;
    assert!(page.text().contains("ログインも操作もできません"));
    // Invited again, they begin without rights.
    let record = AuditRecord::new(now(), Actor::Command, AuditEvent::StaffChanged).about(&id);
    let again = store.invite_again(&realm, &id, b"factor", (b"hash", now()), None, &record);
    again.await.unwrap();
    let (person, _) = store.person(&realm, &id).await.unwrap().unwrap();
    assert!(!person.altered && person.rights == Rights::default());
    assert_eq!(at.named().await, Vec::<&str>::new());
}

async fn a_password_is_not_lent((store, dba): (Store, Dba)) {
    let at = attacked((store, dba)).await;
    at.alter(
        "UPDATE staff SET password = (SELECT password FROM staff WHERE login = 'kubo'), \
         totp = (SELECT totp FROM staff WHERE login = 'kubo') WHERE login = 'kanri'",
    )
    .await;
    let realm: Realm = TOWN.parse().unwrap();
    let account = at.town.cloud.store.person_by_login(&realm, "kanri").await;
    let (person, credentials) = account.unwrap().unwrap();
    assert!(person.altered && credentials.password.is_none() && credentials.factor.is_none());
    assert_eq!(
        at.people_page(&at.admin).await,
        403,
        "nobody knows who this is"
    );
    assert_eq!(at.named().await, ["staff"]);
}

async fn a_machine_gets_no_more((store, dba): (Store, Dba)) {
    let at = attacked((store, dba)).await;
    let secret = add_client(&at.town, TOWN, "robot", &[Scope::Jobs]).await;
    let other = add_client(&at.town, TOWN, "tax", &[Scope::Catalogue]).await;
    let robot = token(&at.town, TOWN, "robot", &secret).await;
    let catalogue = async |token: &str| {
        bearer(
            &at.town,
            "GET",
            "/v1/990019/catalogue/contents",
            token,
            None,
        )
        .await
        .status
    };
    let before = catalogue(&robot).await;
    assert_eq!(before, 403);
    at.alter("UPDATE access_tokens SET scopes = 'jobs catalogue' WHERE client = 'robot'")
        .await;
    assert_eq!(catalogue(&robot).await, 401, "it is no token");
    at.alter("UPDATE clients SET scopes = 'jobs catalogue' WHERE id = 'robot'")
        .await;
    at.alter(
        "UPDATE client_secrets SET secret_hash = (SELECT secret_hash FROM client_secrets WHERE client = 'robot') \
         WHERE client = 'tax'",
    )
    .await;
    for (client, secret) in [("robot", &secret), ("tax", &secret), ("tax", &other)] {
        let fields = [("grant_type", "client_credentials")];
        let refused = token_request(&at.town, TOWN, &fields, Some((client, secret))).await;
        assert_eq!(refused.status, 401, "{client}");
    }
    assert_eq!(
        at.named().await,
        ["clients", "client_secrets", "access_tokens"]
    );
}

macro_rules! on_both {
    ($($name:ident $sqlite:ident $postgresql:ident;)*) => {$(
        #[tokio::test]
        async fn $sqlite() {
            $name(Dba::sqlite().await).await;
        }

        #[tokio::test]
        async fn $postgresql() {
            $name(Dba::postgres().await).await;
        }
    )*};
}

on_both! {
    a_session_is_not_given_to_another sqlite_a_session_is_not_given_to_another postgresql_a_session_is_not_given_to_another;
    rights_are_not_widened sqlite_rights_are_not_widened postgresql_rights_are_not_widened;
    a_password_is_not_lent sqlite_a_password_is_not_lent postgresql_a_password_is_not_lent;
    a_machine_gets_no_more sqlite_a_machine_gets_no_more postgresql_a_machine_gets_no_more;
}
