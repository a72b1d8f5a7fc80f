//! The two listeners, and how they end.

mod anchoring;
mod bounds;
mod connection_limit;
mod device_tls;
mod http_connection;
mod listener;
mod paced_stream;
mod timed_body;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cloud_store::{Realm, RealmKeys, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::anchor::{AnchorFile, Anchoring, Anchors};
use crate::casework::lookup;
use crate::client_address::Proxies;
use crate::clock::Clock;
use crate::cloud::{CardLogin, Cloud, ConsoleConfig, Shared};
use crate::core_system::pull::{Limits, Pull, PullError};
use crate::form_renderer::FormRenderer;
use crate::jpki::{CardAuthority, CardFaces};
use crate::metrics::Metrics;
use crate::open_files;
use crate::refusal::Refusal;
use crate::router::{device_router, office_router};
use crate::secret_file;
use crate::settings::{ConnectionSettings, CoreSettings, DeviceSettings, Settings, networks};
use crate::staff::{HashQueue, end_failure_windows};
use crate::tenant::{RealmKey, Tenant, TenantError};
use crate::webhooks::{Guard, SystemResolver, Webhooks};

pub use device_tls::{DeviceTls, TlsError};

use self::bounds::bounds;
use self::connection_limit::{ConnectionLimit, OpenConnection};
use self::http_connection::Http;
use self::listener::accept;
use self::paced_stream::Patience;

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
    /// Bounds of the listeners.
    #[error("{0}")]
    Connections(String),
    /// Where heads of the trails are anchored.
    #[error("anchor: {0}")]
    Anchor(String),
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
    Listener(#[from] tokio::task::JoinError),
}

/// Opens the database that the settings name, with every realm's keys.
///
/// # Errors
/// [`ServeError::Read`], [`ServeError::Tenant`] or [`ServeError::Store`].
pub async fn open_store(settings: &Settings) -> Result<Store, ServeError> {
    let password = settings
        .database_password_file
        .as_ref()
        .map(|path| {
            secret_file::read_text(path).map_err(|source| ServeError::Read {
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
    Ok(store.with_keys(store_keys(settings)?))
}

/// The keys that authenticate what is stored, from every realm's own.
fn store_keys(settings: &Settings) -> Result<Vec<(Realm, RealmKeys)>, ServeError> {
    let mut keys = Vec::new();
    for town in &settings.tenant {
        let key = RealmKey::of_town(town).map_err(|source| ServeError::Tenant {
            code: town.code.to_string(),
            source,
        })?;
        keys.push((Realm::from(&town.code), key.store_keys()?));
    }
    if let Some(key) = platform_key(settings)? {
        keys.push((Realm::Platform, key.store_keys()?));
    }
    Ok(keys)
}

/// What the anchor file says of a realm; nothing, where there is no file or no key.
///
/// # Errors
/// [`ServeError::Read`].
pub fn anchors(settings: &Settings, store: &Store, realm: &Realm) -> Result<Anchors, ServeError> {
    let file = settings.anchor.as_ref().and_then(|one| one.file.clone());
    let (Some(file), Some(keys)) = (file, store.keys_of(realm)) else {
        return Ok(Anchors::default());
    };
    let anchors = AnchorFile::new(file.clone()).read(realm, &keys.head_key());
    anchors.map_err(|source| ServeError::Read { path: file, source })
}

fn platform_key(settings: &Settings) -> Result<Option<RealmKey>, ServeError> {
    let file = settings.platform_key_file.as_deref();
    let key = file.map(RealmKey::from_file).transpose();
    key.map_err(|source| ServeError::Tenant {
        code: "platform".to_owned(),
        source,
    })
}

/// Gives what an older program stored its tags; a line in the log says how much that was. A realm whose heads were anchored
/// has had its tags: if there are none, an old database was put back or another one put in its connection.
async fn adopt(store: &Store, settings: &Settings, now: Timestamp) -> Result<(), ServeError> {
    let towns = settings.tenant.iter().map(|town| Realm::from(&town.code));
    for realm in towns.chain([Realm::Platform]) {
        if !anchors(settings, store, &realm)?.heads.is_empty() {
            continue;
        }
        if let Some(adopted) = store.adopt(&realm, now).await? {
            tracing::warn!(
                %realm,
                applications = adopted.applications,
                revisions = adopted.revisions,
                accounts = adopted.accounts,
                entries = adopted.entries,
                "what an older program stored is authenticated from now on"
            );
        }
    }
    Ok(())
}

/// Opens everything that the settings name.
///
/// # Errors
/// [`ServeError`] names the file or address.
pub async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Shared, ServeError> {
    let store = open_store(settings).await?;
    adopt(&store, settings, clock.now()).await?;
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
    let platform_key = platform_key(settings)?;
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
        anchors: settings
            .anchor
            .as_ref()
            .and_then(|anchor| anchor.file.clone())
            .map(AnchorFile::new),
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
    office_limit: Arc<ConnectionLimit>,
    device_listener: Option<(TcpListener, Arc<ConnectionLimit>, DeviceTls)>,
    patience: Patience,
    proxies: Proxies,
    pulls: Vec<Pull>,
    webhooks: Webhooks,
    anchoring: Option<Arc<Anchoring>>,
}

/// Binds the listeners; port 0 takes a free one.
///
/// # Errors
/// [`ServeError`].
pub async fn bind(settings: &Settings, cloud: Shared) -> Result<Bound, ServeError> {
    let connections = &settings.connections;
    let origin = settings.origin.as_deref();
    let proxies = connections
        .proxies(origin)
        .map_err(ServeError::Connections)?;
    let (office_bound, device_bound) =
        bounds(connections, open_files::raise()).map_err(ServeError::Connections)?;
    let limit = |bound: bounds::Bound| {
        Arc::new(ConnectionLimit::new(
            bound.most,
            bound.per_address,
            proxies.clone(),
        ))
    };
    let (office_listener, office) = listen(settings.listen).await?;
    let (mut device, mut device_listener) = (None, None);
    if let Some(kiosks) = &settings.device {
        let (listener, address, tls) = bind_device(kiosks).await?;
        (device, device_listener) = (Some(address), Some((listener, limit(device_bound), tls)));
    }
    let pulls = pulls(settings, &cloud)?;
    let allowed = networks(&settings.webhook_networks).map_err(ServeError::Networks)?;
    let guard = Guard::new(Arc::new(SystemResolver), allowed);
    let anchoring = settings.anchor.as_ref();
    let anchoring = anchoring.map(|one| anchoring::open(one, guard.clone()));
    let webhooks = Webhooks::new(guard);
    Ok(Bound {
        office,
        device,
        cloud,
        office_listener,
        office_limit: limit(office_bound),
        device_listener,
        patience: patience(connections),
        proxies,
        pulls,
        webhooks,
        anchoring: anchoring
            .transpose()
            .map_err(ServeError::Anchor)?
            .map(Arc::new),
    })
}

async fn bind_device(
    settings: &DeviceSettings,
) -> Result<(TcpListener, SocketAddr, DeviceTls), ServeError> {
    let tls = DeviceTls::from_files(settings)?;
    let (listener, address) = listen(settings.listen).await?;
    Ok((listener, address, tls))
}

fn patience(settings: &ConnectionSettings) -> Patience {
    Patience {
        hello: Duration::from_millis(settings.hello_ms),
        handshake: Duration::from_millis(settings.handshake_ms),
        head: Duration::from_millis(settings.head_ms),
        body: Duration::from_millis(settings.body_ms),
        idle: Duration::from_millis(settings.idle_ms),
        answer: Duration::from_millis(settings.answer_ms),
    }
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
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), ServeError> {
        let http = |router| Http {
            router,
            patience: self.patience,
            proxies: self.proxies.clone(),
            stop: stop.clone(),
        };
        let office = http(office_router(self.cloud.clone()));
        let device = http(device_router(self.cloud.clone()));
        let cloud = self.cloud.clone();
        let mut errands = errands(&self.cloud, self.pulls, &self.webhooks, &stop);
        errands.spawn(end_failure_windows(self.cloud.clone(), stop.clone()));
        if let Some(anchoring) = self.anchoring {
            errands.spawn(anchoring.run(self.cloud.clone(), stop.clone()));
        }
        let mut listeners = JoinSet::new();
        if let Some((listener, limit, tls)) = self.device_listener {
            listeners.spawn(device_tls::serve(listener, limit, tls, device));
        }
        let people = move |stream, peer, connection: Arc<OpenConnection>| {
            office.clone().serve(stream, peer, connection)
        };
        listeners.spawn(accept(
            self.office_listener,
            self.office_limit,
            stop,
            people,
        ));
        while let Some(ended) = listeners.join_next().await {
            ended?;
        }
        while errands.join_next().await.is_some() {}
        cloud.store.close().await;
        Ok(())
    }
}

/// What is done for each town beside the listeners.
fn errands(
    cloud: &Shared,
    pulls: Vec<Pull>,
    webhooks: &Webhooks,
    stop: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut errands = JoinSet::new();
    for pull in pulls {
        errands.spawn(pull.run(cloud.clone(), stop.clone()));
    }
    for tenant in cloud.tenants.values() {
        errands.spawn(index_old(cloud.clone(), tenant.clone()));
        errands.spawn(lookup::run(cloud.clone(), tenant.clone(), stop.clone()));
        if !tenant.webhooks.is_empty() {
            let webhooks = webhooks.clone();
            errands.spawn(webhooks.run(cloud.clone(), tenant.clone(), stop.clone()));
        }
    }
    errands
}

async fn index_old(cloud: Shared, tenant: Arc<Tenant>) {
    match cloud.index_old(&tenant).await {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(tenant = %tenant.code, count, "older applications can be found now")
        }
        Err(Refusal(problem)) => {
            tracing::error!(tenant = %tenant.code, code = ?problem.code, "older applications are not found by name yet")
        }
    }
}
