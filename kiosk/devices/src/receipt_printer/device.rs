//! The line to a printer: TCP, a serial port or a USB printer device, all non-blocking with a deadline on every wait.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// Linux's O_NONBLOCK on every architecture that the kiosk runs on; opening a serial port may otherwise wait for a carrier.
const O_NONBLOCK: i32 = 0o4000;

/// Where a receipt printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `host:port`, usually port 9100.
    Tcp(String),
    /// A device such as `/dev/usb/lp0` or `/dev/ttyUSB0`; `baud` is set on serial ports and ignored elsewhere.
    Device {
        path: PathBuf,
        /// Bits per second.
        baud: u32,
    },
}

/// An open line.
pub(super) struct Line {
    file: File,
}

impl Line {
    pub(super) fn open(address: &Address, deadline: Duration) -> io::Result<Self> {
        let file = match address {
            Address::Tcp(host) => {
                let address = host
                    .to_socket_addrs()?
                    .next()
                    .ok_or(io::ErrorKind::AddrNotAvailable)?;
                let stream = TcpStream::connect_timeout(&address, deadline)?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                File::from(OwnedFd::from(stream))
            }
            Address::Device { path, baud } => {
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .custom_flags(O_NONBLOCK)
                    .open(path)?;
                if let Ok(mut settings) = tcgetattr(&file) {
                    settings.make_raw();
                    settings.set_speed(*baud)?;
                    tcsetattr(&file, OptionalActions::Now, &settings)?;
                }
                file
            }
        };
        Ok(Self { file })
    }

    /// Writes everything, or fails when the printer takes nothing until `end`.
    pub(super) fn write_all(&mut self, mut bytes: &[u8], end: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            self.wait(PollFlags::OUT, end)?;
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there, at least one byte, or fails with `TimedOut` at `end`.
    pub(super) fn read(&mut self, buffer: &mut [u8], end: Instant) -> io::Result<usize> {
        loop {
            self.wait(PollFlags::IN, end)?;
            match self.file.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    fn wait(&self, flags: PollFlags, end: Instant) -> io::Result<()> {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        match rustix::event::poll(&mut [PollFd::new(&self.file, flags)], Some(&left))? {
            0 => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}
