//! Settings: one TOML file, every key documented in `kiosk.example.toml`, unknown keys refused with line and column.
//!
//! A device's table says which kind it is: `[card.pcsc]` is the real reader, `[card.simulated]` the simulator. Secrets
//! are never in the file, only paths to them. Relative paths count from the folder of the settings file.

mod network;
mod parts;
mod values;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guidance::Words;
use kiosk_api::{KioskId, TenantCode};
use serde::Deserialize;
use session::Policy;
use thiserror::Error;

pub use parts::{
    Card, DevicePrinter, FormPrinter, Indicator, IppPrinter, NoSettings, PcscReader, Pins,
    ReceiptPrinter, Screen, SerialPrinter, SimulatedCard, SimulatedDisplay, SimulatedPrinter,
    StatusDisplay, TcpPrinter, WebScreen,
};
pub use values::{CloudUrl, FilePath, KioskNumber, Loopback};

/// Why settings are not used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// Not TOML, an unknown key, a missing key or a value of another kind.
    #[error("{file}:{line}:{column}: {reason}", file = file.display())]
    Malformed {
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

/// Everything that differs from kiosk to kiosk.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kiosk: Kiosk,
    /// Times and limits of a visit.
    #[serde(default)]
    pub visit: Policy,
    /// The cloud service.
    pub cloud: Cloud,
    /// Whose signatures on cards are trusted.
    #[serde(default)]
    pub trust: Trust,
    /// What staff do at the kiosk itself.
    #[serde(default)]
    pub staff: Staff,
    /// What paper is set in.
    #[serde(default)]
    pub paper: Paper,
    /// The card reader.
    pub card: Card,
    pub receipt_printer: ReceiptPrinter,
    /// The A4 printer.
    pub form_printer: FormPrinter,
    /// Presence sensor, light ring, tamper switch.
    pub indicator: Indicator,
    /// The small display inside the case.
    pub status_display: StatusDisplay,
    /// The touchscreen.
    pub screen: Screen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kiosk {
    /// Its id at the cloud; also in its client certificate.
    pub id: KioskId,
    /// Its number within the municipality, 1 to 99: the head of every reception number (受付番号).
    pub number: KioskNumber,
    /// The municipality (全国地方公共団体コード, six digits).
    pub tenant: TenantCode,
    /// The municipality's name in each language, as residents say it.
    pub town: Words,
    /// Where the kiosk is, in Japanese, as printed on receipts; empty: nothing is printed.
    #[serde(default)]
    pub place: String,
    /// Languages of the screen in the order of the buttons; the first is the one that every visit begins with.
    #[serde(default = "languages")]
    pub languages: Vec<String>,
    /// Folder for what must survive: outbox, editions, counter.
    pub data: FilePath,
    /// Folder of what is shipped with the program: `catalogue/`, `forms/`, `words/`, `icons/`.
    pub assets: FilePath,
    /// Postal code table; see `scripts/postal.py`.
    pub postal_codes: FilePath,
}

fn languages() -> Vec<String> {
    ["ja", "ja-simple", "en"].map(str::to_owned).to_vec()
}

/// Whose signatures on cards are trusted.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Folder of `NAME.pem` files, each the public key of an authority that certifies card-face issuers; see
    /// [`crate::card_face`]. Without it no card face is verified.
    #[serde(default)]
    pub card_face: Option<FilePath>,
}

/// What staff do at the kiosk itself.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// File with the line that `kiosk staff-number` made: what the number is compared with by which staff open a closed kiosk
    /// again. A kiosk with a switch in its housing needs it.
    #[serde(default)]
    pub number: Option<FilePath>,
}

/// What paper is set in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// Folders with Noto Sans CJK JP, Noto Serif CJK JP and IPAmj Mincho, searched two levels deep.
    pub fonts: Vec<FilePath>,
}

impl Default for Paper {
    fn default() -> Self {
        Self {
            fonts: vec![FilePath::from(Path::new("/usr/share/fonts"))],
        }
    }
}

/// The cloud service and how to trust it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// Address of the device API, `https://…`.
    pub url: CloudUrl,
    /// This kiosk's certificate, PEM, with its chain.
    pub client_certificate: FilePath,
    /// Its private key, PEM (PKCS#8, SEC1 or PKCS#1).
    pub client_key: FilePath,
    /// The authorities that the cloud's certificate must come from, PEM. The machine's own list is not used.
    pub authority: FilePath,
    /// Trusted Ed25519 keys for editions: a folder of `NAME.pub` files, 32 bytes as base64 each; NAME is the key's id.
    pub edition_keys: FilePath,
    /// The municipality's sealing key as shipped (JSON: `key_id`, `public_key`); a newer one from the cloud replaces it.
    pub sealing_key: FilePath,
    /// Longest wait for a connection, milliseconds.
    #[serde(default = "connect_ms")]
    pub connect_ms: u64,
    /// Longest wait for a whole answer, milliseconds.
    #[serde(default = "answer_ms")]
    pub answer_ms: u64,
    /// Seconds between two heartbeats.
    #[serde(default = "heartbeat_seconds")]
    pub heartbeat_seconds: u64,
    /// Seconds between two checks for new editions.
    #[serde(default = "edition_seconds")]
    pub edition_seconds: u64,
}

fn connect_ms() -> u64 {
    3_000
}

fn answer_ms() -> u64 {
    15_000
}

fn heartbeat_seconds() -> u64 {
    30
}

fn edition_seconds() -> u64 {
    300
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// [`SettingsError`] names file, line, column and reason.
    pub fn read(file: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(file).map_err(|source| SettingsError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(&text, file)
    }

    /// Settings from text; `file` is for errors and for relative paths.
    ///
    /// # Errors
    /// [`SettingsError::Malformed`].
    pub fn parse(text: &str, file: &Path) -> Result<Self, SettingsError> {
        let malformed = |error: &toml::de::Error| {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            SettingsError::Malformed {
                file: file.to_owned(),
                line,
                column,
                reason: error.message().trim().to_owned(),
            }
        };
        values::within(file.parent().unwrap_or(Path::new("")), || {
            toml::from_str::<Self>(text)
        })
        .map_err(|error| malformed(&error))
    }
}

/// Line and column (in characters), from 1, of a byte.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |start| start.chars().count())
        + 1;
    (line, column)
}
