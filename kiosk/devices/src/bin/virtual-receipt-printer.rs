//! A virtual receipt printer on the network: keeps each receipt as a picture and can be given any trouble.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use devices::control;
use devices::receipt_printer::simulated::{PrinterPanel, VirtualPrinter, server};

/// A virtual ESC/POS receipt printer.
#[derive(Parser)]
struct Arguments {
    /// Where to listen, as a printer's port 9100.
    #[arg(long, default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    /// Folder for receipt-0001.png, receipt-0001.bin and so on.
    #[arg(long)]
    out: PathBuf,
    /// UNIX socket for requests: status, count, paper ok|low|out, paper-left ROWS, cover open|closed, jam on|off,
    /// offline on|off, power on|off.
    #[arg(long)]
    control: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "virtual-receipt-printer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<()> {
    std::fs::create_dir_all(&arguments.out)?;
    let printer = VirtualPrinter::new(Some(&arguments.out));
    let listener = TcpListener::bind(arguments.listen)?;
    control::serve(&arguments.control, PrinterPanel(printer.clone()))?;
    writeln!(io::stdout(), "listening on {}", listener.local_addr()?)?;
    server::serve(&listener, &printer)
}
