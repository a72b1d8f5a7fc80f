//! Headless Chromium with the peer's page, driven over its debugging port.

use std::fs;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use crate::Done;
use crate::running::{Running, told};

/// What a kiosk's browser would be told, and nothing that goes to the network.
const QUIET: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    "--window-size=1080,1920",
    "--remote-debugging-port=0",
];

/// A running browser that shows the page; ended when dropped.
pub(crate) struct Chromium {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Value,
    asked: u64,
    running: Running,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it and waits until the page is there.
    pub(crate) fn start(more: &[&str]) -> Done<Self> {
        let profile = tempfile::tempdir()?;
        let page = tidy::root().join("tests/benches/figures/peers/screens.html");
        let child = Command::new(std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into()))
            .args(QUIET)
            .args(more)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("file://{}", page.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut running = Running(child);
        let address = told(&mut running, "DevTools listening on ")?;
        let (socket, _) = tungstenite::connect(address)?;
        let mut browser = Self {
            socket,
            session: Value::Null,
            asked: 0,
            running,
            _profile: profile,
        };
        browser.attach()?;
        browser.loaded()?;
        Ok(browser)
    }

    fn attach(&mut self) -> Done<()> {
        loop {
            let targets = self.ask("Target.getTargets", &json!({}))?;
            let pages = targets["targetInfos"].as_array().into_iter().flatten();
            let page = pages
                .filter(|target| target["type"] == "page")
                .map(|target| target["targetId"].clone())
                .next();
            if let Some(page) = page {
                let attached = self.ask(
                    "Target.attachToTarget",
                    &json!({"targetId": page, "flatten": true}),
                )?;
                self.session = attached["sessionId"].clone();
                let size =
                    json!({"width": 1080, "height": 1920, "deviceScaleFactor": 1, "mobile": false});
                self.ask("Emulation.setDeviceMetricsOverride", &size)?;
                return Ok(());
            }
        }
    }

    /// The first document may still be the empty one, whose world goes away while it is asked.
    fn loaded(&mut self) -> Done<()> {
        let there = "document.readyState === 'complete' && typeof flips === 'function'";
        while !self.evaluate(there).is_ok_and(|value| value == true) {}
        Ok(())
    }

    /// A PNG of the page, packed as fast as the browser can.
    pub(crate) fn picture(&mut self) -> Done<String> {
        let how = json!({"format": "png", "optimizeForSpeed": true});
        let picture = self.ask("Page.captureScreenshot", &how)?;
        Ok(picture["data"].as_str().ok_or("no picture")?.to_owned())
    }

    /// The value of an expression, awaited.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Done<Value> {
        let how = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        Ok(self.ask("Runtime.evaluate", &how)?["result"]["value"].clone())
    }

    /// `Chromium 156`
    pub(crate) fn name(&mut self) -> Done<String> {
        let version = self.ask("Browser.getVersion", &json!({}))?;
        let product = version["product"].as_str().unwrap_or_default();
        let number = product.split(['/', '.']).nth(1).unwrap_or_default();
        Ok(format!("Chromium {number}"))
    }

    /// MiB of all its processes: proportional, and resident summed.
    pub(crate) fn memory(&self) -> Done<(f64, f64)> {
        memory(self.running.0.id())
    }

    fn ask(&mut self, method: &str, params: &Value) -> Done<Value> {
        self.asked += 1;
        let mut request = json!({"id": self.asked, "method": method, "params": params});
        if self.session.is_string() {
            request["sessionId"] = self.session.clone();
        }
        self.socket.send(Message::text(request.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == self.asked {
                return match answer.get("error") {
                    Some(error) => Err(format!("{method}: {error}").into()),
                    None => Ok(answer["result"].clone()),
                };
            }
        }
    }
}

/// MiB of a process with all that it started: proportional (PSS, shared pages counted once), and resident (RSS) summed.
pub(crate) fn memory(root: u32) -> Done<(f64, f64)> {
    let mut family = vec![root];
    let mut at = 0;
    let parents = parents()?;
    while let Some(parent) = family.get(at).copied() {
        family.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(child, _)| *child),
        );
        at += 1;
    }
    let (mut pss, mut rss) = (0.0, 0.0);
    for process in family {
        // One that ended meanwhile takes none.
        let rollup =
            fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        let kib = |key: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok())
        };
        pss += kib("Pss:").unwrap_or(0.0);
        rss += kib("Rss:").unwrap_or(0.0);
    }
    Ok((pss / 1024.0, rss / 1024.0))
}

/// Every process with its parent.
fn parents() -> Done<Vec<(u32, u32)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse() else {
            continue;
        };
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let parent = status
            .lines()
            .find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok());
        all.extend(parent.map(|parent| (process, parent)));
    }
    Ok(all)
}
