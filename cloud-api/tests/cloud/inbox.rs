//! The inbox: searched by names that are not stored, one clerk at a time, states that follow their order, corrections that
//! keep what was before.

use cloud_api::audit::{Actor, Deed, Note};
use cloud_api::inbox::{Index, NameKey, Protection, State, fold};
use cloud_api::staff::{Action, Rights, Role};
use cloud_api::store::{Claimed, InboxFilter, Move, NewApplication, Realm, Store};
use cloud_api::tenant::RealmKey;
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use proptest::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::card::now;
use crate::device_api::{application, seal};
use crate::people::{add, clerk_of, cookie_of, csrf, form, log_in, look};
use crate::postgres::Cluster;
use crate::town::{Answer, Choice, TOWN, Town, post};

fn key() -> NameKey {
    NameKey::of(&RealmKey::new(Zeroizing::new(vec![7; 32])))
}

#[test]
fn spellings_of_one_name_are_one() {
    for (one, other) in [
        ("ワタナベ　ハナコ", "わたなべはなこ"),
        ("ガッツ", "カツツ"),
        ("ユーキ", "ユキ"),
        ("ｷﾑﾗ ﾊﾅｺ", "キムラ　ハナコ"),
        ("渡邉󠄂　髙志", "渡辺高志"),
        ("齋藤", "斎藤"),
        ("Nguyễn Văn A", "ＮＧＵＹỄＮ　ＶĂＮ　Ａ"),
        ("ヴー・ティ", "ウテイ"),
    ] {
        assert_eq!(fold(one), fold(other), "{one} {other}");
    }
    assert_ne!(fold("田中"), fold("中田"));
}

#[test]
fn a_name_is_found_by_its_whole_its_parts_and_its_beginnings() {
    let tokens = key().tokens("タナカ　ハナコ");
    let finds = |typed: &str| {
        let (whole, beginning) = key().wanted(typed).unwrap();
        (
            tokens.contains(&whole),
            beginning.is_some_and(|token| tokens.contains(&token)),
        )
    };
    for typed in ["たなかはなこ", "タナカ", "はなこ", "たな", "タナカハ"] {
        assert!(finds(typed).0, "{typed}");
    }
    assert_eq!(
        finds("たなかはなえ"),
        (false, true),
        "then its beginning is compared"
    );
    assert_eq!(finds("なかはなこ"), (false, false));
    assert!(key().wanted("　").is_none());
    let other = NameKey::of(&RealmKey::new(Zeroizing::new(vec![8; 32])));
    assert!(
        other
            .tokens("タナカ")
            .iter()
            .all(|token| !tokens.contains(token)),
        "another town's tokens differ"
    );
}

fn note(deed: Deed) -> Note {
    Note::new(now(), Actor::Command, deed)
}

fn code() -> TenantCode {
    TOWN.parse().unwrap()
}

pub(crate) fn new(id: u128, name: &str, at: Timestamp) -> NewApplication {
    NewApplication {
        tenant: code(),
        id: ApplicationId(Uuid::from_u128(id)),
        kiosk: "kiosk-1".parse().unwrap(),
        reception: "03-260427-0015-4".to_owned(),
        event: "move_in".to_owned(),
        as_of: "2026-04-27".to_owned(),
        forms: 1,
        card: "none".to_owned(),
        notes: 0,
        received_at: at,
        envelope: vec![1],
        index: Index {
            due: Some(format!("2026-05-{:02}", id % 28 + 1)),
            counters: [if id.is_multiple_of(2) {
                "tax"
            } else {
                "my_number"
            }
            .to_owned()]
            .into(),
            names: key().tokens(name).into_iter().collect(),
        },
        protection: Protection::Waiting,
    }
}

async fn conforms(store: &Store) {
    lists_narrow(store).await;
    one_clerk_at_a_time(store).await;
    states_follow_their_order(store).await;
}

