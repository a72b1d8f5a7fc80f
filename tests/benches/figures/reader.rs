//! The card: tries left, four items and login on Debian's pcscd with its virtual reader and the simulated card.
//!
//! Peers: OpenSC's `pkcs11-tool`, which knows the card, for a signature with the same key; and for the four items, which no
//! packaged program reads, the commands of the published clients (select the application, select the PIN's file, ask, verify,
//! select the file, read its head, read the rest) sent by `opensc-tool`. Their times hold the start of their process, as they
//! do for whoever calls them; the count of commands does not depend on that.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use devices::card::pcsc::PcscReader;
use devices::card::{
    CardError, CardReader as _, Digest, LastTry, MyNumberCard, Pin, PinKind, Presence,
};
use serde_json::{Value, json};

use crate::figure::{Figure, Times};
use crate::running::{Reader, Town};
use crate::{Bench, Done, timed};

/// The argument with which this program starts itself: libpcsclite takes its socket's path from the environment once.
pub(crate) const AT_THE_READER: &str = "at-the-reader";
const ROUNDS: usize = 10;
/// Who moves in with a family of four, and the PIN of both applications.
const CARD: &str = "tanaka-family";
const PIN: &str = "1234";
/// For a card that was just put on the reader, and for each command.
const PATIENCE: Duration = Duration::from_secs(10);
const TOOL_ROUNDS: usize = 5;
const READ_ITEMS: &[&str] = &[
    "--send-apdu",
    "00A4040C0AD3921000310001010408",
    "--send-apdu",
    "00A4020C020011",
    "--send-apdu",
    "00200080",
    "--send-apdu",
    "002000800431323334",
    "--send-apdu",
    "00A4020C020002",
    "--send-apdu",
    "00B0000007",
    "--send-apdu",
    "00B0000000",
];
const SIGN: &[&str] = &["--sign", "--login", "--pin", PIN, "--mechanism", "RSA-PKCS"];
/// What stands before a SHA-256 in a PKCS#1 signature.
const DIGEST_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let town = Town::prepare()?;
    let reader = Reader::start(&town)?;
    reader.insert(CARD)?;
    let ours = ours(&reader, bench.rounds(ROUNDS))?;
    let (items, login) = if bench.peers.is_some() {
        let digest = town.at("digest");
        std::fs::write(&digest, [DIGEST_INFO, &[7; 32]].concat())?;
        let digest = digest.to_string_lossy();
        let sign = [
            SIGN,
            &["--input-file", &digest, "--output-file", "/dev/null"],
        ]
        .concat();
        (
            Some(theirs(&reader, "opensc-tool", READ_ITEMS)?),
            Some(theirs(&reader, "pkcs11-tool", &sign)?),
        )
    } else {
        (None, None)
    };
    let figures = |name, key: &str, peer: Option<&Tool>| -> Done<[Figure; 2]> {
        let [apdus, ms]: [&'static str; 2] = name;
        Ok([
            Figure::new(apdus, number(&ours[key]["apdus"])?, "APDU")
                .beside(peer.map(|tool| (tool.name, tool.apdus))),
            Figure::new(ms, number(&ours[key]["ms"])?, "ms")
                .beside(peer.map(|tool| (tool.name, tool.ms))),
        ])
    };
    let mut all = Vec::from(figures(
        ["card_items_apdus", "card_items_time"],
        "items",
        items.as_ref(),
    )?);
    all.extend(figures(
        ["card_login_apdus", "card_login_time"],
        "login",
        login.as_ref(),
    )?);
    Ok(all)
}

fn number(value: &Value) -> Done<f64> {
    value
        .as_f64()
        .ok_or_else(|| format!("{value} is no number").into())
}

fn ours(reader: &Reader, rounds: usize) -> Done<Value> {
    let output = reader
        .command(std::env::current_exe()?)
        .args([AT_THE_READER, &rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What the started program does: `rounds` times, as the kiosk does it; prints medians.
pub(crate) fn at_the_reader(arguments: &[String]) -> Done<()> {
    let rounds: usize = arguments.first().ok_or("how many rounds?")?.parse()?;
    let mut reader = PcscReader::new(None, PATIENCE);
    let mut seen = reader.presence()?;
    while !matches!(seen, Presence::Card { .. }) {
        let now = reader.wait_for_change(seen, PATIENCE)?;
        if now == seen {
            return Err("pcscd sees no card".into());
        }
        seen = now;
    }
    let (mut items, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let [read, signed] = visit(&mut reader)?;
        items.push(read);
        logins.push(signed);
    }
    let middle = |all: &[(u32, f64)]| {
        let ms = Times::new(all.iter().map(|(_, ms)| *ms).collect()).median();
        json!({"apdus": all[0].0, "ms": ms})
    };
    let report = json!({"items": middle(&items), "login": middle(&logins)});
    writeln!(std::io::stdout(), "{report}")?;
    Ok(())
}

/// Commands and milliseconds of the four items and of the login, each with its question for the tries left.
fn visit(reader: &mut PcscReader) -> Result<[(u32, f64); 2], CardError> {
    let pin = || {
        Pin::four_digits(PIN).map_err(|_| CardError::Malformed {
            step: "pin",
            reason: "not four digits",
        })
    };
    let start = Instant::now();
    let mut card = MyNumberCard::new(reader.connect()?, reader.memory());
    card.tries_left(PinKind::Text)?;
    card.read_four_items(pin()?, LastTry::Keep)?;
    let items = (
        card.count().commands,
        start.elapsed().as_secs_f64() * 1000.0,
    );
    let start = Instant::now();
    card.tries_left(PinKind::UserAuthentication)?;
    card.login(pin()?, &Digest::Sha256([7; 32]), LastTry::Keep)?;
    let login = (
        card.count().commands - items.0,
        start.elapsed().as_secs_f64() * 1000.0,
    );
    card.release()?;
    Ok([items, login])
}

/// What another program needed.
struct Tool {
    name: &'static str,
    apdus: f64,
    ms: f64,
}

/// One run that tells what it sends, and a few that are timed.
fn theirs(reader: &Reader, name: &'static str, arguments: &[&str]) -> Done<Tool> {
    let command = || {
        let mut command = reader.command(name);
        // The driver is named: the search for it would cost dozens of commands that say nothing about the work.
        command.args(arguments).env("OPENSC_DRIVER", "jpki");
        command
    };
    let told = command().env("OPENSC_DEBUG", "3").output()?;
    let said = String::from_utf8_lossy(&told.stderr);
    if !told.status.success() {
        return Err(format!(
            "{name} {}: {}",
            told.status,
            said.lines().last().unwrap_or_default()
        )
        .into());
    }
    let times = timed(TOOL_ROUNDS, |_| {
        let output = command().output()?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{name}: {}", output.status).into())
        }
    })?;
    Ok(Tool {
        name,
        apdus: said.matches("Outgoing APDU").count() as f64,
        ms: times.median(),
    })
}
