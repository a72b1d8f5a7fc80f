//! The service as its operator has it: a folder with settings, keys and editions, and real processes of the program on it.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use application::Application;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_api::settings::Settings;
use cloud_api::signing;
use kiosk_api::{
    ApplicationId, Edition, EditionKind, Entropy, SealedApplication, TenantCode, TenantPrivateKey,
};
use reqwest::{Certificate, Client, Identity};
use tempfile::TempDir;

use crate::certificates::Ca;
use crate::secrets::write_secret;

/// Names of the files in a house.
const SETTINGS: &str = "cloud-api.toml";
const KEY_ID: &str = "2026-1";

pub(crate) struct House {
    folder: TempDir,
    ca: Ca,
    pub(crate) towns: Vec<TenantCode>,
    kiosks: usize,
    /// More lines of each town's table.
    of_each_town: String,
    /// Lines before the first table.
    first: String,
}

/// The code of the `n`th town of a prefecture that does not exist: 990019, 990027, …
pub(crate) fn code(n: usize) -> TenantCode {
    (0..10)
        .find_map(|digit| format!("99{n:03}{digit}").parse().ok())
        .unwrap()
}

impl House {
    /// A house for so many towns with so many kiosks each (`kiosk-1`, …). The first town has editions.
    pub(crate) fn new(towns: usize, kiosks: usize) -> Self {
        let (folder, ca) = (tempfile::tempdir().unwrap(), Ca::new());
        let (certificate, key) = ca.server();
        let mut house = Self {
            folder,
            ca,
            towns: Vec::new(),
            kiosks,
            of_each_town: String::new(),
            first: String::new(),
        };
        for (name, text) in [
            ("ca.pem", house.ca.pem()),
            ("server.pem", certificate),
            ("server.key", key),
        ] {
            write_secret(&house.at(name), text);
        }
        signing::new_edition_key(&house.at("edition.key"), &house.at("edition.pub")).unwrap();
        house.grow(towns);
        house.sign_editions();
        house
    }

    /// More towns, to so many in all.
    pub(crate) fn grow(&mut self, towns: usize) {
        for town in (self.towns.len() + 1..=towns).map(code) {
            signing::new_sealing_key(&self.at(&format!("{town}.key"))).unwrap();
            self.towns.push(town);
        }
    }

