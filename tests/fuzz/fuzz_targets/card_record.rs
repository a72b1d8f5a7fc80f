//! What anything on the reader may answer for the four items: refused or read, never a panic, never an endless walk.
#![no_main]

use devices::card::{FourItemsRecord, tlv};
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

fuzz_target!(|bytes: &[u8]| {
    let walked = tlv::objects(bytes).take_while(Result::is_ok).count();
    assert!(walked <= bytes.len() / 2, "every object has a tag and a length");
    if let Some((object, rest)) = tlv::first(bytes) {
        assert!(object.value.len() + rest.len() < bytes.len());
    }
    let Ok(record) = FourItemsRecord::parse(Zeroizing::new(bytes.to_vec())) else {
        return;
    };
    assert!(!record.name().is_empty() && !record.address().is_empty());
    assert!(record.birth_date().len() == 8);
    // What was accepted is accepted again: the cloud parses the same bytes.
    let again = FourItemsRecord::parse(Zeroizing::new(record.raw().to_vec()));
    assert!(again.is_ok_and(|again| again.name() == record.name() && again.sex() == record.sex()));
});
