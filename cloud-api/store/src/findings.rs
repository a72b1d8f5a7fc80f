//! What somebody did to the rows of a town, beside this program: each row against its tag, and all of them against the trail.

use std::collections::{BTreeMap, BTreeSet};

use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;
use thiserror::Error;

use crate::application_row::{COLUMNS, Whole};
use crate::audit::{AnchoredHead, AuditEvent, Entry, Inspection, TrailFinding, entries_from};
use crate::connection::Connection;
use crate::query::query;
use crate::revisions::Corrected;
use crate::tagged::TABLES;
use crate::{ApplicationRow, ApplicationStatus, Realm, RealmKeys, Store, StoreError};

/// Rows of one question; each brings its envelope.
const AT_ONCE: i64 = 200;
/// Entries of one question.
const ENTRIES: i64 = 5_000;

/// What is wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RowFinding {
    /// Not as this program wrote it: changed, replaced, or put in.
    #[error("application {0} was changed or put in by somebody without the key")]
    Altered(ApplicationId),
    /// The correction that the row counts is not there, or not as this program wrote it.
    #[error("application {0}: correction {1} was changed or removed by somebody without the key")]
    Revision(ApplicationId, i64),
    /// A correction that the row does not count.
    #[error("application {0}: correction {1} was put in by somebody else")]
    Excess(ApplicationId, i64),
    /// It came, and is not there any more.
    #[error("application {id}, received in entry {seq}, was removed")]
    Removed {
        /// Which.
        id: String,
        /// The entry that says that it came.
        seq: i64,
    },
    /// It is there, and never came.
    #[error("application {0} is in no entry of the trail: it was put in")]
    NotReceived(ApplicationId),
    /// A person, a session or something of a machine client, not as this program wrote it.
    #[error("{table} {key} was changed or put in by somebody without the key")]
    Account {
        /// The table.
        table: &'static str,
        /// Which row.
        key: String,
    },
    /// Its state is not where the trail says that it was brought last: an old row was put back.
    #[error(
        "application {id} is {found}, but entry {seq} made it {expected}: an older row was put back"
    )]
    Behind {
        /// Which.
        id: ApplicationId,
        /// As the row has it.
        found: String,
        /// As the trail has it.
        expected: String,
        /// The entry.
        seq: i64,
    },
}

/// Everything that was found about a realm.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// How many entries the trail has.
    pub entries: i64,
    /// The hash of the last, hexadecimal.
    pub head: String,
    /// How many applications there are.
    pub applications: u64,
    /// About the trail.
    pub trail: Vec<TrailFinding>,
    /// About rows.
    pub rows: Vec<RowFinding>,
}

impl Findings {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.trail.is_empty() && self.rows.is_empty()
    }

    /// Each as a sentence.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let trail = self.trail.iter().map(ToString::to_string);
        trail
            .chain(self.rows.iter().map(ToString::to_string))
            .collect()
    }
}

/// What the trail says of an application.
#[derive(Default)]
struct History {
    received: Option<i64>,
    /// The last entry about its status, and that status.
    status: Option<(i64, String)>,
    /// The last entry about a correction, and its number.
    revision: Option<(i64, i64)>,
}

/// What the trail says of all of them.
#[derive(Default)]
struct Histories {
    applications: BTreeMap<String, History>,
    /// The time of the first entry: what came before is in no entry.
    begun_at: Option<i64>,
}

impl Histories {
    fn read(&mut self, entry: &Entry) {
        self.begun_at.get_or_insert(entry.at);
        let Some(event) = AuditEvent::from_word(&entry.event) else {
            return;
        };
        let detail =
            || -> serde_json::Value { serde_json::from_str(&entry.detail).unwrap_or_default() };
        let history = self.applications.entry(entry.object.clone());
        match event {
            AuditEvent::Received => history.or_default().received = Some(entry.seq),
            AuditEvent::StateChanged => {
                if let Some(to) = detail()["to"].as_str() {
                    history.or_default().status = Some((entry.seq, to.to_owned()));
                }
            }
            AuditEvent::Corrected => {
                if let Some(number) = detail()["revision"].as_i64() {
                    history.or_default().revision = Some((entry.seq, number));
                }
            }
            _ => {}
        }
    }
}

