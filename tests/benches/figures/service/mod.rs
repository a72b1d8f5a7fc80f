//! The cloud service under load: real processes of the program, on both databases, asked over HTTP and mutual TLS.

pub(crate) mod accepting;
pub(crate) mod log_ins;
pub(crate) mod outage;
pub(crate) mod replicas;
pub(crate) mod search;
pub(crate) mod silent;
mod towns;
mod visits;

use std::fs::Permissions;
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use cloud_api::clock::{Clock as _, SystemClock};
use jiff::civil::Date;
use kiosk::cloud::Cloud;
use kiosk_api::TenantCode;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::Done;
use crate::house::House;
use crate::postgres::Cluster;
use crate::running::program;

/// Work of many kiosks at once, waited for.
fn wait<T>(work: impl Future<Output = Done<T>>) -> Done<T> {
    Runtime::new()?.block_on(work)
}

/// Where the service keeps what it has.
enum Database {
    Sqlite(TempDir),
    Postgresql(Cluster),
}

impl Database {
    fn sqlite() -> Done<Self> {
        let parent = tidy::root().join("target/bench");
        std::fs::create_dir_all(&parent)?;
        Ok(Self::Sqlite(tempfile::tempdir_in(parent)?))
    }

    /// As Debian sets it up: every commit waits for the disk.
    fn postgresql() -> Done<Self> {
        let cluster = Cluster::start_with("");
        let mut migrate = std::process::Command::new(service()?);
        migrate.args(["migrate", "--owner-url", &cluster.migrator_url()]);
        if !migrate.status()?.success() {
            return Err("the database was not migrated".into());
        }
        Ok(Self::Postgresql(cluster))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgresql(_) => "postgresql",
        }
    }

    fn file(folder: &TempDir) -> PathBuf {
        folder.path().join("cloud.sqlite")
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", Self::file(folder).display()),
            Self::Postgresql(cluster) => cluster.url(),
        }
    }
}

/// As the service's own clock says.
fn today() -> Date {
    SystemClock.today()
}

/// The service's program: beside this one, or another build of it that `GENKAN_CLOUD_API` names.
fn service() -> Done<PathBuf> {
    match std::env::var_os("GENKAN_CLOUD_API") {
        Some(other) => Ok(other.into()),
        None => program("cloud-api"),
    }
}

/// A kiosk's own client, with a certificate of its own, to a device listener.
fn line(house: &House, town: &TenantCode, kiosk: &str, device: &str) -> Done<Cloud> {
    let (certificate, key) = house.certificate(town, kiosk);
    let place = |end: &str| house.at(&format!("{town}-{kiosk}.{end}"));
    std::fs::write(place("pem"), certificate)?;
    std::fs::write(place("key"), key)?;
    std::fs::set_permissions(place("key"), Permissions::from_mode(0o600))?;
    let file = |path: &Path| kiosk::settings::FilePath::from(path);
    let settings = kiosk::settings::Cloud {
        url: format!("https://{device}").try_into()?,
        client_certificate: file(&place("pem")),
        client_key: file(&place("key")),
        authority: file(&house.at("ca.pem")),
        edition_keys: file(&house.at("edition-keys")),
        sealing_key: file(&house.at("sealing-key")),
        // Ten times a kiosk's own patience: here all of them share the service's machine.
        connect_ms: 30_000,
        answer_ms: 150_000,
        heartbeat_seconds: 60,
        edition_seconds: 3_600,
    };
    Ok(Cloud::new(&settings, town.clone())?)
}
