//! The image in QEMU: `make image-test`, and a small one in `make test`. Every test has a board of its own with a fresh disk and a fresh TPM; pictures and serial
//! logs stay in `target/image/test`.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod chain;
mod machine;
mod peer;
mod qmp;
mod screen;
mod smoke;
mod stick;
mod strangers;
mod town;
mod wire;
mod wrong;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use firmware_image::build::{self, BuildOptions};
use firmware_image::bundle;
use firmware_image::keys::Keys;
use firmware_image::machine::QemuOptions;
use firmware_image::manifest::Manifest;
use machine::{Board, Machine};
use screen::Screen;
use stick::Stick;
use town::Town;
use wire::{Ports, Wire};

/// A start on a slow emulator on a busy machine.
const START: u64 = 420;
/// Where the first slot's kernel image lies on the disk: behind the partition table and the first partition.
const BOOT_A: u64 = (1 + 32) << 20;
/// 「はじめる」 on the welcome screen.
const BEGIN: (u32, u32) = (540, 1028);

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn image(name: &str) -> PathBuf {
    let file = workspace().join("target/image").join(name);
    assert!(
        file.exists(),
        "{} is not there: `make image-test` builds it first",
        file.display()
    );
    file
}

/// A board and the town that it belongs to.
fn board(name: &str) -> (Board, Town) {
    board_with(name, |_| {})
}

/// The same with the kiosk's folder altered before it is put on the board.
fn board_with(name: &str, alter: impl FnOnce(&Path)) -> (Board, Town) {
    let folder = workspace().join("target/image/test").join(name);
    let _ = fs::remove_dir_all(&folder);
    let town = Town::prepare(
        &folder.join("town"),
        &workspace().join("target/debug"),
        &workspace(),
    );
    let provision = folder.join("provision");
    town.provision(&provision);
    alter(&provision);
    (Board::new(&folder, &image("genkan.img"), &provision), town)
}

/// A picture of the screen as it should be.
fn known(name: &str) -> Screen {
    Screen::read(&workspace().join(format!("firmware-image/tests/vm/pictures/{name}.png")))
}

/// One that README.md shows too.
fn readme(name: &str) -> Screen {
    Screen::read(&workspace().join(format!("docs/pictures/{name}.png")))
}

fn welcome(machine: &mut Machine, picture: &Screen) -> Screen {
    machine.shows("the welcome screen", 60, |screen| {
        screen.differs(picture) < 0.001
    })
}

#[test]
#[ignore = "boots the image: make image-test"]
fn a_new_kiosk_answers_a_finger_and_later_misses_its_parts_and_answers_no_stranger() {
    let (mut board, mut town) = board("welcome");
    town.open();
    let mut machine = board.start(&town.devices());
    machine.says("data: first start: sealing a new key", START);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    // No form printer stands in this town.
    let before = welcome(&mut machine, &known("without-printing"));
    machine.tap(BEGIN);
    machine.shows("another screen after a tap", 30, |screen| {
        screen.differs(&before) > 0.1
    });
    machine.cut();

    // Now reader, printers and cloud are gone, and a stranger is on its network.
    let wire = Wire::lay(&board.folder);
    let mut again = board.start_with(QemuOptions {
        network: wire.network(),
        ..QemuOptions::default()
    });
    again.says("data: open", START);
    let guest = wire.guest(START);
    again.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    welcome(&mut again, &known("without-printing"));
    let none = BTreeSet::new();
    assert_eq!(
        wire.tcp(guest),
        Ports {
            open: none.clone(),
            silent: none.clone()
        }
    );
    // It asks for its address there, and takes an answer of its server only.
    let own = BTreeSet::from([68]);
    assert_eq!(
        wire.udp(guest),
        Ports {
            open: none,
            silent: own
        }
    );
}