    /// Adds lines to the settings: before the first table, and to each town's.
    pub(crate) fn set(&mut self, first: &str, of_each_town: &str) {
        first.clone_into(&mut self.first);
        of_each_town.clone_into(&mut self.of_each_town);
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sign_editions(&self) {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets");
        for kind in [EditionKind::Catalogue, EditionKind::Forms] {
            let content = Edition {
                kind,
                tenant: self.towns[0].clone(),
                edition: "2026-04-01.1".to_owned(),
                signed_at: "2026-04-01T00:00:00Z".parse().unwrap(),
                files: signing::edition_files(&assets.join(kind.as_str())).unwrap(),
            };
            let key = self.at("edition.key");
            let signed = match kind {
                EditionKind::Catalogue => signing::sign::<guidance::Catalogue>(content, "k1", &key),
                EditionKind::Forms => signing::sign::<application::FormSet>(content, "k1", &key),
            };
            std::fs::create_dir(self.at(kind.as_str())).unwrap();
            let bytes = serde_json::to_vec(&signed.unwrap()).unwrap();
            std::fs::write(self.at(kind.as_str()).join("1.json"), bytes).unwrap();
        }
    }

    /// Writes the settings for this database and gives their file.
    pub(crate) fn settings(&self, database: &str) -> PathBuf {
        let mut text = format!(
            "database = \"{database}\"\nlisten = \"127.0.0.1:0\"\n{}\n\
             [device]\nlisten = \"127.0.0.1:0\"\ncertificate_file = \"server.pem\"\n\
             private_key_file = \"server.key\"\nkiosk_ca_file = \"ca.pem\"\n",
            self.first
        );
        let kiosks: Vec<String> = (1..=self.kiosks).map(|n| format!("kiosk-{n}")).collect();
        for (n, town) in self.towns.iter().enumerate() {
            let editions = if n == 0 {
                "edition_keys = [{ id = \"k1\", file = \"edition.pub\" }]\ncatalogue = \"catalogue\"\nforms = \"forms\"\n"
            } else {
                ""
            };
            write!(
                text,
                "[[tenant]]\ncode = \"{town}\"\nname = \"玄関町\"\nkiosks = {kiosks:?}\n\
                 sealing_key_id = \"{KEY_ID}\"\nsealing_key_file = \"{town}.key\"\n{editions}{}\n",
                self.of_each_town
            )
            .unwrap();
        }
        std::fs::write(self.at(SETTINGS), text).unwrap();
        Settings::read(&self.at(SETTINGS)).unwrap();
        self.at(SETTINGS)
    }

    pub(crate) fn private_key(&self, town: &TenantCode) -> TenantPrivateKey {
        let text = std::fs::read_to_string(self.at(&format!("{town}.key"))).unwrap();
        TenantPrivateKey::from_bytes(&STANDARD.decode(text.trim()).unwrap()).unwrap()
    }

    /// As the application's kiosk seals it, ready to be sent.
    pub(crate) fn sealed(&self, application: &Application) -> Vec<u8> {
        let town: TenantCode = application.tenant.parse().unwrap();
        let id: uuid::Uuid = application.id.parse().unwrap();
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(id.as_bytes());
        let sealed = SealedApplication::seal(
            application,
            town.clone(),
            application.kiosk.parse().unwrap(),
            ApplicationId(id),
            (KEY_ID, &self.private_key(&town).public()),
            Entropy::new(seed),
        );
        serde_json::to_vec(&sealed.ok().unwrap()).unwrap()
    }

    /// A kiosk's own certificate and key, PEM.
    pub(crate) fn certificate(&self, town: &TenantCode, kiosk: &str) -> (String, String) {
        self.ca
            .kiosk(&[&format!("urn:genkan:kiosk:{town}:{kiosk}")])
    }

    /// A connection as a kiosk has it: its own certificate, no trust but in the service's authority.
    pub(crate) fn client(&self, town: &TenantCode, kiosk: &str) -> Client {
        let (certificate, key) = self.certificate(town, kiosk);
        let identity = Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap();
        let root = Certificate::from_pem(self.ca.pem().as_bytes()).unwrap();
        Client::builder()
            .tls_certs_only([root])
            .no_proxy()
            .identity(identity)
            .build()
            .unwrap()
    }
}

/// A running process of the service.
pub(crate) struct Replica {
    pub(crate) child: Child,
    /// `127.0.0.1:port` of console and API.
    pub(crate) office: String,
    /// `127.0.0.1:port` of the device API.
    pub(crate) device: String,
}

impl Replica {
    /// Starts one; it listens when this returns.
    pub(crate) fn start(program: impl AsRef<Path>, settings: &Path) -> Self {
        let mut child = Command::new(program.as_ref())
            .args(["serve", "--settings"])
            .arg(settings)
            .env("RUST_LOG", "error,cloud_api::command=info")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let mut address = |what: &str| loop {
            let line = log
                .next()
                .map(Result::unwrap)
                .unwrap_or_else(|| panic!("ended: {said:?}"));
            if let Some((_, address)) = line
                .split_once(what)
                .and_then(|(_, rest)| rest.split_once("address="))
            {
                return address.trim().to_owned();
            }
            said.push(line);
        };
        let (office, device) = (address("console and API"), address("device API"));
        // Whoever does not read on stops the program at its next line.
        std::thread::spawn(move || {
            log.map_while(Result::ok)
                .for_each(|line| eprintln_line(&line))
        });
        Self {
            child,
            office,
            device,
        }
    }

    /// As a power cut ends it: SIGKILL, nothing is finished.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a service complains of belongs in the test's output.
fn eprintln_line(line: &str) {
    use std::io::Write as _;
    let _closed = writeln!(std::io::stderr(), "{line}");
}
