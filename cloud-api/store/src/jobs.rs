//! The robots' queue. Two robots that ask at once get two jobs: PostgreSQL skips rows that another transaction has locked
//! (SKIP LOCKED), SQLite has one writer.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{ApplicationId, TenantCode};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::closed_list::closed_list;
use crate::connection::Connection;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::row_tag::read_row;
use crate::{Store, StoreError};

/// A job that was claimed this often without an end is given to nobody any more.
pub const MOST_ATTEMPTS: i64 = 5;

closed_list! {
    /// How far a job has come.
    JobState {
        /// Nobody has it.
        Waiting, "waiting";
        /// A robot has it until its lease ends.
        Claimed, "claimed";
        /// It was typed in.
        Done, "done";
        /// It could not be, or no robot came to an end with it: somebody must look.
        Failed, "failed";
    }
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobRow {
    /// Its id.
    pub id: Uuid,
    /// What is to be typed in.
    pub application: ApplicationId,
    /// How far it has come.
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

/// What a robot says of itself when it takes a job, and again when it goes on with it.
pub struct JobLease<'a> {
    /// The machine client.
    pub robot: &'a str,
    /// Its own word for this claim; the same word again gets the same job.
    pub claim: Uuid,
    /// Now.
    pub now: Timestamp,
    /// How long the job is its own.
    pub length: SignedDuration,
}

impl JobLease<'_> {
    fn record(&self, event: AuditEvent, job: &JobRow) -> AuditRecord {
        AuditRecord::new(self.now, Actor::Client(self.robot.to_owned()), event)
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

impl<'a> JobEnd<'a> {
    /// The columns `state` and `reason`.
    fn columns(self) -> (JobState, Option<&'a str>) {
        match self {
            Self::Done => (JobState::Done, None),
            Self::Failed(reason) => (JobState::Failed, Some(reason)),
            Self::Returned => (JobState::Waiting, None),
        }
    }
}

const COLUMNS: &str = "id, application, state, robot, lease_until, attempts, reason, created_at";

impl FromRow for JobRow {
    const TABLE: &'static str = "jobs";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id")?,
            application: row.application_id("application")?,
            state: row.word("state", JobState::from_word)?,
            robot: row.get("robot")?,
            lease_until: row.time_if_any("lease_until")?,
            attempts: row.get("attempts")?,
            reason: row.get("reason")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// A job that somebody may take.
struct Candidate {
    job: Uuid,
    application: ApplicationId,
    created_at: Timestamp,
}

impl FromRow for Candidate {
    const TABLE: &'static str = "jobs";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            job: row.parse("id")?,
            application: row.application_id("application")?,
            created_at: row.time("created_at")?,
        })
    }
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
        let enqueue = query(
            "INSERT INTO jobs (tenant, id, application, state, attempts, created_at) VALUES ($1, $2, $3, 'waiting', 0, $4) \
             ON CONFLICT (tenant, application) DO UPDATE SET state = 'waiting', attempts = 0, claim = NULL, reason = NULL, \
             ended_at = NULL WHERE jobs.state = 'failed'",
        )
        .bind(tenant)
        .bind(id)
        .bind(application)
        .bind(now);
        Ok(self.execute(tenant, enqueue).await? > 0)
    }

    /// Gives the robot the job that has waited longest, also one whose lease has ended; `None` when there is none. One that is
    /// held back for staff waits on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_job(
        &self,
        tenant: &TenantCode,
        lease: &JobLease<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let mut connection = self.write(tenant).await?;
        fail_endless(&mut connection, tenant, lease.now).await?;
        let mut job = claimed_before(&mut connection, tenant, lease).await?;
        if job.is_none() {
            let skip_locked = self.database.skip_locked();
            job = claim_next(&mut connection, tenant, lease, skip_locked).await?;
            if let Some(job) = &job {
                let record = lease.record(AuditEvent::JobTaken, job);
                audit::append(&mut connection, tenant, &record).await?;
            }
        }
        connection.commit().await?;
        Ok(job)
    }

    /// Makes a lease longer; `None` when the job is another's by now, or at its end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_job(
        &self,
        tenant: &TenantCode,
        id: Uuid,
        lease: &JobLease<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let sql = format!(
            "UPDATE jobs SET lease_until = $5 WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = 'claimed' \
             RETURNING {COLUMNS}"
        );
        let renew = query(AssertSqlSafe(sql))
            .bind(tenant)
            .bind(id)
            .bind(lease.claim)
            .bind(lease.robot)
            .bind(lease.now + lease.length);
        self.change(tenant, renew).await
    }

    /// Ends a job. Whoever has ended it with this claim may say so again; `None` when the job is another's by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_job(
        &self,
        tenant: &TenantCode,
        id: Uuid,
        lease: &JobLease<'_>,
        end: JobEnd<'_>,
    ) -> Result<Option<JobRow>, StoreError> {
        let mut connection = self.write(tenant).await?;
        let mut job = finish(&mut connection, tenant, id, lease, end).await?;
        if let Some(job) = &job {
            let record = lease.record(AuditEvent::JobFinished, job);
            audit::append(&mut connection, tenant, &record).await?;
        } else {
            // A second word to the same end finds the job no longer claimed; it is answered, but nothing happens twice.
            job = finished_before(&mut connection, tenant, id, lease, end).await?;
        }
        connection.commit().await?;
        Ok(job)
    }

    /// The newest jobs first, with their reception numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn job_lines(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<JobLine>, StoreError> {
        let jobs = self.jobs(tenant, limit).await?;
        let mut lines = Vec::with_capacity(jobs.len());
        for job in jobs {
            let subject = self.application_row(tenant, job.application).await?;
            let held = subject
                .as_ref()
                .is_some_and(|one| one.protection.holds_back());
            lines.push(JobLine {
                job,
                reception: subject.map(|one| one.reception).unwrap_or_default(),
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
        let query = query(
            "SELECT count(*) FROM jobs WHERE tenant = $1 AND application = $2 AND state = 'failed'",
        )
        .bind(tenant)
        .bind(application);
        let count: i64 = self.fetch_one(tenant, query).await?;
        Ok(count > 0)
    }

    /// Whether there is a job of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_job(&self, tenant: &TenantCode, id: Uuid) -> Result<bool, StoreError> {
        let query = query("SELECT count(*) FROM jobs WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id);
        let count: i64 = self.fetch_one(tenant, query).await?;
        Ok(count > 0)
    }

    /// The newest jobs first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn jobs(&self, tenant: &TenantCode, limit: i64) -> Result<Vec<JobRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 ORDER BY created_at DESC, id LIMIT $2"
        );
        let query = query(AssertSqlSafe(sql)).bind(tenant).bind(limit);
        self.fetch_all(tenant, query).await
    }
}

