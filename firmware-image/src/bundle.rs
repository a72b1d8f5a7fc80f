//! The update bundle: both images of a slot, signed, in RAUC's verity format.

use std::fs;
use std::io;
use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::keys::{KeyError, Keys};
use crate::tool::{self, ToolError, tool};

/// Why there is no bundle.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The signer.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// rauc.
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// What a bundle says that it is.
pub struct Content<'a> {
    /// The hardware that it is for.
    pub compatible: &'a str,
    pub version: &'a str,
    /// Image of the boot partition.
    pub boot: &'a Path,
    /// Image of the root partition.
    pub root: &'a Path,
}

/// Makes and signs the bundle. Its payload is the same for the same images; its signature, by nature, is not.
///
/// # Errors
/// [`BundleError`]; a missing key is reported before anything is made.
pub fn make(content: &Content<'_>, keys: &Keys, work: &Path, to: &Path) -> Result<(), BundleError> {
    let (key, certificate) = keys.signer()?;
    let folder = work.join("bundle");
    for stale in [&folder, to] {
        remove(stale).map_err(at(stale))?;
    }
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let manifest = format!(
        "[update]\ncompatible={}\nversion={}\n\n[bundle]\nformat=verity\n\n[image.boot]\nfilename=boot.img\n\n[image.rootfs]\nfilename=rootfs.img\n",
        content.compatible, content.version
    );
    fs::write(folder.join("manifest.raucm"), manifest).map_err(at(&folder))?;
    for (image, name) in [(content.boot, "boot.img"), (content.root, "rootfs.img")] {
        let link = folder.join(name);
        fs::hard_link(image, &link)
            .or_else(|_| fs::copy(image, &link).map(|_| ()))
            .map_err(at(&link))?;
    }
    let mut rauc = tool("rauc");
    // The root file system is compressed already: the fastest level for the rest.
    rauc.args([
        "--mksquashfs-args=-comp zstd -Xcompression-level 1 -no-progress",
        "--cert",
    ]);
    rauc.arg(certificate)
        .arg("--key")
        .arg(key)
        .arg("bundle")
        .arg(&folder)
        .arg(to);
    tool::run(&mut rauc)?;
    Ok(remove(&folder).map_err(at(&folder))?)
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
