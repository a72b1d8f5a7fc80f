//! The writer of applications. A commit costs a disk flush whatever is in it, and a town's trail lets one transaction in at a
//! time; so applications that wait together are committed together, and each sender is answered only after that commit.
//! SQLite has one writer, which is everybody's; on PostgreSQL each town has its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use kiosk_api::TenantCode;
use sqlx::AssertSqlSafe;
use tokio::sync::{mpsc, oneshot};

use super::applications::{Inserted, NewApplication};
use super::audit::notes;
use super::inbox::{name_rows, names_of};
use super::{Db, StoreError, rows, scope};
use crate::audit::{Actor, Deed, Note};

/// Most applications in one commit.
const MOST: usize = 100;

type Job = (
    NewApplication,
    oneshot::Sender<Result<Inserted, StoreError>>,
);

/// Handle of the writers; each is a task that groups what waits for it.
#[derive(Clone)]
pub(crate) struct Writer {
    db: Db,
    /// By town; on SQLite one for all.
    towns: Arc<Mutex<BTreeMap<Option<TenantCode>, mpsc::Sender<Job>>>>,
}

/// Inserts applications of one town with their indexes and notes, all of it or nothing; gives the ids that were not there.
macro_rules! insert {
    ($on:expr, $tenant:expr, $some:expr) => {{
        let (tenant, some): (&TenantCode, &[&NewApplication]) = ($tenant, $some);
        let insert = format!(
            "INSERT INTO applications (tenant, id, kiosk, reception, event, as_of, forms, card, notes, state, received_at, \
             envelope, due, counters, indexed, protection) VALUES {} ON CONFLICT (tenant, id) DO NOTHING RETURNING id",
            rows(some.len(), 16)
        );
        let mut query = sqlx::query_scalar(AssertSqlSafe(insert));
        for application in some {
            query = query
                .bind(tenant.as_str().to_owned())
                .bind(application.id.to_string())
                .bind(application.kiosk.as_str().to_owned())
                .bind(application.reception.clone())
                .bind(application.event.clone())
                .bind(application.as_of.clone())
                .bind(application.forms)
                .bind(application.card.clone())
                .bind(application.notes)
                .bind("received")
                .bind(application.received_at.as_millisecond())
                .bind(application.envelope.clone())
                .bind(application.index.due.clone())
                .bind(application.index.counters_column())
                .bind(1_i64)
                .bind(application.protection.as_str());
        }
        let stored: Vec<String> = query.fetch_all(&mut *$on).await?;
        let new: BTreeSet<String> = stored.into_iter().collect();
        if !new.is_empty() {
            let firsts = firsts(some, &new);
            let names = firsts.iter().flat_map(|one| names_of(one.id, one.received_at, &one.index));
            name_rows!($on, tenant, names.collect());
            let received: Vec<Note> = firsts.iter().map(|one| received(one)).collect();
            notes!($on, tenant, &received);
        }
        new
    }};
}

/// The first application of each id that is new; a kiosk may have sent one twice in a hurry.
fn firsts<'a>(some: &[&'a NewApplication], new: &BTreeSet<String>) -> Vec<&'a NewApplication> {
    let mut left = new.clone();
    let first = |one: &&&NewApplication| left.remove(&one.id.to_string());
    some.iter().filter(first).copied().collect()
}

fn received(application: &NewApplication) -> Note {
    let kiosk = Actor::Kiosk(application.kiosk.clone());
    Note::new(application.received_at, kiosk, Deed::Received).about(application.id)
}

impl Writer {
    pub(crate) fn start(db: Db) -> Self {
        let towns = Arc::default();
        Self { db, towns }
    }

    pub(crate) async fn insert(&self, application: NewApplication) -> Result<Inserted, StoreError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.of(&application.tenant);
        let sent = jobs.send((application, answer)).await;
        sent.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    fn of(&self, town: &TenantCode) -> mpsc::Sender<Job> {
        let whose = match self.db {
            Db::Lite(_) => None,
            Db::Pg(_) => Some(town.clone()),
        };
        let mut towns = self.towns.lock().unwrap_or_else(PoisonError::into_inner);
        let start = || {
            let (jobs, waiting) = mpsc::channel(MOST * 4);
            tokio::spawn(write(self.db.clone(), waiting));
            jobs
        };
        towns.entry(whose).or_insert_with(start).clone()
    }
}

async fn write(db: Db, mut waiting: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut group, MOST).await > 0 {
        match commit(&db, &group).await {
            Ok(results) => {
                for ((_, answer), result) in group.drain(..).zip(results) {
                    // A sender that has gone away (its connection was cut) will ask again with the same id.
                    drop(answer.send(Ok(result)));
                }
            }
            Err(error) if group.len() == 1 => {
                group
                    .drain(..)
                    .for_each(|(_, answer)| drop(answer.send(Err(error_again(&error)))));
            }
            // One bad row must not refuse the others: each alone.
            Err(_) => {
                for job in group.drain(..) {
                    let result = commit(&db, std::slice::from_ref(&job)).await;
                    drop(
                        job.1.send(
                            result.map(|all| all.first().copied().unwrap_or(Inserted::Before)),
                        ),
                    );
                }
            }
        }
    }
}

/// Commits a group, which on PostgreSQL is of one town.
async fn commit(db: &Db, group: &[Job]) -> Result<Vec<Inserted>, StoreError> {
    let mut towns: BTreeMap<&TenantCode, Vec<&NewApplication>> = BTreeMap::new();
    for (application, _) in group {
        towns
            .entry(&application.tenant)
            .or_default()
            .push(application);
    }
    let mut new = BTreeSet::new();
    match db {
        Db::Lite(lite) => {
            let mut tx = lite.write.begin().await?;
            for (tenant, some) in towns {
                let ids = insert!(tx, tenant, &some);
                new.extend(ids.into_iter().map(|id| (tenant.clone(), id)));
            }
            tx.commit().await?;
        }
        Db::Pg(pool) => {
            for (tenant, some) in towns {
                let mut tx = scope::begin(pool, tenant).await?;
                let ids = insert!(tx, tenant, &some);
                tx.commit().await?;
                new.extend(ids.into_iter().map(|id| (tenant.clone(), id)));
            }
        }
    }
    let outcome = |(application, _): &Job| {
        // The second of the same is "before", as it would be a moment later.
        if new.remove(&(application.tenant.clone(), application.id.to_string())) {
            Inserted::New
        } else {
            Inserted::Before
        }
    };
    Ok(group.iter().map(outcome).collect())
}

/// `sqlx::Error` cannot be cloned; the text is enough for the log.
fn error_again(error: &StoreError) -> StoreError {
    StoreError::Row {
        table: "applications",
        reason: error.to_string(),
    }
}
