//! A single `.deb`, fetched, compared with its checksum and unpacked, never installed: the kernel, GRUB's modules, systemd's stub.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::manifest::sha256_of;
use crate::package::{self, IndexError, Package};
use crate::tool::{self, ToolError, tool};

/// Why a package is not there.
#[derive(Debug, Error)]
pub enum DebError {
    /// apt knows none of this name.
    #[error("apt knows no package {0}: run `apt-get update`")]
    Unknown(String),
    /// What came is not what the signed index names.
    #[error("{package}: the .deb has the SHA-256 {found}, apt's index names {expected}")]
    Checksum {
        package: String,
        expected: String,
        found: String,
    },
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// An unpacked package.
pub struct Deb {
    /// Its files.
    pub folder: PathBuf,
    pub package: Package,
}

/// The package that apt would take now, unpacked into the cache if it is not there.
///
/// # Errors
/// [`DebError`].
pub fn fetch(name: &str, cache: &Path) -> Result<Deb, DebError> {
    let unknown = || DebError::Unknown(name.to_owned());
    let index = tool::run(tool("apt-cache").args(["show", "--no-all-versions", name]))
        .map_err(|_| unknown())?;
    let mut packages = package::parse(&String::from_utf8_lossy(&index))?;
    let package = packages.remove(name).ok_or_else(unknown)?;
    // By its content: a cache holds several.
    let folder = cache.join(format!("{name}-{}", &package.sha256[..16]));
    if !folder.exists() {
        unpack(&package, &folder)?;
    }
    Ok(Deb { folder, package })
}

fn unpack(package: &Package, folder: &Path) -> Result<(), DebError> {
    let half = folder.with_extension("half");
    if half.exists() {
        fs::remove_dir_all(&half).map_err(at(&half))?;
    }
    fs::create_dir_all(&half).map_err(at(&half))?;
    // apt drops its rights to a user of its own, who may not write here; it says so and goes on.
    let asked = format!("{}={}", package.name, package.version);
    tool::run(
        tool("apt-get")
            .args(["download", "-qq", &asked])
            .current_dir(&half),
    )?;
    let deb = downloaded(&half)?.ok_or(DebError::Unknown(asked))?;
    compare(package, &deb)?;
    tool::run(tool("dpkg-deb").arg("-x").arg(&deb).arg(&half))?;
    fs::remove_file(&deb).map_err(at(&deb))?;
    Ok(fs::rename(&half, folder).map_err(at(folder))?)
}

fn downloaded(folder: &Path) -> Result<Option<PathBuf>, FileError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let mut files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    Ok(files.find(|file| file.extension().is_some_and(|ending| ending == "deb")))
}

/// apt compares, too, but for a file that was there before.
fn compare(package: &Package, deb: &Path) -> Result<(), DebError> {
    let found = sha256_of(deb).map_err(at(deb))?;
    if found == package.sha256 {
        return Ok(());
    }
    Err(DebError::Checksum {
        package: package.name.clone(),
        expected: package.sha256.clone(),
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{parse, tests::paragraph};

    #[test]
    fn another_file_than_the_index_names_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let deb = folder.path().join("rauc_1_amd64.deb");
        fs::write(&deb, "not what was published").unwrap();
        let mut package = parse(&paragraph("rauc", "1", "")).unwrap()["rauc"].clone();
        let error = compare(&package, &deb).unwrap_err().to_string();
        assert!(
            error.starts_with("rauc: the .deb has the SHA-256"),
            "{error}"
        );
        package.sha256 = sha256_of(&deb).unwrap();
        compare(&package, &deb).unwrap();
    }
}
