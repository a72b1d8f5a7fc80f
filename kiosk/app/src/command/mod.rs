//! The command line.

mod arguments;
mod card;
mod doctor;
mod guide;
mod hardware;
mod network;
mod notice;
mod outcome;
mod run;
mod screen;
mod service_manager;
mod signals;
#[cfg(feature = "simulated")]
mod simulated;
#[cfg(not(feature = "simulated"))]
#[path = "no_simulated.rs"]
mod simulated;
mod staff_number;
mod window;

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser as _;
use kiosk::settings::{Loopback, NoSettings, Screen, WebScreen};
use tracing_subscriber::EnvFilter;

use arguments::{Arguments, Command};

/// Runs what the command line says. Exit codes: 0 done; 1 failed; 2 the command line or a file that it names is wrong.
pub(crate) fn run() -> ExitCode {
    let command = Arguments::parse().command;
    log();
    let outcome = match command {
        Command::Run { settings } => run::run(&settings),
        Command::Notice {
            why_file,
            assets,
            listen,
        } => notice::notice(&why_file, &assets, &screen_of(listen)),
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
        Command::Network { settings } => network::network(&settings),
        Command::StaffNumber { number_file } => staff_number::staff_number(&number_file),
        Command::Doctor { settings, json } => doctor::doctor(&settings, json),
    };
    outcome.unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "kiosk: {}", failure.reason);
        ExitCode::from(failure.code)
    })
}

/// The display itself, as on the image, or a browser tab.
fn screen_of(listen: Option<SocketAddr>) -> Screen {
    match listen {
        Some(address) => Screen::Web(WebScreen {
            listen: Loopback(address),
            names: Vec::new(),
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
