//! A sealed application from anybody: refused or opened, and never opened once a byte of it was changed.
#![no_main]

use std::sync::LazyLock;

use kiosk_api::{Entropy, SealedApplication, TenantPrivateKey};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<TenantPrivateKey> = LazyLock::new(|| TenantPrivateKey::derive(&Entropy::new([7; 32])));

fuzz_target!(|bytes: &[u8]| {
    let Ok(sealed) = serde_json::from_slice::<SealedApplication>(bytes) else {
        return;
    };
    // Nothing that was not sealed to this key opens with it.
    assert!(sealed.open(&KEY).is_err());
    let written = serde_json::to_vec(&sealed).unwrap();
    assert!(serde_json::from_slice::<SealedApplication>(&written).is_ok_and(|again| again == sealed));
});
