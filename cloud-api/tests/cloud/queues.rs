//! The robots' queue and webhooks on their way, held against SQLite and PostgreSQL.

use std::collections::BTreeMap;

use cloud_store::{
    ApplicationCursor, DeliveryOutcome, JobEnd, JobLease, JobState, MOST_ATTEMPTS, NewDelivery,
    Store,
};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use uuid::Uuid;

use crate::card::now;
use crate::postgres::Cluster;
use crate::town::{OTHER, TOWN};

fn code(text: &str) -> TenantCode {
    text.parse().unwrap()
}

fn turn(robot: &str, claim: u128, at: Timestamp) -> JobLease<'_> {
    JobLease {
        robot,
        claim: Uuid::from_u128(claim),
        now: at,
        length: SignedDuration::from_secs(60),
    }
}

async fn enqueue(store: &Store, tenant: &str, number: u128) -> bool {
    let (id, application) = (
        Uuid::from_u128(number),
        ApplicationId(Uuid::from_u128(number)),
    );
    let at = now() + SignedDuration::from_millis(number as i64);
    store
        .enqueue_job(&code(tenant), id, application, at)
        .await
        .unwrap()
}

async fn conforms(store: &Store) {
    robots_race_and_each_job_is_done_once(store).await;
    a_lease_that_ends_gives_the_job_to_another(store).await;
    a_job_that_nobody_ends_is_given_up(store).await;
    deliveries_are_taken_once_and_come_again(store).await;
    lists_page_by_page(store).await;
}

async fn robots_race_and_each_job_is_done_once(store: &Store) {
    const JOBS: u128 = 60;
    for number in 1..=JOBS {
        assert!(enqueue(store, TOWN, number).await);
        assert!(
            !enqueue(store, TOWN, number).await,
            "an application has one job"
        );
    }
    enqueue(store, OTHER, 1).await;
    let mut robots = tokio::task::JoinSet::new();
    for robot in ["a", "b", "c", "d"] {
        let store = store.clone();
        robots.spawn(async move {
            let (town, mut typed) = (code(TOWN), Vec::new());
            for claim in 0.. {
                let word = u128::from(robot.as_bytes()[0]) << 64 | claim;
                let turn = turn(robot, word, now() + SignedDuration::from_secs(1));
                let Some(job) = store.claim_job(&town, &turn).await.unwrap() else {
                    return typed;
                };
                let again = store.claim_job(&town, &turn).await.unwrap().unwrap();
                assert_eq!(again.id, job.id, "the same word gets the same job");
                let ended = store
                    .end_job(&town, job.id, &turn, JobEnd::Done)
                    .await
                    .unwrap();
                assert_eq!(ended.unwrap().state, JobState::Done);
                typed.push(job.application);
            }
            typed
        });
    }
    let typed: Vec<Vec<ApplicationId>> = robots.join_all().await;
    let mut counts: BTreeMap<u128, usize> = BTreeMap::new();
    for id in typed.iter().flatten() {
        *counts.entry(id.0.as_u128()).or_default() += 1;
    }
    assert_eq!(counts.len() as u128, JOBS);
    assert!(counts.values().all(|times| *times == 1), "{counts:?}");
    let foreign = store.jobs(&code(OTHER), 10).await.unwrap();
    assert_eq!(
        foreign[0].state,
        JobState::Waiting,
        "another town's job stays its own"
    );
}

async fn a_lease_that_ends_gives_the_job_to_another(store: &Store) {
    let town = code(TOWN);
    enqueue(store, TOWN, 100).await;
    let start = now() + SignedDuration::from_secs(10);
    let first = turn("a", 1 << 100, start);
    let job = store.claim_job(&town, &first).await.unwrap().unwrap();
    let second = |seconds| turn("b", 2 << 100, start + SignedDuration::from_secs(seconds));
    assert!(
        store.claim_job(&town, &second(59)).await.unwrap().is_none(),
        "it is a's"
    );
    let renewing = turn("a", 1 << 100, start + SignedDuration::from_secs(50));
    assert!(
        store
            .renew_job(&town, job.id, &renewing)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .claim_job(&town, &second(109))
            .await
            .unwrap()
            .is_none(),
        "renewed"
    );
    let taken = store.claim_job(&town, &second(110)).await.unwrap().unwrap();
    assert_eq!((taken.id, taken.attempts), (job.id, 2));
    for late in [JobEnd::Done, JobEnd::Failed("x"), JobEnd::Returned] {
        assert!(
            store
                .end_job(&town, job.id, &renewing, late)
                .await
                .unwrap()
                .is_none(),
            "a was too slow"
        );
    }
    assert!(
        store
            .renew_job(&town, job.id, &renewing)
            .await
            .unwrap()
            .is_none()
    );
    let thief = turn("c", 2 << 100, start);
    assert!(
        store
            .end_job(&town, job.id, &thief, JobEnd::Done)
            .await
            .unwrap()
            .is_none()
    );
    let back = store
        .end_job(&town, job.id, &second(111), JobEnd::Returned)
        .await
        .unwrap();
    assert_eq!(back.unwrap().state, JobState::Waiting);
    let third = turn("c", 3 << 100, start);
    store.claim_job(&town, &third).await.unwrap().unwrap();
    for _ in 0..2 {
        let failed = store
            .end_job(&town, job.id, &third, JobEnd::Failed("glyph"))
            .await
            .unwrap();
        assert_eq!(
            failed.unwrap().reason.as_deref(),
            Some("glyph"),
            "saying so twice is once"
        );
    }
    assert!(
        store
            .end_job(&town, job.id, &third, JobEnd::Done)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        enqueue(store, TOWN, 100).await,
        "what failed may be handed off again"
    );
    let fourth = turn("c", 4 << 100, start);
    let job = store.claim_job(&town, &fourth).await.unwrap().unwrap();
    assert_eq!((job.attempts, job.reason), (1, None));
    store
        .end_job(&town, job.id, &fourth, JobEnd::Done)
        .await
        .unwrap()
        .unwrap();
    assert!(!enqueue(store, TOWN, 100).await, "what is done is not");
}

