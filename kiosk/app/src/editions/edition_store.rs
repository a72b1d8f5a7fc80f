//! Where editions are kept, and the only way to replace one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kiosk_api::{SignedEdition, TenantCode};

use super::trusted_keys::{TrustedKeys, ed25519_is_valid};
use super::{Content, Edition, EditionProblem, TownRules, shipped};
use crate::durable_file;

/// How far the clock of whoever signs may be ahead of the cloud's.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The kept editions of one town, and the shipped ones behind them.
#[derive(Clone)]
pub struct EditionStore {
    kept: PathBuf,
    shipped: PathBuf,
    tenant: TenantCode,
    keys: TrustedKeys,
}

impl EditionStore {
    /// A store that keeps in `kept` and falls back to `shipped` (the assets folder).
    #[must_use]
    pub fn new(kept: &Path, shipped: &Path, tenant: TenantCode, keys: TrustedKeys) -> Self {
        Self {
            kept: kept.to_owned(),
            shipped: shipped.to_owned(),
            tenant,
            keys,
        }
    }

    /// The edition to start with: the kept one, or the shipped one where none is kept or the kept one is not good. The
    /// problem with the kept one comes along, for staff.
    ///
    /// # Errors
    /// When the shipped one is not good either: the kiosk cannot work.
    pub fn load<T: Content>(&self) -> Result<(Edition<T>, Option<EditionProblem>), EditionProblem> {
        let problem = match self.read_kept::<T>() {
            Ok(Some(edition)) => return Ok((edition, None)),
            Ok(None) => None,
            Err(problem) => Some(problem),
        };
        let content = shipped_content::<T>(&self.shipped)?;
        let edition = Edition {
            name: content.name(),
            etag: None,
            signed_at: None,
            content: Arc::new(content),
        };
        Ok((edition, problem))
    }

    /// The catalogue with the town's masters over it, as both were last kept.
    ///
    /// # Errors
    /// As [`EditionStore::load`].
    pub fn load_rules(&self) -> Result<(TownRules, Vec<EditionProblem>), EditionProblem> {
        let (edition, edition_problem) = self.load()?;
        let (rules, masters_problem) = TownRules::load(&self.kept, edition);
        let problems = edition_problem.into_iter().chain(masters_problem);
        Ok((rules, problems.collect()))
    }

    /// Checks an edition from the cloud and keeps it. `in_use` is when the present one was signed, `now` the cloud's time.
    ///
    /// # Errors
    /// [`EditionProblem`]; nothing has changed then.
    pub fn accept<T: Content>(
        &self,
        signed: SignedEdition,
        in_use: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Edition<T>, EditionProblem> {
        let latest = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
        if signed.content.signed_at > latest {
            return Err(EditionProblem::Ahead {
                kind: T::KIND.as_str(),
                edition: signed.content.edition,
                signed_at: signed.content.signed_at,
            });
        }
        // One that came into use with a date ahead of time keeps nobody out either.
        let in_use = in_use.filter(|signed_at| *signed_at <= latest);
        let bytes = serde_json::to_vec(&signed).map_err(|error| self.disk::<T>(&error))?;
        let edition = self.open(signed, in_use)?;
        durable_file::make_folder(&self.kept).map_err(|error| self.disk::<T>(&error))?;
        durable_file::replace(&self.file::<T>(), &bytes).map_err(|error| self.disk::<T>(&error))?;
        Ok(edition)
    }

    fn read_kept<T: Content>(&self) -> Result<Option<Edition<T>>, EditionProblem> {
        let bytes = match fs::read(self.file::<T>()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.disk::<T>(&error)),
        };
        let signed = serde_json::from_slice(&bytes).map_err(|error| self.disk::<T>(&error))?;
        self.open(signed, None).map(Some)
    }

    fn open<T: Content>(
        &self,
        signed: SignedEdition,
        in_use: Option<Timestamp>,
    ) -> Result<Edition<T>, EditionProblem> {
        let etag = signed.etag();
        let edition = signed.open(
            T::KIND,
            &self.tenant,
            in_use,
            self.keys.pairs(),
            ed25519_is_valid,
        )?;
        let content =
            T::load(edition.files).map_err(|reason| malformed::<T>(&edition.edition, reason))?;
        Ok(Edition {
            name: edition.edition,
            etag: Some(etag),
            signed_at: Some(edition.signed_at),
            content: Arc::new(content),
        })
    }

    fn file<T: Content>(&self) -> PathBuf {
        self.kept.join(format!("{}.json", T::KIND.as_str()))
    }

    fn disk<T: Content>(&self, error: &impl ToString) -> EditionProblem {
        EditionProblem::Disk {
            path: self.file::<T>(),
            reason: error.to_string(),
        }
    }
}

/// What is shipped in the assets folder.
///
/// # Errors
/// Names file, line and reason.
pub fn shipped_content<T: Content>(assets: &Path) -> Result<T, EditionProblem> {
    let files = shipped::files(&assets.join(T::KIND.as_str()))?;
    T::load(files).map_err(|reason| malformed::<T>("shipped", reason))
}

fn malformed<T: Content>(edition: &str, reason: String) -> EditionProblem {
    EditionProblem::Malformed {
        kind: T::KIND.as_str(),
        edition: edition.to_owned(),
        reason,
    }
}
