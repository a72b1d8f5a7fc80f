//! The virtual printer on TCP, as a network printer's port 9100: one host at a time.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::machine::VirtualPrinter;

/// How often the machine is looked at for a status to push while the host is silent.
const POLL_EVERY: Duration = Duration::from_millis(20);

/// Serves one host after the other, forever.
///
/// # Errors
/// When the listener fails.
pub fn serve(listener: &TcpListener, printer: &VirtualPrinter) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        if let Err(error) = serve_host(&stream, printer) {
            tracing::debug!(%error, "host gone");
        }
        printer.disconnected();
    }
}

fn serve_host(mut stream: &TcpStream, printer: &VirtualPrinter) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(POLL_EVERY))?;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let answers = match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => printer.receive(&buffer[..read]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                printer.poll()
            }
            Err(error) => return Err(error),
        };
        if printer.status().is_none() {
            return Ok(());
        }
        stream.write_all(&answers)?;
    }
}