#[test]
#[ignore = "boots the image: make image-test"]
fn a_damaged_slot_has_three_tries_and_then_the_other_starts() {
    let (mut board, _town) = board("damaged");
    // In the middle of the first slot's root file system.
    overwrite(
        &board.disk(),
        (1 + 32 + 40 + 40) * (1 << 20) + (1 << 20),
        8 << 20,
    );
    for attempt in 1..=3 {
        let mut machine = board.start(&[]);
        machine.says(&format!("slot=A try={attempt}"), START);
        machine.ends(START);
    }
    let mut machine = board.start(&[]);
    machine.says("slot=B try=1", START);
    machine.says(
        concat!("slot=B version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    welcome(&mut machine, &known("without-printing"));
}

#[test]
#[ignore = "boots the image: make image-test"]
fn an_update_on_a_stick_starts_and_stays() {
    let (mut board, _town) = board("update");
    let stick = Stick::with(&board.folder, "good", &image("next/genkan.raucb"));
    let mut machine = board.start(&stick.device());
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    machine.says("update: installed 9.0.0", 1200);
    machine.cut();
    let mut machine = board.start(&[]);
    machine.says("slot=B version=9.0.0 well", START);
    machine.cut();
    // What is installed already is not newer.
    let mut machine = board.start(&stick.device());
    machine.says("slot=B version=9.0.0 well", START);
    machine.says("refused: version 9.0.0 is not newer", 120);
}

#[test]
#[ignore = "boots the image: make image-test"]
fn a_power_cut_in_the_middle_of_an_update_leaves_the_old_slot() {
    let (mut board, _town) = board("cut");
    let stick = Stick::with(&board.folder, "good", &image("next/genkan.raucb"));
    let mut machine = board.start(&stick.device());
    machine.says("update: installing 9.0.0", START);
    machine.says("Copying image to rootfs", 1200);
    machine.cut();
    let mut machine = board.start(&[]);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
}

#[test]
#[ignore = "boots the image: make image-test"]
fn bundles_that_are_not_ours_are_refused() {
    let (mut board, _town) = board("refused");
    let good = image("next/genkan.raucb");
    let strangers = Keys::of(&board.folder.join("strangers"));
    strangers.make_for_development().unwrap();
    let ours = Keys::of(&image("keys"));
    let foreign = bundle(&board, "foreign", "genkan-kiosk-x86_64", &strangers);
    let elsewhere = bundle(&board, "elsewhere", "genkan-kiosk-other", &ours);
    let cases = [
        (
            Stick::with(&board.folder, "foreign", &foreign),
            "update: refused",
        ),
        (
            Stick::with(&board.folder, "elsewhere", &elsewhere),
            "Compatible mismatch",
        ),
        (
            Stick::shortened(&board.folder, "short", &good),
            "update: refused",
        ),
        (
            Stick::damaged(&board.folder, "damaged", &good),
            "update: refused",
        ),
    ];
    let mut machine = board.start(&Stick::socket());
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    for (stick, words) in cases {
        machine.plug(&stick);
        machine.says(words, 1200);
        machine.unplug();
    }
    machine.cut();
    let mut machine = board.start(&[]);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
}

/// A bundle of version 9.0.0 with the images of the present one.
fn bundle(board: &Board, name: &str, compatible: &str, keys: &Keys) -> PathBuf {
    let to = board.folder.join(format!("{name}.raucb"));
    let content = bundle::Content {
        compatible,
        version: "9.0.0",
        boot: &image("boot.img"),
        root: &image("rootfs.img"),
    };
    bundle::make(&content, keys, &board.folder, &to).unwrap();
    to
}

#[test]
#[ignore = "builds the image: make image-test"]
fn two_builds_have_the_same_bytes() {
    let (root, out) = (workspace(), workspace().join("target/image"));
    let order = BuildOptions {
        recipe: root.join("firmware-image"),
        programs: out.join("programs"),
        postal_codes: root.join("target/data/postal.tsv"),
        keys: out.join("keys"),
        cache: out.join("cache"),
        out: out.join("test/again"),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workspace: root,
    };
    let again = build::build(&order, &|_| {}).unwrap();
    let first: Manifest =
        serde_json::from_slice(&fs::read(image("manifest.json")).unwrap()).unwrap();
    for (name, built) in &first.files {
        // The bundle carries a signature with its time, and a salt that RAUC draws.
        if name != build::BUNDLE {
            assert_eq!(built, &again.files[name], "{name}");
        }
    }
    assert_eq!(first.root_hash, again.root_hash);
}

fn overwrite(file: &Path, at: u64, bytes: usize) {
    let mut disk = OpenOptions::new().write(true).open(file).unwrap();
    disk.seek(SeekFrom::Start(at)).unwrap();
    disk.write_all(&vec![0x5A; bytes]).unwrap();
}
