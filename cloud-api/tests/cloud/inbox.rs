//! The inbox in the store, on either database: lists that narrow, one clerk at a time, states that follow their order.

use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{
    ApplicationStatus, ClaimOutcome, InboxFilter, Index, NewApplication, Protection, Realm,
    SealedNames, StatusChange, Store,
};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use uuid::Uuid;

use crate::card::now;
use crate::names::key;
use crate::postgres::Cluster;
use crate::town::TOWN;

fn note(event: AuditEvent) -> AuditRecord {
    AuditRecord::new(now(), Actor::Command, event)
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
            names: key().seal(&Uuid::from_u128(id).to_string(), [name]),
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
    let named = async |typed: &str| -> Vec<u128> {
        let all = store.sealed_names(&code(), None, 10).await.unwrap();
        let has =
            |one: &&SealedNames| key().contains(&one.cursor.id.to_string(), &one.names, typed);
        all.iter()
            .filter(has)
            .map(|one| one.cursor.id.0.as_u128())
            .collect()
    };
    assert_eq!(named("田中").await, [2, 1], "newest first");
    assert_eq!(named("太郎").await, [2]);
    let first = store.sealed_names(&code(), None, 2).await.unwrap();
    let rest = store.sealed_names(&code(), Some(first[1].cursor), 2).await;
    assert_eq!((first.len(), rest.unwrap().len()), (2, 1), "page by page");
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
        found(by(&|filter| filter.status = Some(ApplicationStatus::Done))).await,
        [0u128; 0]
    );
    assert_eq!(
        store.count_by_status(&code()).await.unwrap(),
        [(ApplicationStatus::Received, 3)]
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
                .claim(
                    &code(),
                    id,
                    &staff,
                    (now(), until),
                    &note(AuditEvent::Claimed),
                )
                .await;
            (staff, claimed.unwrap())
        });
    }
    let outcomes = tasks.join_all().await;
    let holders: Vec<_> = outcomes
        .iter()
        .filter(|(_, claimed)| *claimed == ClaimOutcome::Claimed)
        .collect();
    assert_eq!(holders.len(), 1);
    let holder = holders[0].0.clone();
    assert!(
        outcomes.iter().all(|(staff, claimed)| *staff == holder
            || *claimed == ClaimOutcome::ByOther(holder.clone()))
    );
    let claim = async |staff: &str, at: Timestamp| {
        let until = at + SignedDuration::from_mins(30);
        store
            .claim(&code(), id, staff, (at, until), &note(AuditEvent::Claimed))
            .await
            .unwrap()
    };
    assert_eq!(
        claim(&holder, now()).await,
        ClaimOutcome::Claimed,
        "again makes it longer"
    );
    assert_eq!(
        claim("late", until).await,
        ClaimOutcome::Claimed,
        "a claim ends"
    );
    assert!(
        !store
            .release(&code(), id, Some("somebody"), &note(AuditEvent::Released))
            .await
            .unwrap()
    );
    assert!(
        store
            .release(&code(), id, None, &note(AuditEvent::Released))
            .await
            .unwrap()
    );
    let trail = store.trail(&Realm::Town(code()), 1, 1000).await.unwrap();
    let claims = trail
        .iter()
        .filter(|entry| entry.event == "claimed")
        .count();
    assert_eq!(claims, 3, "one note for each claim that was");
}

/// Every order of five moves, against a model: the state is what the last allowed move made it.
async fn states_follow_their_order(store: &Store) {
    let (id, staff) = (ApplicationId(Uuid::from_u128(2)), "kubo");
    let until = now() + SignedDuration::from_hours(9);
    let mut state = ApplicationStatus::Received;
    let mut steps = 0usize;
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..60usize {
        let (from, to) = (
            ApplicationStatus::ALL[n % 4],
            ApplicationStatus::ALL[(n * 7 / 4) % 4],
        );
        if state == ApplicationStatus::Done {
            break;
        }
        let claimed = n % 3 != 0;
        if claimed {
            store
                .claim(
                    &code(),
                    id,
                    staff,
                    (now(), until),
                    &note(AuditEvent::Claimed),
                )
                .await
                .unwrap();
        } else {
            store
                .release(&code(), id, None, &note(AuditEvent::Released))
                .await
                .unwrap();
        }
        let wanted = StatusChange {
            from,
            to,
            claimed_by: Some(staff),
            reason: None,
            now: now(),
        };
        let moved = store
            .change_status(&code(), id, &wanted, &note(AuditEvent::StateChanged), None)
            .await
            .unwrap();
        assert_eq!(
            moved,
            claimed && from == state && from.can_become(to),
            "{n}: {from:?} to {to:?}"
        );
        if moved {
            (state, steps) = (to, steps + 1);
            seen.insert(to);
        }
        let (row, _) = store.application(&code(), id).await.unwrap().unwrap();
        assert_eq!(row.status, state);
        assert!(
            !matches!(state, ApplicationStatus::Done | ApplicationStatus::Returned)
                || row.claim.is_none()
                || !moved,
            "what leaves the counter is put back"
        );
    }
    assert!(
        steps > 3 && seen.contains(&ApplicationStatus::Returned),
        "{steps} {seen:?}"
    );

    let robot = ApplicationId(Uuid::from_u128(3));
    let by_robot = |from, to| StatusChange {
        from,
        to,
        claimed_by: None,
        reason: None,
        now: now(),
    };
    store
        .claim(
            &code(),
            robot,
            staff,
            (now(), until),
            &note(AuditEvent::Claimed),
        )
        .await
        .unwrap();
    let confirm = by_robot(ApplicationStatus::Received, ApplicationStatus::Confirmed);
    let moved = async |wanted: &StatusChange<'_>| {
        store
            .change_status(
                &code(),
                robot,
                wanted,
                &note(AuditEvent::StateChanged),
                None,
            )
            .await
            .unwrap()
    };
    assert!(
        !moved(&confirm).await,
        "a machine does not reach into a clerk's hands"
    );
    store
        .release(&code(), robot, Some(staff), &note(AuditEvent::Released))
        .await
        .unwrap();
    assert!(
        !moved(&confirm).await,
        "nor for what nobody was asked about yet"
    );
    let (row, _) = store.application(&code(), robot).await.unwrap().unwrap();
    let clear = Protection::Clear;
    store
        .settle_protection(&code(), &row, clear, &note(AuditEvent::Protected))
        .await
        .unwrap();
    assert!(moved(&confirm).await);
    assert!(
        moved(&by_robot(
            ApplicationStatus::Confirmed,
            ApplicationStatus::Done
        ))
        .await
    );
    assert!(
        !moved(&by_robot(
            ApplicationStatus::Done,
            ApplicationStatus::Received
        ))
        .await,
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
    let store = crate::dba::opened(&cluster).await;
    conforms(&store).await;
    store.close().await;
}