async fn lists_narrow(store: &Store) {
    for (id, name) in [(1, "田中　花子"), (2, "田中　太郎"), (3, "鈴木　一")] {
        let at = now() + SignedDuration::from_secs(i64::try_from(id).unwrap());
        store.insert_application(new(id, name, at)).await.unwrap();
    }
    let found = async |filter: InboxFilter| -> Vec<u128> {
        let rows = store.inbox(&code(), &filter, 10).await.unwrap();
        rows.iter().map(|row| row.id.0.as_u128()).collect()
    };
    let by = |change: &dyn Fn(&mut InboxFilter)| {
        let mut filter = InboxFilter::default();
        change(&mut filter);
        filter
    };
    assert_eq!(found(by(&|_| ())).await, [3, 2, 1], "newest first");
    let token = |typed: &str| Some(key().wanted(typed).unwrap().0);
    assert_eq!(
        found(by(&|filter| filter.name = token("田中"))).await,
        [2, 1]
    );
    assert_eq!(found(by(&|filter| filter.name = token("太郎"))).await, [2]);
    assert_eq!(
        found(by(&|filter| filter.counter = Some("tax".to_owned()))).await,
        [2]
    );
    assert_eq!(
        found(by(&|filter| filter.counter = Some("number".to_owned()))).await,
        [0u128; 0],
        "an id, not a part of one"
    );
    assert_eq!(
        found(by(
            &|filter| filter.due_until = Some("2026-05-03".to_owned())
        ))
        .await,
        [2, 1]
    );
    assert_eq!(
        found(by(&|filter| filter.state = Some(State::Done))).await,
        [0u128; 0]
    );
    assert_eq!(
        store.count_by_state(&code()).await.unwrap(),
        [(State::Received, 3)]
    );
}

async fn one_clerk_at_a_time(store: &Store) {
    let id = ApplicationId(Uuid::from_u128(1));
    let until = now() + SignedDuration::from_mins(30);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            let staff = format!("s{n}");
            let claimed = store
                .claim(&code(), id, &staff, (now(), until), &note(Deed::Claimed))
                .await;
            (staff, claimed.unwrap())
        });
    }
    let outcomes = tasks.join_all().await;
    let holders: Vec<_> = outcomes
        .iter()
        .filter(|(_, claimed)| *claimed == Claimed::Yes)
        .collect();
    assert_eq!(holders.len(), 1);
    let holder = holders[0].0.clone();
    assert!(
        outcomes.iter().all(
            |(staff, claimed)| *staff == holder || *claimed == Claimed::ByOther(holder.clone())
        )
    );
    let claim = async |staff: &str, at: Timestamp| {
        let until = at + SignedDuration::from_mins(30);
        store
            .claim(&code(), id, staff, (at, until), &note(Deed::Claimed))
            .await
            .unwrap()
    };
    assert_eq!(
        claim(&holder, now()).await,
        Claimed::Yes,
        "again makes it longer"
    );
    assert_eq!(claim("late", until).await, Claimed::Yes, "a claim ends");
    assert!(
        !store
            .release(&code(), id, Some("somebody"), &note(Deed::Released))
            .await
            .unwrap()
    );
    assert!(
        store
            .release(&code(), id, None, &note(Deed::Released))
            .await
            .unwrap()
    );
    let trail = store.trail(&Realm::Town(code()), 1, 1000).await.unwrap();
    let claims = trail.iter().filter(|entry| entry.deed == "claimed").count();
    assert_eq!(claims, 3, "one note for each claim that was");
}

