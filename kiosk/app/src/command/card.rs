//! `kiosk card --pin-file FILE`: a technician's test of reader and card. The last try is never spent.
//!
//! `apdus` counts each step apart: `items` and `login` as the card must do them (five and six commands with the goodbye),
//! `integrity` beside them.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use devices::card::integrity::{CardFaceTrust, Integrity};
use devices::card::pcsc::PcscReader;
use devices::card::{
    CardError, CardReader, Digest, FourItemsRecord, LastTry, Login, MyNumberCard, Pin, PinKind,
    TriesLeft,
};
use kiosk::card_face::read_trust;
use kiosk::settings::Settings;
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use super::hardware;
use super::outcome::{Failure, Outcome, print, print_json};

/// Why the test ended early, for the technician.
struct TestFailure {
    kind: &'static str,
    reason: String,
}

impl From<CardError> for TestFailure {
    fn from(error: CardError) -> Self {
        Self {
            kind: error.kind(),
            reason: error.to_string(),
        }
    }
}

pub(super) fn card(pin_file: &Path, as_json: bool, show: bool, settings: Option<&Path>) -> Outcome {
    let pin = fs::read_to_string(pin_file)
        .map(Zeroizing::new)
        .map_err(|error| Failure::input(format!("{}: {error}", pin_file.display())))?;
    let (mut reader, trust) = reader_and_trust(settings)?;
    let mut report = json!({});
    let tested = test(reader.as_mut(), &trust, pin.trim(), show, &mut report);
    report["reader"] = json!(reader.name());
    report["error"] = tested.as_ref().err().map_or(
        Value::Null,
        |failure| json!({ "kind": failure.kind, "reason": failure.reason }),
    );
    if as_json {
        print_json(&report)?;
    } else {
        print(plain(&report).as_bytes())?;
    }
    Ok(if tested.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The reader and whose signatures it trusts; without settings the first PC/SC reader, and nobody's.
fn reader_and_trust(
    settings: Option<&Path>,
) -> Result<(Box<dyn CardReader>, CardFaceTrust), Failure> {
    let Some(file) = settings else {
        let reader = PcscReader::new(None, Duration::from_secs(5));
        return Ok((Box::new(reader), CardFaceTrust::default()));
    };
    let settings = Settings::read(file).map_err(Failure::input)?;
    let trust = read_trust(settings.trust.card_face.as_deref()).map_err(Failure::input)?;
    Ok((hardware::card(&settings.card)?(), trust))
}

fn test(
    reader: &mut dyn CardReader,
    trust: &CardFaceTrust,
    pin: &str,
    show: bool,
    report: &mut Value,
) -> Result<(), TestFailure> {
    let four_digits = || {
        Pin::four_digits(pin).map_err(|error| TestFailure {
            kind: "pin-file",
            reason: error.to_string(),
        })
    };
    // Checked before anything is sent to the card.
    drop(four_digits()?);
    let mut card = MyNumberCard::new(reader.connect()?, reader.memory());
    let text = card.tries_left(PinKind::Text)?;
    report["tries_left"]["text"] = tries(text);
    let items = card.read_four_items(four_digits()?, LastTry::Keep)?;
    report["items"] = four_items(&items, show);
    report["apdus"]["items"] = json!(card.count().commands);
    check_face(&mut card, &items, trust, report)?;
    let before = card.count().commands;
    let authentication = card.tries_left(PinKind::UserAuthentication)?;
    report["tries_left"]["user_authentication"] = tries(authentication);
    let challenge = random()?;
    let hash: [u8; 32] = std::array::from_fn(|i| digest(&SHA256, &challenge).as_ref()[i]);
    let login = card.login(four_digits()?, &Digest::Sha256(hash), LastTry::Keep)?;
    report["apdus"]["login"] = json!(card.count().commands - before);
    let fits = verify(&login, &challenge);
    report["login"] = json!({
        "result": if fits.is_ok() { "verified" } else { "refused" },
        "signature_bytes": login.signature.len(),
        "certificate_bytes": login.certificate.len(),
    });
    let count = card.release()?;
    report["apdus"]["goodbye"] = json!(1);
    report["apdus"]["all"] = json!(count.commands);
    report["apdus"]["bytes_sent"] = json!(count.bytes_sent);
    report["apdus"]["bytes_received"] = json!(count.bytes_received);
    fits
}

fn check_face(
    card: &mut MyNumberCard,
    items: &FourItemsRecord,
    trust: &CardFaceTrust,
    report: &mut Value,
) -> Result<(), TestFailure> {
    let before = card.count().commands;
    let (result, reason) = match card.check_integrity(items, trust, &random()?)?.integrity {
        Integrity::Genuine => ("genuine", None),
        Integrity::Unverified(link) => ("unverified", Some(link.word())),
        Integrity::Forged(forgery) => ("forged", Some(forgery.word())),
    };
    report["integrity"] = json!({ "result": result, "reason": reason });
    report["apdus"]["integrity"] = json!(card.count().commands - before);
    if result == "forged" {
        return Err(TestFailure {
            kind: "forged",
            reason: format!(
                "the card face does not fit its issuer's signature: {}",
                reason.unwrap_or_default()
            ),
        });
    }
    Ok(())
}

/// Whether the signature just made fits the certificate on the card. Whose certificate it is, the cloud checks.
fn verify(login: &Login, challenge: &[u8]) -> Result<(), TestFailure> {
    let failure = |reason: &str| TestFailure {
        kind: "signature",
        reason: reason.to_owned(),
    };
    let (_, certificate) = X509Certificate::from_der(&login.certificate)
        .map_err(|_| failure("the user-authentication certificate is no X.509 certificate"))?;
    let key = certificate.public_key().subject_public_key.data.as_ref();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(challenge, &login.signature)
        .map_err(|_| failure("the signature does not fit the certificate on the card"))
}

fn random() -> Result<[u8; 32], TestFailure> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CardError::Reader("no randomness".to_owned()))?;
    Ok(bytes)
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
