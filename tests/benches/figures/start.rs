//! From the start of the process to the first picture of the welcome screen, and the memory it takes to show it.
//!
//! Both sides hand over a PNG of the whole 1080×1920 screen through a WebSocket: the kiosk by its web screen, headless
//! Chromium, which a browser kiosk would be, with a page of the same content by its debugging port.

use std::time::Instant;

use tungstenite::Message;

use crate::chromium::{self, Chromium};
use crate::figure::{Figure, Times};
use crate::running::Town;
use crate::{Bench, Done};

const ROUNDS: usize = 5;
const FIRST_FRAME_MS: f64 = 500.0;
const MEMORY_MIB: f64 = 64.0;

/// What one start showed.
struct Start {
    ms: f64,
    pss: f64,
    rss: f64,
}

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let town = Town::prepare()?;
    let (mut ours, mut theirs, mut name) = (Vec::new(), Vec::new(), None);
    for _ in 0..bench.rounds(ROUNDS) {
        ours.push(kiosk(&town)?);
        if bench.peers.is_some() {
            let (start, version) = browser()?;
            theirs.push(start);
            name = Some(version);
        }
    }
    let middle = |all: &[Start], part: fn(&Start) -> f64| {
        Times::new(all.iter().map(part).collect()).median()
    };
    let figure = |title, unit, part: fn(&Start) -> f64| {
        let peer = name.as_deref().map(|name| (name, middle(&theirs, part)));
        Figure::new(title, middle(&ours, part), unit).beside(peer)
    };
    Ok(vec![
        figure("start_to_first_frame", "ms", |start| start.ms).target(FIRST_FRAME_MS),
        figure("memory_pss", "MiB", |start| start.pss),
        figure("memory_rss", "MiB", |start| start.rss).target(MEMORY_MIB),
    ])
}

fn kiosk(town: &Town) -> Done<Start> {
    let start = Instant::now();
    let (running, address) = town.kiosk()?;
    let (mut socket, _) = tungstenite::connect(format!("ws://{address}/screen"))?;
    while !matches!(socket.read()?, Message::Binary(_)) {}
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    let (pss, rss) = chromium::memory(running.0.id())?;
    Ok(Start { ms, pss, rss })
}

fn browser() -> Done<(Start, String)> {
    let start = Instant::now();
    let mut browser = Chromium::start(&[])?;
    browser.picture()?;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    let (pss, rss) = browser.memory()?;
    Ok((Start { ms, pss, rss }, browser.name()?))
}
