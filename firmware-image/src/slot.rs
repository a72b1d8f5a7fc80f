//! What goes into a slot: the root file system with its hash tree, and the boot partition whose kernel image holds the root hash.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::manifest::sha256_of;
use crate::partitions::{PartitionError, Partitions};
use crate::tool::{self, ToolError, tool};
use crate::tree::Tree;

/// Block of data and of hashes.
const BLOCK: u64 = 4096;
/// So that the same tree gives the same bytes.
const VERITY_ID: &str = "0b5d1c57-5a1a-4f58-8a3f-0000000000aa";

/// Why a slot's images cannot be made.
#[derive(Debug, Error)]
pub enum SlotError {
    /// It does not fit.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
    /// veritysetup's answer.
    #[error("veritysetup named no root hash")]
    NoHash,
}

/// How the first file system recognises its root file system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verity {
    /// Root hash, hexadecimal.
    pub hash: String,
    /// Where the hash tree begins, bytes.
    pub offset: u64,
}

/// Makes squashfs and hash tree in one file.
///
/// # Errors
/// [`SlotError`].
pub fn root(
    tree: &Tree,
    epoch: u64,
    partitions: &Partitions,
    to: &Path,
) -> Result<Verity, SlotError> {
    if to.exists() {
        fs::remove_file(to).map_err(at(to))?;
    }
    let time = epoch.to_string();
    let mut squash = tool("mksquashfs");
    squash
        .arg("-")
        .arg(to)
        .args(["-tar", "-comp", "zstd", "-Xcompression-level", "6"])
        .args(["-no-progress", "-quiet", "-exit-on-error", "-noappend"])
        .args(["-all-time", &time, "-mkfs-time", &time, "-root-mode", "755"]);
    tool::fed(&mut squash, |pipe| tree.write(pipe, epoch))?;
    let offset = fs::metadata(to)
        .map_err(at(to))?
        .len()
        .next_multiple_of(BLOCK);
    let salt = sha256_of(to).map_err(at(to))?;
    OpenOptions::new()
        .write(true)
        .open(to)
        .and_then(|file| file.set_len(offset))
        .map_err(at(to))?;
    let mut verity = tool("veritysetup");
    verity.arg("format").arg(to).arg(to).args([
        format!("--hash-offset={offset}"),
        format!("--salt={salt}"),
        format!("--uuid={VERITY_ID}"),
    ]);
    let output = String::from_utf8_lossy(&tool::run(&mut verity)?).into_owned();
    let hash = output
        .lines()
        .find_map(|line| line.strip_prefix("Root hash:"))
        .ok_or(SlotError::NoHash)?;
    partitions.fits("rootfs-a", fs::metadata(to).map_err(at(to))?.len())?;
    Ok(Verity {
        hash: hash.trim().to_owned(),
        offset,
    })
}

/// The kernel's command line. `kiosk.roothash` must not be called `roothash`: systemd would wait 90 s for devices of its own. Once a
/// display's driver is there the kernel draws no text on it: what residents see is the kiosk's alone. A USB device gets no
/// driver until an entry of `[[usb]]` in image.toml lets it in.
#[must_use]
pub fn line(verity: &Verity, version: &str) -> String {
    format!(
        "console=tty0 console=ttyS0 quiet loglevel=3 vt.global_cursor_default=0 drm_kms_helper.fbdev_emulation=0 panic=5 usbcore.authorized_default=0 kiosk.roothash={} kiosk.hashoffset={} kiosk.version={version}",
        verity.hash, verity.offset
    )
}

/// Makes a FAT file system of the partition's size with these files.
///
/// # Errors
/// [`SlotError`].
pub fn fat(
    files: &[(&Path, &str)],
    label: &str,
    partitions: &Partitions,
    epoch: u64,
    to: &Path,
) -> Result<(), SlotError> {
    let content: u64 = files
        .iter()
        .filter_map(|(file, _)| fs::metadata(file).ok())
        .map(|meta| meta.len())
        .sum();
    // A tenth for tables and half-filled clusters.
    partitions.fits(label, content + content / 10)?;
    File::create(to)
        .and_then(|file| file.set_len(partitions.size(label)))
        .map_err(at(to))?;
    let time = epoch.to_string();
    let name: String = label.split('-').next().unwrap_or(label).to_uppercase();
    tool::run(
        tool("mkfs.vfat")
            .args(["--invariant", "-i", "67656e6b", "-n", &name])
            .arg(to)
            .env("SOURCE_DATE_EPOCH", &time),
    )?;
    for (file, path) in files {
        stamp(file, epoch).map_err(at(file))?;
        for (at, _) in path.match_indices('/') {
            let _ = tool::run(
                fat_tool("mmd", &time)
                    .arg("-D")
                    .arg("s")
                    .arg("-i")
                    .arg(to)
                    .arg(format!("::{}", &path[..at])),
            );
        }
        tool::run(
            fat_tool("mcopy", &time)
                .args(["-m", "-n", "-i"])
                .arg(to)
                .arg(file)
                .arg(format!("::{path}")),
        )?;
    }
    Ok(())
}

/// mtools writes times in local time, and those of folders from the clock unless SOURCE_DATE_EPOCH is set.
fn fat_tool(program: &str, time: &str) -> std::process::Command {
    let mut command = tool(program);
    command.env("TZ", "UTC").env("SOURCE_DATE_EPOCH", time);
    command
}

fn stamp(file: &Path, epoch: u64) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .open(file)?
        .set_modified(UNIX_EPOCH + Duration::from_secs(epoch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_hash_does_not_wake_systemd() {
        let verity = Verity {
            hash: "ab12".to_owned(),
            offset: 4096,
        };
        let line = line(&verity, "1.2.3");
        assert!(line.contains(" kiosk.roothash=ab12 kiosk.hashoffset=4096 kiosk.version=1.2.3"));
        assert!(!line.contains(" roothash="));
    }
}
