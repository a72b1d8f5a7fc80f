//! What a receipt printer sends back: answers to DLE EOT and GS r, and the automatic status (ASB) that it pushes by itself.
//!
//! All three share one line and are told apart by fixed bits (bit 7 left):
//!
//! | kind | pattern | length |
//! |---|---|---|
//! | DLE EOT n | `0xx1xx10` | 1 |
//! | ASB, first | `0xx1xx00` | 4 in all |
//! | ASB, others, and GS r | `0xx0xxxx` | |
//!
//! ASB: byte 1 bit 3 offline, bit 5 cover open; byte 2 bit 2 recoverable error, bit 3 cutter, bit 5 unrecoverable, bit 6
//! recovers by itself; byte 3 bits 0-1 paper near end, bits 2-3 paper end; byte 4 reserved.
//! DLE EOT: 1 bit 3 offline; 2 bit 2 cover open, bit 5 stopped by paper end; 3 as ASB byte 2; 4 bits 2-3 near end, bits 5-6 end.

use super::{Paper, ReceiptPrinterStatus};

/// One message from the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Pushed by the printer at a change.
    Automatic(ReceiptPrinterStatus),
    /// Answer to one DLE EOT; which one, only the order tells.
    RealTime(u8),
    /// Answer to GS r, given when everything sent before it has been printed.
    InOrder(u8),
}

/// Cuts the printer's bytes into messages; keeps what is incomplete.
#[derive(Debug, Default)]
pub struct StatusParser {
    automatic: Vec<u8>,
}

impl StatusParser {
    /// Takes one byte. Bytes that fit no pattern (flow control, noise) are skipped.
    pub fn push(&mut self, byte: u8) -> Option<Message> {
        if !self.automatic.is_empty() && byte & 0x90 == 0x00 {
            self.automatic.push(byte);
            let status = match self.automatic.as_slice() {
                [one, two, three, _] => from_automatic([*one, *two, *three]),
                _ => return None,
            };
            self.automatic.clear();
            return Some(Message::Automatic(status));
        }
        match byte & 0x93 {
            0x10 => {
                self.automatic = vec![byte];
                None
            }
            0x12 => Some(Message::RealTime(byte)),
            0x00..=0x03 => Some(Message::InOrder(byte)),
            _ => None,
        }
    }
}

fn from_automatic([one, two, three]: [u8; 3]) -> ReceiptPrinterStatus {
    ReceiptPrinterStatus {
        offline: one & 0x08 != 0,
        cover_open: one & 0x20 != 0,
        paper: paper(three & 0x03 != 0, three & 0x0C != 0),
        cutter_error: two & 0x08 != 0,
        unrecoverable: two & 0x20 != 0,
        recoverable: two & 0x44 != 0,
    }
}

/// Joins the answers to DLE EOT 1, 2, 3 and 4.
#[must_use]
pub fn from_real_time([printer, offline, error, roll]: [u8; 4]) -> ReceiptPrinterStatus {
    ReceiptPrinterStatus {
        offline: printer & 0x08 != 0,
        cover_open: offline & 0x04 != 0,
        paper: paper(roll & 0x0C != 0, roll & 0x60 != 0 || offline & 0x20 != 0),
        cutter_error: error & 0x08 != 0,
        unrecoverable: error & 0x20 != 0,
        recoverable: error & 0x44 != 0,
    }
}

fn paper(near_end: bool, end: bool) -> Paper {
    match (end, near_end) {
        (true, _) => Paper::Out,
        (false, true) => Paper::NearEnd,
        (false, false) => Paper::Adequate,
    }
}

/// The four ASB bytes of a status, as the simulated printer pushes them.
#[must_use]
pub fn automatic_bytes(status: &ReceiptPrinterStatus) -> [u8; 4] {
    let one = 0x10 | bit(status.offline, 0x08) | bit(status.cover_open, 0x20);
    let roll = bit(status.paper != Paper::Adequate, 0x03) | bit(status.paper == Paper::Out, 0x0C);
    [one, error_bits(status), roll, 0x00]
}

