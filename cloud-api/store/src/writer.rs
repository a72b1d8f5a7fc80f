//! The writer of applications. A commit costs a disk flush whatever is in it, and a town's trail lets one transaction in at a
//! time; so applications that wait together are committed together, and each sender is answered only after that commit.
//! SQLite has one writer for all towns; on PostgreSQL each town has its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;
use tokio::sync::{mpsc, oneshot};

use crate::application_row::{Id, Inserted, NewApplication};
use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::connection::Connection;
use crate::database::Database;
use crate::index::keep_names;
use crate::keys::Keys;
use crate::query::{Query, placeholders, query};
use crate::row_tag::{envelope_digest, protection_columns, tag_of_new};
use crate::{ApplicationStatus, RealmKeys, StoreError};

/// Most applications in one commit.
const MOST: usize = 100;

/// An application that waits to be committed, and where its sender waits.
struct Job {
    application: NewApplication,
    answer: oneshot::Sender<Result<Inserted, StoreError>>,
}

/// Applications of one commit that were not there before.
type Stored = BTreeSet<(TenantCode, ApplicationId)>;

/// Handle of the writers; each is a task that groups what waits for it.
#[derive(Clone)]
pub(crate) struct Writer {
    database: Database,
    keys: Arc<Keys>,
    /// By town; on SQLite one for all.
    towns: Arc<Mutex<BTreeMap<Option<TenantCode>, mpsc::Sender<Job>>>>,
}

impl Writer {
    pub(crate) fn new(database: Database, keys: Arc<Keys>) -> Self {
        Self {
            database,
            keys,
            towns: Arc::default(),
        }
    }

    pub(crate) async fn insert(&self, application: NewApplication) -> Result<Inserted, StoreError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.of(&application.tenant);
        let sent = jobs
            .send(Job {
                application,
                answer,
            })
            .await;
        sent.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// The task of a town, which begins with its first application.
    fn of(&self, town: &TenantCode) -> mpsc::Sender<Job> {
        let whose = match self.database {
            Database::Sqlite(_) => None,
            Database::Postgres(_) => Some(town.clone()),
        };
        let mut towns = self.towns.lock().unwrap_or_else(PoisonError::into_inner);
        let start = || {
            let (jobs, waiting) = mpsc::channel(MOST * 4);
            let keys = Arc::clone(&self.keys);
            tokio::spawn(write(self.database.clone(), keys, waiting));
            jobs
        };
        towns.entry(whose).or_insert_with(start).clone()
    }
}

async fn write(database: Database, keys: Arc<Keys>, mut waiting: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut group, MOST).await > 0 {
        match commit(&database, &keys, &group).await {
            Ok(stored) => answer(group.drain(..), stored),
            // One bad row must not refuse the others: each alone.
            Err(error) if group.len() > 1 && !error.is_of_the_database() => {
                for job in group.drain(..) {
                    write_alone(&database, &keys, job).await;
                }
            }
            Err(error) => {
                for job in group.drain(..) {
                    // A sender that has gone away (its connection was cut) will ask again with the same id.
                    drop(job.answer.send(Err(error_again(&error))));
                }
            }
        }
    }
}

async fn write_alone(database: &Database, keys: &Arc<Keys>, job: Job) {
    match commit(database, keys, std::slice::from_ref(&job)).await {
        Ok(stored) => answer([job], stored),
        Err(error) => drop(job.answer.send(Err(error))),
    }
}

/// Tells each sender what became of its application; the second of two with one id is there already, as it would be a moment
/// later.
fn answer(group: impl IntoIterator<Item = Job>, mut stored: Stored) {
    for job in group {
        let key = (job.application.tenant, job.application.id);
        let inserted = if stored.remove(&key) {
            Inserted::New
        } else {
            Inserted::AlreadyStored
        };
        drop(job.answer.send(Ok(inserted)));
    }
}

