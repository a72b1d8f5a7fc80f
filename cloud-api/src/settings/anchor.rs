//! Where the heads of the trails go, so that nobody can change a trail unnoticed who can change the database.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// Where signed heads are anchored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorSettings {
    /// A file that is only appended to; on a medium that nobody can write again, or on another machine.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// A service that gets each head: https, or http within `webhook_networks`.
    #[serde(default)]
    pub webhook: Option<Url>,
    /// File that holds the secret (`whsec_…`) that it knows us by.
    #[serde(default)]
    pub webhook_secret_file: Option<PathBuf>,
    /// A time-stamping authority (RFC 3161); http will do, since its answers are signed.
    #[serde(default)]
    pub time_stamp: Option<Url>,
    /// The certificates (PEM) under which its own must be.
    #[serde(default)]
    pub time_stamp_ca_file: Option<PathBuf>,
    /// Seconds between two rounds.
    #[serde(default = "five_minutes")]
    pub every_seconds: u64,
}

fn five_minutes() -> u64 {
    300
}

impl AnchorSettings {
    /// What must hold between values.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.file.is_none() && self.webhook.is_none() {
            return Err("anchor: needs a file or a webhook".to_owned());
        }
        if self.webhook.is_some() != self.webhook_secret_file.is_some() {
            return Err("anchor: webhook and webhook_secret_file go together".to_owned());
        }
        if self.time_stamp.is_some() != self.time_stamp_ca_file.is_some() {
            return Err("anchor: time_stamp and time_stamp_ca_file go together".to_owned());
        }
        if self.every_seconds == 0 {
            return Err("anchor: every_seconds must be 1 or more".to_owned());
        }
        Ok(())
    }

    /// Its files.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [
            &mut self.file,
            &mut self.webhook_secret_file,
            &mut self.time_stamp_ca_file,
        ]
        .into_iter()
        .flatten()
    }
}
