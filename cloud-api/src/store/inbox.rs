//! Applications as clerks work on them: lists, searches, claims, states, revisions. Every change leaves its note in the same
//! transaction.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use super::applications::{ApplicationRow, Columns, SELECT, row};
use super::audit::note;
use super::deliveries::{Announcement, announce};
use super::protection::HELD;
use super::{Store, StoreError, parsed, reading, timestamp, writing};
use crate::audit::Note;
use crate::inbox::{Index, State};

/// What applications of a town are found by, as rows: token, time, application.
pub(super) type NameRow = (Vec<u8>, i64, String);

/// Rows of one statement; SQLite takes 32,766 values.
pub(super) const NAMES_AT_ONCE: usize = 4_000;

pub(super) fn names_of(id: ApplicationId, at: Timestamp, index: &Index) -> Vec<NameRow> {
    let row = |token: &Vec<u8>| (token.clone(), at.as_millisecond(), id.to_string());
    index.names.iter().map(row).collect()
}

/// Adds name tokens of a town's applications.
macro_rules! name_rows {
    ($on:expr, $tenant:expr, $names:expr) => {{
        let names: Vec<$crate::store::inbox::NameRow> = $names;
        for some in names.chunks($crate::store::inbox::NAMES_AT_ONCE) {
            let sql = format!(
                "INSERT INTO application_names (tenant, token, received_at, application) VALUES {} ON CONFLICT DO NOTHING",
                $crate::store::rows(some.len(), 4)
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (token, at, application) in some {
                query = query
                    .bind($tenant.as_str().to_owned())
                    .bind(token.clone())
                    .bind(*at)
                    .bind(application.clone());
            }
            query.execute(&mut *$on).await?;
        }
    }};
}

pub(super) use name_rows;

/// What a list shows; everything that is given must hold.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// In this state.
    pub state: Option<State>,
    /// Whose plan names this counter.
    pub counter: Option<String>,
    /// Whose earliest due date is not later than this day, ISO.
    pub due_until: Option<String>,
    /// Whom this person works on.
    pub claimed_by: Option<String>,
    /// Of whom a name has this token.
    pub name: Option<Vec<u8>>,
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// It is theirs now.
    Yes,
    /// Somebody else has it, by id.
    ByOther(String),
    /// It is done, or not there.
    No,
}

/// A change of state.
pub struct Move<'a> {
    /// From here; a state that is another by now refuses.
    pub from: State,
    /// To there.
    pub to: State,
    /// The clerk who must hold the claim; `None`: a machine, which must find nobody holding it and nothing holding it back.
    pub claimed_by: Option<&'a str>,
    /// Why it goes back.
    pub reason: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// A correction: all of it is kept, or nothing.
