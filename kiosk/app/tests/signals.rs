//! The kiosk as its service manager ends it: the real program with a visit under way, ended by a signal, waited for.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod fake_cloud;
mod test_card;

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use fake_cloud::FakeCloud;
use serde_json::Value;
use test_card::TestCard;
use tungstenite::{Message, WebSocket};

/// A kiosk program with simulated parts and a card on its reader.
struct Program {
    child: Child,
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
    fn start(settings: &Path) -> Self {
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
    fn read_log_until(&mut self, words: &str) -> String {
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

    fn screen(&self) -> WebSocket<TcpStream> {
        let stream = TcpStream::connect(&self.address).unwrap();
        tungstenite::client(format!("ws://{}/screen", self.address), stream)
            .unwrap()
            .0
    }

    /// Sends the signal and returns the exit code.
    fn end(&mut self, signal: &str) -> Option<i32> {
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

/// Touches the first button on the screen of those named, until a heading contains `title`.
fn touch_until(screen: &mut WebSocket<TcpStream>, named: &[&str], title: &str) {
    loop {
        match screen.read().unwrap() {
            Message::Binary(_) => screen.send(Message::text(r#"{"do":"painted"}"#)).unwrap(),
            Message::Text(text) => {
                let tree: Value = serde_json::from_str(&text).unwrap();
                let nodes = tree["nodes"].as_array().unwrap();
                let name =
                    |node: &Value| node["name"].as_str().unwrap_or_default().replace('\n', "");
                if nodes
                    .iter()
                    .any(|node| node["role"] == "heading" && name(node).contains(title))
                {
                    return;
                }
                let button = nodes.iter().find(|node| {
                    let name = name(node);
                    node["role"] == "button" && named.iter().any(|named| name.starts_with(named))
                });
                if let Some(button) = button {
                    let press = serde_json::json!({"do": "press", "id": button["id"], "matter": tree["matter"]});
                    screen.send(Message::text(press.to_string())).unwrap();
                }
            }
            _ => {}
        }
    }
}

struct TestKiosk {
    folder: tempfile::TempDir,
    /// Keeps the fake cloud's tasks alive.
    _runtime: tokio::runtime::Runtime,
}

impl TestKiosk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let town = runtime.block_on(FakeCloud::start(folder.path()));
        town.state().refuse = Some(kiosk_api::ProblemCode::Busy);
        town.write_edition_key(folder.path());
        fs::write(folder.path().join("postal.tsv"), "").unwrap();
        let card = TestCard::new();
        card.write(folder.path(), "card", serde_json::json!({}));
        card.write_trust(folder.path());
        let assets = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../assets")
            .canonicalize()
            .unwrap();
        let text = format!(
            "[kiosk]\nid = \"lobby-1\"\nnumber = 7\ntenant = \"990019\"\ntown = {{ ja = \"みほん市\" }}\n\
             data = \"data\"\nassets = {assets:?}\npostal_codes = \"postal.tsv\"\n[visit]\nunseen_ms = 0\n{}\
             [trust]\ncard_face = \"card-face\"\n[card.simulated]\nprofile = \"card.json\"\n\
             [receipt_printer.simulated]\n[form_printer.simulated]\n[indicator.simulated]\n\
             [status_display.simulated]\n[screen.web]\nlisten = \"127.0.0.1:0\"\n",
            town.settings(),
        );
        fs::write(folder.path().join("kiosk.toml"), text).unwrap();
        Self {
            folder,
            _runtime: runtime,
        }
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("kiosk.toml")
    }
}

#[test]
fn a_signal_ends_an_idle_kiosk_well_and_its_outbox_opens_again() {
    let kiosk = TestKiosk::new();
    for signal in ["-TERM", "-INT"] {
        assert_eq!(Program::start(&kiosk.settings()).end(signal), Some(0));
    }
    let outbox = kiosk.folder.path().join("data/outbox");
    assert!(kiosk::outbox::DiskQueue::open(&outbox).is_ok());
}

#[test]
fn a_signal_in_the_middle_of_a_visit_takes_the_power_from_the_card() {
    let kiosk = TestKiosk::new();
    let mut program = Program::start(&kiosk.settings());
    let mut screen = program.screen();
    // The card on the reader was asked for its tries; its line stays open while the resident types.
    let touches = ["はじめる", "引っ越してきた", "カードを使う"];
    touch_until(&mut screen, &touches, "暗証番号");
    let sent = Command::new("kill")
        .args(["-TERM", &program.child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    program.read_log_until("kind=\"card-left\" commands=3");
    program.read_log_until("kind=\"visit-forgotten\" closed=true");
    program.read_log_until("kind=\"ended\"");
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}
