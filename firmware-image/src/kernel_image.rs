//! The unified kernel image: systemd's stub, kernel, first file system and command line in one program, so that one signature
//! covers all of it, the root hash included (UAPI group specification "Unified Kernel Image").

use std::fs;
use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::tool::{self, ToolError, tool};

/// Where systemd's stub lies in its package (systemd-boot-efi).
pub const STUB: &str = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
/// Where the small parts are put in memory: behind the stub's own, which end below 0x20000.
const RELEASE_AT: u64 = 0x2_0000;
const LINE_AT: u64 = 0x3_0000;
/// Where the kernel is put; the first file system comes behind it.
const KERNEL_AT: u64 = 0x200_0000;
/// The unit of these places.
const PAGE: u64 = 0x1000;
/// The longest command line of this kernel (`COMMAND_LINE_SIZE` of x86).
const LONGEST: usize = 2048;

/// Why there is no kernel image.
#[derive(Debug, Error)]
pub enum KernelImageError {
    /// objcopy.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The kernel would cut the command line off.
    #[error("the kernel's command line has {0} bytes, {LONGEST} are the most")]
    LongLine(usize),
    #[error(transparent)]
    File(#[from] FileError),
}

/// What goes into it.
pub struct Parts<'a> {
    /// systemd's stub, [`STUB`].
    pub stub: &'a Path,
    /// The bootable kernel.
    pub kernel: &'a Path,
    /// The first file system.
    pub initrd: &'a Path,
    /// The kernel's command line.
    pub line: &'a str,
    /// What it is, as os-release(5).
    pub release: &'a str,
}

/// Puts them together, unsigned.
///
/// # Errors
/// [`KernelImageError`].
pub fn make(parts: &Parts<'_>, work: &Path, to: &Path) -> Result<(), KernelImageError> {
    if parts.line.len() >= LONGEST {
        return Err(KernelImageError::LongLine(parts.line.len()));
    }
    let (release, line) = (work.join("uki-release"), work.join("uki-line"));
    fs::write(&release, parts.release).map_err(at(&release))?;
    fs::write(&line, parts.line).map_err(at(&line))?;
    let kernel = fs::metadata(parts.kernel).map_err(at(parts.kernel))?.len();
    let sections = [
        (".osrel", &*release, RELEASE_AT),
        (".cmdline", &*line, LINE_AT),
        (".linux", parts.kernel, KERNEL_AT),
        (
            ".initrd",
            parts.initrd,
            KERNEL_AT + kernel.next_multiple_of(PAGE),
        ),
    ];
    let mut objcopy = tool("objcopy");
    // Otherwise it writes the present time into the head.
    objcopy.arg("--preserve-dates");
    for (name, file, place) in sections {
        objcopy
            .arg("--add-section")
            .arg(format!("{name}={}", file.display()))
            .arg("--change-section-vma")
            .arg(format!("{name}={place:#x}"));
    }
    tool::run(objcopy.arg(parts.stub).arg(to))?;
    Ok(())
}
