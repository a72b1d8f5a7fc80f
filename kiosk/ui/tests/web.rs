//! The browser screen, through a plain WebSocket: frame, controls, touch.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, unreachable_pub)]

mod samples;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;

use samples::Look;
use session::screen::{PinPadBody, Screen};
use session::touch::Touch;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

fn address(listen: SocketAddr) -> ui::WebAddress {
    let names = vec!["kiosk.test".to_owned()];
    ui::WebAddress { listen, names }
}

struct Running {
    addr: SocketAddr,
    handle: ui::UiHandle,
    touches: mpsc::Receiver<Touch>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn start(name: &str) -> Self {
        let (ready, started) = mpsc::channel();
        let (sender, touches) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let addr = SocketAddr::from(([127, 0, 0, 1], 0));
            let on_touch = move |touch| sender.send(touch).unwrap_or_default();
            ui::run_web(address(addr), samples::book(), on_touch, |handle, addr| {
                ready.send((handle, addr)).unwrap()
            })
            .unwrap();
        });
        let (handle, addr) = started.recv().unwrap();
        let running = Self {
            addr,
            handle,
            touches,
            thread: Some(thread),
        };
        running.show(name);
        running
    }

    fn show(&self, name: &str) {
        self.handle.show(sample(name)).unwrap();
    }

    fn viewer(&self) -> Viewer {
        let stream = TcpStream::connect(self.addr).unwrap();
        let request = format!("ws://{}/screen", self.addr);
        Viewer {
            socket: tungstenite::client(request, stream).unwrap().0,
            page: 0,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.quit().unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn sample(name: &str) -> Screen {
    samples::all(&Look::plain("ja"))
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap()
        .1
}

struct Viewer {
    socket: WebSocket<TcpStream>,
    /// What it had before its eyes last.
    page: u64,
}

impl Viewer {
    fn send(&mut self, json: &str) {
        self.socket.send(Message::text(json)).unwrap();
    }

    /// The next frame's rectangles as (x, y, width, height).
    fn frame(&mut self) -> Vec<[u16; 4]> {
        loop {
            if let Message::Binary(bytes) = self.socket.read().unwrap() {
                self.send(r#"{"do":"painted"}"#);
                return rectangles(&bytes);
            }
        }
    }

    /// Waits for controls that satisfy `wanted`, painting what comes between.
    fn controls(
        &mut self,
        wanted: impl Fn(&[serde_json::Value]) -> bool,
    ) -> Vec<serde_json::Value> {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => {
                    let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
                    self.page = tree["page"].as_u64().unwrap();
                    let nodes = tree["nodes"].as_array().unwrap();
                    if wanted(nodes) {
                        return nodes.clone();
                    }
                }
                Message::Binary(_) => self.send(r#"{"do":"painted"}"#),
                _ => {}
            }
        }
    }
}

fn rectangles(bytes: &[u8]) -> Vec<[u16; 4]> {
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let mut at = 2;
    let mut out = Vec::new();
    for _ in 0..short(0) {
        out.push([short(at), short(at + 2), short(at + 4), short(at + 6)]);
        let length = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap()) as usize;
        let decoder = png::Decoder::new(std::io::Cursor::new(&bytes[at + 12..at + 12 + length]));
        let info = decoder.read_info().unwrap();
        assert_eq!(
            (info.info().width, info.info().height),
            (u32::from(short(at + 4)), u32::from(short(at + 6)))
        );
        at += 12 + length;
    }
    assert_eq!(at, bytes.len());
    out
}

fn button<'a>(nodes: &'a [serde_json::Value], name: &str) -> Option<&'a serde_json::Value> {
    nodes
        .iter()
        .find(|node| node["role"] == "button" && node["name"] == name)
}

