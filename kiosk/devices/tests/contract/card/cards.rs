//! The test cards, as profile files, and what is publicly known about them.

use std::path::Path;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const LONG_ADDRESS: &str = "架空県玄関市大字長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長町字辻󠄀ノ上壱弐参肆番地伍\
     メゾン・ド・トレ・ロング・ノン・トレ・ロング・アドレス・ジャポネ・グラン・パレ壱号棟弐千参百肆拾伍号室　髙﨑𠮷野様方";

/// Public facts about the test cards that the contract compares against.
pub struct Known {
    pub auth_public_key: Vec<u8>,
    pub certificate: Vec<u8>,
    /// The card-face authority's public key, DER.
    pub authority: Vec<u8>,
}

fn new_key() -> (KeyPair, Vec<u8>) {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key)
        .unwrap()
        .as_ref()
        .to_vec();
    (key, der)
}

/// Writes the test cards as profile files.
pub fn write_profiles(folder: &Path) -> Known {
    let (auth, auth_der) = new_key();
    let (_, issuer_der) = new_key();
    let (ca, ca_der) = new_key();
    let (_, card_der) = new_key();
    let issuer = serde_json::json!({
        "private_key": STANDARD.encode(&issuer_der), "key_id": "9900001/00100000",
        "ca_private_key": STANDARD.encode(&ca_der), "ca_key_id": "9900000/00100000",
        "card_private_key": STANDARD.encode(&card_der),
    });
    let issued = |changes: serde_json::Value| {
        let mut issuer = issuer.clone();
        issuer
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        serde_json::json!({ "issuer": issuer })
    };
    // An issuer with an authority of its own making, under the ids of the true ones.
    let forger = issued(serde_json::json!({
        "private_key": STANDARD.encode(&auth_der), "ca_private_key": STANDARD.encode(&auth_der),
    }));
    // No real certificate is needed here: an object of a real one's size with bytes that differ.
    let body: Vec<u8> = (0..1461_u32)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let certificate = [&[0x30, 0x82, 0x05, 0xB5][..], &body].concat();
    let base = serde_json::json!({
        "name": "玄関　太郎", "address": "架空県玄関市本町一丁目２番３号", "birth_date": "19800217", "sex": "1",
        "card_expires_on": "20350217", "my_number": "123456789018",
        "text_pin": {"pin": "1234"}, "auth_pin": {"pin": "5678"},
        "auth_certificate": STANDARD.encode(&certificate), "auth_private_key": STANDARD.encode(&auth_der),
    });
    let cards = [
        ("plain", serde_json::json!({})),
        (
            "second",
            serde_json::json!({"name": "別人　花子", "sex": "2"}),
        ),
        ("long", serde_json::json!({"address": LONG_ADDRESS})),
        (
            "short-apdu",
            serde_json::json!({"address": LONG_ADDRESS, "extended_length": false}),
        ),
        (
            "no-short-ids",
            serde_json::json!({"address": LONG_ADDRESS, "short_file_ids": false, "bare_digest": false}),
        ),
        (
            "oldest",
            serde_json::json!({"extended_length": false, "short_file_ids": false, "bare_digest": false}),
        ),
        (
            "one-left",
            serde_json::json!({"text_pin": {"pin": "1234", "tries_left": 1}}),
        ),
        (
            "blocked",
            serde_json::json!({"auth_pin": {"pin": "5678", "tries_left": 0}}),
        ),
        ("private-use", serde_json::json!({"name": "玄関　\u{E000}"})),
        ("signed", issued(serde_json::json!({}))),
        (
            "no-own-key",
            issued(serde_json::json!({"card_private_key": ""})),
        ),
        ("unknown-authority", forger),
        (
            "forged-items",
            issued(serde_json::json!({"forgery": "items"})),
        ),
        (
            "forged-record",
            issued(serde_json::json!({"forgery": "record"})),
        ),
        (
            "forged-card-key",
            issued(serde_json::json!({"forgery": "card-key"})),
        ),
        ("copied", issued(serde_json::json!({"forgery": "copy"}))),
    ];
    for (name, changes) in cards {
        let mut card = base.clone();
        card.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        std::fs::write(folder.join(format!("{name}.json")), card.to_string()).unwrap();
    }
    let known = Known {
        auth_public_key: auth.public_key().as_ref().to_vec(),
        certificate,
        authority: ca.public_key().as_ref().to_vec(),
    };
    std::fs::write(folder.join("auth.pub"), &known.auth_public_key).unwrap();
    std::fs::write(folder.join("auth.cert"), &known.certificate).unwrap();
    std::fs::write(folder.join("ca.pub"), &known.authority).unwrap();
    known
}

/// Reads back what [`write_profiles`] left, in another process.
pub fn read_known(folder: &Path) -> Known {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    Known {
        auth_public_key: read("auth.pub"),
        certificate: read("auth.cert"),
        authority: read("ca.pub"),
    }
}