impl Store {
    /// Looks through a realm's trail and, of a town, through all its applications. `anchors`: heads that were anchored
    /// elsewhere, their signatures checked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspect(
        &self,
        realm: &Realm,
        anchors: Vec<AnchoredHead>,
    ) -> Result<Findings, StoreError> {
        // What comes in meanwhile must not look as if it had never been received.
        let mut connection = self.snapshot(realm).await?;
        let mut inspection = Inspection::new(self.keys.of(realm), anchors);
        let mut histories = Histories::default();
        loop {
            let next = entries_from(realm, inspection.last().0 + 1, ENTRIES);
            let entries: Vec<Entry> = connection.fetch_all(next).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                inspection.read(entry);
                histories.read(entry);
            }
        }
        let (entries, head) = inspection.last();
        let mut findings = Findings {
            entries,
            head: head.into(),
            trail: inspection.end(),
            ..Findings::default()
        };
        if let Realm::Town(tenant) = realm {
            self.inspect_rows(&mut connection, tenant, histories, &mut findings)
                .await?;
        }
        for of in TABLES {
            let table = of.table;
            let altered = connection.altered(realm, of).await?.into_iter();
            findings
                .rows
                .extend(altered.map(|key| RowFinding::Account { table, key }));
        }
        connection.commit().await?;
        Ok(findings)
    }

    /// The realm's keys, if it has some.
    #[must_use]
    pub fn keys_of(&self, realm: &Realm) -> Option<&RealmKeys> {
        self.keys.of(realm)
    }

    async fn inspect_rows(
        &self,
        connection: &mut Connection,
        tenant: &TenantCode,
        mut histories: Histories,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let mut revisions = self.all_revisions(connection, tenant, findings).await?;
        let mut after = String::new();
        loop {
            let sql = format!(
                "SELECT {COLUMNS}, envelope FROM applications WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"
            );
            let some = query(AssertSqlSafe(sql))
                .bind(tenant)
                .bind(after.as_str())
                .bind(AT_ONCE);
            let some: Vec<Whole> = connection.fetch_all(some).await?;
            let Some(Whole(last, _)) = some.last() else {
                break;
            };
            after = last.id.to_string();
            for Whole(row, envelope) in some {
                let keys = self.keys.of(tenant);
                let row = row.checked(keys, tenant).with_envelope(keys, &envelope);
                findings.applications += 1;
                let own = revisions.remove(&row.id.to_string()).unwrap_or_default();
                let history = histories.applications.remove(&row.id.to_string());
                findings
                    .rows
                    .extend(of_row(&row, &own, history, histories.begun_at));
            }
        }
        let removed = histories
            .applications
            .into_iter()
            .filter_map(|(id, history)| {
                let seq = history.received?;
                Some(RowFinding::Removed { id, seq })
            });
        findings.rows.extend(removed);
        Ok(())
    }

    /// The numbers of genuine corrections, by application.
    async fn all_revisions(
        &self,
        connection: &mut Connection,
        tenant: &TenantCode,
        findings: &mut Findings,
    ) -> Result<BTreeMap<String, BTreeSet<i64>>, StoreError> {
        let all = query(
            "SELECT application, revision, staff, made_at, envelope, tag FROM application_revisions WHERE tenant = $1",
        );
        let all: Vec<Corrected> = connection.fetch_all(all.bind(tenant)).await?;
        let mut numbers: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for Corrected(id, revision) in all {
            if revision.is_genuine(self.keys.of(tenant), tenant, id) {
                numbers
                    .entry(id.to_string())
                    .or_default()
                    .insert(revision.number);
            } else {
                findings
                    .rows
                    .push(RowFinding::Revision(id, revision.number));
            }
        }
        Ok(numbers)
    }
}

/// What is wrong with one row.
fn of_row(
    row: &ApplicationRow,
    revisions: &BTreeSet<i64>,
    history: Option<History>,
    begun_at: Option<i64>,
) -> Vec<RowFinding> {
    let mut found = Vec::new();
    if row.altered {
        found.push(RowFinding::Altered(row.id));
    }
    let missing = (1..=row.revision).filter(|number| !revisions.contains(number));
    found.extend(missing.map(|number| RowFinding::Revision(row.id, number)));
    let excess = revisions.iter().filter(|number| **number > row.revision);
    found.extend(excess.map(|number| RowFinding::Excess(row.id, *number)));
    let history = history.unwrap_or_default();
    let came = row.received_at.as_millisecond();
    if history.received.is_none() && begun_at.is_some_and(|begun| came >= begun) {
        found.push(RowFinding::NotReceived(row.id));
    }
    let behind = |seq, found: String, expected: String| RowFinding::Behind {
        id: row.id,
        found,
        expected,
        seq,
    };
    let received = |seq| (seq, ApplicationStatus::Received.as_str().to_owned());
    let last = history.status.or_else(|| history.received.map(received));
    if let Some((seq, status)) = last.filter(|(_, status)| status != row.status.as_str()) {
        found.push(behind(seq, row.status.as_str().to_owned(), status));
    }
    if let Some((seq, number)) = history
        .revision
        .filter(|(_, number)| *number > row.revision)
    {
        let words = |number: i64| format!("corrected {number} times");
        found.push(behind(seq, words(row.revision), words(number)));
    }
    found
}
