//! Settings: one TOML file, every key documented in `settings.example.toml`, unknown keys refused with line and column.
//!
//! Secrets are never in it, only the paths of their files. Relative paths count from the folder of the settings file.

mod anchor;
mod connections;
mod core_system;
mod database;
mod webhooks;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kiosk_api::{KioskId, TenantCode};
use serde::Deserialize;
use thiserror::Error;

use crate::private_url;

pub use anchor::AnchorSettings;
pub use connections::ConnectionSettings;
pub use core_system::{CoreSettings, PullFormat, PullSettings};
pub use webhooks::{WebhookSettings, networks};

/// Why settings are not used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, a value of another kind.
    #[error("{path}:{line}:{column}: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// Values that don't go together.
    #[error("{path}: {reason}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Everything that `cloud-api serve` reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`; a password comes from `database_password_file`.
    #[serde(default = "default_database")]
    pub database: String,
    /// File that holds the database password.
    #[serde(default)]
    pub database_password_file: Option<PathBuf>,
    /// Address of console, API, health and metrics; loopback only: TLS for people is a proxy's work.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// How people reach the console through that proxy, `https://name[:port]`.
    #[serde(default)]
    pub origin: Option<String>,
    /// The platform's own key: 32 bytes as base64. Without it the platform has no people.
    #[serde(default)]
    pub platform_key_file: Option<PathBuf>,
    /// htmx (`htmx.min.js` of the npm package htmx.org). Without it every page works, but lists do not renew themselves.
    #[serde(default)]
    pub htmx_file: Option<PathBuf>,
    /// Bounds of both listeners.
    #[serde(default)]
    pub connections: ConnectionSettings,
    /// The device API.
    #[serde(default)]
    pub device: Option<DeviceSettings>,
    /// Card login.
    #[serde(default)]
    pub card: Option<CardSettings>,
    /// Paper.
    #[serde(default)]
    pub paper: PaperSettings,
    /// Where the heads of the audit trails are anchored; without it nobody notices a trail that was cut off at its end.
    #[serde(default)]
    pub anchor: Option<AnchorSettings>,
    /// Networks that webhooks may reach although they are not public: `10.1.2.0/24`.
    #[serde(default)]
    pub webhook_networks: Vec<String>,
    /// The municipalities.
    #[serde(default)]
    pub tenant: Vec<TenantSettings>,
}

/// The mutual-TLS listener for kiosks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSettings {
    /// Its address.
    pub listen: SocketAddr,
    /// The service's certificate chain, PEM.
    pub certificate_file: PathBuf,
    /// Its private key, PEM.
    pub private_key_file: PathBuf,
    /// CA certificates that kiosks' certificates come from, PEM.
    pub kiosk_ca_file: PathBuf,
}

/// What makes a card's certificate good.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSettings {
    /// Folder of trust anchors (DER or PEM), matched by key.
    pub trust_anchors: PathBuf,
    /// Folder of CRLs (DER or PEM).
    pub revocation_lists: PathBuf,
    /// Folder of the keys (RSA, PEM or DER) of those who certify card-face issuers (証明者). Without it no card face is
    /// verified, and a household is released only where the core system knows the certificate as the resident's.
    #[serde(default)]
    pub face_authorities: Option<PathBuf>,
    /// Certificate policies, one of which a certificate must have; empty: any.
    #[serde(default)]
    pub policies: Vec<String>,
    /// How long a nonce lives, in seconds.
    #[serde(default = "default_nonce_seconds")]
    pub nonce_seconds: u32,
}

/// Drawing of forms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperSettings {
    /// Folders that hold Noto Sans CJK, Noto Serif CJK and IPAmj Mincho, searched two levels deep.
    #[serde(default = "default_fonts")]
    pub fonts: Vec<PathBuf>,
}

impl Default for PaperSettings {
    fn default() -> Self {
        Self {
            fonts: default_fonts(),
        }
    }
}

/// One municipality.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantSettings {
    /// 全国地方公共団体コード.
    pub code: TenantCode,
    /// Its name, for the console.
    pub name: String,
    /// Kiosks that may connect.
    #[serde(default)]
    pub kiosks: Vec<KioskId>,
    /// Names the key below; stands in every envelope.
    pub sealing_key_id: String,
    /// The town's X25519 private key: 32 bytes as base64. Made by `cloud-api sealing-key`.
    pub sealing_key_file: PathBuf,
    /// The public half as the town signed it, made by `cloud-api sealing-key-sign`: without it kiosks keep the key that they
    /// were set up with.
    #[serde(default)]
    pub sealing_key_signed_file: Option<PathBuf>,
    /// Ed25519 public keys that sign editions: `{ id, file }`, each file 32 bytes as base64.
    #[serde(default)]
    pub edition_keys: Vec<EditionKeySettings>,
    /// Folder of signed catalogue editions (`*.json`); the one signed last is served.
    #[serde(default)]
    pub catalogue: Option<PathBuf>,
    /// Folder of signed form editions (`*.json`); the one signed last is served.
    #[serde(default)]
    pub forms: Option<PathBuf>,
    /// The core system; without it nobody can be found.
    #[serde(default)]
    pub core_system: Option<CoreSettings>,
    /// Services that get what happens to applications.
    #[serde(default)]
    pub webhook: Vec<WebhookSettings>,
    /// The town's own OpenID provider, for people who log in; local accounts work beside it.
    #[serde(default)]
    pub openid: Option<OpenIdSettings>,
}

/// An OpenID provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdSettings {
    /// Its issuer, `https://…`.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// File that holds our client secret there.
    pub client_secret_file: PathBuf,
    /// The claim that holds the log-in name.
    #[serde(default = "default_claim")]
    pub login_claim: String,
    /// Where people come back to: the console's address as their browsers see it. Default: `origin`, else `http://` and `listen`.
    #[serde(default)]
    pub console: Option<String>,
}

