//! The command line.

mod card;
mod doctor;
mod ending;
mod glass;
mod guide;
mod notice;
mod parts;
mod run;
mod service;

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiosk::settings::{Loopback, NoSettings, Screen, WebScreen};
use tracing_subscriber::EnvFilter;

/// Genkan: the kiosk in a town hall's lobby (玄関 窓口端末).
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the kiosk until it is ended.
    Run {
        /// The settings file.
        #[arg(long)]
        settings: PathBuf,
    },
    /// Show that this kiosk cannot work, and to staff why, until it is ended.
    Notice {
        /// A file that begins with a word for the reason, and may have a second line for technicians; absent or unknown: the
        /// kiosk itself does not start.
        #[arg(long)]
        why_file: PathBuf,
        /// The folder of the shipped data.
        #[arg(long)]
        assets: PathBuf,
        /// In a browser tab on this loopback address instead of the display itself.
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Answer a guidance document (手続きガイダンス) with the same bytes as the cloud's interface.
    Guide {
        /// The document: as_of, event, household, persons.
        facts: PathBuf,
        /// Use the catalogue of this kiosk instead of the shipped one.
        #[arg(long)]
        settings: Option<PathBuf>,
        /// The folder of the shipped data.
        #[arg(long)]
        assets: Option<PathBuf>,
    },
    /// Test the card reader with a test card: tries left, four items, login, number of commands.
    Card {
        /// A file with the four digits; never an argument, which everybody on the machine could read.
        #[arg(long)]
        pin_file: PathBuf,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
        /// Show the four items instead of masking them.
        #[arg(long)]
        show: bool,
        /// Use the reader of these settings instead of the first PC/SC reader.
        #[arg(long)]
        settings: Option<PathBuf>,
    },
    /// Look at every part: found, state, version, last error.
    Doctor {
        /// The settings file.
        #[arg(long)]
        settings: PathBuf,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs what the command line says. 0: done; 1: it did not work; 2: the command line or a file it names is wrong.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    log();
    let done = match arguments.command {
        Command::Run { settings } => run::run(&settings),
        Command::Notice {
            why_file,
            assets,
            listen,
        } => notice::notice(&why_file, &assets, &glass_of(listen)),
        Command::Guide {
            facts,
            settings,
            assets,
        } => guide::guide(&facts, settings.as_deref(), assets),
        Command::Card {
            pin_file,
            json,
            show,
            settings,
        } => card::card(&pin_file, json, show, settings.as_deref()),
        Command::Doctor { settings, json } => doctor::doctor(&settings, json),
    };
    done.unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "kiosk: {}", failure.reason);
        ExitCode::from(failure.code)
    })
}

/// The display itself, as on the image, or a browser tab.
fn glass_of(listen: Option<SocketAddr>) -> Screen {
    match listen {
        Some(address) => Screen::Web(WebScreen {
            listen: Loopback(address),
        }),
        None => Screen::Kms(NoSettings {}),
    }
}

/// Kinds of events to standard error; `RUST_LOG` says which. Never people.
fn log() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,kiosk=info,devices=info,ui=info,session=info"));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(filter)
        .init();
}

/// Why a command ended.
struct Failure {
    code: u8,
    reason: String,
}

impl Failure {
    /// A file or argument is wrong.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "used as map_err(Failure::input)"
    )]
    fn input(error: impl ToString) -> Self {
        Self {
            code: 2,
            reason: error.to_string(),
        }
    }

    /// It did not work.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "used as map_err(Failure::work)"
    )]
    fn work(error: impl ToString) -> Self {
        Self {
            code: 1,
            reason: error.to_string(),
        }
    }
}

type Done = Result<ExitCode, Failure>;

/// Writes an answer to standard output.
fn answer(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Failure::work)
}

/// Writes a JSON answer, for people too.
fn answer_json(value: &serde_json::Value) -> Result<(), Failure> {
    answer(format!("{value:#}\n").as_bytes())
}
