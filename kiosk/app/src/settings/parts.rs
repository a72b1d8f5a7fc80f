//! Which device is where: each table has one key, the kind of device, with what it needs.

use std::net::SocketAddr;

use serde::Deserialize;

use super::values::{FilePath, Loopback};

/// The card reader.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Card {
    /// Any PC/SC reader, through pcscd.
    Pcsc(PcscReader),
    /// A reader in this process with test residents' cards.
    Simulated(SimulatedCard),
}

/// A PC/SC reader.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PcscReader {
    /// Part of the reader's name; empty: the first one found.
    #[serde(default)]
    pub reader: String,
    /// Longest wait for one answer of the card, milliseconds.
    #[serde(default = "card_ms")]
    pub deadline_ms: u64,
}

fn card_ms() -> u64 {
    5_000
}

/// A simulated reader.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedCard {
    /// A card profile as `demo-town` writes them; absent: the reader stays empty.
    #[serde(default)]
    pub profile: Option<FilePath>,
    /// UNIX socket that lays cards on and takes them away.
    #[serde(default)]
    pub control: Option<FilePath>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReceiptPrinter {
    /// Over the network, usually port 9100.
    Tcp(TcpPrinter),
    /// A serial line.
    Serial(SerialPrinter),
    /// The kernel's USB printer device.
    Device(DevicePrinter),
    /// A printer in this process.
    Simulated(SimulatedPrinter),
}

/// A printer over TCP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpPrinter {
    /// Address and port.
    pub address: SocketAddr,
}

/// A printer on a serial line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SerialPrinter {
    /// For example `/dev/ttyS0`.
    pub path: FilePath,
    /// Bits per second.
    #[serde(default = "baud")]
    pub baud: u32,
}

fn baud() -> u32 {
    115_200
}

/// A printer behind `/dev/usb/lp*`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicePrinter {
    /// For example `/dev/usb/lp0`.
    pub path: FilePath,
}

/// A printer in this process.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPrinter {
    /// Folder where every paper is kept; absent: in memory only.
    #[serde(default)]
    pub keep: Option<FilePath>,
}

/// The A4 printer.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FormPrinter {
    /// Any driverless printer.
    Ipp(IppPrinter),
    /// A printer in this process.
    Simulated(SimulatedPrinter),
}

/// A printer that speaks IPP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IppPrinter {
    /// For example `http://192.0.2.7:631/ipp/print`.
    pub url: String,
}

/// Presence sensor, light ring, tamper switch.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Indicator {
    /// Pins of a Raspberry Pi header.
    Rppal(Pins),
    /// No pins: there is no ring, and nobody is ever noticed.
    None(NoSettings),
    /// The ring is only remembered.
    Simulated(NoSettings),
}

/// Pin numbers (BCM). The ring's two colours are on PWM0 and PWM1.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Presence sensor, high while somebody stands there.
    pub presence: u8,
    /// Tamper switch, low while the door is closed.
    pub tamper: u8,
}

/// The small display inside the case.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusDisplay {
    /// 128 × 64 dots on the header's I²C.
    Ssd1306(NoSettings),
    /// There is none.
    None(NoSettings),
    /// Remembered only.
    Simulated(SimulatedDisplay),
}

/// A display that is only remembered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedDisplay {
    /// Picture that is kept of what it shows; absent: in memory only.
    #[serde(default)]
    pub keep: Option<FilePath>,
}

/// The touchscreen.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Screen {
    /// In a browser tab: demo, mock-up environment, tests.
    Web(WebScreen),
    /// In a window of the desktop.
    Window(NoSettings),
    /// Straight to the display and the touch panel, as on the image.
    Kms(NoSettings),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebScreen {
    /// Where it listens; loopback only.
    pub listen: Loopback,
    /// Names by which browsers may call it, beside `localhost` and loopback addresses: of a proxy, for instance.
    #[serde(default)]
    pub names: Vec<String>,
}

/// A part that takes no settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}
