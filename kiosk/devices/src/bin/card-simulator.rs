//! A simulated 個人番号カード for the real pcscd: connects to vpcd whenever a card is inserted over the control socket, or lies on
//! the USB reader of a QEMU machine.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use devices::card::simulated::{CardBox, Slot, vpcd, vscard};
use devices::control;

/// A simulated My Number card for vsmartcard-vpcd or QEMU.
#[derive(Parser)]
struct Arguments {
    /// Folder of NAME.json card profiles.
    #[arg(long)]
    profiles: PathBuf,
    /// Where vpcd listens.
    #[arg(long, default_value = "127.0.0.1:35963")]
    vpcd: SocketAddr,
    /// UNIX socket of QEMU's ccid-card-passthru, instead of vpcd.
    #[arg(long)]
    vscard: Option<PathBuf>,
    /// UNIX socket for requests: list, status, insert NAME, remove, reset NAME, fault …
    #[arg(long)]
    control: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let slot = Slot::new();
    let card_box = CardBox::new(&arguments.profiles, slot.clone());
    let ready = card_box
        .names()
        .and_then(|_| control::serve(&arguments.control, card_box));
    if let Err(error) = ready {
        let _ = writeln!(
            std::io::stderr(),
            "card-simulator: {}: {error}",
            arguments.control.display()
        );
        return ExitCode::FAILURE;
    }
    let stop = AtomicBool::new(false);
    match &arguments.vscard {
        Some(socket) => vscard::serve(&slot, socket, &stop),
        None => vpcd::serve(&slot, arguments.vpcd, &stop),
    }
    ExitCode::SUCCESS
}
