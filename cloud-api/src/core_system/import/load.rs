//! From a file into the store.

use std::io::Read;
use std::sync::Arc;

use application::FormSet;
use cloud_store::{ImportEnd, StagedImport, Store};
use jiff::Timestamp;
use jiff::civil::Date;
use kiosk_api::TenantCode;
use serde::Serialize;
use tokio::sync::mpsc;

use super::check::Rules;
use super::encoding::Encoding;
use super::reading::{Batch, Reading};
use super::rejection::Report;
use super::{Format, ImportError, Kind};
use crate::core_system::registered::RegisterKeys;
use crate::editions::Published;

/// Where a file came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody imported it.
    File,
    /// The service fetched it.
    Pull,
}

/// One import.
pub struct Import {
    /// The town.
    pub tenant: TenantCode,
    /// Its keys.
    pub keys: Arc<RegisterKeys>,
    /// Its forms in use.
    pub forms: Arc<Published<FormSet>>,
    /// Full or delta.
    pub kind: Kind,
    /// How the file is written.
    pub format: Format,
    /// Its encoding.
    pub encoding: Encoding,
    /// Whether 宛名番号 end in a check digit.
    pub check_digit: bool,
    /// A full import that leaves out more rows of a hundred than this changes nothing.
    pub most_rejected_percent: u8,
    /// Now.
    pub now: Timestamp,
    /// Today in Japan.
    pub today: Date,
    /// Whether somebody imports it or the service fetched it.
    pub origin: Origin,
    /// Where a pull goes on next time.
    pub cursor: Option<String>,
}

impl Import {
    /// Reads the whole of `source` and changes the register at the end, or not at all. `progress` gets the number of rows
    /// so far.
    ///
    /// # Errors
    /// [`ImportError`]; the register is then as it was.
    pub async fn run(
        self,
        store: &Store,
        source: impl Read + Send + 'static,
        progress: impl FnMut(u64) + Send,
    ) -> Result<Report, ImportError> {
        let load = store.begin_import(&self.tenant).await?;
        let this = Arc::new(self);
        let staged = this.stage(store, load, source, progress).await;
        let ended = match staged {
            Ok(report) => this.end(store, load, report).await,
            Err(error) => Err(error),
        };
        if ended.is_ok() {
            store.forget_imports_to(&this.tenant, load).await?;
        } else {
            store.abandon_import(&this.tenant, load).await?;
        }
        ended
    }

    async fn stage(
        self: &Arc<Self>,
        store: &Store,
        load: StagedImport,
        source: impl Read + Send + 'static,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<Report, ImportError> {
        let (batches, mut waiting) = mpsc::channel::<Batch>(2);
        let this = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || this.read(source, &batches));
        let mut rows = 0;
        while let Some(batch) = waiting.recv().await {
            store
                .stage_rows(&self.tenant, load, &batch.rows, &batch.omitted)
                .await?;
            rows += batch.rows.len() as u64 + batch.omitted.len() as u64;
            progress(rows);
        }
        reading.await.map_err(|_| ImportError::CutOff)?
    }

    fn read(
        &self,
        source: impl Read,
        batches: &mpsc::Sender<Batch>,
    ) -> Result<Report, ImportError> {
        let rules = Rules {
            forms: &self.forms.value,
            kind: self.kind,
            check_digit: self.check_digit,
            today: self.today,
        };
        Reading::new(rules, &self.keys).read(source, self.format, self.encoding, |batch| {
            // Nobody takes it any more: the store failed, and says so itself.
            batches
                .blocking_send(batch)
                .map_err(|_| ImportError::CutOff)
        })
    }

    async fn end(
        &self,
        store: &Store,
        load: StagedImport,
        report: Report,
    ) -> Result<Report, ImportError> {
        let percent = self.most_rejected_percent;
        // A heading without rows is an export that went wrong, not a town without residents.
        if self.kind == Kind::Full && report.accepted + report.rejected_rows == 0 {
            return Err(ImportError::Empty);
        }
        if self.kind == Kind::Full && report.rejects_more_than(percent) {
            let report = Box::new(report);
            return Err(ImportError::TooManyRejected { report, percent });
        }
        let end = ImportEnd {
            import: load,
            key_id: self.keys.key_id.clone(),
            loaded_at: self.now,
            pulled: self.origin == Origin::Pull,
            rejected: i64::try_from(report.rejected_rows).unwrap_or(i64::MAX),
            cursor: self.cursor.clone(),
        };
        let changed = match self.kind {
            Kind::Full => store.replace_register(&self.tenant, &end).await?,
            Kind::Delta => self.merge(store, &end).await?,
        };
        if changed {
            Ok(report)
        } else {
            Err(ImportError::Overtaken)
        }
    }

    async fn merge(&self, store: &Store, end: &ImportEnd) -> Result<bool, ImportError> {
        let register = store.freshness(&self.tenant).await?;
        let register = register.filter(|register| register.full_at.is_some());
        let register = register.ok_or(ImportError::NothingToChange)?;
        if register.key_id != self.keys.key_id {
            return Err(ImportError::OtherKey(register.key_id));
        }
        Ok(store.merge_register(&self.tenant, end).await?)
    }
}
