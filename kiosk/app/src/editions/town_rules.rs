//! The rules that the town works by: the signed catalogue edition in use, with the town's masters over it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guidance::Catalogue;
use kiosk_api::TownMasters;

use super::{Edition, EditionProblem};
use crate::durable_file;

const KIND: &str = "masters";

/// Edition and masters, each as last accepted.
pub struct TownRules {
    edition: Edition<Catalogue>,
    masters: TownMasters,
    file: PathBuf,
}

impl TownRules {
    /// With the masters kept in `folder`; none are kept before the cloud was reached once. What cannot be read is returned
    /// as a problem, and left for the cloud's next answer to replace.
    #[must_use]
    pub fn load(folder: &Path, edition: Edition<Catalogue>) -> (Self, Option<EditionProblem>) {
        let file = folder.join("masters.json");
        let (masters, problem) = match read(&file) {
            Ok(masters) => (masters, None),
            Err(problem) => (TownMasters::default(), Some(problem)),
        };
        let rules = Self {
            edition,
            masters,
            file,
        };
        (rules, problem)
    }

    /// The catalogue to plan with. Masters that do not fit it are logged and left out.
    #[must_use]
    pub fn catalogue(&self) -> Edition<Catalogue> {
        let mut edition = self.edition.clone();
        match edition.content.with_masters(&self.masters.masters) {
            Ok(catalogue) => edition.content = Arc::new(catalogue),
            Err(error) => {
                tracing::error!(kind = "masters-unfit", %error, "the edition alone is used");
            }
        }
        edition
    }

    /// Entity tag of the masters in use.
    #[must_use]
    pub fn masters_etag(&self) -> String {
        self.masters.etag()
    }

    /// Puts another edition of the catalogue under the same masters.
    pub fn set_edition(&mut self, edition: Edition<Catalogue>) {
        self.edition = edition;
    }

    /// Checks masters from the cloud and keeps them.
    ///
    /// # Errors
    /// [`EditionProblem::Malformed`] or [`EditionProblem::Disk`]; nothing has changed then.
    pub fn accept(&mut self, masters: TownMasters) -> Result<(), EditionProblem> {
        masters
            .masters
            .check()
            .map_err(|error| malformed(&masters, error.to_string()))?;
        let bytes = serde_json::to_vec(&masters).map_err(|error| disk(&self.file, &error))?;
        if let Some(folder) = self.file.parent() {
            durable_file::make_folder(folder).map_err(|error| disk(&self.file, &error))?;
        }
        durable_file::replace(&self.file, &bytes).map_err(|error| disk(&self.file, &error))?;
        self.masters = masters;
        Ok(())
    }
}

fn read(file: &Path) -> Result<TownMasters, EditionProblem> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(TownMasters::default()),
        Err(error) => return Err(disk(file, &error)),
    };
    let masters: TownMasters =
        serde_json::from_slice(&bytes).map_err(|error| disk(file, &error))?;
    masters
        .masters
        .check()
        .map_err(|error| malformed(&masters, error.to_string()))?;
    Ok(masters)
}

fn malformed(masters: &TownMasters, reason: String) -> EditionProblem {
    EditionProblem::Malformed {
        kind: KIND,
        edition: masters.revision.to_string(),
        reason,
    }
}

fn disk(file: &Path, error: &impl ToString) -> EditionProblem {
    EditionProblem::Disk {
        path: file.to_owned(),
        reason: error.to_string(),
    }
}
