//! The card side of the VSCARD protocol that QEMU's `ccid-card-passthru` speaks (libcacard, vscard_common.h).
//!
//! Through it a simulated card lies on the USB reader of a virtual machine, and the machine's own driver and pcscd work with it.
//! Every message is a type, a reader number and a length, 32 bits each in network order, and a body. QEMU keeps the card's power
//! to itself and reports nothing: what the card remembers until it is unpowered, it remembers here until it is taken away.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

use super::engine::ATR;
use super::slot::{Exchange, Slot};

/// QEMU may start after the card does, and may start again.
const RETRY: Duration = Duration::from_millis(200);
/// Long enough for any caller's own deadline to pass first.
const PATIENCE: Duration = Duration::from_secs(3600);
/// How soon a card that was moved is noticed while the reader is quiet.
const POLL_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};
/// More than any command with its head.
const LONGEST: u32 = 1 << 17;

/// QEMU's reader works at short APDU level: 256 bytes and the status word. It drops what is longer without a word, so the card
/// answers as one that has no extended length.
const LONGEST_ANSWER: usize = 258;
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

const INIT: u32 = 1;
const READER_ADD: u32 = 3;
const READY: u32 = 5;
const CARD_REMOVE: u32 = 6;
const APDU: u32 = 7;
const FLUSH: u32 = 8;
const FLUSHED: u32 = 9;

/// Keeps the slot's card on the reader behind `socket` until `stop` is set.
pub fn serve(slot: &Slot, socket: &Path, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                let ended = session(slot, &stream, stop);
                tracing::debug!(?ended, "virtual machine disconnected");
                slot.reset();
            }
            Err(error) => tracing::debug!(%error, "no virtual machine yet"),
        }
        slot.wait_for_change(slot.insertion(), RETRY);
    }
}

fn session(slot: &Slot, stream: &UnixStream, stop: &AtomicBool) -> io::Result<()> {
    // Magic, version 0.0.2, no capabilities.
    send(stream, INIT, &[*b"VSCD", [0, 0, 0, 2], [0; 4]].concat())?;
    send(stream, READER_ADD, b"Genkan\0")?;
    let mut lying = None;
    while !stop.load(Ordering::Relaxed) {
        lying = shown(slot, stream, lying)?;
        let mut watched = [PollFd::new(stream, PollFlags::IN)];
        if rustix::event::poll(&mut watched, Some(&POLL_EVERY))? == 0 {
            continue;
        }
        match (receive(stream)?, lying) {
            ((APDU, command), Some(insertion)) => {
                match slot.exchange(insertion, &command, PATIENCE) {
                    Exchange::Answer(bytes) if bytes.len() > LONGEST_ANSWER => {
                        send(stream, APDU, &WRONG_LENGTH)?;
                    }
                    Exchange::Answer(bytes) => send(stream, APDU, &bytes)?,
                    // The answer is lost with the card.
                    Exchange::Cut(_) | Exchange::Gone => {}
                    Exchange::Silence => return Ok(()),
                }
            }
            ((FLUSH, _), _) => send(stream, FLUSHED, &[])?,
            _ => {}
        }
    }
    Ok(())
}

/// Reports a card that came or went since.
fn shown(slot: &Slot, stream: &UnixStream, before: Option<u64>) -> io::Result<Option<u64>> {
    let now = slot.insertion();
    if now != before {
        if before.is_some() {
            send(stream, CARD_REMOVE, &[])?;
        }
        if now.is_some() {
            send(stream, READY, &ATR)?;
        }
    }
    Ok(now)
}

fn send(mut stream: &UnixStream, kind: u32, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let reader = 0;
    let head = [kind, reader, length].map(u32::to_be_bytes).concat();
    stream.write_all(&[&head, body].concat())
}

fn receive(mut stream: &UnixStream) -> io::Result<(u32, Vec<u8>)> {
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if number(8) > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; number(8) as usize];
    stream.read_exact(&mut body)?;
    Ok((number(0), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_beyond_reason_is_refused() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let head = [0, 0, 0, 7, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        (&theirs).write_all(&head).unwrap();
        let refused = receive(&ours).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }
}
