//! The card contract on the simulated reader, and what travelled over the wire meanwhile.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "contract/card.rs"]
mod contract;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use devices::card::command_guard::CommandGuard;
use devices::card::generation::CURRENT;
use devices::card::simulated::{CardBox, SimulatedReader, Slot};
use devices::card::{CardChannel, CardError, CardReader, Presence, ReaderMemory, apdu};
use devices::control::Control as _;

type Trace = Arc<Mutex<Vec<Vec<u8>>>>;

/// A reader that writes down every command below the guard.
struct Recording {
    reader: SimulatedReader,
    trace: Trace,
}

struct RecordedChannel {
    channel: Box<dyn CardChannel>,
    trace: Trace,
}

impl CardReader for Recording {
    fn name(&self) -> String {
        self.reader.name()
    }
    fn presence(&mut self) -> Result<Presence, CardError> {
        self.reader.presence()
    }
    fn wait_for_change(
        &mut self,
        seen: Presence,
        timeout: Duration,
    ) -> Result<Presence, CardError> {
        self.reader.wait_for_change(seen, timeout)
    }
    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError> {
        let channel = self.reader.connect()?;
        self.trace.lock().unwrap().push(vec![0xFF]);
        Ok(Box::new(RecordedChannel {
            channel,
            trace: Arc::clone(&self.trace),
        }))
    }
    fn memory(&self) -> ReaderMemory {
        self.reader.memory()
    }
}

impl CardChannel for RecordedChannel {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardError> {
        self.trace.lock().unwrap().push(command.to_vec());
        self.channel.transmit(command)
    }
    fn power_off(&mut self) {
        self.channel.power_off();
    }
    fn insertion(&self) -> u64 {
        self.channel.insertion()
    }
}

#[test]
fn the_simulated_reader_keeps_the_contract_and_no_forbidden_file_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let known = contract::cards::write_profiles(folder.path());
    let slot = Slot::new();
    let mut card_box = CardBox::new(folder.path(), slot.clone());
    let trace = Trace::default();
    let mut reader = Recording {
        reader: SimulatedReader::new(slot, contract::DEADLINE),
        trace: Arc::clone(&trace),
    };
    let mut hand = |request: &str| {
        card_box
            .request(request)
            .unwrap_or_else(|error| panic!("{request}: {error}"))
    };
    contract::play_all(&mut contract::Bench {
        reader: &mut reader,
        hand: &mut hand,
        known,
    });
    judge(&trace.lock().unwrap());
}

/// An independent reading of the trace: which file was touched in which application.
fn judge(trace: &[Vec<u8>]) {
    let mut application = Vec::new();
    let mut file = 0_u16;
    assert!(trace.len() > 200);
    for command in trace {
        match command.as_slice() {
            [0xFF] => application.clear(),
            [0x00, 0xA4, 0x04, 0x0C, _, aid @ ..] => application = aid.to_vec(),
            [0x00, 0xA4, 0x02, 0x0C, 0x02, high, low] => file = u16::from_be_bytes([*high, *low]),
            [0x00, 0xB0, p1, ..] | [0x00, 0x20, _, p1, ..] if *p1 > 0x80 => {
                file = u16::from(*p1 & 0x1F)
            }
            _ => {}
        }
        let in_text = application == CURRENT.text.aid;
        assert!(
            !(in_text && [0x0001, 0x0014, 0x0015].contains(&file) && command[1] != 0xA4),
            "{command:02X?}"
        );
        assert_ne!(
            application,
            [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
            "card face AP"
        );
        // 照合番号A is twelve digits, wherever it would go.
        assert!(
            !(command[0] == 0x00 && command.get(1) == Some(&0x20) && command.len() > 9),
            "a PIN longer than four digits"
        );
    }
}

#[test]
fn the_guard_stops_what_is_not_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    contract::cards::write_profiles(folder.path());
    let slot = Slot::new();
    let mut card_box = CardBox::new(folder.path(), slot.clone());
    card_box.insert("plain").unwrap();
    let mut reader = SimulatedReader::new(slot, contract::DEADLINE);
    let mut guarded = CommandGuard::new(reader.connect().unwrap(), CURRENT);
    let card_face = [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];
    let before_any_application = [
        apdu::read_short_id(2),
        apdu::select_file(2),
        apdu::select_application(&card_face),
    ];
    let refuse = |guarded: &mut CommandGuard, command: &[u8]| {
        let count = guarded.count();
        assert!(
            matches!(guarded.transmit(command), Err(CardError::Forbidden(_))),
            "{command:02X?}"
        );
        assert_eq!(guarded.count(), count, "not sent");
    };
    before_any_application
        .iter()
        .for_each(|command| refuse(&mut guarded, command));
    guarded
        .transmit(&apdu::select_application(CURRENT.text.aid))
        .unwrap();
    let in_text = [
        apdu::select_file(0x0001),
        apdu::select_file(0x0014),
        apdu::select_file(0x0015),
        apdu::read_short_id(1),
        apdu::read_all_short_id(1),
        apdu::read_first_record(1),
        apdu::read_at(0, 0),
        apdu::query_tries(0x94),
        apdu::verify(0x94, b"123456789018").to_vec(),
        apdu::verify(0x95, b"55021720352285").to_vec(),
        vec![0x00, 0xA4, 0x00, 0x00],
        vec![0x00, 0xA4, 0x02, 0x0C, 0x00, 0x00, 0x02, 0x00, 0x01],
        vec![0x00, 0xD6, 0x82, 0x00, 0x01, 0x00],
        vec![0x00, 0x24, 0x00, 0x91, 0x04, 0x31, 0x32, 0x33, 0x34],
        vec![0x01, 0xB0, 0x82, 0x00, 0x00],
        vec![0x00, 0xB0],
        apdu::sign(0x02, 0x00, &[0; 32]),
    ];
    in_text
        .iter()
        .for_each(|command| refuse(&mut guarded, command));
    guarded.transmit(&apdu::select_file(0x0011)).unwrap();
    guarded.transmit(&apdu::sign(0x00, 0x00, &[0; 32])).unwrap();
    refuse(&mut guarded, &apdu::read_at(0, 0));
    guarded
        .transmit(&apdu::select_application(CURRENT.jpki.aid))
        .unwrap();
    // Only the card face has a key that signs without a PIN.
    refuse(&mut guarded, &apdu::sign(0x00, 0x00, &[0; 32]));
}
