//! Settings of cloud and kiosk that fit the prepared folder. They hold no secret and are written again by every run.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::asset::TownSheet;
use crate::folder::{Folder, FolderError, Privacy};

/// Names the tenant's sealing key and the edition key; changes when a key is replaced.
pub const KEY_ID: &str = "demo-1";
/// The demo's kiosk.
pub const KIOSK: &str = "kiosk-1";

/// Where the demo's parts listen and what they read; everything listens on loopback.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoSettings {
    /// The cloud's console and API.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub cloud_listen: SocketAddr,
    /// The cloud's device API (mutual TLS).
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub device_listen: SocketAddr,
    /// The core system.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub core_listen: SocketAddr,
    /// Where a kiosk in a virtual machine finds this one (QEMU's user network: 10.0.2.2): the cloud's certificate names it, and
    /// `image/` gets what such a kiosk is set up with.
    #[arg(long)]
    pub host_from_image: Option<IpAddr>,
    /// The kiosk's web screen.
    #[arg(long, default_value = "127.0.0.1:8300")]
    pub screen_listen: SocketAddr,
    /// The receipt printer (ESC/POS over TCP).
    #[arg(long, default_value = "127.0.0.1:9100")]
    pub receipt_printer: SocketAddr,
    /// The form printer (IPP).
    #[arg(long, default_value = "http://127.0.0.1:8631/ipp/print")]
    pub form_printer: String,
    /// The cloud's database; `sqlite:cloud.sqlite` in the folder if absent.
    #[arg(long)]
    pub database: Option<String>,
    /// Folder of catalogue, forms, words and icons.
    #[arg(long, default_value = "assets")]
    pub assets: PathBuf,
    /// Postal code table.
    #[arg(long, default_value = "target/data/postal.tsv")]
    pub postal_codes: PathBuf,
    /// htmx for the console (`htmx.min.js`); without it lists do not renew themselves.
    #[arg(long)]
    pub htmx: Option<PathBuf>,
    /// Font files of the cloud's paper, in order of preference.
    #[arg(long = "font")]
    pub fonts: Vec<PathBuf>,
}

/// Writes `settings/cloud-api.toml`, `settings/kiosk.toml` (real parts), `settings/kiosk-simulated.toml`, and
/// `settings/kiosk-image.toml` for a kiosk in a virtual machine if there is to be one.
pub(crate) fn write(
    folder: &mut Folder,
    town: &TownSheet,
    settings: &DemoSettings,
) -> Result<(), FolderError> {
    let mut put = |name: &str, text: String| folder.write(name, Privacy::Public, text.as_bytes());
    put("settings/cloud-api.toml", cloud(town, settings))?;
    put(
        "settings/kiosk.toml",
        kiosk(town, &beside_cloud(settings), &real_parts(settings)),
    )?;
    put(
        "settings/kiosk-simulated.toml",
        kiosk(town, &beside_cloud(settings), SIMULATED_PARTS),
    )?;
    if let Some(host) = settings.host_from_image {
        put(
            "settings/kiosk-image.toml",
            kiosk(
                town,
                &in_image(settings, host),
                &image_parts(settings, host),
            ),
        )?;
    }
    Ok(())
}

/// What differs between a kiosk on this machine and one in the image.
struct KioskSite {
    data: &'static str,
    assets: String,
    postal_codes: String,
    cloud: SocketAddr,
    /// Indicator and status display: neither a PC nor the image's machine has them, but here they can be watched.
    signals: &'static str,
    screen: String,
}

fn beside_cloud(settings: &DemoSettings) -> KioskSite {
    KioskSite {
        data: "../data/kiosk",
        assets: absolute(&settings.assets),
        postal_codes: absolute(&settings.postal_codes),
        cloud: settings.device_listen,
        signals: "simulated",
        screen: format!("[screen.web]\nlisten = \"{}\"\n", settings.screen_listen),
    }
}

/// Paths as firmware-image lays them.
fn in_image(settings: &DemoSettings, host: IpAddr) -> KioskSite {
    KioskSite {
        data: "/data/kiosk",
        assets: "/usr/share/genkan/assets".to_owned(),
        postal_codes: "/usr/share/genkan/postal.tsv".to_owned(),
        cloud: SocketAddr::new(host, settings.device_listen.port()),
        signals: "none",
        screen: "[screen.kms]\n".to_owned(),
    }
}

