//! The card side of the virtual smart card protocol that `vsmartcard-vpcd` speaks with pcscd.
//!
//! The card is the TCP client; presence is the connection. Every message is a 2-byte length and a body. A 1-byte body from
//! vpcd is a control (00 power off, 01 power on, 02 reset, 04 give the ATR), anything longer a command APDU.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::engine::ATR;
use super::slot::{Exchange, Slot};

/// vpcd may start after the card does.
const RETRY: Duration = Duration::from_millis(200);
/// Long enough for any caller's own deadline to pass first.
const PATIENCE: Duration = Duration::from_secs(3600);

/// pcscd looks at the slot every 400 ms. A card that comes back sooner than that, after one that was pulled in the middle
/// of its work, stays invisible to it for good (measured with 1.9.9); no hand is that fast.
const HAND: Duration = Duration::from_millis(500);
/// How soon a removal by hand is noticed while vpcd is quiet.
const POLL_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Keeps the slot's card connected to vpcd until `stop` is set; connects at each insertion, hangs up at each removal.
pub fn serve(slot: &Slot, address: SocketAddr, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let Some(insertion) = slot.wait_for_change(None, RETRY) else {
            continue;
        };
        match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
            Ok(stream) => {
                let ended = session(slot, insertion, &stream, stop);
                tracing::debug!(?ended, "virtual card disconnected");
                slot.reset();
                stay_away(slot, Instant::now() + HAND);
            }
            Err(error) => tracing::debug!(%error, "vpcd not reachable yet"),
        }
        slot.wait_for_change(Some(insertion), RETRY);
    }
}

/// Lets the slot lie empty for pcscd until the moment, whatever hands do meanwhile.
fn stay_away(slot: &Slot, until: Instant) {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        slot.wait_for_change(slot.insertion(), left);
    }
}

fn session(
    slot: &Slot,
    insertion: u64,
    mut stream: &TcpStream,
    stop: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while message_waits(slot, insertion, stream, stop)? {
        let message = receive(stream)?;
        match message.as_slice() {
            [0x00..=0x02] => slot.reset(),
            [0x04] => send(stream, &ATR)?,
            [_] | [] => {}
            command => match slot.exchange(insertion, command, PATIENCE) {
                Exchange::Answer(bytes) => send(stream, &bytes)?,
                Exchange::Cut(bytes) => {
                    // The announced length stays that of the whole answer; the body breaks off.
                    let length = u16::try_from(bytes.len() * 2).unwrap_or(u16::MAX);
                    stream.write_all(&length.to_be_bytes())?;
                    return stream.write_all(&bytes);
                }
                Exchange::Gone | Exchange::Silence => break,
            },
        }
    }
    Ok(())
}

/// Waits for vpcd; `false` once the card is taken away or the program ends.
fn message_waits(
    slot: &Slot,
    insertion: u64,
    stream: &TcpStream,
    stop: &AtomicBool,
) -> io::Result<bool> {
    while slot.insertion() == Some(insertion) && !stop.load(Ordering::Relaxed) {
        let mut watched = [PollFd::new(stream, PollFlags::IN)];
        if rustix::event::poll(&mut watched, Some(&POLL_EVERY))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn receive(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    read_exactly(stream, &mut length)?;
    let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
    read_exactly(stream, &mut body)?;
    Ok(body)
}

/// Debian's vpcd writes length and body in two calls. Without an immediate acknowledgement Nagle holds the second back for
/// 40 ms per command, and the kernel forgets the option after each use.
fn read_exactly(mut stream: &TcpStream, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = stream.read(buffer)?;
        rustix::net::sockopt::set_tcp_quickack(stream, true)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
    }
    Ok(())
}

fn send(mut stream: &TcpStream, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut message = Vec::with_capacity(2 + body.len());
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(body);
    stream.write_all(&message)
}
