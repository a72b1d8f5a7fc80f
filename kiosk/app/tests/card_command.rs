//! `kiosk card`: the real program on the simulated reader.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod test_card;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use test_card::{ADDRESS, NAME, PIN, TestCard};

const EXAMPLE: &str = include_str!("../kiosk.example.toml");

/// The example's settings with this card and this trust.
fn settings(folder: &Path, card: &Path, trust: &str) -> PathBuf {
    let text = EXAMPLE
        .replace(
            "[card.pcsc]",
            &format!("[card.simulated]\nprofile = {card:?}"),
        )
        .replace("card_face = \"/etc/genkan/trust/card-face\"", trust);
    let file = folder.join("kiosk.toml");
    fs::write(&file, text).unwrap();
    file
}

fn run(folder: &Path, settings: &Path, pin: &str, more: &[&str]) -> Output {
    let pin_file = folder.join("pin");
    fs::write(&pin_file, format!("{pin}\n")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(["card", "--json", "--pin-file"])
        .arg(pin_file)
        .arg("--settings")
        .arg(settings)
        .args(more)
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_good_card_is_told_whole_and_masked() {
    let folder = tempfile::tempdir().unwrap();
    let card = TestCard::new();
    let trust = format!("card_face = {:?}", card.write_trust(folder.path()));
    let profile = card.write(folder.path(), "card", json!({}));
    let settings = settings(folder.path(), &profile, &trust);
    let output = run(folder.path(), &settings, PIN, &[]);
    let report = report(&output);
    assert!(output.status.success(), "{report:#}");
    assert_eq!(
        report["tries_left"],
        json!({"text": 3, "user_authentication": 3})
    );
    assert_eq!(report["login"]["result"], "verified");
    assert_eq!(
        report["integrity"],
        json!({"result": "genuine", "reason": null})
    );
    // Five for the four items and six for the login, each with the goodbye.
    let apdus = &report["apdus"];
    assert_eq!(
        (&apdus["items"], &apdus["login"], &apdus["goodbye"]),
        (&json!(4), &json!(5), &json!(1))
    );
    assert_eq!(
        (&apdus["integrity"], &apdus["all"]),
        (&json!(4), &json!(14))
    );
    let output_text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    for secret in [NAME, ADDRESS, "19800217", PIN] {
        assert!(!output_text.contains(secret), "masked unless shown");
    }
    assert_eq!(report["items"]["name"], "●●●●●");
    let shown = run(folder.path(), &settings, PIN, &["--show"]);
    assert_eq!(self::report(&shown)["items"]["name"], NAME);
}

#[test]
fn a_signature_of_another_key_and_a_forged_face_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (card, other) = (TestCard::new(), TestCard::new());
    let trust = format!("card_face = {:?}", card.write_trust(folder.path()));
    let stranger: Value = serde_json::from_str(&other.profile(json!({}))).unwrap();
    let wrong_key = json!({ "auth_private_key": stranger["auth_private_key"] });
    let profile = card.write(folder.path(), "wrong-key", wrong_key);
    let output = run(
        folder.path(),
        &settings(folder.path(), &profile, &trust),
        PIN,
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report(&output)["login"]["result"], "refused");
    assert_eq!(report(&output)["error"]["kind"], "signature");

    let profile = card.write(
        folder.path(),
        "copied",
        json!({"issuer": {"forgery": "copy"}}),
    );
    let output = run(
        folder.path(),
        &settings(folder.path(), &profile, &trust),
        PIN,
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        report(&output)["integrity"],
        json!({"result": "forged", "reason": "copy"})
    );
    assert_eq!(report(&output)["error"]["kind"], "forged");
}

#[test]
fn without_trust_the_face_is_unverified_and_the_rest_is_tested() {
    let folder = tempfile::tempdir().unwrap();
    let profile = TestCard::new().write(folder.path(), "card", json!({}));
    let output = run(
        folder.path(),
        &settings(folder.path(), &profile, ""),
        PIN,
        &[],
    );
    assert!(output.status.success());
    let report = report(&output);
    assert_eq!(
        report["integrity"],
        json!({"result": "unverified", "reason": "no-authority"})
    );
    assert_eq!(report["apdus"]["all"], 10);
}

#[test]
fn a_wrong_pin_costs_one_try_and_the_last_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let card = TestCard::new();
    let profile = card.write(folder.path(), "card", json!({}));
    let wrong = run(
        folder.path(),
        &settings(folder.path(), &profile, ""),
        "0000",
        &[],
    );
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(report(&wrong)["error"]["kind"], "wrong-pin");
    assert_eq!(report(&wrong)["tries_left"]["text"], 3);
    let last = json!({"text_pin": {"pin": PIN, "tries_left": 1}});
    let profile = card.write(folder.path(), "last", last);
    let kept = run(
        folder.path(),
        &settings(folder.path(), &profile, ""),
        PIN,
        &[],
    );
    assert_eq!(report(&kept)["error"]["kind"], "last-try");
    let no_pin = run(
        folder.path(),
        &settings(folder.path(), &profile, ""),
        "12a4",
        &[],
    );
    assert_eq!(report(&no_pin)["error"]["kind"], "pin-file");
}

#[test]
fn a_trust_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let profile = TestCard::new().write(folder.path(), "card", json!({}));
    let trust = folder.path().join("bad-trust");
    fs::create_dir(&trust).unwrap();
    let settings = settings(folder.path(), &profile, &format!("card_face = {trust:?}"));
    let empty = run(folder.path(), &settings, PIN, &[]);
    assert_eq!(empty.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&empty.stderr).contains("no NAME.pem in it"));
    for nonsense in [
        "no key at all",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
    ] {
        fs::write(trust.join("bad.pem"), nonsense).unwrap();
        let bad = run(folder.path(), &settings, PIN, &[]);
        assert_eq!(bad.status.code(), Some(2));
        assert!(
            String::from_utf8_lossy(&bad.stderr).contains("bad.pem"),
            "{bad:?}"
        );
    }
}