/// Every order of five moves, against a model: the state is what the last allowed move made it.
async fn states_follow_their_order(store: &Store) {
    let (id, staff) = (ApplicationId(Uuid::from_u128(2)), "kubo");
    let until = now() + SignedDuration::from_hours(9);
    let mut state = State::Received;
    let mut steps = 0usize;
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..60usize {
        let (from, to) = (State::ALL[n % 4], State::ALL[(n * 7 / 4) % 4]);
        if state == State::Done {
            break;
        }
        let claimed = n % 3 != 0;
        if claimed {
            store
                .claim(&code(), id, staff, (now(), until), &note(Deed::Claimed))
                .await
                .unwrap();
        } else {
            store
                .release(&code(), id, None, &note(Deed::Released))
                .await
                .unwrap();
        }
        let wanted = Move {
            from,
            to,
            claimed_by: Some(staff),
            reason: None,
            now: now(),
        };
        let moved = store
            .move_application(&code(), id, &wanted, &note(Deed::StateChanged), None)
            .await
            .unwrap();
        assert_eq!(
            moved,
            claimed && from == state && from.goes_to(to),
            "{n}: {from:?} to {to:?}"
        );
        if moved {
            (state, steps) = (to, steps + 1);
            seen.insert(to);
        }
        let (row, _) = store.application(&code(), id).await.unwrap().unwrap();
        assert_eq!(row.state, state);
        assert!(
            !matches!(state, State::Done | State::Returned) || row.claim.is_none() || !moved,
            "what leaves the counter is put back"
        );
    }
    assert!(
        steps > 3 && seen.contains(&State::Returned),
        "{steps} {seen:?}"
    );

    let robot = ApplicationId(Uuid::from_u128(3));
    let by_robot = |from, to| Move {
        from,
        to,
        claimed_by: None,
        reason: None,
        now: now(),
    };
    store
        .claim(&code(), robot, staff, (now(), until), &note(Deed::Claimed))
        .await
        .unwrap();
    let confirm = by_robot(State::Received, State::Confirmed);
    let moved = async |wanted: &Move<'_>| {
        store
            .move_application(&code(), robot, wanted, &note(Deed::StateChanged), None)
            .await
            .unwrap()
    };
    assert!(
        !moved(&confirm).await,
        "a machine does not reach into a clerk's hands"
    );
    store
        .release(&code(), robot, Some(staff), &note(Deed::Released))
        .await
        .unwrap();
    assert!(
        !moved(&confirm).await,
        "nor for what nobody was asked about yet"
    );
    let (row, _) = store.application(&code(), robot).await.unwrap().unwrap();
    let clear = Protection::Clear;
    store
        .settle_protection(&code(), &row, clear, &note(Deed::Protected))
        .await
        .unwrap();
    assert!(moved(&confirm).await);
    assert!(moved(&by_robot(State::Confirmed, State::Done)).await);
    assert!(
        !moved(&by_robot(State::Done, State::Received)).await,
        "done stays done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    let store = Store::open(&url, None).await.unwrap();
    conforms(&store).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let cluster = Cluster::start();
    let store = Store::open(&cluster.url(), None).await.unwrap();
    conforms(&store).await;
    store.close().await;
}

