//! The first file system: our `init`, busybox, veritysetup, a few modules.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::kernel::{Kernel, KernelError};
use crate::recipe::Recipe;
use crate::tool::{self, ToolError, tool};
use crate::tree::{Tree, TreeError};

/// Why there is no first file system.
#[derive(Debug, Error)]
pub enum InitrdError {
    /// A file from the root file system.
    #[error("initrd/files.list: {0}")]
    File(#[from] TreeError),
    /// A kernel module.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// A file of the recipe or of the kernel.
    #[error("initrd: {0}")]
    Io(#[from] io::Error),
    /// zstd.
    #[error(transparent)]
    Tool(#[from] ToolError),
}

/// Makes the compressed archive.
///
/// # Errors
/// [`InitrdError`].
pub fn make(
    recipe: &Recipe,
    root: &Tree,
    kernel: &Kernel,
    work: &Path,
    to: &Path,
) -> Result<(), InitrdError> {
    let mut archive = Cpio::default();
    archive.file(
        "init",
        0o755,
        &std::fs::read(recipe.folder.join("initrd/init"))?,
    );
    for path in &recipe.initrd_files {
        archive.file(path, 0o755, &root.read(path, "initrd/files.list wants it")?);
    }
    let modules = kernel.modules(&recipe.initrd_modules, "initrd/modules.list")?;
    let folder = kernel.pick(&modules, &work.join("initrd-modules"))?;
    let tables = [
        "modules.dep.bin",
        "modules.alias.bin",
        "modules.dep",
        "modules.alias",
        "modules.builtin",
    ]
    .map(str::to_owned);
    for name in modules.iter().chain(&tables) {
        let path = format!("lib/modules/{}/{name}", kernel.version);
        archive.file(&path, 0o644, &std::fs::read(folder.join(name))?);
    }
    archive.file(
        "modules",
        0o644,
        format!("{}\n", recipe.initrd_modules.join("\n")).as_bytes(),
    );
    archive.file("slots", 0o644, recipe.partitions.slots().as_bytes());
    archive.file("partitions", 0o644, recipe.partitions.table().as_bytes());
    let bytes = archive.finish();
    let mut zstd = tool("zstd");
    zstd.args(["-q", "-f", "-T1", "-10", "-o"]).arg(to);
    tool::fed(&mut zstd, |pipe| pipe.write_all(&bytes))?;
    Ok(())
}

/// The archive format that the kernel reads: "new ASCII" cpio (Documentation/driver-api/early-userspace/buffer-format.rst).
#[derive(Default)]
struct Cpio {
    bytes: Vec<u8>,
    folders: Vec<String>,
    number: u32,
}

impl Cpio {
    fn file(&mut self, path: &str, mode: u32, content: &[u8]) {
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            if !self.folders.iter().any(|made| made == folder) {
                self.folders.push(folder.to_owned());
                self.entry(folder, 0o040_755, &[]);
            }
        }
        self.entry(path, 0o100_000 | mode, content);
    }

    fn entry(&mut self, path: &str, mode: u32, content: &[u8]) {
        self.number += 1;
        let links = 1;
        let fields = [
            self.number,
            mode,
            0,
            0,
            links,
            0,
            u32::try_from(content.len()).unwrap_or(u32::MAX),
            0,
            0,
            0,
            0,
            u32::try_from(path.len() + 1).unwrap_or(u32::MAX),
            0,
        ];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes
                .extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    fn finish(mut self) -> Vec<u8> {
        self.number = 0;
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpio_reads_what_was_written() {
        let mut archive = Cpio::default();
        archive.file("bin/a", 0o755, b"first");
        archive.file("bin/b", 0o644, b"");
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 4, 0);
        let listed = tool::fed(tool("cpio").args(["-t", "--quiet"]), |pipe| {
            pipe.write_all(&bytes)
        });
        match listed {
            Ok(names) => assert_eq!(String::from_utf8_lossy(&names), "bin\nbin/a\nbin/b\n"),
            // The builder needs no cpio; where it is not installed, the head is all that can be checked.
            Err(ToolError::Missing(_)) => assert!(bytes.starts_with(b"070701")),
            Err(error) => panic!("{error}"),
        }
    }
}