pub struct Revision<'a> {
    /// The clerk who must hold the claim.
    pub staff: &'a str,
    /// How often it was corrected before; if that is another number by now, nothing is kept.
    pub before: i64,
    /// The whole application, sealed.
    pub envelope: &'a [u8],
    /// What it is found by now.
    pub index: &'a Index,
    /// Whether it names somebody whom the core system was not asked about.
    pub names_changed: bool,
    /// Now.
    pub now: Timestamp,
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
        most: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let named = filter.name.is_some();
        let (from, order) = if named {
            (
                " JOIN application_names n ON n.tenant = a.tenant AND n.application = a.id AND n.token = $6",
                "n.received_at DESC",
            )
        } else {
            ("", "a.received_at DESC, a.id DESC")
        };
        let sql = format!(
            "{SELECT}{from} WHERE a.tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR a.state = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR a.counters LIKE $3) AND (CAST($4 AS TEXT) IS NULL OR a.due <= $4) \
             AND (CAST($5 AS TEXT) IS NULL OR a.claimed_by = $5) ORDER BY {order} LIMIT {most}",
        );
        let counter = filter.counter.as_ref().map(|id| format!("% {id} %"));
        let rows: Vec<Columns> = reading!(self, tenant, on => {
            let query = sqlx::query_as(AssertSqlSafe(sql))
                .bind(tenant.as_str())
                .bind(filter.state.map(State::as_str))
                .bind(counter)
                .bind(filter.due_until.clone())
                .bind(filter.claimed_by.clone());
            match &filter.name {
                Some(token) => query.bind(token.clone()).fetch_all(&mut *on).await?,
                None => query.fetch_all(&mut *on).await?,
            }
        });
        rows.into_iter().map(row).collect()
    }

    /// How many applications are in each state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_by_state(
        &self,
        tenant: &TenantCode,
    ) -> Result<Vec<(State, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT state, count(*) FROM applications WHERE tenant = $1 GROUP BY state",
        )
        .bind(tenant.as_str())
        .fetch_all(&mut *on)
        .await?);
        Ok(rows
            .into_iter()
            .filter_map(|(state, count)| Some((State::from_word(&state)?, count)))
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
        note: &Note,
    ) -> Result<Claimed, StoreError> {
        let id = id.to_string();
        Ok(writing!(self, tenant, on => {
            let taken = sqlx::query(
                "UPDATE applications SET claimed_by = $1, claimed_until = $2 WHERE tenant = $3 AND id = $4 AND state <> 'done' \
                 AND (claimed_by IS NULL OR claimed_by = $1 OR claimed_until <= $5)",
            )
            .bind(staff)
            .bind(until.as_millisecond())
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if taken {
                note!(on, tenant, note);
                Claimed::Yes
            } else {
                let found: Option<(Option<String>, String)> =
                    sqlx::query_as("SELECT claimed_by, state FROM applications WHERE tenant = $1 AND id = $2")
                        .bind(tenant.as_str())
                        .bind(id.as_str())
                        .fetch_optional(&mut *on)
                        .await?;
                match found {
                    Some((Some(other), state)) if state != "done" => Claimed::ByOther(other),
                    _ => Claimed::No,
                }
            }
        }))
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
        note: &Note,
    ) -> Result<bool, StoreError> {
        let id = id.to_string();
        Ok(writing!(self, tenant, on => {
            let released = sqlx::query(
                "UPDATE applications SET claimed_by = NULL, claimed_until = NULL WHERE tenant = $1 AND id = $2 \
                 AND claimed_by IS NOT NULL AND (CAST($3 AS TEXT) IS NULL OR claimed_by = $3)",
            )
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(staff)
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if released {
                note!(on, tenant, note);
            }
            released
        }))
    }

    /// Moves an application; `false` if it is in another state by now, or in other hands. What leaves the counter is put
    /// back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn move_application(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        wanted: &Move<'_>,
        note: &Note,
        told: Option<&Announcement>,
    ) -> Result<bool, StoreError> {
        if !wanted.from.goes_to(wanted.to) {
            return Ok(false);
        }
        let id = id.to_string();
        let ends = matches!(wanted.to, State::Done | State::Returned);
        Ok(writing!(self, tenant, on => {
            let moved = sqlx::query(AssertSqlSafe(format!(
                "UPDATE applications SET state = $1, reason = $2, \
                 claimed_by = CASE WHEN CAST($3 AS BIGINT) = 1 THEN NULL ELSE claimed_by END, \
                 claimed_until = CASE WHEN CAST($3 AS BIGINT) = 1 THEN NULL ELSE claimed_until END \
                 WHERE tenant = $4 AND id = $5 AND state = $6 AND \
                 CASE WHEN CAST($7 AS TEXT) IS NULL THEN (claimed_by IS NULL OR claimed_until <= $8) AND NOT {HELD} \
                 ELSE claimed_by = $7 AND claimed_until > $8 END",
            )))
            .bind(wanted.to.as_str())
            .bind(wanted.reason)
            .bind(i64::from(ends))
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(wanted.from.as_str())
            .bind(wanted.claimed_by)
            .bind(wanted.now.as_millisecond())
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if moved {
                note!(on, tenant, note);
                if let Some(told) = told {
                    announce!(on, tenant, told);
                }
            }
            moved
        }))
    }

    /// Keeps a correction as the next revision, with what it is found by; `false` if somebody else corrected meanwhile or
    /// the clerk no longer holds it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revise(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        revision: &Revision<'_>,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let text = id.to_string();
        Ok(writing!(self, tenant, on => {
            let received: Option<(i64,)> = sqlx::query_as(
                "UPDATE applications SET revision = revision + 1, due = $1, counters = $2, \
                 lookup_due = CASE WHEN CAST($8 AS BIGINT) = 1 THEN 0 ELSE lookup_due END, \
                 protection = CASE WHEN CAST($8 AS BIGINT) = 1 AND protection IN ('clear', 'unasked') THEN 'waiting' ELSE protection END \
                 WHERE tenant = $3 AND id = $4 \
                 AND revision = $5 AND claimed_by = $6 AND claimed_until > $7 AND state <> 'done' RETURNING received_at",
            )
            .bind(revision.index.due.clone())
            .bind(revision.index.counters_column())
            .bind(tenant.as_str())
            .bind(text.as_str())
            .bind(revision.before)
            .bind(revision.staff)
            .bind(revision.now.as_millisecond())
            .bind(i64::from(revision.names_changed))
            .fetch_optional(&mut *on)
            .await?;
            match received {
                None => false,
                Some((received,)) => {
                    sqlx::query(
                        "INSERT INTO application_revisions (tenant, application, revision, staff, made_at, envelope) \
                         VALUES ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(tenant.as_str())
                    .bind(text.as_str())
                    .bind(revision.before + 1)
                    .bind(revision.staff)
                    .bind(revision.now.as_millisecond())
                    .bind(revision.envelope)
                    .execute(&mut *on)
                    .await?;
                    // The old spelling stays findable: somebody may still ask for it.
                    let received = timestamp("applications", received)?;
                    name_rows!(on, tenant, names_of(id, received, revision.index));
                    note!(on, tenant, note);
                    true
                }
            }
        }))
    }

    /// The newest revision's sealed envelope, if it was ever corrected.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revision(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<(Vec<u8>,)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT envelope FROM application_revisions WHERE tenant = $1 AND application = $2 ORDER BY revision DESC LIMIT 1",
        )
        .bind(tenant.as_str())
        .bind(id.to_string())
        .fetch_optional(&mut *on)
        .await?);
        Ok(found.map(|(envelope,)| envelope))
    }

    /// Applications of an older schema, which have no index yet, with their envelopes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn not_indexed(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<(ApplicationId, Timestamp, Vec<u8>)>, StoreError> {
        let rows: Vec<(String, i64, Vec<u8>)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT id, received_at, envelope FROM applications WHERE tenant = $1 AND indexed = 0 LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter()
            .map(|(id, at, envelope)| {
                let id = ApplicationId(parsed("applications", &id)?);
                Ok((id, timestamp("applications", at)?, envelope))
            })
            .collect()
    }

    /// Gives an application of an older schema its index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_index(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        received_at: Timestamp,
        index: &Index,
    ) -> Result<(), StoreError> {
        writing!(self, tenant, on => {
            sqlx::query("UPDATE applications SET due = $1, counters = $2, indexed = 1 WHERE tenant = $3 AND id = $4")
                .bind(index.due.clone())
                .bind(index.counters_column())
                .bind(tenant.as_str())
                .bind(id.to_string())
                .execute(&mut *on)
                .await?;
            name_rows!(on, tenant, names_of(id, received_at, index));
        });
        Ok(())
    }
}
