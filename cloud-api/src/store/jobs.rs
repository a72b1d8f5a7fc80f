//! The robots' queue. Two robots that ask at once get two jobs: PostgreSQL skips rows that another transaction holds
//! (SKIP LOCKED), SQLite has one writer.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::audit::note;
use super::protection::HELD;
use super::{Store, StoreError, parsed, reading, timestamp, writing};
use crate::audit::{Actor, Deed, Note};
use crate::inbox::Protection;

/// A job that was claimed this often without an end is given to nobody any more.
pub const MOST_ATTEMPTS: i64 = 5;

/// How a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobState {
    /// Nobody has it.
    Waiting,
    /// A robot has it until its lease ends.
    Claimed,
    /// It was typed in.
    Done,
    /// It could not be, or no robot came to an end with it: somebody must look.
    Failed,
}

impl JobState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Claimed, Self::Done, Self::Failed];

    /// As in the store and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreError> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| StoreError::Row {
            table: "jobs",
            reason: format!("state {word:?}"),
        })
    }
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobRow {
    /// Its id.
    pub id: Uuid,
    /// What is to be typed in.
    pub application: ApplicationId,
    /// How it stands.
    pub state: JobState,
    /// Who has it or had it last.
    pub robot: Option<String>,
    /// When the lease ends.
    pub lease_until: Option<Timestamp>,
    /// How often it was claimed.
    pub attempts: i64,
    /// Why it failed; a robot's word.
    pub reason: Option<String>,
    /// Since when it waits.
    pub created_at: Timestamp,
}

/// A job as a list shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobLine {
    /// The job.
    pub job: JobRow,
    /// The application's reception number.
    pub reception: String,
    /// Whether it waits for staff, not for a robot.
    pub held: bool,
}

/// A robot's turn.
pub struct Turn<'a> {
    /// The machine client.
    pub robot: &'a str,
    /// Its own word for this turn; the same word again gets the same job.
    pub claim: Uuid,
    /// Now.
    pub now: Timestamp,
    /// How long the job is its own.
    pub lease: SignedDuration,
}

impl Turn<'_> {
    fn note(&self, deed: Deed, job: &JobRow) -> Note {
        Note::new(self.now, Actor::Client(self.robot.to_owned()), deed)
            .about(job.application)
            .with(json!({ "job": job.id, "state": job.state.as_str(), "reason": job.reason }))
    }
}

/// How a robot ends a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobEnd<'a> {
    /// It was typed in.
    Done,
    /// It could not be; why.
    Failed(&'a str),
    /// Back to the queue.
    Returned,
}

const COLUMNS: &str = "id, application, state, robot, lease_until, attempts, reason, created_at";

type Columns = (
    String,
    String,
    String,
    Option<String>,
    Option<i64>,
    i64,
    Option<String>,
    i64,
);

fn row(columns: Columns) -> Result<JobRow, StoreError> {
    let (id, application, state, robot, lease_until, attempts, reason, created_at) = columns;
    Ok(JobRow {
        id: parsed("jobs", &id)?,
        application: ApplicationId(parsed("jobs", &application)?),
        state: JobState::from_word(&state)?,
        robot,
        lease_until: lease_until.map(|at| timestamp("jobs", at)).transpose()?,
        attempts,
        reason,
        created_at: timestamp("jobs", created_at)?,
    })
}

