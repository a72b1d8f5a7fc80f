//! One municipality at run time: its keys, kiosks, editions and core system.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use application::era::Eras;
use application::{Application, FormSet};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_store::{RealmKeys, Store, StoreError};
use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::{
    EnvelopeError, KioskId, Problem, ProblemCode, SignedSealingKey, TenantCode, TenantPrivateKey,
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::core_system::{
    CoreError, CoreSystem, DemoCore, DemoError, HttpCore, HttpCoreError, ImportedCore, RegisterKeys,
};
use crate::editions::{Compile, Publication, Published, verify_ed25519};
use crate::refusal::Refusal;
use crate::secret_file;
use crate::settings::{CoreSettings, OpenIdSettings, TenantSettings, WebhookSettings};
use crate::staff::{Provider, ProviderError};
use crate::town_catalogue::CatalogueCache;
use crate::webhooks::{SecretError, SigningSecret, Webhook};

/// Why a tenant cannot be served.
#[derive(Debug, Error)]
pub enum TenantError {
    /// A file that the settings name.
    #[error("{path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key file is not 32 bytes as base64.
    #[error("{path}: expected 32 bytes as base64 on one line")]
    Key {
        /// Which.
        path: PathBuf,
    },
    /// The signed half of the sealing key.
    #[error("{path}: {reason}")]
    Signed {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The sealing key.
    #[error("{path}: {source}")]
    Sealing {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// The OpenID provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The core system's adapter.
    #[error(transparent)]
    Http(#[from] HttpCoreError),
    /// The demo register.
    #[error("{path}: {source}")]
    Demo {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: DemoError,
    },
    /// A webhook's secret.
    #[error("{path}: {source}")]
    Webhook {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: SecretError,
    },
    /// A webhook's address or events.
    #[error("{0}")]
    WebhookSettings(String),
    /// The keys of the imported register.
    #[error(transparent)]
    Register(CoreError),
}

/// A realm's own secret, from which keys for single purposes are derived (HKDF-SHA256, RFC 5869).
#[derive(Clone)]
pub struct RealmKey(Zeroizing<Vec<u8>>);

impl RealmKey {
    /// From the realm's private key.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// From a file of 32 bytes as base64 on one line.
    ///
    /// # Errors
    /// [`TenantError`] names the file.
    pub fn from_file(path: &Path) -> Result<Self, TenantError> {
        key_file(path).map(Self)
    }

    /// The key of a town: its sealing key.
    ///
    /// # Errors
    /// [`TenantError`] names the file.
    pub fn of_town(settings: &TenantSettings) -> Result<Self, TenantError> {
        sealing_key(settings).map(|key| Self(key.to_bytes()))
    }

    /// The keys that authenticate what is stored for the realm.
    ///
    /// # Errors
    /// When the cryptography refuses, which it has no reason to.
    pub fn store_keys(&self) -> Result<RealmKeys, StoreError> {
        RealmKeys::new(|purpose| self.derive(&format!("store {purpose}")))
    }

    /// The key for one purpose; knowing it tells nothing about another purpose's.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let salt = Salt::new(HKDF_SHA256, b"genkan realm 1");
        // Expanding to the length of the hash cannot fail.
        let _filled = salt
            .extract(&self.0)
            .expand(&[purpose.as_bytes()], HKDF_SHA256)
            .and_then(|material| material.fill(&mut *key));
        key
    }
}

/// A core system with the time that its refusals keep.
#[derive(Clone)]
pub struct Core {
    /// The adapter.
    pub system: Arc<dyn CoreSystem>,
    /// "Nobody matched" never goes out sooner than this after the request: the time that it takes must not tell whether a
    /// protected household was looked at.
    pub refusal_after: Duration,
}

/// A municipality.
pub struct Tenant {
    /// 全国地方公共団体コード
    pub code: TenantCode,
    /// Its name.
    pub name: String,
    /// Kiosks that may connect.
    pub kiosks: BTreeSet<KioskId>,
    /// Names the sealing key.
    pub sealing_key_id: String,
    /// Opens envelopes.
    pub sealing_key: TenantPrivateKey,
    /// Its public half as kiosks get it, signed by the town.
    pub signed_sealing_key: Option<SignedSealingKey>,
    /// Catalogue editions.
    pub catalogue: Option<Publication<Catalogue>>,
    /// The catalogue with the town's masters over it, as last made.
    pub catalogue_cache: CatalogueCache,
    /// Form editions.
    pub forms: Option<Publication<FormSet>>,
    /// The core system.
    pub core: Option<Core>,
    /// Services that get what happens to applications.
    pub webhooks: Vec<Webhook>,
    /// The town's own OpenID provider.
    pub provider: Option<Arc<Provider>>,
}

impl Tenant {
    /// Reads the files that the settings name; `console` is the console's address as people's browsers see it.
    ///
    /// # Errors
    /// [`TenantError`] names the file.
    pub fn open(
        settings: &TenantSettings,
        store: &Store,
        console: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, TenantError> {
        let keys = settings
            .edition_keys
            .iter()
            .map(|key| {
                Ok((
                    key.id.clone(),
                    key_bytes(&read(&key.file)?, &key.file)?.to_vec(),
                ))
            })
            .collect::<Result<Vec<_>, TenantError>>()?;
        let sealing_key = sealing_key(settings)?;
        let code = &settings.code;
        let signed = settings.sealing_key_signed_file.as_deref();
        let signed_sealing_key = signed
            .map(|path| signed_key(path, code, &keys, &settings.sealing_key_id, &sealing_key))
            .transpose()?;
        let mut tenant = Self {
            code: code.clone(),
            name: settings.name.clone(),
            kiosks: settings.kiosks.iter().cloned().collect(),
            sealing_key_id: settings.sealing_key_id.clone(),
            sealing_key,
            signed_sealing_key,
            catalogue: settings
                .catalogue
                .clone()
                .map(|folder| publication(folder, code, &keys, clock)),
            catalogue_cache: CatalogueCache::default(),
            forms: settings
                .forms
                .clone()
                .map(|folder| publication(folder, code, &keys, clock)),
            core: None,
            webhooks: webhooks(&settings.webhook)?,
            provider: settings
                .openid
                .as_ref()
                .map(|openid| provider(openid, code, console))
                .transpose()?,
        };
        if let Some(core_system) = &settings.core_system {
            tenant.core = Some(tenant.core(core_system, store)?);
        }
        Ok(tenant)
    }

    fn core(&self, settings: &CoreSettings, store: &Store) -> Result<Core, TenantError> {
        let (system, refusal_after_ms): (Arc<dyn CoreSystem>, u64) = match settings {
            CoreSettings::Http {
                url,
                token_file,
                timeout_ms,
                refusal_after_ms,
            } => {
                let token = read_secret(token_file)?;
                let http = HttpCore::new(url, &token, Duration::from_millis(*timeout_ms))?;
                (Arc::new(http), *refusal_after_ms)
            }
            CoreSettings::Demo {
                file,
                refusal_after_ms,
            } => {
                let demo =
                    DemoCore::from_json(&read(file)?).map_err(|source| TenantError::Demo {
                        path: file.clone(),
                        source,
                    })?;
                (Arc::new(demo), *refusal_after_ms)
            }
            CoreSettings::Imported {
                refusal_after_ms, ..
            } => {
                let keys = Arc::new(self.register_keys().map_err(TenantError::Register)?);
                let imported = ImportedCore::new(store.clone(), self.code.clone(), keys);
                (Arc::new(imported), *refusal_after_ms)
            }
        };
        Ok(Core {
            system,
            refusal_after: Duration::from_millis(refusal_after_ms),
        })
    }

    /// The key that this town's other keys are derived from.
    #[must_use]
    pub fn key(&self) -> RealmKey {
        RealmKey::new(self.sealing_key.to_bytes())
    }

    /// What seals and finds rows of the town's imported register.
    ///
    /// # Errors
    /// When the cryptography refuses, which it has no reason to.
    pub fn register_keys(&self) -> Result<RegisterKeys, CoreError> {
        RegisterKeys::derive(&self.code, &self.sealing_key, &self.sealing_key_id)
    }

    /// The catalogue edition in use, as signed; [`Cloud::catalogue`](crate::cloud::Cloud::catalogue) has the masters
    /// over it.
    pub fn edition(&self) -> Option<Arc<Published<Catalogue>>> {
        self.catalogue.as_ref().and_then(Publication::current)
    }

    /// The forms in use.
    pub fn forms(&self) -> Option<Arc<Published<FormSet>>> {
        self.forms.as_ref().and_then(Publication::current)
    }

    /// The forms that an application was made with: the edition that it names, else the one in use when it came.
    ///
    /// # Errors
    /// The named edition is not in the folder any more; no other will do, since it would print another form.
    pub fn forms_of(
        &self,
        application: &Application,
        came: Timestamp,
    ) -> Result<Arc<Published<FormSet>>, Refusal> {
        let forms = self.forms.as_ref();
        let found = match &application.forms_edition {
            Some(etag) => forms.and_then(|forms| forms.named(etag)),
            None => forms.and_then(|forms| forms.at(came)),
        };
        found.ok_or_else(|| {
            let problem = Problem::new(ProblemCode::EditionMissing);
            let problem = match &application.forms_edition {
                Some(etag) => problem.detail(format!(
                    "forms edition {etag} is not in the town's folder; put its file back"
                )),
                None => problem,
            };
            problem.into()
        })
    }

    /// The eras of the forms in use; without forms, dates stay western.
    pub fn eras(&self) -> Eras {
        self.forms()
            .map_or_else(|| Eras::new(Vec::new()), |forms| forms.value.eras().clone())
    }
}

fn webhooks(settings: &[WebhookSettings]) -> Result<Vec<Webhook>, TenantError> {
    let webhook = |one: &WebhookSettings| {
        let path = &one.secret_file;
        let secret =
            SigningSecret::parse(&read_secret(path)?).map_err(|source| TenantError::Webhook {
                path: path.clone(),
                source,
            })?;
        Ok(Webhook {
            id: one.id.clone(),
            url: one.parsed_url().map_err(TenantError::WebhookSettings)?,
            secret,
            events: one.parsed_events().map_err(TenantError::WebhookSettings)?,
        })
    };
    settings.iter().map(webhook).collect()
}

fn provider(
    settings: &OpenIdSettings,
    code: &TenantCode,
    console: &str,
) -> Result<Arc<Provider>, TenantError> {
    let secret = read_secret(&settings.client_secret_file)?;
    let console = settings.console.as_deref().unwrap_or(console);
    let callback = format!("{console}/console/{code}/provider/back");
    let provider = Provider::new(
        &settings.issuer,
        &settings.client_id,
        &secret,
        &settings.login_claim,
        &callback,
    )?;
    Ok(Arc::new(provider))
}

/// A file that others may read, too.
fn read(path: &Path) -> Result<String, TenantError> {
    std::fs::read_to_string(path).map_err(|source| TenantError::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_secret(path: &Path) -> Result<Zeroizing<String>, TenantError> {
    secret_file::read_text(path).map_err(|source| TenantError::Read {
        path: path.to_owned(),
        source,
    })
}

fn sealing_key(settings: &TenantSettings) -> Result<TenantPrivateKey, TenantError> {
    let path = &settings.sealing_key_file;
    TenantPrivateKey::from_bytes(&key_file(path)?).map_err(|source| TenantError::Sealing {
        path: path.clone(),
        source,
    })
}

/// A secret key.
fn key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, TenantError> {
    key_bytes(&read_secret(path)?, path)
}

/// 32 bytes as base64 on one line.
fn key_bytes(text: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, TenantError> {
    let bytes = STANDARD
        .decode(text.trim())
        .map(Zeroizing::new)
        .unwrap_or_default();
    if bytes.len() == 32 {
        Ok(bytes)
    } else {
        Err(TenantError::Key {
            path: path.to_owned(),
        })
    }
}

fn publication<T: Compile>(
    folder: PathBuf,
    tenant: &TenantCode,
    keys: &[(String, Vec<u8>)],
    clock: &Arc<dyn Clock>,
) -> Publication<T> {
    Publication::new(folder, tenant.clone(), keys.to_vec(), Arc::clone(clock))
}

/// The file must be this town's, signed by one of its edition keys, and of this very key: kiosks would seal to another one.
fn signed_key(
    path: &Path,
    tenant: &TenantCode,
    keys: &[(String, Vec<u8>)],
    key_id: &str,
    own: &TenantPrivateKey,
) -> Result<SignedSealingKey, TenantError> {
    let wrong = |reason: String| TenantError::Signed {
        path: path.to_owned(),
        reason,
    };
    let signed: SignedSealingKey =
        serde_json::from_str(&read(path)?).map_err(|error| wrong(error.to_string()))?;
    let key = signed.open(tenant, None, keys, verify_ed25519);
    let key = key.map_err(|error| wrong(error.to_string()))?;
    if key.key_id != key_id || key.public_key.0 != own.public().to_bytes() {
        return Err(wrong(format!("is not the public half of {key_id}")));
    }
    Ok(signed)
}