/// Gives up jobs that robots took again and again without an end.
async fn fail_endless(
    connection: &mut Connection,
    tenant: &TenantCode,
    now: Timestamp,
) -> Result<(), StoreError> {
    let fail = query(
        "UPDATE jobs SET state = 'failed', reason = 'no_end', ended_at = $2 \
         WHERE tenant = $1 AND state = 'claimed' AND lease_until <= $2 AND attempts >= $3",
    )
    .bind(tenant)
    .bind(now)
    .bind(MOST_ATTEMPTS);
    connection.execute(fail).await.map(drop)
}

/// The job that the robot got for this very claim, whose answer was lost.
async fn claimed_before(
    connection: &mut Connection,
    tenant: &TenantCode,
    lease: &JobLease<'_>,
) -> Result<Option<JobRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 AND claim = $2 AND robot = $3 AND state = 'claimed' AND lease_until > $4"
    );
    let query = query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(lease.claim)
        .bind(lease.robot)
        .bind(lease.now);
    connection.fetch_optional(query).await
}

/// Jobs that are looked at in one question.
const CANDIDATES: i64 = 50;

/// Takes the job that has waited longest and is not held back. Who is held back is known only with the key, so that candidates
/// are read, and one of them is taken.
async fn claim_next(
    connection: &mut Connection,
    tenant: &TenantCode,
    lease: &JobLease<'_>,
    skip_locked: &str,
) -> Result<Option<JobRow>, StoreError> {
    let mut after = (i64::MIN, String::new());
    loop {
        let some = candidates(connection, tenant, lease, &after).await?;
        let Some(last) = some.last() else {
            return Ok(None);
        };
        after = (last.created_at.as_millisecond(), last.job.to_string());
        for one in some {
            if is_held(connection, tenant, one.application).await? {
                continue;
            }
            let taken = claim_one(connection, tenant, lease, one.job, skip_locked).await?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }
}

/// What waits, or was claimed and not finished in time.
const FREE: &str = "(state = 'waiting' OR (state = 'claimed' AND lease_until <= $3))";

async fn candidates(
    connection: &mut Connection,
    tenant: &TenantCode,
    lease: &JobLease<'_>,
    (at, id): &(i64, String),
) -> Result<Vec<Candidate>, StoreError> {
    let sql = format!(
        "SELECT id, application, created_at FROM jobs WHERE tenant = $1 AND (created_at, id) > ($2, $4) AND {FREE} \
         ORDER BY created_at, id LIMIT $5"
    );
    let some = query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(*at)
        .bind(lease.now)
        .bind(id.as_str())
        .bind(CANDIDATES);
    connection.fetch_all(some).await
}

async fn is_held(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
) -> Result<bool, StoreError> {
    let row = read_row(connection, tenant, id).await?;
    Ok(row.is_some_and(|row| !row.altered && row.protection.holds_back()))
}

/// Takes a job, unless another robot is taking it just now.
async fn claim_one(
    connection: &mut Connection,
    tenant: &TenantCode,
    lease: &JobLease<'_>,
    job: Uuid,
    skip_locked: &str,
) -> Result<Option<JobRow>, StoreError> {
    let sql = format!(
        "UPDATE jobs SET state = 'claimed', robot = $4, claim = $5, lease_until = $6, attempts = attempts + 1 \
         WHERE tenant = $1 AND id = (SELECT id FROM jobs WHERE tenant = $1 AND id = $2 AND {FREE}{skip_locked}) \
         RETURNING {COLUMNS}"
    );
    let claim = query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(job)
        .bind(lease.now)
        .bind(lease.robot)
        .bind(lease.claim)
        .bind(lease.now + lease.length);
    connection.fetch_optional(claim).await
}

/// Ends a job that this claim still has.
async fn finish(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: Uuid,
    lease: &JobLease<'_>,
    end: JobEnd<'_>,
) -> Result<Option<JobRow>, StoreError> {
    let (state, reason) = end.columns();
    let sql = format!(
        "UPDATE jobs SET state = $5, reason = $6, ended_at = $7, lease_until = NULL \
         WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = 'claimed' RETURNING {COLUMNS}"
    );
    let finish = query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(id)
        .bind(lease.claim)
        .bind(lease.robot)
        .bind(state.as_str())
        .bind(reason)
        .bind((end != JobEnd::Returned).then_some(lease.now));
    connection.fetch_optional(finish).await
}

/// A job that this claim has brought to this end before.
async fn finished_before(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: Uuid,
    lease: &JobLease<'_>,
    end: JobEnd<'_>,
) -> Result<Option<JobRow>, StoreError> {
    let (state, _) = end.columns();
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE tenant = $1 AND id = $2 AND claim = $3 AND robot = $4 AND state = $5"
    );
    let query = query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(id)
        .bind(lease.claim)
        .bind(lease.robot)
        .bind(state.as_str());
    connection.fetch_optional(query).await
}