/// The answer to DLE EOT `n` (1 to 4), as the simulated printer gives it; `None` for another `n`.
#[must_use]
pub fn real_time_byte(status: &ReceiptPrinterStatus, n: u8) -> Option<u8> {
    let bits = match n {
        1 => bit(status.offline, 0x08),
        2 => {
            let error = status.cutter_error || status.unrecoverable || status.recoverable;
            bit(status.cover_open, 0x04) | bit(status.paper == Paper::Out, 0x20) | bit(error, 0x40)
        }
        3 => error_bits(status),
        4 => bit(status.paper != Paper::Adequate, 0x0C) | bit(status.paper == Paper::Out, 0x60),
        _ => return None,
    };
    Some(0x12 | bits)
}

fn error_bits(status: &ReceiptPrinterStatus) -> u8 {
    bit(status.recoverable, 0x04) | bit(status.cutter_error, 0x08) | bit(status.unrecoverable, 0x20)
}

fn bit(set: bool, mask: u8) -> u8 {
    if set { mask } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{Message, StatusParser, automatic_bytes, from_real_time, real_time_byte};
    use crate::receipt_printer::{Paper, ReceiptPrinterStatus, Trouble};
    use proptest::prelude::{any, prop, proptest};

    fn parse(bytes: &[u8]) -> Vec<Message> {
        let mut parser = StatusParser::default();
        bytes.iter().filter_map(|byte| parser.push(*byte)).collect()
    }

    #[test]
    fn each_bit_of_the_automatic_status_has_its_meaning() {
        let trouble = |bytes: [u8; 4]| match parse(&bytes).as_slice() {
            [Message::Automatic(status)] => status.trouble(),
            other => panic!("{other:?}"),
        };
        assert_eq!(trouble([0x10, 0, 0, 0]), None);
        assert_eq!(trouble([0x18, 0, 0, 0]), Some(Trouble::Offline));
        assert_eq!(trouble([0x30, 0, 0, 0]), Some(Trouble::CoverOpen));
        assert_eq!(trouble([0x10, 0x04, 0, 0]), Some(Trouble::Offline));
        assert_eq!(trouble([0x10, 0x08, 0, 0]), Some(Trouble::Jam));
        assert_eq!(trouble([0x10, 0x20, 0, 0]), Some(Trouble::Broken));
        assert_eq!(trouble([0x10, 0, 0x03, 0]), None, "near end still prints");
        assert_eq!(trouble([0x10, 0, 0x0C, 0]), Some(Trouble::PaperOut));
    }

    #[test]
    fn published_real_time_answers_are_understood() {
        let status = from_real_time([0x12, 0x16, 0x12, 0x7E]);
        assert!(status.cover_open && status.paper == Paper::Out);
        assert_eq!(
            from_real_time([0x12, 0x12, 0x12, 0x1E]).paper,
            Paper::NearEnd
        );
    }

    #[test]
    fn mixed_answers_are_told_apart() {
        let messages = parse(&[0x12, 0x18, 0x00, 0x03, 0x00, 0x13, 0x1A, 0x00]);
        assert!(matches!(
            messages.as_slice(),
            [
                Message::RealTime(0x12),
                Message::Automatic(_),
                Message::RealTime(0x1A),
                Message::InOrder(0)
            ]
        ));
    }

    proptest! {
        #[test]
        fn what_the_simulator_says_is_what_the_parser_hears(
            offline: bool, cover_open: bool, roll in 0_u8..3, cutter_error: bool, unrecoverable: bool, recoverable: bool
        ) {
            let paper = [Paper::Adequate, Paper::NearEnd, Paper::Out][usize::from(roll)];
            let status = ReceiptPrinterStatus { offline, cover_open, paper, cutter_error, unrecoverable, recoverable };
            assert_eq!(parse(&automatic_bytes(&status)), [Message::Automatic(status)]);
            let answers = [1, 2, 3, 4].map(|n| real_time_byte(&status, n).unwrap());
            assert_eq!(from_real_time(answers), status);
            assert_eq!(parse(&answers), answers.map(Message::RealTime));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }
    }
}