proptest! {
    /// Folding twice is folding once: an index made by one version of a text finds the other.
    #[test]
    fn folding_is_stable(text in "[ぁ-んァ-ヶ一-龠a-zA-Z　ー・が-ぽ]{0,12}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }
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

struct Person<'a> {
    town: &'a Town,
    session: String,
    csrf: String,
}

impl<'a> Person<'a> {
    async fn new(town: &'a Town, role: Role) -> Self {
        let session = cookie_of(town, TOWN, role).await;
        let csrf = csrf(&look(town, &session, "/console/990019/me").await.text());
        Self {
            town,
            session,
            csrf,
        }
    }

    async fn does(&self, what: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        form(self.town, &self.session, &format!("{ONE}/{what}"), &all).await
    }

    async fn page(&self) -> String {
        look(self.town, &self.session, ONE).await.text()
    }
}

#[tokio::test]
async fn a_clerk_takes_corrects_confirms_and_hands_off() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    let other = Person::new(&town, Role::Clerk).await;
    assert!(
        !clerk.page().await.contains("補正</summary>"),
        "nothing is corrected by whoever passes"
    );
    let early = clerk
        .does(
            "correct",
            &[("key", "persons[A].name"), ("text", "見本　華子")],
        )
        .await;
    assert_eq!(early.status, 409);

    assert_eq!(clerk.does("claim", &[]).await.status, 303);
    let refused = other.does("claim", &[]).await;
    assert!(refused.status == 409 && refused.text().contains("ほかの担当者が作業中"));
    let refused = other
        .does("state", &[("from", "received"), ("to", "confirmed")])
        .await;
    assert!(
        refused.text().contains("ほかの担当者が作業中"),
        "{}",
        refused.text()
    );

    for (text, why) in [("", "空欄にはできません"), ("\u{E000}田", "外字")] {
        let refused = clerk
            .does("correct", &[("key", "persons[A].name"), ("text", text)])
            .await;
        assert!(
            refused.status == 409 && refused.text().contains(why),
            "{why}: {}",
            refused.text()
        );
    }
    let unknown = clerk
        .does("correct", &[("key", "persons[Z].name"), ("text", "x")])
        .await;
    assert_eq!(unknown.problem(), "malformed_request");
    assert_eq!(
        clerk
            .does(
                "correct",
                &[("key", "persons[A].name"), ("text", "見本　華子")]
            )
            .await
            .status,
        303
    );
    let page = clerk.page().await;
    assert!(
        page.contains("<del aria-label=\"補正前\">見本　花子</del>")
            && page.contains("見本　華子")
            && page.contains("補正 1件")
    );
    assert!(page.contains("tag fixed"), "its source is staff now");

    let early = clerk.does("hand-off", &[]).await;
    assert!(early.status == 409 && early.text().contains("確認を終えた申請だけ"));
    assert_eq!(
        clerk
            .does("state", &[("from", "received"), ("to", "confirmed")])
            .await
            .status,
        303
    );
    let twice = clerk
        .does("state", &[("from", "received"), ("to", "confirmed")])
        .await;
    assert!(twice.status == 409 && twice.text().contains("現在の状態：確認"));
    assert_eq!(clerk.does("hand-off", &[]).await.status, 303);
    assert_eq!(town.cloud.store.jobs(&code(), 9).await.unwrap().len(), 1);
    assert_eq!(
        clerk.does("hand-off", &[]).await.status,
        303,
        "once is enough"
    );
    assert_eq!(town.cloud.store.jobs(&code(), 9).await.unwrap().len(), 1);

    let realm = Realm::Town(code());
    let deeds: Vec<String> = town
        .cloud
        .store
        .trail(&realm, 1, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.deed)
        .collect();
    for deed in [
        "received",
        "claimed",
        "corrected",
        "state_changed",
        "handed_off",
        "released",
        "opened",
    ] {
        assert!(deeds.iter().any(|own| own == deed), "{deed} is missing");
    }
}

