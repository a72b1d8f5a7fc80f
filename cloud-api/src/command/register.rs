//! `cloud-api core …`: the imported register of a town, from and to files.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use cloud_api::clock::{Clock, SystemClock};
use cloud_api::core_system::RegisterKeys;
use cloud_api::core_system::import::{
    Encoding, Format, Import, ImportError, Kind, Origin, Report, export,
};
use cloud_api::serve;
use cloud_api::settings::{CoreSettings, Settings, TenantSettings};
use cloud_api::tenant::Tenant;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Realm, Store};
use kiosk_api::TenantCode;

use super::output::tell;

/// Rows between two lines of progress.
const STEP: u64 = 10_000;

type Failed = Box<dyn std::error::Error>;

#[derive(Subcommand)]
pub(crate) enum RegisterCommand {
    /// Imports a register; the report goes to standard output. Exit code 0: every row is in; 2: rows were left out;
    /// 1: nothing was changed.
    Import(ImportCommand),
    /// Writes the imported register to a file that only its owner may read.
    Export(ExportCommand),
}

#[derive(Args)]
pub(crate) struct Town {
    /// The settings file.
    #[arg(long)]
    settings: PathBuf,
    /// The town.
    #[arg(long)]
    tenant: TenantCode,
}

#[derive(Args)]
pub(crate) struct ImportCommand {
    #[command(flatten)]
    town: Town,
    /// Whether the file holds every resident or what changed.
    #[arg(long)]
    kind: KindName,
    /// How the file is written.
    #[arg(long)]
    format: FormatName,
    /// Its encoding: auto, utf-8 or shift_jis.
    #[arg(long, default_value = "auto")]
    encoding: Encoding,
    /// The file; see docs/core-system-import.md.
    file: PathBuf,
}

#[derive(Args)]
pub(crate) struct ExportCommand {
    #[command(flatten)]
    town: Town,
    /// How the file is written.
    #[arg(long)]
    format: FormatName,
    /// The file; it must not be there yet.
    file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    Full,
    Delta,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Json,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Full => Self::Full,
            KindName::Delta => Self::Delta,
        }
    }
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Json => Self::Json,
        }
    }
}

pub(crate) fn run(command: RegisterCommand) -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match command {
            RegisterCommand::Import(command) => import(command).await,
            RegisterCommand::Export(command) => write(command).await,
        }
    })
}

/// A town whose register is imported.
struct Opened {
    store: Store,
    tenant: Tenant,
    keys: Arc<RegisterKeys>,
    check_digit: bool,
    most_rejected_percent: u8,
}

async fn open(town: &Town) -> Result<Opened, Failed> {
    let settings = Settings::read(&town.settings)?;
    let named = |one: &&TenantSettings| one.code == town.tenant;
    let Some(one) = settings.tenant.iter().find(named) else {
        return Err(format!("{}: no tenant {}", town.settings.display(), town.tenant).into());
    };
    let Some(CoreSettings::Imported {
        resident_check_digit,
        most_rejected_percent,
        ..
    }) = one.core_system
    else {
        let reason = "its core_system is not of kind \"imported\"";
        return Err(format!("tenant {}: {reason}", town.tenant).into());
    };
    let store = serve::open_store(&settings).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tenant = Tenant::open(one, &store, &settings.console_address(), &clock)?;
    Ok(Opened {
        keys: Arc::new(tenant.register_keys()?),
        store,
        tenant,
        check_digit: resident_check_digit,
        most_rejected_percent,
    })
}

async fn import(command: ImportCommand) -> Result<ExitCode, Failed> {
    let file = named(&command.file, File::open(&command.file))?;
    let opened = open(&command.town).await?;
    let import = Import {
        tenant: opened.tenant.code.clone(),
        keys: opened.keys,
        forms: opened.tenant.forms().ok_or(ImportError::NoForms)?,
        kind: command.kind.into(),
        format: command.format.into(),
        encoding: command.encoding,
        check_digit: opened.check_digit,
        most_rejected_percent: opened.most_rejected_percent,
        now: SystemClock.now(),
        today: SystemClock.today(),
        origin: Origin::File,
        cursor: None,
    };
    let mut reported = 0;
    let progress = |rows: u64| {
        if rows / STEP > reported {
            reported = rows / STEP;
            tell(&format!("{rows} rows"));
        }
    };
    let imported = import.run(&opened.store, file, progress).await;
    opened.store.close().await;
    match imported {
        Ok(report) => {
            tell(&summary(&report));
            print(&report)?;
            Ok(match report.rejected_rows {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(2),
            })
        }
        Err(ImportError::TooManyRejected { report, percent }) => {
            print(&report)?;
            Err(ImportError::TooManyRejected { report, percent }.into())
        }
        Err(error) => Err(format!("{}: {error}", command.file.display()).into()),
    }
}

fn summary(report: &Report) -> String {
    format!(
        "{} taken in, {} taken out, {} left out",
        report.accepted, report.deleted, report.rejected_rows
    )
}

fn print(report: &Report) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, report)?;
    Ok(writeln!(out)?)
}

async fn write(command: ExportCommand) -> Result<ExitCode, Failed> {
    let opened = open(&command.town).await?;
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&command.file);
    let mut file = BufWriter::new(named(&command.file, file)?);
    let format = command.format.into();
    let code = &opened.tenant.code;
    // Before the first row is read: an export that breaks off has read what it has read.
    let record = AuditRecord::new(SystemClock.now(), Actor::Command, AuditEvent::Exported);
    opened.store.record(&Realm::from(code), &record).await?;
    let written = export(&opened.store, code, &opened.keys, &mut file, format).await;
    opened.store.close().await;
    let count = written?;
    file.flush()?;
    tell(&format!("{count} residents written"));
    Ok(ExitCode::SUCCESS)
}

fn named<T>(path: &Path, result: std::io::Result<T>) -> Result<T, Failed> {
    result.map_err(|error| format!("{}: {error}", path.display()).into())
}
