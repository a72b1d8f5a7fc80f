//! The screen in memory, 1080×1920, software renderer: what every touch costs.
//!
//! A full repaint stands beside a copy of the frame buffer: the floor that no renderer goes below, so that the ratio says how
//! much is drawing, on any machine. A switch from screen to screen stands beside Chromium's between two pages of the same
//! kind, without its limit on frames a second.

use std::time::Instant;

use samples::Look;
use slint::Rgb8Pixel;
use ui::{HEIGHT, Painter, WIDTH};

use crate::chromium::Chromium;
use crate::figure::{Figure, Times};
use crate::{Bench, Done, samples, timed};

const TOURS: usize = 6;
const COPIES: usize = 60;
const FLIPS: usize = 100;
/// One frame at 60 Hz.
const FRAME_MS: f64 = 16.0;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let painter = Painter::new(samples::book())?;
    let repaint = repaints(&painter, bench.rounds(TOURS))?;
    let switch = switches(&painter, bench.rounds(FLIPS))?;
    let copy = copies(bench.rounds(COPIES))?;
    let flip = if bench.peers.is_some() {
        Some(flips()?)
    } else {
        None
    };
    let flip = flip.as_ref().map(|(name, ms)| (name.as_str(), *ms));
    let copied = |share| {
        bench
            .peers
            .is_some()
            .then(|| ("copy of the frame buffer", copy.quantile(share)))
    };
    Ok(vec![
        Figure::new("full_repaint_p50", repaint.median(), "ms").beside(copied(0.5)),
        Figure::new("full_repaint_p95", repaint.quantile(0.95), "ms")
            .beside(copied(0.95))
            .target(FRAME_MS),
        Figure::new("screen_switch_p50", switch.median(), "ms").beside(flip),
    ])
}

/// Times of painting a screen again, every kind of screen `tours` times.
fn repaints(painter: &Painter, tours: usize) -> Done<Times> {
    let screens = samples::all(&Look::plain("ja"));
    let mut pixels = frame();
    let mut all = Vec::new();
    for _ in 0..tours {
        for (_, screen) in &screens {
            painter.ui().show(screen);
            painter.draw(&mut pixels);
            let start = Instant::now();
            painter.draw(&mut pixels);
            all.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(Times::new(all))
}

/// Times of going from the welcome screen to the life events or back, as the peer's page does.
fn switches(painter: &Painter, rounds: usize) -> Done<Times> {
    let mut screens = samples::all(&Look::plain("ja"));
    screens.retain(|(name, _)| ["welcome", "tiles"].contains(name));
    let mut pixels = frame();
    timed(rounds, |round| {
        painter.ui().show(&screens[round % screens.len()].1);
        painter.draw(&mut pixels);
        Ok(())
    })
}

fn frame() -> Vec<Rgb8Pixel> {
    vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize]
}

fn copies(rounds: usize) -> Done<Times> {
    let (mut to, from) = (frame(), frame());
    timed(rounds, |_| {
        to.copy_from_slice(std::hint::black_box(&from));
        std::hint::black_box(&mut to);
        Ok(())
    })
}

/// Milliseconds of one of Chromium's frames when each shows the other page.
fn flips() -> Done<(String, f64)> {
    let mut browser = Chromium::start(&[
        "--disable-frame-rate-limit",
        "--disable-gpu-vsync",
        "--run-all-compositor-stages-before-draw",
    ])?;
    browser.evaluate(&format!("flips({FLIPS})"))?;
    let ms = browser.evaluate(&format!("flips({FLIPS})"))?;
    Ok((
        browser.name()?,
        ms.as_f64().ok_or("flips() gave no number")?,
    ))
}