/// Commits a group. On PostgreSQL it is of one town, whose rows the transaction sees; on SQLite it may be of several.
async fn commit(
    database: &Database,
    keys: &Arc<Keys>,
    group: &[Job],
) -> Result<Stored, StoreError> {
    let Some(first) = group.first() else {
        return Ok(Stored::new());
    };
    let mut towns: BTreeMap<&TenantCode, Vec<&NewApplication>> = BTreeMap::new();
    for Job { application, .. } in group {
        let town = towns.entry(&application.tenant).or_default();
        town.push(application);
    }
    let mut stored = Stored::new();
    let mut connection = database.write(keys, &first.application.tenant).await?;
    for (tenant, applications) in towns {
        let new = insert(&mut connection, tenant, &applications).await?;
        stored.extend(new.into_iter().map(|id| (tenant.clone(), id)));
    }
    connection.commit().await?;
    Ok(stored)
}

/// Inserts applications of one town with their indexes and audit records; gives the ids that were not there.
async fn insert(
    connection: &mut Connection,
    tenant: &TenantCode,
    applications: &[&NewApplication],
) -> Result<BTreeSet<ApplicationId>, StoreError> {
    let keys = Arc::clone(&connection.keys);
    let insert = insert_rows(keys.of(tenant), tenant, applications);
    let rows: Vec<Id> = connection.fetch_all(insert).await?;
    let new: BTreeSet<ApplicationId> = rows.into_iter().map(|Id(id)| id).collect();
    if !new.is_empty() {
        let firsts = firsts(applications, new.clone());
        let names = firsts
            .iter()
            .map(|one| (one.id, one.received_at, one.index.names.as_slice()));
        keep_names(connection, tenant, &names.collect::<Vec<_>>()).await?;
        let records: Vec<AuditRecord> = firsts.iter().map(|one| received(one)).collect();
        audit::append_all(connection, tenant, &records).await?;
    }
    Ok(new)
}

fn insert_rows(
    keys: Option<&RealmKeys>,
    tenant: &TenantCode,
    applications: &[&NewApplication],
) -> Query {
    let sql = format!(
        "INSERT INTO applications (tenant, id, kiosk, reception, event, as_of, forms, card, notes, state, received_at, \
         envelope, due, counters, indexed, protection, answer, digest, tag) VALUES {} ON CONFLICT (tenant, id) DO NOTHING RETURNING id",
        placeholders(applications.len(), 19)
    );
    applications
        .iter()
        .fold(query(AssertSqlSafe(sql)), |insert, application| {
            let digest = envelope_digest(&application.envelope);
            let tag = keys.map(|keys| tag_of_new(keys, application, &digest));
            let (protection, answer) =
                protection_columns(keys, tenant, application.id, application.protection);
            insert
                .bind(tenant)
                .bind(application.id)
                .bind(&application.kiosk)
                .bind(application.reception.as_str())
                .bind(application.event.as_str())
                .bind(application.as_of.as_str())
                .bind(application.forms)
                .bind(application.card.as_str())
                .bind(application.notes)
                .bind(ApplicationStatus::Received.as_str())
                .bind(application.received_at)
                .bind(application.envelope.as_slice())
                .bind(application.index.due.as_deref())
                .bind(application.index.counters_column())
                .bind(1)
                .bind(protection)
                .bind(answer.as_deref())
                .bind(digest.as_slice())
                .bind(tag.as_ref().map(<[u8; 32]>::as_slice))
        })
}

/// The first application of each id that is new; a kiosk may have sent one twice in a hurry.
fn firsts<'a>(
    applications: &[&'a NewApplication],
    mut new: BTreeSet<ApplicationId>,
) -> Vec<&'a NewApplication> {
    let first = |one: &&&NewApplication| new.remove(&one.id);
    applications.iter().filter(first).copied().collect()
}

fn received(application: &NewApplication) -> AuditRecord {
    let kiosk = Actor::Kiosk(application.kiosk.clone());
    AuditRecord::new(application.received_at, kiosk, AuditEvent::Received).about(application.id)
}

/// `sqlx::Error` cannot be cloned; the text is enough for the log.
fn error_again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Locked => StoreError::Locked,
        StoreError::Full => StoreError::Full,
        StoreError::ReadOnly => StoreError::ReadOnly,
        StoreError::Replaced(file) => StoreError::Replaced(file.clone()),
        StoreError::Corrupt(damage) => StoreError::Corrupt(damage.clone()),
        StoreError::Unwritable(why) => StoreError::Unwritable(why.clone()),
        error => StoreError::Row {
            table: "applications",
            reason: error.to_string(),
        },
    }
}
