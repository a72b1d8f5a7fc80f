//! The command line's words; their comments are its help.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Genkan: the kiosk in a town hall's lobby (玄関 窓口端末).
#[derive(Parser)]
#[command(version, about)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
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
    /// Print the addresses of the network that this kiosk talks to, one a line; the image's packet filter lets nothing else out.
    Network {
        /// The settings file.
        #[arg(long)]
        settings: PathBuf,
    },
    /// Make the line that `staff.number` of the settings names, from eight digits; it does not tell them.
    StaffNumber {
        /// A file with the eight digits; never an argument, which everybody on the machine could read.
        #[arg(long)]
        number_file: PathBuf,
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
