//! What is wrong with a board is said on its screen, nothing is wiped, and nothing restarts for ever.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use firmware_image::machine::QemuOptions;

use crate::machine::{Machine, run};
use crate::screen::Screen;
use crate::{START, board, board_with, known, readme};

pub fn notice(machine: &mut Machine, picture: &Screen) {
    machine.shows("the notice", 180, |screen| screen.differs(picture) < 0.001);
}

#[test]
#[ignore = "boots the image: make image-test"]
fn what_is_wrong_is_on_the_screen_and_nothing_is_wiped() {
    let (mut board, town) = board_with("wrong", |provision| {
        let file = provision.join("settings/kiosk.toml");
        let good = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("colour = \"red\"\n{good}")).unwrap();
    });
    let mut machine = board.start(&[]);
    machine.says("data: first start: sealing a new key", START);
    machine.says("kiosk: not started (settings)", START);
    notice(&mut machine, &known("settings"));
    machine.cut();

    // A technician brings good ones, but the clock's battery is empty.
    let good = board.folder.join("good");
    town.provision(&good);
    board.provision(&good, 2);
    let mut machine = board.start_with(QemuOptions {
        more: ["-rtc", "base=1970-01-01T00:00:00"]
            .map(str::to_owned)
            .into(),
        ..QemuOptions::default()
    });
    machine.says("settings: taken from the EFI partition", START);
    machine.says("kiosk: not started (clock)", START);
    notice(&mut machine, &known("clock"));
    machine.cut();

    let mut machine = board.start(&[]);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    machine.cut();

    let mut machine = board.start_with(QemuOptions {
        read_only_disk: true,
        ..QemuOptions::default()
    });
    machine.says("slot=A try=1 again=1", START);
    machine.says("data: the disk is write-protected", START);
    notice(&mut machine, &known("read-only"));
    machine.cut();

    board.exchange_tpm();
    let mut machine = board.start(&[]);
    machine.says("data: the TPM does not release the key", START);
    notice(&mut machine, &known("sealed"));
    machine.cut();
    board.exchange_tpm();

    let mut machine = board.start(&[]);
    machine.says("data: open", START);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
}

#[test]
#[ignore = "boots the image: make image-test"]
fn a_full_data_partition_is_on_the_screen() {
    let (mut board, _town) = board_with("full", |provision| {
        let ballast = room(provision, 24 << 20) - (512 << 10);
        fs::write(provision.join("ballast"), vec![0x5A; ballast]).unwrap();
    });
    // LUKS takes 16 MiB of it.
    shrink_data(&board.disk(), "40MiB");
    let mut machine = board.start(&[]);
    machine.says("kiosk: not started (full)", START);
    notice(&mut machine, &known("full"));
}

#[test]
#[ignore = "boots the image: make image-test"]
fn without_its_tpm_nothing_is_wiped_and_nothing_restarts_for_ever() {
    let (mut board, _town) = board("no-tpm");
    let mut machine = board.start(&[]);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    machine.cut();

    // Both slots have had their turn: this start stays on.
    board.spend_all_tries();
    let mut machine = board.start_without_tpm();
    machine.says("no slot has a try left", START);
    machine.says("data: no TPM: the data partition stays closed", START);
    notice(&mut machine, &readme("image-notice"));
    machine.says("unwell: no answer from outbox, screen; staying", 2 * START);
    machine.cut();

    let mut machine = board.start(&[]);
    machine.says("data: open", START);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
}

/// Bytes that go into a new file system of this size beside these files.
fn room(beside: &Path, size: u64) -> usize {
    let file = beside.with_file_name("like-data.img");
    File::create(&file).unwrap().set_len(size).unwrap();
    let mut make = Command::new("/usr/sbin/mkfs.ext4");
    run(make.args(["-q", "-m", "1", "-d"]).arg(beside).arg(&file));
    let told = Command::new("/usr/sbin/dumpe2fs")
        .arg("-h")
        .arg(&file)
        .output()
        .unwrap();
    let head = String::from_utf8(told.stdout).unwrap();
    let number = |name: &str| {
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        line.trim().parse::<usize>().unwrap()
    };
    fs::remove_file(file).unwrap();
    (number("Free blocks:") - number("Reserved block count:")) * number("Block size:")
}

/// Makes the last partition smaller.
fn shrink_data(disk: &Path, size: &str) {
    let mut sfdisk = Command::new("/usr/sbin/sfdisk")
        .args(["--quiet", "--no-reread", "--no-tell-kernel", "-N", "6"])
        .arg(disk)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut script = sfdisk.stdin.take().unwrap();
    writeln!(script, "size={size}").unwrap();
    drop(script);
    assert!(sfdisk.wait().unwrap().success());
}
