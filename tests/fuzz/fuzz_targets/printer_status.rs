//! Noise on a receipt printer's line: messages come out or nothing does, and a status sent after it is understood.
#![no_main]

use devices::receipt_printer::asb::{Message, StatusParser, automatic_bytes, from_real_time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parser = StatusParser::default();
    let messages = bytes.iter().filter_map(|byte| parser.push(*byte)).count();
    assert!(messages <= bytes.len());
    let Some(answers) = bytes.first_chunk::<4>() else {
        return;
    };
    // Whatever was begun before, a whole automatic status is read as it was meant.
    let status = from_real_time(*answers);
    let heard = automatic_bytes(&status).into_iter().filter_map(|byte| parser.push(byte)).last();
    assert_eq!(heard, Some(Message::Automatic(status)));
});