fn default_claim() -> String {
    "preferred_username".to_owned()
}

/// A key that signs editions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionKeySettings {
    /// Its name in the editions.
    pub id: String,
    /// Public key file.
    pub file: PathBuf,
}

fn default_database() -> String {
    "sqlite:cloud-api.sqlite".to_owned()
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_fonts() -> Vec<PathBuf> {
    vec![PathBuf::from("/usr/share/fonts")]
}

fn default_nonce_seconds() -> u32 {
    180
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: default_database(),
            database_password_file: None,
            listen: default_listen(),
            origin: None,
            platform_key_file: None,
            htmx_file: None,
            connections: ConnectionSettings::default(),
            device: None,
            card: None,
            paper: PaperSettings::default(),
            anchor: None,
            webhook_networks: Vec::new(),
            tenant: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads a file and makes its paths absolute.
    ///
    /// # Errors
    /// Names file, line, column and reason.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut settings = Self::parse(path, &text)?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }

    /// Reads a text; `path` is for messages.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            SettingsError::Parse {
                path: path.to_owned(),
                line,
                column,
                reason: error.message().to_owned(),
            }
        })?;
        settings.check().map_err(|reason| SettingsError::Wrong {
            path: path.to_owned(),
            reason,
        })?;
        Ok(settings)
    }

    /// What must hold between values.
    ///
    /// # Errors
    /// The reason as a sentence.
    pub fn check(&self) -> Result<(), String> {
        if !self.listen.ip().is_loopback() {
            return Err(format!(
                "listen = {}: must be a loopback address; for other machines put a proxy with TLS before it and name it in origin",
                self.listen
            ));
        }
        if let Some(origin) = &self.origin
            && (!origin.starts_with("https://") || origin.ends_with('/'))
        {
            return Err(format!(
                "origin = {origin:?}: expected https://name[:port] without a path"
            ));
        }
        for (index, tenant) in self.tenant.iter().enumerate() {
            if self
                .tenant
                .iter()
                .take(index)
                .any(|other| other.code == tenant.code)
            {
                return Err(format!("tenant {} stands twice", tenant.code));
            }
            tenant
                .check()
                .map_err(|reason| format!("tenant {}: {reason}", tenant.code))?;
        }
        networks(&self.webhook_networks)?;
        self.connections.check()?;
        database::check(&self.database)?;
        if let Some(anchor) = &self.anchor {
            anchor.check()?;
        }
        if self
            .database
            .split_once("://")
            .is_some_and(|(_, rest)| password_in(rest))
        {
            return Err(
                "database: the password belongs in the file that database_password_file names"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// The console's address as people's browsers see it.
    #[must_use]
    pub fn console_address(&self) -> String {
        self.origin
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.listen))
    }

    fn resolve(&mut self, folder: &Path) {
        let absolute = |path: &mut PathBuf| *path = folder.join(&path);
        [
            &mut self.database_password_file,
            &mut self.platform_key_file,
            &mut self.htmx_file,
        ]
        .into_iter()
        .flatten()
        .for_each(absolute);
        if let Some(anchor) = &mut self.anchor {
            anchor.files().for_each(absolute);
        }
        if let Some(device) = &mut self.device {
            [
                &mut device.certificate_file,
                &mut device.private_key_file,
                &mut device.kiosk_ca_file,
            ]
            .into_iter()
            .for_each(absolute);
        }
        if let Some(card) = &mut self.card {
            [&mut card.trust_anchors, &mut card.revocation_lists]
                .into_iter()
                .chain(&mut card.face_authorities)
                .for_each(absolute);
        }
        self.paper.fonts.iter_mut().for_each(absolute);
        for tenant in &mut self.tenant {
            absolute(&mut tenant.sealing_key_file);
            tenant.sealing_key_signed_file.iter_mut().for_each(absolute);
            if let Some(openid) = &mut tenant.openid {
                absolute(&mut openid.client_secret_file);
            }
            tenant
                .edition_keys
                .iter_mut()
                .map(|key| &mut key.file)
                .for_each(absolute);
            tenant
                .catalogue
                .iter_mut()
                .chain(tenant.forms.iter_mut())
                .for_each(absolute);
            tenant
                .webhook
                .iter_mut()
                .map(|hook| &mut hook.secret_file)
                .for_each(absolute);
            let core = tenant.core_system.as_mut();
            core.and_then(CoreSettings::file).map(absolute);
        }
        if let Some(file) = self
            .database
            .strip_prefix("sqlite:")
            .filter(|file| !file.starts_with(':'))
        {
            let file = file.trim_start_matches("//");
            self.database = format!("sqlite:{}", folder.join(file).display());
        }
    }
}

impl TenantSettings {
    fn check(&self) -> Result<(), String> {
        if let Some(core) = &self.core_system {
            core.check()?;
        }
        if let Some(openid) = &self.openid {
            private_url::check("openid.issuer", &openid.issuer)?;
            if let Some(console) = &openid.console {
                private_url::check("openid.console", console)?;
            }
        }
        for (at, hook) in self.webhook.iter().enumerate() {
            hook.check()?;
            if self.webhook.iter().take(at).any(|one| one.id == hook.id) {
                return Err(format!("webhook {} stands twice", hook.id));
            }
        }
        Ok(())
    }
}

/// Whether `user:password@host` holds a password.
fn password_in(rest: &str) -> bool {
    rest.split('/')
        .next()
        .and_then(|authority| authority.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':'))
}

/// Line and column (both from 1, column in characters) of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before
            .get(line_start..)
            .map_or(0, |line| line.chars().count())
            + 1,
    )
}
