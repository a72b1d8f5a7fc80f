//! The simulated card on a virtual machine's USB reader, seen from the machine's side of the socket.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "contract/card.rs"]
mod contract;

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use devices::card::simulated::{ATR, CardBox, Slot, vscard};
use devices::control::Control as _;

const INIT: u32 = 1;
const READER_ADD: u32 = 3;
const READY: u32 = 5;
const CARD_REMOVE: u32 = 6;
const APDU: u32 = 7;
const FLUSH: u32 = 8;
const FLUSHED: u32 = 9;

fn receive(mut machine: &UnixStream) -> (u32, Vec<u8>) {
    let mut head = [0; 12];
    machine.read_exact(&mut head).unwrap();
    let number = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
    let mut body = vec![0; number(8) as usize];
    machine.read_exact(&mut body).unwrap();
    (number(0), body)
}

fn send(mut machine: &UnixStream, kind: u32, body: &[u8]) {
    let length = u32::try_from(body.len()).unwrap();
    let head = [kind, 0, length].map(u32::to_be_bytes).concat();
    machine.write_all(&[&head, body].concat()).unwrap();
}

#[test]
fn a_card_comes_answers_and_goes_and_the_machine_may_start_again() {
    let folder = tempfile::tempdir().unwrap();
    contract::cards::write_profiles(folder.path());
    let socket = folder.path().join("ccid");
    let machine = UnixListener::bind(&socket).unwrap();
    let (slot, stop) = (Slot::new(), Arc::new(AtomicBool::new(false)));
    let mut card_box = CardBox::new(folder.path(), slot.clone());
    let (served, ended) = (slot, Arc::clone(&stop));
    let serving = std::thread::spawn(move || vscard::serve(&served, &socket, &ended));

    let (reader, _) = machine.accept().unwrap();
    let (kind, body) = receive(&reader);
    assert_eq!((kind, &body[..4]), (INIT, &b"VSCD"[..]));
    assert_eq!(receive(&reader).0, READER_ADD);
    card_box.request("insert plain").unwrap();
    assert_eq!(receive(&reader), (READY, ATR.to_vec()));
    // JPKI's application: there, and nothing is given back but the status word.
    let select = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
    send(&reader, APDU, select);
    assert_eq!(receive(&reader), (APDU, vec![0x90, 0x00]));
    // Its certificate is longer than the reader carries: read at once it is refused, in parts it comes.
    send(&reader, APDU, b"\x00\xA4\x02\x0C\x02\x00\x0A");
    assert_eq!(receive(&reader), (APDU, vec![0x90, 0x00]));
    send(&reader, APDU, b"\x00\xB0\x00\x00\x00\x00\x00");
    assert_eq!(receive(&reader), (APDU, vec![0x67, 0x00]));
    send(&reader, APDU, b"\x00\xB0\x00\x00\x00");
    assert_eq!(receive(&reader).1.len(), 258);
    send(&reader, FLUSH, &[]);
    assert_eq!(receive(&reader).0, FLUSHED);
    card_box.request("remove").unwrap();
    assert_eq!(receive(&reader), (CARD_REMOVE, Vec::new()));

    card_box.request("insert second").unwrap();
    drop(reader);
    let (again, _) = machine.accept().unwrap();
    assert_eq!(receive(&again).0, INIT);
    assert_eq!(receive(&again).0, READER_ADD);
    assert_eq!(receive(&again).0, READY, "the card that lies there");
    stop.store(true, Ordering::Relaxed);
    drop(again);
    serving.join().unwrap();
}
