//! `kiosk card --pin-file FILE`: a technician's test of reader and card. The last try is never spent.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use devices::card::pcsc::PcscReader;
use devices::card::{
    CardError, CardReader, Digest, FourItemsRecord, LastTry, MyNumberCard, Pin, PinKind, TriesLeft,
};
use kiosk::settings::Settings;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Done, Failure, answer, answer_json, parts};

pub(super) fn card(pin_file: &Path, as_json: bool, show: bool, settings: Option<&Path>) -> Done {
    let pin = fs::read_to_string(pin_file)
        .map(Zeroizing::new)
        .map_err(|error| Failure::input(format!("{}: {error}", pin_file.display())))?;
    let mut reader: Box<dyn CardReader> = match settings {
        Some(settings) => parts::card(&Settings::read(settings).map_err(Failure::input)?.card)?(),
        None => Box::new(PcscReader::new(None, Duration::from_secs(5))),
    };
    let mut report = json!({});
    let tested = test(reader.as_mut(), pin.trim(), show, &mut report);
    report["reader"] = json!(reader.name());
    report["error"] = tested.as_ref().err().map_or(
        Value::Null,
        |error| json!({ "kind": error.kind(), "reason": error.to_string() }),
    );
    if as_json {
        answer_json(&report)?;
    } else {
        answer(plain(&report).as_bytes())?;
    }
    Ok(if tested.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn test(
    reader: &mut dyn CardReader,
    pin: &str,
    show: bool,
    report: &mut Value,
) -> Result<(), CardError> {
    let four_digits = || {
        Pin::four_digits(pin).map_err(|_| CardError::Malformed {
            step: "pin file",
            reason: "not four digits",
        })
    };
    let mut card = MyNumberCard::new(reader.connect()?, reader.memory());
    let text = card.tries_left(PinKind::Text)?;
    report["tries_left"]["text"] = tries(text);
    let items = card.read_four_items(four_digits()?, LastTry::Keep)?;
    report["items"] = four_items(&items, show);
    report["apdus"]["items"] = json!(card.count().commands);
    let authentication = card.tries_left(PinKind::UserAuthentication)?;
    report["tries_left"]["user_authentication"] = tries(authentication);
    let mut challenge = [0; 32];
    aws_lc_rs::rand::fill(&mut challenge).map_err(|_| CardError::Reader("no randomness".into()))?;
    let hash: [u8; 32] = std::array::from_fn(|i| digest(&SHA256, &challenge).as_ref()[i]);
    let login = card.login(four_digits()?, &Digest::Sha256(hash), LastTry::Keep)?;
    report["login"] = json!({
        "result": "signed",
        "signature_bytes": login.signature.len(),
        "certificate_bytes": login.certificate.len(),
    });
    let count = card.leave()?;
    report["apdus"]["all"] = json!(count.commands);
    report["apdus"]["bytes_sent"] = json!(count.bytes_sent);
    report["apdus"]["bytes_received"] = json!(count.bytes_received);
    Ok(())
}

fn tries(left: TriesLeft) -> Value {
    match left {
        TriesLeft::Left(left) => json!(left),
        TriesLeft::Blocked => json!(0),
        TriesLeft::Unknown => Value::Null,
    }
}

fn four_items(items: &FourItemsRecord, show: bool) -> Value {
    let masked = |text: &str| if show { text.to_owned() } else { mask(text) };
    json!({
        "name": masked(items.name()),
        "address": masked(items.address()),
        "birth_date": masked(items.birth_date()),
        "sex": masked(&items.sex().digit().to_string()),
    })
}

/// As many dots as characters: enough to see that something was read, and how long it is.
fn mask(text: &str) -> String {
    text.chars().map(|_| '●').collect()
}

fn plain(report: &Value) -> String {
    let mut lines = String::new();
    for (key, value) in report
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
    {
        lines += &format!("{key}: {value}\n");
    }
    lines
}
