//! A way into a network namespace: a listening socket stays in the namespace that it was made in, whichever process uses it.
//!
//! Outside, `namespace-door --listen 127.0.0.1:8631 COMMAND…` listens and becomes the command with the socket as its
//! standard input. Inside, `namespace-door --to 127.0.0.1:8631` accepts from that socket and carries bytes to and fro.

use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::thread;

use clap::Parser;

/// Carries a loopback port into a network namespace.
#[derive(Parser)]
struct Arguments {
    /// Listen here and start the command with the socket as standard input.
    #[arg(long, requires = "command", conflicts_with = "to")]
    listen: Option<SocketAddr>,
    /// Accept from standard input and forward each connection to this address.
    #[arg(long, required_unless_present = "listen")]
    to: Option<SocketAddr>,
    /// What to start.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match (
        arguments.listen,
        arguments.to,
        arguments.command.split_first(),
    ) {
        (Some(address), _, Some((program, rest))) => open(address, program, rest),
        (_, Some(address), _) => carry(address),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "namespace-door: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns only if the command could not be started.
fn open(address: SocketAddr, program: &str, rest: &[String]) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    Err(Command::new(program)
        .args(rest)
        .stdin(OwnedFd::from(listener))
        .exec())
}

fn carry(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    loop {
        let (outside, _) = listener.accept()?;
        let inside = match TcpStream::connect(address) {
            Ok(inside) => inside,
            // The connection is closed, as by a closed port.
            Err(_) => continue,
        };
        for (mut from, mut to) in [
            (outside.try_clone()?, inside.try_clone()?),
            (inside, outside),
        ] {
            thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    }
}