#[test]
fn a_viewer_gets_the_picture_and_the_controls_and_touches_come_back() {
    let running = Running::start("welcome");
    let mut viewer = running.viewer();
    assert_eq!(viewer.frame(), [[0, 0, 1080, 1920]]);
    let nodes = viewer.controls(|nodes| button(nodes, "はじめる").is_some());
    assert!(nodes.iter().any(|node| node["role"] == "heading"));
    let begin = button(&nodes, "はじめる").unwrap();
    let centre = |from: &str, size: &str| {
        begin[from].as_f64().unwrap() + begin[size].as_f64().unwrap() / 2.0
    };
    let (x, y) = (centre("x", "width"), centre("y", "height"));
    viewer.send(&format!(r#"{{"do":"down","x":{x},"y":{y}}}"#));
    viewer.send(&format!(r#"{{"do":"up","x":{x},"y":{y}}}"#));
    assert!(running.touches.recv().unwrap() == Touch::Begin);
    viewer.send(r#"{"do":"press","id":"button:English:0"}"#);
    assert!(
        matches!(running.touches.recv().unwrap(), Touch::Language(language) if language.0 == "en")
    );
}

#[test]
fn controls_follow_the_screen_and_a_cover_hides_what_is_below() {
    let running = Running::start("choices");
    let mut viewer = running.viewer();
    viewer.controls(|nodes| button(nodes, "こども").is_some());
    running.show("overlay-idle");
    let nodes = viewer.controls(|nodes| button(nodes, "続けて使う").is_some());
    assert!(button(&nodes, "こども").is_none());
    running.show("entry-kana");
    let nodes = viewer.controls(|nodes| nodes.iter().any(|node| node["role"] == "textbox"));
    let field = nodes.iter().find(|node| node["role"] == "textbox").unwrap();
    assert_eq!(field["value"], "ヤマダ　ハナコ");
}

#[test]
fn a_touch_on_a_screen_that_has_gone_does_not_act_on_the_next_one() {
    let running = Running::start("welcome");
    let mut viewer = running.viewer();
    let nodes = viewer.controls(|nodes| button(nodes, "はじめる").is_some());
    let begin = button(&nodes, "はじめる").unwrap();
    let (x, y) = (&begin["x"], &begin["y"]);
    let touch =
        |act: &str, page: u64| format!(r#"{{"do":"{act}","x":{x}.5,"y":{y}.5,"page":{page}}}"#);
    let before = viewer.page;
    running.show("pin-pad");
    let nodes = viewer.controls(|nodes| button(nodes, "はじめる").is_none());
    assert!(viewer.page > before);
    for stale in [touch("down", before), touch("up", viewer.page)] {
        viewer.send(&stale);
    }
    viewer.send(&format!(r#"{{"do":"key","text":"1","page":{before}}}"#));
    let id = button(&nodes, "2").unwrap()["id"].as_str().unwrap();
    viewer.send(&format!(r#"{{"do":"press","id":"{id}","page":{before}}}"#));
    viewer.send(&format!(
        r#"{{"do":"press","id":"{id}","page":{}}}"#,
        viewer.page
    ));
    assert!(
        running.touches.recv().unwrap() == Touch::Pin(session::touch::SecretDigit(2)),
        "what was touched on the former screen came through"
    );
}

#[test]
fn what_is_scrolled_out_of_sight_can_still_be_pressed() {
    let running = Running::start("welcome");
    let look = Look {
        text_size: session::touch::TextSize::Largest,
        ..Look::plain("ja")
    };
    let samples = samples::all(&look);
    let (_, long) = samples.iter().find(|(name, _)| *name == "plan").unwrap();
    running.handle.show(long.clone()).unwrap();
    let mut viewer = running.viewer();
    let hidden = |node: &&serde_json::Value| node["role"] == "button" && node["seen"] == false;
    let nodes = viewer.controls(|nodes| nodes.iter().any(|node| hidden(&node)));
    let id = &nodes.iter().find(hidden).unwrap()["id"];
    let press = serde_json::json!({"do": "press", "id": id});
    viewer.send(&press.to_string());
    assert!(matches!(running.touches.recv().unwrap(), Touch::Choose(_)));
}

#[test]
fn each_viewer_begins_with_the_whole_screen_and_then_gets_parts() {
    let running = Running::start("pin-pad");
    let mut first = running.viewer();
    assert_eq!(first.frame(), [[0, 0, 1080, 1920]]);
    let mut second = running.viewer();
    assert_eq!(second.frame(), [[0, 0, 1080, 1920]]);
    let mut typed = sample("pin-pad");
    if let session::screen::Body::PinPad(PinPadBody { typed, .. }) = &mut typed.body {
        *typed = 3;
    }
    running.handle.show(typed).unwrap();
    for viewer in [&mut first, &mut second] {
        let frame = viewer.frame();
        let area: u32 = frame
            .iter()
            .map(|[_, _, width, height]| u32::from(*width) * u32::from(*height))
            .sum();
        assert!(area > 0 && area < 1080 * 1920 / 4, "{frame:?}");
    }
}

#[test]
fn keys_come_back_and_nonsense_ends_only_its_own_viewer() {
    let running = Running::start("entry-text");
    let mut viewer = running.viewer();
    viewer.frame();
    viewer.send(r#"{"do":"key","text":"b"}"#);
    assert!(running.touches.recv().unwrap() == Touch::Key(session::touch::Key::Char('b')));
    let mut rude = running.viewer();
    rude.send("nonsense");
    while let Ok(message) = rude.socket.read() {
        if message.is_close() {
            break;
        }
    }
    viewer.send(r#"{"do":"key","text":"c"}"#);
    assert!(running.touches.recv().unwrap() == Touch::Key(session::touch::Key::Char('c')));
}

#[test]
fn another_site_may_not_connect() {
    let running = Running::start("welcome");
    let stream = TcpStream::connect(running.addr).unwrap();
    let mut request = format!("ws://{}/screen", running.addr)
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("Origin", "http://example.org".parse().unwrap());
    assert!(tungstenite::client(request, stream).is_err());
}

/// A name that somebody else points to this machine: Origin and Host are then the same.
#[test]
fn a_foreign_name_reaches_nothing_not_even_the_page() {
    let running = Running::start("welcome");
    for (path, upgrade) in [
        ("/", ""),
        ("/page.js", ""),
        (
            "/screen",
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://evil.example:80\r\n",
        ),
    ] {
        let connection = if upgrade.is_empty() {
            "close"
        } else {
            "Upgrade"
        };
        for (host, status) in [("evil.example:80", "403"), ("kiosk.test:80", "200")] {
            if host == "kiosk.test:80" && !upgrade.is_empty() {
                continue;
            }
            let mut stream = TcpStream::connect(running.addr).unwrap();
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n{upgrade}\r\n"
            )
            .unwrap();
            let mut start = [0; 12];
            stream.read_exact(&mut start).unwrap();
            let expected = format!("HTTP/1.1 {status}");
            assert_eq!(String::from_utf8_lossy(&start), expected, "{host}{path}");
        }
    }
}

#[test]
fn the_page_allows_nothing_from_elsewhere() {
    let running = Running::start("welcome");
    for path in ["/", "/page.js", "/page.css"] {
        let mut stream = TcpStream::connect(running.addr).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            running.addr
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{path}");
        assert!(
            reply
                .to_lowercase()
                .contains("content-security-policy: default-src 'none'"),
            "{path}"
        );
        assert!(!reply.contains("https://"), "{path}");
    }
}

#[test]
fn only_loopback() {
    let addr = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = ui::run_web(address(addr), samples::book(), |_| {}, |_, _| {});
    assert!(matches!(refused, Err(ui::UiError::NotLoopback(_))));
}
