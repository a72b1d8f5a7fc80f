//! The factory disk: boot loader, both slots filled alike, an empty data partition that the first start sets up.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::partitions::Partitions;
use crate::tool::{self, ToolError, tool};

/// Why there is no disk.
#[derive(Debug, Error)]
pub enum DiskError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Puts the partitions on one disk.
///
/// # Errors
/// [`DiskError`].
pub fn factory(
    partitions: &Partitions,
    esp: &Path,
    boot: &Path,
    root: &Path,
    to: &Path,
) -> Result<(), DiskError> {
    if to.exists() {
        fs::remove_file(to).map_err(at(to))?;
    }
    File::create(to)
        .and_then(|disk| disk.set_len(partitions.disk_size()))
        .map_err(at(to))?;
    let script = partitions.script();
    let mut sfdisk = tool("sfdisk");
    sfdisk
        .args(["--quiet", "--no-reread", "--no-tell-kernel"])
        .arg(to);
    tool::fed(&mut sfdisk, |pipe| pipe.write_all(script.as_bytes()))?;
    for (image, label) in [
        (esp, "esp"),
        (boot, "boot-a"),
        (boot, "boot-b"),
        (root, "rootfs-a"),
        (root, "rootfs-b"),
    ] {
        lay(image, to, partitions.start(label)).map_err(at(to))?;
    }
    Ok(())
}

/// Copies a file into another from a byte on; what is zero stays a hole.
pub fn lay(image: &Path, disk: &Path, start: u64) -> io::Result<()> {
    let mut from = File::open(image)?;
    let mut to = OpenOptions::new().write(true).open(disk)?;
    let mut buffer = vec![0; 1 << 16];
    let mut at = start;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        if buffer[..read].iter().any(|byte| *byte != 0) {
            to.seek(SeekFrom::Start(at))?;
            to.write_all(&buffer[..read])?;
        }
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_stay_holes_and_bytes_lie_where_they_should() {
        let folder = tempfile::tempdir().unwrap();
        let (image, disk) = (folder.path().join("image"), folder.path().join("disk"));
        let mut bytes = vec![0; 200_000];
        bytes[150_000] = 9;
        fs::write(&image, &bytes).unwrap();
        File::create(&disk).unwrap().set_len(400_000).unwrap();
        lay(&image, &disk, 100_000).unwrap();
        let laid = fs::read(&disk).unwrap();
        assert_eq!(laid.len(), 400_000);
        assert_eq!(laid.iter().position(|byte| *byte != 0), Some(250_000));
    }
}
