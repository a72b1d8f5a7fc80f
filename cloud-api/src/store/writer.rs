//! The writer of applications. On SQLite a commit costs a disk flush whatever is in it, so applications that wait
//! together are committed together; each sender is answered only after that commit. PostgreSQL does this by itself.

use tokio::sync::{mpsc, oneshot};

use super::applications::{Inserted, NewApplication};
use super::audit::note;
use super::inbox::name_rows;
use super::{Db, Lite, StoreError, scope};
use crate::audit::{Actor, Deed, Note};

/// Most applications in one commit.
const MOST: usize = 100;

const INSERT: &str = "INSERT INTO applications \
    (tenant, id, kiosk, reception, event, as_of, forms, card, notes, state, received_at, envelope, due, counters, indexed, protection) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received', $10, $11, $12, $13, 1, $14) ON CONFLICT (tenant, id) DO NOTHING";

type Job = (
    NewApplication,
    oneshot::Sender<Result<Inserted, StoreError>>,
);

/// Handle of the writer.
#[derive(Clone)]
pub(crate) enum Writer {
    /// A task that groups.
    Grouping(mpsc::Sender<Job>),
    /// Straight to the pool.
    Direct(sqlx::PgPool),
}

/// Inserts an application with its index and its note in the trail, all of it or nothing; the same for either database.
macro_rules! insert {
    ($on:expr, $application:expr) => {{
        let application: &NewApplication = $application;
        let rows = sqlx::query(INSERT)
            .bind(application.tenant.as_str().to_owned())
            .bind(application.id.to_string())
            .bind(application.kiosk.as_str().to_owned())
            .bind(application.reception.clone())
            .bind(application.event.clone())
            .bind(application.as_of.clone())
            .bind(application.forms)
            .bind(application.card.clone())
            .bind(application.notes)
            .bind(application.received_at.as_millisecond())
            .bind(application.envelope.clone())
            .bind(application.index.due.clone())
            .bind(application.index.counters_column())
            .bind(application.protection.as_str())
            .execute(&mut *$on)
            .await?
            .rows_affected();
        if rows > 0 {
            name_rows!(
                $on,
                &application.tenant,
                application.id,
                application.received_at,
                &application.index.names
            );
            let note = Note::new(
                application.received_at,
                Actor::Kiosk(application.kiosk.clone()),
                Deed::Received,
            )
            .about(application.id);
            note!($on, &application.tenant, &note);
        }
        inserted(rows)
    }};
}

impl Writer {
    pub(crate) fn start(db: Db) -> Self {
        match db {
            Db::Pg(pool) => Self::Direct(pool),
            Db::Lite(lite) => {
                let (jobs, waiting) = mpsc::channel(MOST * 4);
                tokio::spawn(write(lite, waiting));
                Self::Grouping(jobs)
            }
        }
    }

    pub(crate) async fn insert(&self, application: NewApplication) -> Result<Inserted, StoreError> {
        match self {
            Self::Direct(pool) => {
                let mut tx = scope::begin(pool, &application.tenant).await?;
                let outcome = insert!(tx, &application);
                tx.commit().await?;
                Ok(outcome)
            }
            Self::Grouping(jobs) => {
                let (answer, answered) = oneshot::channel();
                jobs.send((application, answer))
                    .await
                    .map_err(|_| StoreError::Closed)?;
                answered.await.map_err(|_| StoreError::Closed)?
            }
        }
    }
}

fn inserted(rows: u64) -> Inserted {
    if rows == 0 {
        Inserted::Before
    } else {
        Inserted::New
    }
}

async fn write(lite: Lite, mut waiting: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut group, MOST).await > 0 {
        match commit(&lite, &group).await {
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
                    let result = commit(&lite, std::slice::from_ref(&job)).await;
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

async fn commit(lite: &Lite, group: &[Job]) -> Result<Vec<Inserted>, StoreError> {
    let mut tx = lite.write.begin().await?;
    let mut results = Vec::with_capacity(group.len());
    for (application, _) in group {
        results.push(insert!(tx, application));
    }
    tx.commit().await?;
    Ok(results)
}

/// `sqlx::Error` cannot be cloned; the text is enough for the log.
fn error_again(error: &StoreError) -> StoreError {
    StoreError::Row {
        table: "applications",
        reason: error.to_string(),
    }
}
