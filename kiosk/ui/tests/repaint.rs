//! A display that repaints only what changed (linuxkms, winit) ends with the same picture as one that paints all.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod samples;

use std::rc::Rc;

use samples::Look;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter};
use slint::{ComponentHandle, PhysicalSize, Rgb8Pixel};
use ui::{HEIGHT, Ui, WIDTH};

/// No clock: moving parts stand still.
struct Display(Rc<MinimalSoftwareWindow>);

impl Platform for Display {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, slint::PlatformError> {
        Ok(Rc::clone(&self.0) as Rc<dyn WindowAdapter>)
    }

    fn duration_since_start(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

/// Every screen after every other that it may follow, painted into one buffer.
fn pictures(repaint: RepaintBufferType) -> Vec<(String, Vec<Rgb8Pixel>)> {
    let window = MinimalSoftwareWindow::new(repaint);
    slint::platform::set_platform(Box::new(Display(Rc::clone(&window)))).unwrap();
    let ui = Ui::new(samples::book()).unwrap();
    window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
    ui.component().show().unwrap();
    let mut pixels = vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize];
    let screens = samples::all(&Look::plain("ja-simple"));
    let mut out = Vec::new();
    for step in [1, 3, 7] {
        for at in 0..screens.len() {
            let (name, screen) = &screens[at * step % screens.len()];
            ui.show(screen);
            slint::platform::update_timers_and_animations();
            window.draw_if_needed(|renderer| {
                renderer.render(&mut pixels, WIDTH as usize);
            });
            out.push((format!("{name}, step {step}"), pixels.clone()));
        }
    }
    out
}

#[test]
fn repainting_what_changed_is_enough() {
    let parts = std::thread::spawn(|| pictures(RepaintBufferType::ReusedBuffer))
        .join()
        .unwrap();
    let whole = std::thread::spawn(|| pictures(RepaintBufferType::NewBuffer))
        .join()
        .unwrap();
    let mut wrong = Vec::new();
    for ((name, part), (_, whole)) in parts.iter().zip(&whole) {
        let differing = part.iter().zip(whole).filter(|(a, b)| a != b).count();
        if differing > 0 {
            wrong.push(format!("{name}: {differing} pixels"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