impl Store {
    /// Puts an application into the queue; `false` when it is there already. One that failed waits again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_job(
        &self,
        tenant: &TenantCode,
        id: Uuid,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, application) = (id.to_string(), application.to_string());
        let rows = writing!(self, tenant, on => sqlx::query(
            "INSERT INTO jobs (tenant, id, application, state, attempts, created_at) VALUES ($1, $2, $3, 'waiting', 0, $4) \
             ON CONFLICT (tenant, application) DO UPDATE SET state = 'waiting', attempts = 0, claim = NULL, reason = NULL, \
             ended_at = NULL WHERE jobs.state = 'failed'",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(application.as_str())
        .bind(now.as_millisecond())
        .execute(&mut *on)
        .await?
        .rows_affected());
        Ok(rows > 0)
    }

    /// Gives the robot the job that has waited longest, also one whose lease has ended; `None` when there is none. One that is
    /// held back for staff waits on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_job(
        &self,
        tenant: &TenantCode,
        turn: &Turn<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let (claim, now) = (turn.claim.to_string(), turn.now.as_millisecond());
        let until = (turn.now + turn.lease).as_millisecond();
        let again = format!(
            "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 AND claim = $2 AND robot = $3 AND state = 'claimed' AND lease_until > $4"
        );
        let next = format!(
            "UPDATE jobs SET state = 'claimed', robot = $2, claim = $3, lease_until = $4, attempts = attempts + 1 \
             WHERE tenant = $1 AND id = (SELECT id FROM jobs WHERE tenant = $1 \
             AND (state = 'waiting' OR (state = 'claimed' AND lease_until <= $5)) \
             AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.tenant = $1 AND a.id = jobs.application AND a.{HELD}) \
             ORDER BY created_at, id LIMIT 1{}) RETURNING {COLUMNS}",
            self.skip_locked()
        );
        let found: Option<JobRow> = writing!(self, tenant, on => {
            sqlx::query(
                "UPDATE jobs SET state = 'failed', reason = 'no_end', ended_at = $2 \
                 WHERE tenant = $1 AND state = 'claimed' AND lease_until <= $2 AND attempts >= $3",
            )
            .bind(tenant.as_str())
            .bind(now)
            .bind(MOST_ATTEMPTS)
            .execute(&mut *on)
            .await?;
            let same: Option<Columns> = sqlx::query_as(AssertSqlSafe(again))
                .bind(tenant.as_str())
                .bind(claim.as_str())
                .bind(turn.robot)
                .bind(now)
                .fetch_optional(&mut *on)
                .await?;
            match same {
                Some(same) => Some(row(same)?),
                None => {
                    let next: Option<Columns> = sqlx::query_as(AssertSqlSafe(next))
                        .bind(tenant.as_str())
                        .bind(turn.robot)
                        .bind(claim.as_str())
                        .bind(until)
                        .bind(now)
                        .fetch_optional(&mut *on)
                        .await?;
                    let next = next.map(row).transpose()?;
                    if let Some(job) = &next {
                        note!(on, tenant, &turn.note(Deed::JobTaken, job));
                    }
                    next
                }
            }
        });
        Ok(found)
    }

    /// Makes a lease longer; `None` when the job is another's by now, or at its end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_job(
        &self,
        tenant: &TenantCode,
        id: Uuid,
        turn: &Turn<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let (id, claim) = (id.to_string(), turn.claim.to_string());
        let until = (turn.now + turn.lease).as_millisecond();
        let renew = format!(
            "UPDATE jobs SET lease_until = $5 WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = 'claimed' \
             RETURNING {COLUMNS}"
        );
        let found: Option<Columns> = writing!(self, tenant, on => sqlx::query_as(AssertSqlSafe(renew))
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(claim.as_str())
            .bind(turn.robot)
            .bind(until)
            .fetch_optional(&mut *on)
            .await?);
        found.map(row).transpose()
    }

    /// Ends a job. Whoever has ended it with this claim may say so again; `None` when the job is another's by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_job(
        &self,
        tenant: &TenantCode,
        id: Uuid,
        turn: &Turn<'_>,
        end: JobEnd<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let (state, reason) = match end {
            JobEnd::Done => (JobState::Done, None),
            JobEnd::Failed(reason) => (JobState::Failed, Some(reason)),
            JobEnd::Returned => (JobState::Waiting, None),
        };
        let (id, claim) = (id.to_string(), turn.claim.to_string());
        let ended_at = (end != JobEnd::Returned).then(|| turn.now.as_millisecond());
        // A second word to the same end finds the job no longer claimed; it is answered, but nothing happens twice.
        let finish = format!(
            "UPDATE jobs SET state = $5, reason = $6, ended_at = $7, lease_until = NULL \
             WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = 'claimed' RETURNING {COLUMNS}"
        );
        let ended = format!(
            "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = $5"
        );
        let found: Option<JobRow> = writing!(self, tenant, on => {
            let finished: Option<Columns> = sqlx::query_as(AssertSqlSafe(finish))
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(claim.as_str())
                .bind(turn.robot)
                .bind(state.as_str())
                .bind(reason)
                .bind(ended_at)
                .fetch_optional(&mut *on)
                .await?;
            if let Some(columns) = finished {
                let job = row(columns)?;
                note!(on, tenant, &turn.note(Deed::JobFinished, &job));
                Some(job)
            } else {
                let before: Option<Columns> = sqlx::query_as(AssertSqlSafe(ended))
                    .bind(tenant.as_str())
                    .bind(id.as_str())
                    .bind(claim.as_str())
                    .bind(turn.robot)
                    .bind(state.as_str())
                    .fetch_optional(&mut *on)
                    .await?;
                before.map(row).transpose()?
            }
        });
        Ok(found)
    }

    /// The newest jobs first, with their reception numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn job_lines(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<JobLine>, StoreError> {
        let jobs = self.jobs(tenant, most).await?;
        let mut lines = Vec::with_capacity(jobs.len());
        for job in jobs {
            let id = job.application.to_string();
            let found: Option<(String, String)> = reading!(self, tenant, on => sqlx::query_as(
                "SELECT reception, protection FROM applications WHERE tenant = $1 AND id = $2",
            )
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *on)
            .await?);
            let (reception, protection) = found.unwrap_or_default();
            let held = Protection::from_word(&protection).is_some_and(Protection::holds);
            lines.push(JobLine {
                job,
                reception,
                held,
            });
        }
        Ok(lines)
    }

    /// Whether an application's job has failed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_failed_job(
        &self,
        tenant: &TenantCode,
        application: ApplicationId,
    ) -> Result<bool, StoreError> {
        let id = application.to_string();
        let (count,): (i64,) = reading!(self, tenant, on => sqlx::query_as(
            "SELECT count(*) FROM jobs WHERE tenant = $1 AND application = $2 AND state = 'failed'",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(count > 0)
    }

    /// Whether there is a job of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_job(&self, tenant: &TenantCode, id: Uuid) -> Result<bool, StoreError> {
        let id = id.to_string();
        let (count,): (i64,) = reading!(self, tenant, on => sqlx::query_as(
            "SELECT count(*) FROM jobs WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(count > 0)
    }

    /// The newest jobs first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jobs(&self, tenant: &TenantCode, most: i64) -> Result<Vec<JobRow>, StoreError> {
        let list = format!(
            "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 ORDER BY created_at DESC, id LIMIT $2"
        );
        let rows: Vec<Columns> = reading!(self, tenant, on => sqlx::query_as(AssertSqlSafe(list))
            .bind(tenant.as_str())
            .bind(most)
            .fetch_all(&mut *on)
            .await?);
        rows.into_iter().map(row).collect()
    }

    /// What makes a choice of rows skip those that another transaction is choosing.
    pub(super) fn skip_locked(&self) -> &'static str {
        match self.db {
            super::Db::Lite(_) => "",
            super::Db::Pg(_) => " FOR UPDATE SKIP LOCKED",
        }
    }
}
