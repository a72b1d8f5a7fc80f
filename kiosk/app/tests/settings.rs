//! Settings: the example works, and what is wrong is reported with line and column.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

use std::path::Path;

use kiosk::settings::{Card, FormPrinter, ReceiptPrinter, Screen, Settings, SettingsError};

const EXAMPLE: &str = include_str!("../kiosk.example.toml");
const FILE: &str = "/etc/genkan/kiosk.toml";

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(text, Path::new(FILE))
}

fn error(text: &str) -> String {
    parse(text).err().expect("an error").to_string()
}

#[test]
fn the_example_is_valid_as_it_stands() {
    let settings = parse(EXAMPLE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.kiosk.id.as_str(), "lobby-1");
    assert!(matches!(settings.card, Card::Pcsc(_)));
    assert!(matches!(settings.receipt_printer, ReceiptPrinter::Tcp(_)));
    assert!(matches!(settings.form_printer, FormPrinter::Ipp(_)));
    assert!(matches!(settings.screen, Screen::Web(_)));
    assert_eq!(
        settings.cloud.url.route("/v1/990019/nonces").as_str(),
        "https://127.0.0.1:8443/v1/990019/nonces"
    );
}

#[test]
fn cloud_and_printers_are_all_that_a_kiosk_talks_to() {
    let addresses = |text: &str| {
        let all = parse(text).unwrap().network().unwrap();
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        addresses(EXAMPLE),
        ["127.0.0.1", "192.0.2.10", "192.0.2.11"]
    );
    let serial = EXAMPLE
        .replace("[receipt_printer.tcp]", "[receipt_printer.serial]")
        .replace("address = \"192.0.2.10:9100\"", "path = \"/dev/ttyUSB0\"");
    assert_eq!(addresses(&serial), ["127.0.0.1", "192.0.2.11"]);
}

#[test]
fn what_the_example_shows_in_comments_is_what_holds_without_it() {
    let plain = parse(EXAMPLE).unwrap();
    let shown: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            // Single keys only: a commented table would be a second part.
            Some(key) if is_default(key) => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let shown = parse(&shown).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(shown.visit, plain.visit);
    assert_eq!(shown.cloud.connect_ms, plain.cloud.connect_ms);
    assert_eq!(shown.cloud.answer_ms, plain.cloud.answer_ms);
    assert_eq!(shown.cloud.heartbeat_seconds, plain.cloud.heartbeat_seconds);
    assert_eq!(shown.cloud.edition_seconds, plain.cloud.edition_seconds);
    assert_eq!(shown.paper.fonts, plain.paper.fonts);
    assert_eq!(shown.kiosk.languages, plain.kiosk.languages);
    let (Card::Pcsc(shown), Card::Pcsc(plain)) = (shown.card, plain.card) else {
        panic!("another reader")
    };
    assert_eq!(
        (shown.reader, shown.deadline_ms),
        (plain.reader, plain.deadline_ms)
    );
}

fn is_default(line: &str) -> bool {
    const DEFAULTS: [&str; 16] = [
        "fonts",
        "languages",
        "warn_after",
        "grace",
        "staff_after",
        "papers",
        "card_left",
        "patience",
        "print_patience",
        "unseen_ms",
        "connect_ms",
        "answer_ms",
        "heartbeat_seconds",
        "edition_seconds",
        "reader",
        "deadline_ms",
    ];
    line.split_once(" = ")
        .is_some_and(|(key, _)| DEFAULTS.contains(&key))
}

#[test]
fn every_part_can_be_simulated() {
    let text = EXAMPLE
        .replace("[card.pcsc]", "[card.simulated]")
        .replace("[receipt_printer.tcp]", "[receipt_printer.simulated]")
        .replace("address = \"192.0.2.10:9100\"", "keep = \"printed\"")
        .replace("[form_printer.ipp]", "[form_printer.simulated]")
        .replace(
            "url = \"http://192.0.2.11:631/ipp/print\"",
            "keep = \"printed\"",
        );
    let settings = parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let ReceiptPrinter::Simulated(printer) = settings.receipt_printer else {
        panic!("not simulated")
    };
    assert_eq!(
        printer.keep.unwrap().as_ref(),
        Path::new("/etc/genkan/printed"),
        "relative to the settings file"
    );
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let message = error(&EXAMPLE.replace("number = 1 ", "numbre = 1 "));
    assert!(
        message.starts_with("/etc/genkan/kiosk.toml:7:1: unknown field `numbre`"),
        "{message}"
    );
    let message = error(&EXAMPLE.replace("address = ", "adress = "));
    assert!(message.contains("unknown field `adress`"), "{message}");
    let line = EXAMPLE
        .lines()
        .position(|line| line.starts_with("address = "))
        .unwrap()
        + 1;
    assert!(
        message.starts_with(&format!("/etc/genkan/kiosk.toml:{line}:1:")),
        "{message}"
    );
    let message = error(&EXAMPLE.replace("[card.pcsc]", "[card.magnetic]"));
    assert!(
        message.contains("unknown variant `magnetic`") && message.contains("simulated"),
        "{message}"
    );
}

#[test]
fn a_missing_key_is_named() {
    let message = error(&EXAMPLE.replace("postal_codes = ", "# postal_codes = "));
    assert!(
        message.contains("missing field `postal_codes`"),
        "{message}"
    );
    let message = error(&EXAMPLE.replace("[indicator.none]", "# [indicator.none]"));
    assert!(message.contains("missing field `indicator`"), "{message}");
}

#[test]
fn a_wrong_value_is_told_with_its_place() {
    for (right, wrong, reason) in [
        ("\"990019\"", "\"990018\"", "check digit"),
        ("\"lobby-1\"", "\"Lobby 1\"", "kiosk id"),
        (
            "\"https://127.0.0.1:8443\"",
            "\"http://127.0.0.1:8443\"",
            "https only",
        ),
        (
            "\"https://127.0.0.1:8443\"",
            "\"https://me:pw@127.0.0.1\"",
            "no user name or password",
        ),
        (
            "\"/etc/genkan/kiosk.key\"",
            "\"-----BEGIN PRIVATE KEY-----\"",
            "files of their own",
        ),
        (
            "\"127.0.0.1:8300\"",
            "\"localhost\"",
            "invalid socket address",
        ),
        ("number = 1 ", "number = 100 ", "1 to 99"),
        ("\"127.0.0.1:8300\"", "\"0.0.0.0:8300\"", "loopback"),
    ] {
        let text = EXAMPLE.replace(right, wrong);
        let message = error(&text);
        let line = text
            .lines()
            .position(|line| line.contains(wrong.trim()))
            .unwrap()
            + 1;
        assert!(
            message.starts_with(&format!("/etc/genkan/kiosk.toml:{line}:")),
            "{message}"
        );
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn broken_toml_and_a_missing_file_are_told() {
    let message = error("[kiosk\nid = 1");
    assert!(
        message.starts_with("/etc/genkan/kiosk.toml:1:"),
        "{message}"
    );
    let missing = Settings::read(Path::new("/nowhere/kiosk.toml"))
        .err()
        .unwrap()
        .to_string();
    assert!(missing.starts_with("/nowhere/kiosk.toml: "), "{missing}");
}