#[tokio::test]
async fn what_goes_back_says_why_and_can_come_again() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    clerk.does("claim", &[]).await;
    let without = clerk
        .does(
            "state",
            &[("from", "received"), ("to", "returned"), ("reason", "whim")],
        )
        .await;
    assert_eq!(without.problem(), "malformed_request");
    clerk
        .does(
            "state",
            &[
                ("from", "received"),
                ("to", "returned"),
                ("reason", "papers_missing"),
            ],
        )
        .await;
    let page = clerk.page().await;
    assert!(
        page.contains("差戻し")
            && page.contains("必要な書類が足りない")
            && page.contains("担当する")
    );
    clerk.does("claim", &[]).await;
    assert_eq!(
        clerk
            .does("state", &[("from", "returned"), ("to", "received")])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a_supervisor_takes_work_out_of_absent_hands() {
    let town = with_one().await;
    let clerk = Person::new(&town, Role::Clerk).await;
    clerk.does("claim", &[]).await;
    let other = Person::new(&town, Role::Clerk).await;
    other.does("release", &[]).await;
    assert!(
        clerk.page().await.contains("担当をやめる"),
        "a colleague cannot"
    );
    let supervisor = Person::new(&town, Role::Supervisor).await;
    assert!(supervisor.page().await.contains("の担当を外す"));
    supervisor.does("release", &[]).await;
    assert_eq!(other.does("claim", &[]).await.status, 303);
}

#[tokio::test]
async fn a_name_is_searched_for_without_standing_in_any_address() {
    let town = with_one().await;
    let session = clerk_of(&town, TOWN).await;
    let token = csrf(&look(&town, &session, "/console/990019").await.text());
    let search = async |typed: &str| {
        let fields = [("csrf", token.as_str()), ("q", typed)];
        form(&town, &session, "/console/990019/find", &fields).await
    };
    for typed in ["見本", "みほん　はなこ", "ﾐﾎﾝ", "はなこ", "見本花子"] {
        let answer = search(typed).await;
        assert_eq!(answer.status, 200, "{typed}");
        assert!(
            answer.text().contains(ONE) && answer.text().contains("見本　花子"),
            "{typed}"
        );
    }
    let nobody = search("みほんはなえ").await.text();
    assert!(nobody.contains("見つかりません") && !nobody.contains(ONE));
    let trail = town
        .cloud
        .store
        .trail(&Realm::Town(code()), 1, 100)
        .await
        .unwrap();
    let searches: Vec<_> = trail
        .iter()
        .filter(|entry| entry.deed == "searched")
        .collect();
    assert_eq!(searches.len(), 6);
    assert!(
        searches
            .iter()
            .all(|entry| !entry.detail.contains('見') && entry.detail.contains("name")),
        "the trail holds no name"
    );
}

#[tokio::test]
async fn a_session_without_the_inbox_is_told_so() {
    let town = with_one().await;
    let mut rights = Rights::of([Role::Clerk]);
    rights.withheld.insert(Action::ListApplications);
    add(&town, &TOWN.parse().unwrap(), "none", rights).await;
    let session = log_in(&town, TOWN, "none").await;
    assert_eq!(look(&town, &session, "/console/990019").await.status, 403);
}

/// A database as the first released program left it.
#[tokio::test]
async fn applications_of_the_first_schema_are_found_after_an_update() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("old.sqlite").display());
    let pool = sqlx::SqlitePool::connect(&format!("{url}?mode=rwc"))
        .await
        .unwrap();
    let first = include_str!("../../migrations/0001_begin.sql").replace("BYTEA", "BLOB");
    sqlx::raw_sql(sqlx::AssertSqlSafe(first))
        .execute(&pool)
        .await
        .unwrap();
    sqlx::raw_sql(
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL); INSERT INTO schema_migrations VALUES (1, 'begin')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let sealing = Town::new(Choice::default()).await;
    for (id, envelope) in [
        (1u128, seal(&sealing, &application(1), 1, 1).to_string()),
        (2, "{}".to_owned()),
    ] {
        sqlx::query("INSERT INTO applications VALUES ('990019', $1, 'kiosk-1', '03-260427-0015-4', 'move_in', '2026-04-27', 1, 'none', 0, 'received', 1777000000000, $2)")
            .bind(Uuid::from_u128(id).to_string())
            .bind(envelope.into_bytes())
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;

    let town = Town::new(Choice {
        store: Some(Store::open(&url, None).await.unwrap()),
        ..Choice::default()
    })
    .await;
    let tenant = town.cloud.tenant(TOWN).unwrap();
    assert_eq!(
        town.cloud.index_old(&tenant).await.unwrap(),
        1,
        "one does not open"
    );
    assert_eq!(town.cloud.index_old(&tenant).await.unwrap(), 0, "once");
    let key = NameKey::of(&tenant.key());
    let filter = InboxFilter {
        name: Some(key.wanted("みほん").unwrap().0),
        ..InboxFilter::default()
    };
    let found = town.cloud.store.inbox(&code(), &filter, 9).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].due.as_deref(), Some("2026-05-11"));
    assert_eq!(
        town.cloud
            .store
            .inbox(&code(), &InboxFilter::default(), 9)
            .await
            .unwrap()
            .len(),
        2,
        "nothing is lost"
    );
}