const HEAD: &str = "# Made by `demo-town prepare`, and written again by its next run. Relative paths count from this file's folder.\n\n";

fn cloud(town: &TownSheet, settings: &DemoSettings) -> String {
    let database = settings
        .database
        .as_deref()
        .unwrap_or("sqlite:../data/cloud.sqlite");
    let fonts: Vec<String> = settings
        .fonts
        .iter()
        .map(|font| quoted(&absolute(font)))
        .collect();
    // Without fonts of its own choosing, the cloud looks where Debian puts them.
    let paper = if fonts.is_empty() {
        String::new()
    } else {
        format!("[paper]\nfonts = [{}]\n\n", fonts.join(", "))
    };
    let htmx = settings.htmx.as_ref().map_or_else(String::new, |file| {
        format!("htmx_file = {}\n", quoted(&absolute(file)))
    });
    let mut text = HEAD.to_owned();
    let _ = write!(
        text,
        r#"database = {database}
listen = "{listen}"
{htmx}
[anchor]
file = "../data/anchors.jsonl"

[device]
listen = "{device}"
certificate_file = "../tls/server.pem"
private_key_file = "../tls/server.key"
kiosk_ca_file = "../tls/authority.pem"

[card]
trust_anchors = "../trust/jpki"
revocation_lists = "../trust/crl"
face_authorities = "../trust/card-face"
policies = ["1.2.392.200149.8.5.1.0.30"]

{paper}[[tenant]]
code = "{code}"
name = {name}
kiosks = ["{KIOSK}"]
sealing_key_id = "{KEY_ID}"
sealing_key_file = "../tenant/sealing.key"
sealing_key_signed_file = "../tenant/sealing.signed.json"
edition_keys = [{{ id = "{KEY_ID}", file = "../trust/editions/{KEY_ID}.pub" }}]
catalogue = "../editions/catalogue"
forms = "../editions/forms"

[tenant.core_system]
kind = "http"
url = "http://{core}"
token_file = "../core-system/token"
"#,
        database = quoted(database),
        listen = settings.cloud_listen,
        device = settings.device_listen,
        code = town.code,
        name = quoted(&town.name),
        core = settings.core_listen,
    );
    text
}

fn kiosk(town: &TownSheet, site: &KioskSite, parts: &str) -> String {
    let mut text = HEAD.to_owned();
    let _ = write!(
        text,
        r#"[kiosk]
id = "{KIOSK}"
number = 1
tenant = "{code}"
town = {{ ja = {ja}, ja-simple = {simple}, en = {en} }}
data = "{data}"
assets = {assets}
postal_codes = {postal}

[cloud]
url = "https://{device}"
client_certificate = "../tls/{KIOSK}.pem"
client_key = "../tls/{KIOSK}.key"
authority = "../tls/authority.pem"
edition_keys = "../trust/editions"
sealing_key = "../tenant/sealing.json"

[trust]
card_face = "../trust/card-face"

{parts}
[status_display.{signals}]

[indicator.{signals}]

{screen}"#,
        code = town.code,
        ja = quoted(&town.name),
        simple = quoted(&format!("{{{}|{}}}", town.name, town.name_hiragana)),
        en = quoted(&town.name_en),
        data = site.data,
        assets = quoted(&site.assets),
        postal = quoted(&site.postal_codes),
        device = site.cloud,
        signals = site.signals,
        screen = site.screen,
    );
    text
}

fn real_parts(settings: &DemoSettings) -> String {
    format!(
        r#"[card.pcsc]

[receipt_printer.tcp]
address = "{}"

[form_printer.ipp]
url = {}
"#,
        settings.receipt_printer,
        quoted(&settings.form_printer)
    )
}

/// A USB reader, a receipt printer on a USB serial line, the form printer of the machine around it.
fn image_parts(settings: &DemoSettings, host: IpAddr) -> String {
    let form_printer = settings
        .form_printer
        .replace("127.0.0.1", &host.to_string());
    format!(
        r#"[card.pcsc]

[receipt_printer.serial]
path = "/dev/ttyUSB0"

[form_printer.ipp]
url = {}
"#,
        quoted(&form_printer)
    )
}

const SIMULATED_PARTS: &str = r#"[card.simulated]
profile = "../cards/tanaka-family.json"

[receipt_printer.simulated]
keep = "../data/printed"

[form_printer.simulated]
keep = "../data/printed"
"#;

/// Paths given on the command line count from the working folder, those in the file from its own.
fn absolute(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
