//! The two listeners, and how they end.

mod device_tls;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use cloud_store::{Store, StoreError};
use jiff::SignedDuration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::casework::lookup;
use crate::clock::Clock;
use crate::cloud::{CardLogin, Cloud, ConsoleConfig, Shared};
use crate::core_system::pull::{Limits, Pull, PullError};
use crate::form_renderer::FormRenderer;
use crate::jpki::{CardAuthority, CardFaces};
use crate::metrics::Metrics;
use crate::router::{device_router, office_router};
use crate::settings::{CoreSettings, Settings, networks};
use crate::staff::{HashQueue, end_failure_windows};
use crate::tenant::{RealmKey, Tenant, TenantError};
use crate::webhooks::{Guard, SystemResolver, Webhooks};

pub use device_tls::{DeviceTls, TlsError};

/// Why the service did not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A municipality.
    #[error("tenant {code}: {source}")]
    Tenant {
        /// Which.
        code: String,
        /// Why.
        source: TenantError,
    },
    /// The device listener's keys.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Networks that webhooks may reach.
    #[error("{0}")]
    Networks(String),
    /// A register that is to be fetched.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// A file that the settings name.
    #[error("{path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An address.
    #[error("{address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The threads that hash passwords.
    #[error("no thread for passwords: {0}")]
    Threads(#[source] std::io::Error),
    /// A listener ended by itself.
    #[error("listener: {0}")]
    Listener(#[from] std::io::Error),
}

/// Opens the database that the settings name.
///
/// # Errors
/// [`ServeError::Read`] or [`ServeError::Store`].
pub async fn open_store(settings: &Settings) -> Result<Store, ServeError> {
    let password = settings
        .database_password_file
        .as_ref()
        .map(|path| {
            std::fs::read_to_string(path)
                .map(zeroize::Zeroizing::new)
                .map_err(|source| ServeError::Read {
                    path: path.clone(),
                    source,
                })
        })
        .transpose()?;
    let store = Store::open(
        &settings.database,
        password.as_deref().map(|text| text.trim()),
    )
    .await?;
    Ok(store)
}

/// Opens everything that the settings name.
///
/// # Errors
/// [`ServeError`] names the file or address.
pub async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Shared, ServeError> {
    let store = open_store(settings).await?;
    let console = settings.console_address();
    let mut tenants = BTreeMap::new();
    for one in &settings.tenant {
        let tenant =
            Tenant::open(one, &store, &console, &clock).map_err(|source| ServeError::Tenant {
                code: one.code.to_string(),
                source,
            })?;
        tenants.insert(one.code.clone(), Arc::new(tenant));
    }
    let htmx = settings
        .htmx_file
        .as_ref()
        .map(|path| {
            std::fs::read(path).map_err(|source| ServeError::Read {
                path: path.clone(),
                source,
            })
        })
        .transpose()?;
    let platform_key = settings
        .platform_key_file
        .as_deref()
        .map(RealmKey::from_file)
        .transpose()
        .map_err(|source| ServeError::Tenant {
            code: "platform".to_owned(),
            source,
        })?;
    let card = settings.card.as_ref().map(|card| CardLogin {
        authority: CardAuthority::new(
            card.trust_anchors.clone(),
            card.revocation_lists.clone(),
            card.policies.clone(),
        ),
        faces: CardFaces::new(card.face_authorities.clone()),
        nonce_life: SignedDuration::from_secs(i64::from(card.nonce_seconds)),
    });
    Ok(Arc::new(Cloud {
        tenants,
        store,
        clock,
        card,
        metrics: Metrics::default(),
        renderer: FormRenderer::new(settings.paper.fonts.clone()),
        hashes: HashQueue::new().map_err(ServeError::Threads)?,
        console: ConsoleConfig {
            platform_key,
            origin: settings.origin.clone(),
            htmx,
        },
    }))
}

/// A service whose listeners are bound.
pub struct Bound {
    /// Where the office listens.
    pub office: SocketAddr,
    /// Where devices connect, when that is set up.
    pub device: Option<SocketAddr>,
    cloud: Shared,
    office_listener: TcpListener,
    device_listener: Option<(TcpListener, DeviceTls)>,
    pulls: Vec<Pull>,
    webhooks: Webhooks,
}

/// Binds the listeners; port 0 takes a free one.
///
/// # Errors
/// [`ServeError`].
pub async fn bind(settings: &Settings, cloud: Shared) -> Result<Bound, ServeError> {
    let (office_listener, office) = listen(settings.listen).await?;
    let (mut device, mut device_listener) = (None, None);
    if let Some(kiosks) = &settings.device {
        let tls = DeviceTls::from_files(kiosks)?;
        let (listener, address) = listen(kiosks.listen).await?;
        (device, device_listener) = (Some(address), Some((listener, tls)));
    }
    let pulls = pulls(settings, &cloud)?;
    let allowed = networks(&settings.webhook_networks).map_err(ServeError::Networks)?;
    let webhooks = Webhooks::new(Guard::new(Arc::new(SystemResolver), allowed));
    Ok(Bound {
        office,
        device,
        cloud,
        office_listener,
        device_listener,
        pulls,
        webhooks,
    })
}

/// The towns' registers that are fetched.
fn pulls(settings: &Settings, cloud: &Shared) -> Result<Vec<Pull>, PullError> {
    let mut pulls = Vec::new();
    for one in &settings.tenant {
        let Some(CoreSettings::Imported {
            resident_check_digit,
            most_rejected_percent,
            pull: Some(pull),
            ..
        }) = &one.core_system
        else {
            continue;
        };
        let limits = Limits {
            check_digit: *resident_check_digit,
            most_rejected_percent: *most_rejected_percent,
        };
        if let Some(tenant) = cloud.tenants.get(&one.code) {
            pulls.push(Pull::new(Arc::clone(tenant), pull, limits)?);
        }
    }
    Ok(pulls)
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

impl Bound {
    /// Serves until `stop` says so, then finishes what is being answered.
    ///
    /// # Errors
    /// When a listener fails.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<(), ServeError> {
        let mut devices = tokio::task::JoinSet::new();
        let mut errands = tokio::task::JoinSet::new();
        errands.spawn(end_failure_windows(self.cloud.clone(), stop.clone()));
        for pull in self.pulls {
            errands.spawn(pull.run(self.cloud.clone(), stop.clone()));
        }
        for tenant in self.cloud.tenants.values() {
            let (cloud, old) = (self.cloud.clone(), tenant.clone());
            errands.spawn(async move {
                match cloud.index_old(&old).await {
                    Ok(0) => {}
                    Ok(count) => tracing::info!(tenant = %old.code, count, "older applications can be found now"),
                    Err(error) => tracing::error!(tenant = %old.code, %error, "older applications are not found by name yet"),
                }
            });
            errands.spawn(lookup::run(
                self.cloud.clone(),
                tenant.clone(),
                stop.clone(),
            ));
            if !tenant.webhooks.is_empty() {
                let webhooks = self.webhooks.clone();
                errands.spawn(webhooks.run(self.cloud.clone(), tenant.clone(), stop.clone()));
            }
        }
        if let Some((listener, tls)) = self.device_listener {
            devices.spawn(device_tls::serve(
                listener,
                tls,
                device_router(self.cloud.clone()),
                stop.clone(),
            ));
        }
        let office = office_router(self.cloud.clone());
        axum::serve(self.office_listener, office)
            .with_graceful_shutdown(async move {
                // A sender that is gone means the same as "stop".
                let _ended = stop.wait_for(|stop| *stop).await;
            })
            .await?;
        while devices.join_next().await.is_some() {}
        while errands.join_next().await.is_some() {}
        self.cloud.store.close().await;
        Ok(())
    }
}
