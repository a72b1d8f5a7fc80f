//! Which core system a town has, and how its register comes.

use std::path::PathBuf;

use serde::Deserialize;

use crate::core_system::import::Format;
use crate::private_url;

/// Which core system, and how it is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CoreSettings {
    /// docs/core-system.md over HTTP.
    Http {
        /// Base URL, without `/v1`; https, unless it is on this machine.
        url: String,
        /// File that holds the bearer token.
        token_file: PathBuf,
        /// Longest wait for one answer, in milliseconds.
        #[serde(default = "default_timeout")]
        timeout_ms: u64,
        /// No refusal goes out sooner, in milliseconds, so that time tells nothing about a protected household.
        #[serde(default = "default_refusal")]
        refusal_after_ms: u64,
    },
    /// Households from a JSON file, in this process; for demos and training.
    Demo {
        /// The file.
        file: PathBuf,
        /// As above.
        #[serde(default = "default_refusal")]
        refusal_after_ms: u64,
    },
    /// The register that was imported into this service's database (docs/core-system-import.md).
    Imported {
        /// Whether every 宛名番号 ends in a check digit (住民記録システム標準仕様書 1.1.13).
        #[serde(default)]
        resident_check_digit: bool,
        /// A full import that leaves out more rows of a hundred than this changes nothing.
        #[serde(default = "default_most_rejected")]
        most_rejected_percent: u8,
        /// Where registers are fetched; without it they come by `cloud-api core import`.
        #[serde(default)]
        pull: Option<PullSettings>,
        /// As above.
        #[serde(default = "default_refusal")]
        refusal_after_ms: u64,
    },
}

/// A municipality's server that gives registers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullSettings {
    /// Base URL, without `/v1`; https, unless it is on this machine.
    pub url: String,
    /// Token endpoint (OAuth 2.0 client credentials); https, unless it is on this machine.
    pub token_url: String,
    /// Client id.
    pub client_id: String,
    /// File that holds the client secret.
    pub client_secret_file: PathBuf,
    /// Scope to ask for.
    #[serde(default)]
    pub scope: Option<String>,
    /// How the server writes rows.
    #[serde(default)]
    pub format: PullFormat,
    /// How long after a try the next one comes, in minutes; ten at most (住民記録システム標準仕様書 7.2.3).
    #[serde(default = "default_every")]
    pub every_minutes: u16,
    /// Longest silence of the server, in milliseconds.
    #[serde(default = "default_pull_timeout")]
    pub timeout_ms: u64,
    /// Longest time for one pull, in minutes.
    #[serde(default = "default_longest")]
    pub longest_minutes: u16,
    /// Largest answer, in MiB.
    #[serde(default = "default_most_mib")]
    pub most_mib: u64,
}

/// How a server writes rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullFormat {
    /// CSV.
    #[default]
    Csv,
    /// JSON.
    Json,
}

impl From<PullFormat> for Format {
    fn from(format: PullFormat) -> Self {
        match format {
            PullFormat::Csv => Self::Csv,
            PullFormat::Json => Self::Json,
        }
    }
}

impl CoreSettings {
    /// The file that it names.
    pub(super) fn file(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::Http { token_file, .. } => Some(token_file),
            Self::Demo { file, .. } => Some(file),
            Self::Imported { pull, .. } => pull.as_mut().map(|pull| &mut pull.client_secret_file),
        }
    }

    /// What must hold between values.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Http { url, .. } => private_url::check("core_system.url", url),
            Self::Imported {
                pull: Some(pull), ..
            } => {
                private_url::check("pull.url", &pull.url)?;
                private_url::check("pull.token_url", &pull.token_url)
            }
            Self::Imported { pull: None, .. } | Self::Demo { .. } => Ok(()),
        }
    }
}

fn default_timeout() -> u64 {
    3000
}

fn default_refusal() -> u64 {
    1500
}

fn default_most_rejected() -> u8 {
    10
}

fn default_every() -> u16 {
    10
}

fn default_pull_timeout() -> u64 {
    10_000
}

fn default_longest() -> u16 {
    60
}

fn default_most_mib() -> u64 {
    1024
}