async fn a_job_that_nobody_ends_is_given_up(store: &Store) {
    let town = code(TOWN);
    enqueue(store, TOWN, 200).await;
    let at = |n: i64| now() + SignedDuration::from_mins(10 + 2 * n);
    for n in 0..MOST_ATTEMPTS {
        let claim = 5 << 100 | u128::from(n.unsigned_abs());
        assert!(
            store
                .claim_job(&town, &turn("a", claim, at(n)))
                .await
                .unwrap()
                .is_some()
        );
    }
    let last = turn("a", 6 << 100, at(MOST_ATTEMPTS));
    assert!(store.claim_job(&town, &last).await.unwrap().is_none());
    let jobs = store.jobs(&town, 200).await.unwrap();
    let job = jobs
        .iter()
        .find(|job| job.application.0.as_u128() == 200)
        .unwrap();
    assert_eq!(
        (job.state, job.reason.as_deref()),
        (JobState::Failed, Some("no_end"))
    );
}

async fn lists_page_by_page(store: &Store) {
    let town = code(TOWN);
    for number in [3, 1, 2] {
        let at = now() + SignedDuration::from_secs(i64::try_from(number / 2).unwrap());
        let one = crate::store::application(TOWN, number, at);
        store.insert_application(one).await.unwrap();
    }
    let page = store
        .applications_after(&town, None, None, 2)
        .await
        .unwrap();
    let ids: Vec<u128> = page.iter().map(|row| row.id.0.as_u128()).collect();
    assert_eq!(ids, [1, 2], "as they came, then by id");
    let after = ApplicationCursor {
        received_at: page[1].received_at,
        id: page[1].id,
    };
    let rest = store
        .applications_after(&town, Some(after), Some("received"), 9)
        .await
        .unwrap();
    assert_eq!(rest[0].id.0.as_u128(), 3);
    let done = store
        .applications_after(&town, None, Some("done"), 9)
        .await
        .unwrap();
    assert!(done.is_empty());
    let lines = store.job_lines(&town, 200).await.unwrap();
    let line = lines
        .iter()
        .find(|line| line.job.application.0.as_u128() == 1)
        .unwrap();
    assert_eq!(line.reception, page[0].reception);
    let failed = ApplicationId(Uuid::from_u128(200));
    assert!(store.has_failed_job(&town, failed).await.unwrap());
    assert!(!store.has_failed_job(&code(OTHER), failed).await.unwrap());
}

async fn deliveries_are_taken_once_and_come_again(store: &Store) {
    let (town, turn) = (code(TOWN), SignedDuration::from_secs(60));
    let told = NewDelivery {
        hooks: vec!["one".to_owned(), "two".to_owned()],
        event: "event".to_owned(),
        body: "{}".to_owned(),
        at: now(),
    };
    for _ in 0..2 {
        store.enqueue_deliveries(&town, &told).await.unwrap();
    }
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let store = store.clone();
        takers.spawn(async move { store.take_delivery(&code(TOWN), now(), turn).await.unwrap() });
    }
    let mut taken: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
    taken.sort_by(|a, b| a.hook.cmp(&b.hook));
    let hooks: Vec<&str> = taken.iter().map(|one| one.hook.as_str()).collect();
    assert_eq!(hooks, ["one", "two"], "each once");

    let later = now() + SignedDuration::from_secs(30);
    store
        .finish_delivery(&town, &taken[0], &DeliveryOutcome::Arrived, now())
        .await
        .unwrap();
    let again = DeliveryOutcome::Again(later, "status 500".to_owned());
    store
        .finish_delivery(&town, &taken[1], &again, now())
        .await
        .unwrap();
    assert!(
        store
            .take_delivery(&town, now(), turn)
            .await
            .unwrap()
            .is_none()
    );
    let second = store
        .take_delivery(&town, later, turn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((second.hook.as_str(), second.attempts), ("two", 2));
    // The replica that took it dies: it is due again after its turn, and what the dead one says late is not heard.
    let third = store
        .take_delivery(&town, later + turn, turn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(third.attempts, 3);
    store
        .finish_delivery(&town, &second, &DeliveryOutcome::Arrived, later)
        .await
        .unwrap();
    let dead = DeliveryOutcome::Dead("status 410".to_owned());
    store
        .finish_delivery(&town, &third, &dead, later)
        .await
        .unwrap();
    let letters = store.dead_letters(&town, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].problem.as_deref(), Some("status 410"));
    assert!(
        store
            .dead_letters(&code(OTHER), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !store
            .revive_delivery(&code(OTHER), ("two", "event"), later)
            .await
            .unwrap()
    );
    assert!(
        store
            .revive_delivery(&town, ("two", "event"), later)
            .await
            .unwrap()
    );
    assert!(
        store
            .take_delivery(&town, later, turn)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    conforms(&Store::open(&url, None).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    conforms(&store).await;
    store.close().await;
}
