//! Applications as clerks work on them: lists, searches, claims, changes of status. Every change is written with its audit
//! record in one transaction.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::SELECT;
use crate::audit::{self, AuditRecord};
use crate::deliveries::enqueue;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::row_tag::{keep_row, take_row};
use crate::{ApplicationRow, ApplicationStatus, NewDelivery, Store, StoreError};

/// What a list shows; everything that is given must match.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// With this status.
    pub status: Option<ApplicationStatus>,
    /// Whose plan names this counter.
    pub counter: Option<String>,
    /// Whose earliest due date is not later than this day, ISO.
    pub due_until: Option<String>,
    /// Which this person works on.
    pub claimed_by: Option<String>,
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClaimOutcome {
    /// It is theirs now.
    Claimed,
    /// Somebody else has it, by id.
    ByOther(String),
    /// It is done, or not there.
    NotOpen,
}

/// A change of status.
pub struct StatusChange<'a> {
    /// From this; a status that is another by now refuses.
    pub from: ApplicationStatus,
    /// To this.
    pub to: ApplicationStatus,
    /// The clerk whose claim it must be; `None`: a machine, for which nobody may have a claim and nothing may hold it back.
    pub claimed_by: Option<&'a str>,
    /// Why it goes back.
    pub reason: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// Who has an application that could not be claimed.
struct Holder {
    claimed_by: Option<String>,
    status: ApplicationStatus,
}

impl FromRow for Holder {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            claimed_by: row.get("claimed_by")?,
            status: row.word("state", ApplicationStatus::from_word)?,
        })
    }
}

struct StatusCount {
    /// A word that is none counts nowhere; its rows are shown as altered.
    status: Option<ApplicationStatus>,
    count: i64,
}

impl FromRow for StatusCount {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            status: ApplicationStatus::from_word(&row.get::<String>("state")?),
            count: row.get("count")?,
        })
    }
}

impl Store {
    /// The newest applications that match.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox(
        &self,
        tenant: &TenantCode,
        filter: &InboxFilter,
        limit: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE a.tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR a.state = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR a.counters LIKE $3) AND (CAST($4 AS TEXT) IS NULL OR a.due <= $4) \
             AND (CAST($5 AS TEXT) IS NULL OR a.claimed_by = $5) ORDER BY a.received_at DESC, a.id DESC LIMIT {limit}",
        );
        let counter = filter.counter.as_ref().map(|id| format!("% {id} %"));
        let query = query(AssertSqlSafe(sql))
            .bind(tenant)
            .bind(filter.status.map(ApplicationStatus::as_str))
            .bind(counter.as_deref())
            .bind(filter.due_until.as_deref())
            .bind(filter.claimed_by.as_deref());
        let rows = self.fetch_all(tenant, query).await?;
        Ok(self.checked(tenant, rows))
    }

    /// How many applications have each status.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_by_status(
        &self,
        tenant: &TenantCode,
    ) -> Result<Vec<(ApplicationStatus, i64)>, StoreError> {
        let query = query(
            "SELECT state, count(*) AS count FROM applications WHERE tenant = $1 GROUP BY state",
        )
        .bind(tenant);
        let counts: Vec<StatusCount> = self.fetch_all(tenant, query).await?;
        Ok(counts
            .into_iter()
            .filter_map(|one| Some((one.status?, one.count)))
            .collect())
    }

    /// Takes an application for a clerk, or makes their time longer. Two clerks at once: one gets it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        staff: &str,
        (now, until): (Timestamp, Timestamp),
        record: &AuditRecord,
    ) -> Result<ClaimOutcome, StoreError> {
        let mut connection = self.write(tenant).await?;
        let claim = query(
            "UPDATE applications SET claimed_by = $1, claimed_until = $2 WHERE tenant = $3 AND id = $4 AND state <> 'done' \
             AND (claimed_by IS NULL OR claimed_by = $1 OR claimed_until <= $5)",
        )
        .bind(staff)
        .bind(until)
        .bind(tenant)
        .bind(id)
        .bind(now);
        if connection.execute(claim).await? == 1 {
            audit::append(&mut connection, tenant, record).await?;
            connection.commit().await?;
            return Ok(ClaimOutcome::Claimed);
        }
        let holder =
            query("SELECT claimed_by, state FROM applications WHERE tenant = $1 AND id = $2")
                .bind(tenant)
                .bind(id);
        let holder: Option<Holder> = connection.fetch_optional(holder).await?;
        connection.commit().await?;
        Ok(match holder {
            Some(Holder {
                claimed_by: Some(other),
                status,
            }) if status != ApplicationStatus::Done => ClaimOutcome::ByOther(other),
            _ => ClaimOutcome::NotOpen,
        })
    }

    /// Puts an application back: what `staff` took, or, for `None`, what anybody took.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        staff: Option<&str>,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let release = query(
            "UPDATE applications SET claimed_by = NULL, claimed_until = NULL WHERE tenant = $1 AND id = $2 \
             AND claimed_by IS NOT NULL AND (CAST($3 AS TEXT) IS NULL OR claimed_by = $3)",
        )
        .bind(tenant)
        .bind(id)
        .bind(staff);
        self.execute_recorded(tenant, release, record).await
    }

    /// Changes an application's status; `false` if it has another status by now, or is in other hands. What leaves the
    /// counter is put back.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Altered`] when the row is not as this program wrote it.
    pub async fn change_status(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        change: &StatusChange<'_>,
        record: &AuditRecord,
        delivery: Option<&NewDelivery>,
    ) -> Result<bool, StoreError> {
        if !change.from.can_become(change.to) {
            return Ok(false);
        }
        let mut connection = self.write(tenant).await?;
        let taken = take_row(&mut connection, tenant, id).await?;
        let changed = taken.and_then(|row| moved(row, change));
        if let Some(row) = &changed {
            keep_row(&mut connection, tenant, row).await?;
            audit::append(&mut connection, tenant, record).await?;
            if let Some(delivery) = delivery {
                enqueue(&mut connection, tenant, delivery).await?;
            }
        }
        connection.commit().await?;
        Ok(changed.is_some())
    }
}

/// The row as it is after a change of status; `None` if it has another status by now, or is in other hands.
fn moved(mut row: ApplicationRow, change: &StatusChange<'_>) -> Option<ApplicationRow> {
    let claim = row.claim.as_ref();
    let claim = claim.filter(|(_, until)| *until > change.now);
    let in_hands = match change.claimed_by {
        Some(staff) => claim.is_some_and(|(by, _)| by == staff),
        None => claim.is_none() && !row.protection.holds_back(),
    };
    if row.status != change.from || !in_hands {
        return None;
    }
    row.status = change.to;
    row.reason = change.reason.map(ToOwned::to_owned);
    if matches!(
        change.to,
        ApplicationStatus::Done | ApplicationStatus::Returned
    ) {
        row.claim = None;
    }
    Some(row)
}
