//! The kiosk program as it really runs: a process with simulated parts, a card on its reader, a cloud beside it and a browser's
//! socket before its screen.
#![allow(
    dead_code,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use tungstenite::WebSocket;

use crate::fake_cloud::FakeCloud;
use crate::test_card::TestCard;

/// A kiosk program with simulated parts and a card on its reader.
pub struct Program {
    pub child: Child,
    log: Lines<BufReader<ChildStderr>>,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub fn start(settings: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["run", "--settings"])
            .arg(settings)
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut program = Self {
            child,
            log,
            address: String::new(),
        };
        let line = program.read_log_until("kind=\"screen\"");
        let (_, address) = line.split_once("address=").unwrap();
        program.address = address.trim().to_owned();
        program
    }

    /// The next line of the log that holds the words.
    pub fn read_log_until(&mut self, words: &str) -> String {
        let mut lines = Vec::new();
        for line in self.log.by_ref() {
            let line = line.unwrap();
            if line.contains(words) {
                return line;
            }
            lines.push(line);
        }
        panic!("never logged {words}:\n{}", lines.join("\n"));
    }

    pub fn screen(&self) -> WebSocket<TcpStream> {
        let stream = TcpStream::connect(&self.address).unwrap();
        tungstenite::client(format!("ws://{}/screen", self.address), stream)
            .unwrap()
            .0
    }

    /// Sends the signal and returns the exit code.
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        // Read to its end, so that a full pipe never holds the program up.
        let lines: Vec<String> = self.log.by_ref().map_while(Result::ok).collect();
        let code = self.child.wait().unwrap().code();
        let at = |words: &str| lines.iter().position(|line| line.contains(words));
        let order = [
            "kind=\"ending\"",
            "kind=\"visit-forgotten\" closed=true",
            "kind=\"outbox-closed\" held_elsewhere=0",
            "kind=\"ended\"",
        ]
        .map(at);
        assert!(
            order.is_sorted() && order.iter().all(Option::is_some),
            "{order:?}:\n{}",
            lines.join("\n")
        );
        code
    }
}

pub struct TestKiosk {
    pub folder: tempfile::TempDir,
    pub town: FakeCloud,
    /// Keeps the fake cloud's tasks alive.
    _runtime: tokio::runtime::Runtime,
}

impl TestKiosk {
    /// With changes to the card's profile.
    pub fn new(card_changes: serde_json::Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let town = runtime.block_on(FakeCloud::start(folder.path()));
        town.write_edition_key(folder.path());
        fs::write(folder.path().join("postal.tsv"), "").unwrap();
        let card = TestCard::new();
        card.write(folder.path(), "card", card_changes);
        card.write_trust(folder.path());
        let assets = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../assets")
            .canonicalize()
            .unwrap();
        let text = format!(
            "[kiosk]\nid = \"lobby-1\"\nnumber = 7\ntenant = \"990019\"\ntown = {{ ja = \"みほん市\" }}\n\
             data = \"data\"\nassets = {assets:?}\npostal_codes = \"postal.tsv\"\n[visit]\nunseen_ms = 0\n{}\
             [trust]\ncard_face = \"card-face\"\n[card.simulated]\nprofile = \"card.json\"\ncontrol = \"card-control\"\n\
             [receipt_printer.simulated]\n[form_printer.simulated]\n[indicator.simulated]\n\
             [status_display.simulated]\n[screen.web]\nlisten = \"127.0.0.1:0\"\n",
            town.settings(),
        );
        fs::write(folder.path().join("kiosk.toml"), text).unwrap();
        Self {
            folder,
            town,
            _runtime: runtime,
        }
    }

    pub fn settings(&self) -> PathBuf {
        self.folder.path().join("kiosk.toml")
    }
}
