//! The command line.

pub(crate) mod output;
mod people;
mod register;
mod trail;

use std::error::Error;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use application::FormSet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Parser, Subcommand};
use cloud_api::clock::SystemClock;
use cloud_api::editions::Compile;
use cloud_api::settings::Settings;
use cloud_api::{process_memory, router, secret_file, serve, signing};
use cloud_store::Store;
use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::{Edition, SealingKey, TenantCode};
use tokio::sync::watch;

use self::output::{Outcome, print, tell};

/// The cloud service of Genkan (玄関).
#[derive(Parser)]
#[command(version)]
pub(crate) struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serves the device API, the API, the console, /healthz and /metrics.
    Serve(Serve),
    /// Signs or checks catalogue editions.
    #[command(subcommand)]
    Catalogue(EditionCommand),
    /// Signs or checks form editions.
    #[command(subcommand)]
    Forms(EditionCommand),
    /// Imports or exports a town's register.
    #[command(subcommand)]
    Core(register::RegisterCommand),
    /// Makes a key that signs editions: a private file and a public one.
    EditionKey {
        /// Where the private key (PKCS#8 PEM) goes.
        #[arg(long)]
        private: PathBuf,
        /// Where the public key (base64) goes.
        #[arg(long)]
        public: PathBuf,
    },
    /// Makes a town's sealing key and prints its public half.
    SealingKey {
        /// Where the private key (base64) goes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Signs the public half of a town's sealing key with one of its edition keys: kiosks take no other.
    SealingKeySign(SealingKeySign),
    /// Reads a settings file and says whether it is good.
    Check {
        /// The settings file.
        #[arg(long)]
        settings: PathBuf,
    },
    /// Prints the OpenAPI document.
    Openapi,
    /// Adds and confirms people.
    #[command(subcommand)]
    Staff(people::StaffCommand),
    /// Confirms machine clients.
    #[command(subcommand)]
    Clients(people::ClientsCommand),
    /// Exports or checks the audit trail.
    #[command(subcommand)]
    Audit(trail::AuditCommand),
    /// Brings a PostgreSQL schema up to date, as the owner of its tables, and gives the service's role what it needs of them
    /// and nothing more.
    Migrate {
        /// `postgres://owner@host/database`.
        #[arg(long)]
        owner_url: String,
        /// File that holds the owner's password.
        #[arg(long)]
        owner_password_file: Option<PathBuf>,
        /// The role that the service works as.
        #[arg(long, default_value = "genkan")]
        role: String,
    },
    /// Makes the platform's own key (32 random bytes, base64).
    PlatformKey {
        /// Where it goes.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Args)]
struct SealingKeySign {
    /// The town's edition key (Ed25519, PKCS#8 PEM).
    #[arg(long)]
    key: PathBuf,
    /// That key's name in the settings' edition_keys.
    #[arg(long)]
    key_id: String,
    /// The town.
    #[arg(long)]
    tenant: TenantCode,
    /// The sealing key's name in the settings (sealing_key_id).
    #[arg(long)]
    sealing_key_id: String,
    /// The sealing key's public half, as `sealing-key` printed it.
    #[arg(long)]
    public_key: String,
    /// Where the signed file goes (the settings' sealing_key_signed_file).
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct Serve {
    /// Settings (TOML); see settings.example.toml. Without it no town is served.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Database, instead of the settings': sqlite:PATH or postgres://…
    #[arg(long)]
    database: Option<String>,
    /// Address of console and API, instead of the settings'; loopback only.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

#[derive(Subcommand)]
enum EditionCommand {
    /// Signs the files of a folder as one edition, after checking that they compile.
    Sign(Sign),
    /// Checks a signed edition.
    Verify {
        /// The public key (base64).
        #[arg(long)]
        public_key: PathBuf,
        /// The signed edition (JSON).
        file: PathBuf,
    },
}

#[derive(Args)]
struct Sign {
    /// The private key (Ed25519, PKCS#8 PEM).
    #[arg(long)]
    key: PathBuf,
    /// The key's name in the settings' edition_keys.
    #[arg(long)]
    key_id: String,
    /// The town.
    #[arg(long)]
    tenant: TenantCode,
    /// The edition's name, e.g. 2026-04-01.1.
    #[arg(long)]
    edition: String,
    /// Where the signed edition goes; put it into the folder that the settings name.
    #[arg(long)]
    out: PathBuf,
    /// The folder of its files.
    folder: PathBuf,
}

pub(crate) fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    // The service says what the system forbids; here nobody asked.
    if !matches!(command.what, What::Serve(_)) {
        process_memory::protect();
    }
    let done = match command.what {
        What::Core(command) => return register::run(command),
        What::Serve(serve) => run_serve(serve),
        What::Catalogue(command) => edition::<Catalogue>(command),
        What::Forms(command) => edition::<FormSet>(command),
        What::EditionKey { private, public } => Ok(signing::new_edition_key(&private, &public)?),
        What::SealingKey { out } => print(&signing::new_sealing_key(&out)?),
        What::SealingKeySign(sign) => sign_sealing_key(sign),
        What::Check { settings } => check(&Settings::read(&settings)?),
        What::Staff(command) => people::run(command),
        What::Clients(command) => people::run_clients(command),
        What::Audit(command) => trail::run(command),
        What::Migrate {
            owner_url,
            owner_password_file,
            role,
        } => migrate(&owner_url, owner_password_file.as_deref(), &role),
        What::PlatformKey { out } => Ok(signing::new_platform_key(&out)?),
        What::Openapi => print(&router::document().to_pretty_json()?),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn sign_sealing_key(sign: SealingKeySign) -> Outcome {
    let public_key = STANDARD
        .decode(sign.public_key.trim())
        .map_err(|_| "--public-key: not base64")?;
    let key = SealingKey {
        key_id: sign.sealing_key_id,
        public_key: public_key.into(),
    };
    let signer = (sign.key_id.as_str(), sign.key.as_path());
    let signed = signing::sign_sealing_key(sign.tenant, key, Timestamp::now(), signer)?;
    write_whole(&sign.out, &serde_json::to_vec(&signed)?)?;
    tell(&format!("signed {}", signed.key.key_id));
    Ok(())
}

fn one_thread() -> Result<tokio::runtime::Runtime, std::io::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Settings were read; the walls of a PostgreSQL database are looked at, too.
fn check(settings: &Settings) -> Outcome {
    tell("settings are good");
    if settings.database.starts_with("postgres") {
        let store = one_thread()?.block_on(serve::open_store(settings))?;
        tell(&format!(
            "the walls of the {} database are good",
            store.kind()
        ));
    }
    Ok(())
}

fn migrate(url: &str, password: Option<&Path>, role: &str) -> Outcome {
    let read = |path: &Path| {
        secret_file::read_text(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let password = password.map(read).transpose()?;
    let password = password.as_ref().map(|text| text.trim());
    one_thread()?.block_on(Store::migrate(url, password, role))?;
    tell(&format!(
        "the schema is up to date; {role} may work with it"
    ));
    Ok(())
}

fn edition<T: Compile>(command: EditionCommand) -> Outcome {
    match command {
        EditionCommand::Sign(sign) => {
            let content = Edition {
                kind: T::KIND,
                tenant: sign.tenant,
                edition: sign.edition,
                signed_at: Timestamp::now(),
                files: signing::edition_files(&sign.folder)?,
            };
            let signed = signing::sign::<T>(content, &sign.key_id, &sign.key)?;
            write_whole(&sign.out, &serde_json::to_vec(&signed)?)?;
            tell(&format!(
                "signed {} files: {}",
                signed.content.files.len(),
                signed.etag()
            ));
            Ok(())
        }
        EditionCommand::Verify { public_key, file } => {
            let bytes =
                std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let signed = serde_json::from_slice(&bytes)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let edition = signing::verify::<T>(signed, &public_key)?;
            tell(&format!(
                "edition {} of {} holds",
                edition.edition, edition.tenant
            ));
            Ok(())
        }
    }
}

/// A service that watches the folder must never see half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    let half = path.with_extension("half");
    std::fs::write(&half, bytes).map_err(|error| format!("{}: {error}", half.display()))?;
    std::fs::rename(&half, path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(())
}

fn run_serve(serve: Serve) -> Outcome {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "info,sqlx=warn".into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    process_memory::protect();
    let mut settings = serve
        .settings
        .as_deref()
        .map(Settings::read)
        .transpose()?
        .unwrap_or_default();
    settings.database = serve.database.unwrap_or(settings.database);
    settings.listen = serve.listen.unwrap_or(settings.listen);
    settings.check()?;
    if settings.tenant.is_empty() {
        tracing::warn!("no [[tenant]] in the settings: no town is served");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve_until_signalled(&settings))
}

async fn serve_until_signalled(settings: &Settings) -> Outcome {
    let cloud = serve::open(settings, Arc::new(SystemClock)).await?;
    let bound = serve::bind(settings, cloud).await?;
    tracing::info!(address = %bound.office, "console and API: http");
    if let Some(device) = bound.device {
        tracing::info!(address = %device, "device API: https with client certificate");
    }
    let (stop, mut stopped) = watch::channel(false);
    tokio::spawn(async move {
        end_signal().await;
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    let serving = bound.run(stopped.clone());
    let too_long = async move {
        let _told = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(LONGEST_ENDING).await;
    };
    tokio::select! {
        ended = serving => ended?,
        // What was answered is stored; a request that hangs is the client's to repeat.
        () = too_long => tracing::warn!("ended before every connection was done"),
    }
    Ok(())
}

/// How long open requests may take to end with the service.
const LONGEST_ENDING: Duration = Duration::from_secs(10);

/// Ctrl-C, or the service manager's SIGTERM.
async fn end_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
