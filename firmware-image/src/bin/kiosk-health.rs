//! `kiosk-health`: checks until the slot is well, then marks it good in the boot loader. A version that was never well and does not get
//! well restarts the machine; the boot loader counts and takes the other slot after the third try.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use firmware_image::health::{self, Memory, Verdict};

/// Longest time for a new version to get well.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two checks.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// What is remembered between starts.
const FOLDER: &str = "/data/health";
/// Which slot runs, as the first file system found it (`SLOT=A`).
const SLOT: &str = "/run/genkan/slot";
/// Whether the firmware enforces signatures.
const SECURE_BOOT: &str =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// The boot loader's memory.
const GRUBENV: &str = "/efi/EFI/BOOT/grubenv";

fn main() -> ExitCode {
    if !secure_boot() {
        report(
            "Secure Boot is off: what starts here need not be what was signed",
            ExitCode::SUCCESS,
        );
    }
    let slot = slot();
    // As it is before anybody marks this slot good.
    let another_turn =
        health::other_slot_has_a_turn(&fs::read_to_string(GRUBENV).unwrap_or_default(), &slot);
    let version = argument("kiosk.version").unwrap_or_default();
    let Some(hash) = argument("kiosk.roothash") else {
        return report(
            "the kernel's command line names no root hash",
            ExitCode::FAILURE,
        );
    };
    let memory = remembered(&hash);
    // Only a version that was never well restarts the machine, and only while the other slot may still have its turn.
    let restarts = !memory.confirmed && another_turn;
    let end = Instant::now() + PATIENCE;
    // Nobody ever sends: receiving with a limit waits without a sleep.
    let (_keep, never) = channel::<()>();
    loop {
        let parts = health::parts(&kiosk_status());
        match health::judge(&parts, &memory) {
            Verdict::Well => {
                return match confirm(&hash, &memory, &health::answering(&parts)) {
                    Ok(()) => report(
                        &format!("slot={slot} version={version} well"),
                        ExitCode::SUCCESS,
                    ),
                    Err(error) => unwell(&slot, &version, &error.to_string(), restarts),
                };
            }
            Verdict::Wait(silent) if Instant::now() > end => {
                let silent: Vec<_> = silent.into_iter().collect();
                return unwell(
                    &slot,
                    &version,
                    &format!("no answer from {}", silent.join(", ")),
                    restarts,
                );
            }
            Verdict::Wait(_) => wait(&never),
        }
    }
}

fn wait(never: &Receiver<()>) {
    let (Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) =
        never.recv_timeout(CHECK_EVERY);
}

fn argument(name: &str) -> Option<String> {
    let line = fs::read_to_string("/proc/cmdline").ok()?;
    let head = format!("{name}=");
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(&head))
        .map(str::to_owned)
}

/// Whether the firmware checks signatures (UEFI 2.10, 3.3: `SecureBoot`). Four bytes of attributes come before the value.
fn secure_boot() -> bool {
    fs::read(SECURE_BOOT).is_ok_and(|bytes| bytes.get(4) == Some(&1))
}

fn slot() -> String {
    let text = fs::read_to_string(SLOT).unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("SLOT="));
    name.unwrap_or_default().to_owned()
}

/// What the kiosk reported to systemd.
fn kiosk_status() -> String {
    let show = Command::new("systemctl")
        .args(["show", "--property=ActiveState,StatusText", "kiosk.service"])
        .output();
    let Ok(show) = show else { return String::new() };
    let text = String::from_utf8_lossy(&show.stdout).into_owned();
    if !text.lines().any(|line| line == "ActiveState=active") {
        return String::new();
    }
    text.lines()
        .find_map(|line| line.strip_prefix("StatusText="))
        .unwrap_or_default()
        .to_owned()
}

fn remembered(hash: &str) -> Memory {
    let lines = |name: &str| fs::read_to_string(Path::new(FOLDER).join(name)).unwrap_or_default();
    Memory {
        answered: lines("answered").lines().map(str::to_owned).collect(),
        confirmed: lines("confirmed").lines().any(|known| known == hash),
    }
}

/// /data can be written, and the boot loader knows; only then is the slot well.
fn confirm(hash: &str, memory: &Memory, answering: &BTreeSet<String>) -> io::Result<()> {
    fs::create_dir_all(FOLDER)?;
    let answered: Vec<_> = memory.answered.union(answering).cloned().collect();
    keep("answered", &answered)?;
    let marked = Command::new("rauc")
        .args(["status", "mark-good"])
        .output()?;
    if !marked.status.success() {
        return Err(io::Error::other(
            String::from_utf8_lossy(&marked.stderr).trim().to_owned(),
        ));
    }
    let mut confirmed: Vec<String> = fs::read_to_string(Path::new(FOLDER).join("confirmed"))
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    if !memory.confirmed {
        confirmed.push(hash.to_owned());
        // The two slots' and a few before them.
        let old = confirmed.len().saturating_sub(4);
        keep("confirmed", &confirmed[old..])?;
    }
    Ok(())
}

fn keep(name: &str, lines: &[String]) -> io::Result<()> {
    let (new, file) = (
        Path::new(FOLDER).join(format!("{name}.new")),
        Path::new(FOLDER).join(name),
    );
    let mut to = fs::File::create(&new)?;
    to.write_all((lines.join("\n") + "\n").as_bytes())?;
    to.sync_all()?;
    fs::rename(new, file)?;
    // The new name, too: a plug pulled now must not make this version one that was never well.
    fs::File::open(FOLDER)?.sync_all()
}

fn unwell(slot: &str, version: &str, why: &str, restarts: bool) -> ExitCode {
    let then = if restarts { "restarting" } else { "staying" };
    let code = report(
        &format!("slot={slot} version={version} unwell: {why}; {then}"),
        ExitCode::FAILURE,
    );
    if restarts {
        let _ = Command::new("systemctl")
            .args(["--no-block", "reboot"])
            .status();
    }
    code
}

fn report(what: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(io::stdout(), "genkan: {what}");
    code
}
