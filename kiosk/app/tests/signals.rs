//! The kiosk as its service manager ends it: the real program with a visit under way, ended by a signal, waited for.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod fake_cloud;
mod started_kiosk;
mod test_card;

use std::net::TcpStream;
use std::process::Command;

use serde_json::{Value, json};
use started_kiosk::{Program, TestKiosk};
use tungstenite::{Message, WebSocket};

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

/// A kiosk whose cloud is busy: visits go on without it.
fn busy_kiosk() -> TestKiosk {
    let kiosk = TestKiosk::new(json!({}));
    kiosk.town.state().refuse = Some(kiosk_api::ProblemCode::Busy);
    kiosk
}

#[test]
fn a_signal_ends_an_idle_kiosk_well_and_its_outbox_opens_again() {
    let kiosk = busy_kiosk();
    for signal in ["-TERM", "-INT"] {
        assert_eq!(Program::start(&kiosk.settings()).end(signal), Some(0));
    }
    let outbox = kiosk.folder.path().join("data/outbox");
    assert!(kiosk::outbox::DiskQueue::open(&outbox).is_ok());
}

#[test]
fn a_signal_in_the_middle_of_a_visit_takes_the_power_from_the_card() {
    let kiosk = busy_kiosk();
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

/// What a viewer sends may be a person's name, and may be made to look like a line of the log.
#[test]
fn a_viewers_words_are_not_logged() {
    let kiosk = busy_kiosk();
    let mut program = Program::start(&kiosk.settings());
    let name = "鷗野縫之介";
    let long = name.repeat(3000);
    for said in [
        json!({"do": name}).to_string(),
        json!({"do": "key", "text": {name: 1}}).to_string(),
        format!("{name}\nkind=\"forged\""),
        json!({"do": long}).to_string(),
    ] {
        let mut screen = program.screen();
        screen.send(Message::text(said.clone())).unwrap();
        let line = program.read_log_until("viewer-unknown");
        assert!(line.contains(&format!("bytes={}", said.len())), "{line}");
        assert!(!line.contains('鷗') && !line.contains("forged"), "{line}");
        assert!(line.len() < 300, "{line}");
    }
}
