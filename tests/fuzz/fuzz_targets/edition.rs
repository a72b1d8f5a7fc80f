//! A signed edition from anybody, with a signature that holds: its tag can stand in a header, its signed bytes are its own.
#![no_main]

use kiosk_api::SignedEdition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(edition) = serde_json::from_slice::<SignedEdition>(bytes) else {
        return;
    };
    assert!(edition.etag().bytes().all(|byte| byte.is_ascii_graphic()));
    let content = edition.content.clone();
    let mut changed = content.clone();
    changed.edition.push('x');
    assert_ne!(changed.canonical_bytes(), content.canonical_bytes());
    let keys = [(edition.key_id.clone(), Vec::new())];
    let opened = edition.open(content.kind, &content.tenant, None, &keys, |_, message, _| message == content.canonical_bytes());
    assert!(opened.is_ok_and(|opened| opened == content));
});
