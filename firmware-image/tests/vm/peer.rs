//! Our image beside its peer's (see `peer/`): the same machine, the same way to start, the same first touch. `make image-bench`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use firmware_image::machine::QemuOptions;
use serde_json::json;

use crate::machine::{Board, Machine};
use crate::screen::Screen;
use crate::{BEGIN, START, board, image, known};

/// One start, from power-on to the first screen that answered a finger.
struct Start {
    seconds: f64,
    cpu_seconds: f64,
    used_mib: f64,
}

/// Starts of each.
const TURNS: usize = 3;

impl Start {
    fn least(&self, other: &Self) -> Self {
        Self {
            seconds: self.seconds.min(other.seconds),
            cpu_seconds: self.cpu_seconds.min(other.cpu_seconds),
            used_mib: self.used_mib.min(other.used_mib),
        }
    }
}

#[test]
#[ignore = "measures: make image-bench"]
fn measured_beside_its_peer() {
    let (mut ours, mut town) = board("bench");
    town.open();
    let devices = town.devices();
    let welcome = known("without-printing");
    let first = start(&mut ours, &devices, &welcome);
    let folder = ours.folder.with_file_name("bench-peer");
    let _ = fs::remove_dir_all(&folder);
    let mut peer = Board::bare(&folder, &image("peer/genkan.img"));
    // In turns, and the least of each: whatever else the host does only adds.
    let (again, peer) = (0..TURNS)
        .map(|_| {
            (
                start(&mut ours, &devices, &welcome),
                start(&mut peer, &[], &known("peer")),
            )
        })
        .reduce(|(ours, peer), (next, next_peer)| (ours.least(&next), peer.least(&next_peer)))
        .unwrap();

    figure(
        "first start: to the first interactive frame",
        "cpu s",
        first.cpu_seconds,
        None,
        None,
    );
    let rows = [
        (
            "to the first interactive frame, processor",
            "cpu s",
            again.cpu_seconds,
            peer.cpu_seconds,
            Some(0.5),
        ),
        (
            "to the first interactive frame, clock",
            "s",
            again.seconds,
            peer.seconds,
            None,
        ),
        (
            "memory in use then",
            "MiB",
            again.used_mib,
            peer.used_mib,
            Some(0.33),
        ),
        (
            "image: boot and root file system of a slot",
            "MiB",
            slot("."),
            slot("peer"),
            Some(0.33),
        ),
    ];
    for (name, unit, ours, peer, target) in rows {
        figure(name, unit, ours, Some(peer), target);
    }
}

fn start(board: &mut Board, devices: &[String], expected: &Screen) -> Start {
    let mut machine = board.start_with(QemuOptions {
        more: [devices, &Machine::MEASURED.map(str::to_owned)].concat(),
        ..QemuOptions::default()
    });
    machine.glances("the first screen", START, |screen| {
        screen.differs(expected) < 0.001
    });
    // What is drawn need not answer yet: a finger tries again until it does.
    let answers = |screen: &Screen| screen.differs(expected) > 0.1;
    let answered = (0..60).find_map(|_| {
        let at = (machine.seconds(), machine.cpu_seconds());
        machine.tap(BEGIN);
        machine.comes(Duration::from_secs(3), answers).then_some(at)
    });
    let (seconds, cpu_seconds) = answered.unwrap();
    let used_mib = machine.used_mib();
    machine.cut();
    Start {
        seconds,
        cpu_seconds,
        used_mib,
    }
}

/// MiB of what goes into a slot: the root file system, and what of the boot partition is not empty.
fn slot(folder: &str) -> f64 {
    let file = |name: &str| {
        let path = Path::new(folder).join(name);
        fs::metadata(image(&path.display().to_string())).unwrap()
    };
    let bytes = file("rootfs.img").len() + file("boot.img").blocks() * 512;
    bytes as f64 / f64::from(1 << 20)
}

/// A line of JSON, as `make bench` prints them.
#[expect(clippy::print_stdout, reason = "the figures are what this is run for")]
fn figure(name: &str, unit: &str, value: f64, peer: Option<f64>, target: Option<f64>) {
    let short = |value: f64| (value * 100.0).round() / 100.0;
    let line = json!({
        "name": format!("image, {name}"), "value": short(value), "unit": unit,
        "peer": peer.map(|_| "Debian 12, cage, Chromium"), "peer_value": peer.map(short),
        "ratio": peer.map(|peer| short(value / peer)), "target": target,
    });
    println!("{line}");
}
