//! The kernel and the modules that we name: its package is fetched and unpacked, never installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::deb::{self, DebError};
use crate::file::{FileError, at};
use crate::package::Package;
use crate::tool::{self, ToolError, tool};

/// Why there is no kernel.
#[derive(Debug, Error)]
pub enum KernelError {
    /// Debian does not have it.
    #[error(
        "image.toml: kernel: apt knows no kernel behind {0}: run `apt-get update`, or name another package"
    )]
    Unknown(String),
    /// A module that this kernel does not have.
    #[error(
        "{list}: the kernel {version} has no module {name}: drop the line or look for its new name in modules.dep"
    )]
    NoModule {
        /// The list that names it.
        list: &'static str,
        name: String,
        /// The kernel's version.
        version: String,
    },
    #[error(transparent)]
    Deb(#[from] DebError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// An unpacked kernel.
pub struct Kernel {
    folder: PathBuf,
    /// As `uname -r` will say.
    pub version: String,
    /// The package that it comes from.
    pub package: Package,
}

impl Kernel {
    /// The kernel behind a package, unpacked into the cache if it is not there.
    ///
    /// # Errors
    /// [`KernelError`].
    pub fn get(package: &str, cache: &Path) -> Result<Self, KernelError> {
        let deb = deb::fetch(&behind(package)?, cache)?;
        let version = deb
            .package
            .name
            .trim_start_matches("linux-image-")
            .to_owned();
        if !deb
            .folder
            .join("lib/modules")
            .join(&version)
            .join("modules.dep")
            .exists()
        {
            tool::run(tool("depmod").arg("-b").arg(&deb.folder).arg(&version))?;
        }
        Ok(Self {
            folder: deb.folder,
            version,
            package: deb.package,
        })
    }

    /// The bootable kernel.
    #[must_use]
    pub fn vmlinuz(&self) -> PathBuf {
        self.folder.join(format!("boot/vmlinuz-{}", self.version))
    }

    /// Module files for these names and everything they need, as paths below `lib/modules/VERSION`.
    ///
    /// # Errors
    /// [`KernelError::NoModule`] names the list and the module.
    pub fn modules(
        &self,
        names: &[String],
        list: &'static str,
    ) -> Result<BTreeSet<String>, KernelError> {
        let below = format!("lib/modules/{}/", self.version);
        let mut files = BTreeSet::new();
        for name in names {
            let mut command = tool("modprobe");
            command
                .arg("-d")
                .arg(&self.folder)
                .args(["-S", &self.version, "--show-depends", name]);
            let lines = tool::run(&mut command).map_err(|error| match error {
                ToolError::Failed { .. } => KernelError::NoModule {
                    list,
                    name: name.clone(),
                    version: self.version.clone(),
                },
                error => error.into(),
            })?;
            let lines = String::from_utf8_lossy(&lines).into_owned();
            let paths = lines
                .lines()
                .filter_map(|line| line.strip_prefix("insmod "));
            files.extend(
                paths
                    .filter_map(|path| path.trim().split(&*below).nth(1))
                    .map(str::to_owned),
            );
        }
        Ok(files)
    }

    /// A folder with only these modules and the tables over them, made each time; what is to lie at `lib/modules/VERSION`.
    ///
    /// # Errors
    /// [`KernelError`].
    pub fn pick(&self, modules: &BTreeSet<String>, work: &Path) -> Result<PathBuf, KernelError> {
        if work.exists() {
            fs::remove_dir_all(work).map_err(at(work))?;
        }
        let (from, to) = (self.tables(&self.folder), self.tables(work));
        let tables = [
            "modules.builtin",
            "modules.builtin.modinfo",
            "modules.order",
        ]
        .map(str::to_owned);
        for name in modules.iter().chain(&tables) {
            let target = to.join(name);
            let folder = target.parent().unwrap_or(&to);
            fs::create_dir_all(folder).map_err(at(folder))?;
            fs::copy(from.join(name), &target).map_err(at(&target))?;
        }
        tool::run(tool("depmod").arg("-b").arg(work).arg(&self.version))?;
        Ok(to)
    }

    fn tables(&self, base: &Path) -> PathBuf {
        base.join("lib/modules").join(&self.version)
    }
}

/// `linux-image-amd64` only depends on the kernel of the day.
fn behind(package: &str) -> Result<String, KernelError> {
    let depends = tool::run(tool("apt-cache").args(["depends", "--important", package]))
        .map_err(|_| KernelError::Unknown(package.to_owned()))?;
    let depends = String::from_utf8_lossy(&depends).into_owned();
    let found = depends
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: linux-image-"));
    found
        .map(|rest| format!("linux-image-{rest}"))
        .ok_or_else(|| KernelError::Unknown(package.to_owned()))
}
