//! `packages.lock`: every Debian package that the image takes, with version and SHA-256 of its `.deb`. A build takes these or none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::package::{Package, Packages};

/// Its name in the recipe's folder.
pub const NAME: &str = "packages.lock";
/// How many differences an error tells.
const TOLD: usize = 12;

/// Why a build stops at its lock.
#[derive(Debug, Error)]
pub enum LockError {
    #[error(transparent)]
    File(#[from] FileError),
    /// An image that is shipped has no lock.
    #[error("{0} is not there: `make image-lock` writes it")]
    Missing(PathBuf),
    /// A line is not `NAME VERSION ARCHITECTURE SHA256`.
    #[error("{file}:{line}: {found:?} is not NAME VERSION ARCHITECTURE SHA256", file = file.display())]
    Line {
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        found: String,
    },
    /// Debian has others than the lock names.
    #[error(
        "{file}: Debian's archive has others than these:\n{differences}\nRead what changed, then `make image-lock` takes the present ones; the former ones are kept at snapshot.debian.org",
        file = file.display()
    )]
    Differs { file: PathBuf, differences: String },
}

/// What the image takes, by name: version, architecture, SHA-256.
#[derive(Debug, PartialEq, Eq)]
pub struct Lock {
    file: PathBuf,
    entries: BTreeMap<String, String>,
}

impl Lock {
    /// Reads the lock of a recipe; `None` where there is no file.
    ///
    /// # Errors
    /// [`LockError::Line`], or the file cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, LockError> {
        let file = folder.join(NAME);
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file).map_err(at(&file))?;
        Self::parse(&text, &file).map(Some)
    }

    fn parse(text: &str, file: &Path) -> Result<Self, LockError> {
        let mut entries = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = || LockError::Line {
                file: file.to_owned(),
                line: at + 1,
                found: line.to_owned(),
            };
            let (name, rest) = line.split_once(' ').ok_or_else(bad)?;
            let sha256 = rest.rsplit(' ').next().unwrap_or_default();
            if rest.split(' ').count() != 3 || sha256.len() != 64 {
                return Err(bad());
            }
            if entries.insert(name.to_owned(), rest.to_owned()).is_some() {
                return Err(bad());
            }
        }
        Ok(Self {
            file: file.to_owned(),
            entries,
        })
    }

    /// Whether exactly these packages were taken.
    ///
    /// # Errors
    /// [`LockError::Differs`] names the differences.
    pub fn check(&self, taken: &Packages) -> Result<(), LockError> {
        let taken: BTreeMap<_, _> = taken.values().map(entry).collect();
        let names = self.entries.keys().chain(taken.keys());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        let differ: Vec<_> = names
            .into_iter()
            .filter(|name| self.entries.get(*name) != taken.get(*name))
            .map(|name| difference(name, self.entries.get(name), taken.get(name)))
            .collect();
        if differ.is_empty() {
            return Ok(());
        }
        let mut differences = differ[..differ.len().min(TOLD)].join("\n");
        if differ.len() > TOLD {
            let _ = write!(differences, "\nand {} more", differ.len() - TOLD);
        }
        Err(LockError::Differs {
            file: self.file.clone(),
            differences,
        })
    }
}

fn entry(package: &Package) -> (String, String) {
    let Package {
        name,
        version,
        architecture,
        sha256,
        ..
    } = package;
    (name.clone(), format!("{version} {architecture} {sha256}"))
}

fn difference(name: &str, locked: Option<&String>, found: Option<&String>) -> String {
    match (locked, found) {
        (Some(locked), Some(found)) => format!("  {name}: {locked} is locked, found {found}"),
        (Some(locked), None) => format!("  {name}: {locked} is locked, not taken"),
        (None, found) => format!(
            "  {name}: not locked, found {}",
            found.map_or("", |found| found)
        ),
    }
}

/// The lock of what was taken on a day.
#[must_use]
pub fn text(taken: &Packages, suite: &str, day: &str) -> String {
    let mut text = format!(
        "# Every Debian package of the image, {suite} as of {day}: name, version, architecture, SHA-256 of the .deb. `make image-lock` writes it.\n"
    );
    for (name, rest) in taken.values().map(entry) {
        let _ = writeln!(text, "{name} {rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{parse, tests::paragraph};

    fn taken(versions: [&str; 2]) -> Packages {
        let [rauc, udev] = versions;
        parse(&(paragraph("rauc", rauc, "") + &paragraph("udev", udev, ""))).unwrap()
    }

    fn locked() -> Lock {
        let text = text(&taken(["1", "1"]), "bookworm", "2026-12-01");
        Lock::parse(&text, Path::new(NAME)).unwrap()
    }

    #[test]
    fn what_was_written_is_taken_again() {
        locked().check(&taken(["1", "1"])).unwrap();
    }

    #[test]
    fn another_version_another_checksum_one_more_and_one_less_are_refused() {
        let error = locked().check(&taken(["1", "2"])).unwrap_err().to_string();
        assert!(error.contains("udev: 1 amd64"), "{error}");
        assert!(!error.contains("rauc:"), "{error}");

        let mut changed = taken(["1", "1"]);
        changed.get_mut("rauc").unwrap().sha256 = "f".repeat(64);
        assert!(locked().check(&changed).is_err());

        let mut less = taken(["1", "1"]);
        let rauc = less.remove("rauc").unwrap();
        let error = locked().check(&less).unwrap_err().to_string();
        assert!(error.contains("not taken"), "{error}");

        let mut more = taken(["1", "1"]);
        let name = "stranger".to_owned();
        more.insert(name.clone(), Package { name, ..rauc });
        let error = locked().check(&more).unwrap_err().to_string();
        assert!(error.contains("stranger: not locked"), "{error}");
    }

    #[test]
    fn a_bad_line_is_named() {
        for line in ["rauc", "rauc 1 amd64 12", "rauc 1 amd64 all x"] {
            let error = Lock::parse(line, Path::new(NAME)).unwrap_err().to_string();
            assert!(error.starts_with("packages.lock:1: "), "{error}");
        }
    }

    #[test]
    fn the_shipped_lock_covers_the_recipe() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lock = Lock::read(folder).unwrap().expect("packages.lock");
        let recipe = crate::recipe::Recipe::read(folder).unwrap();
        for name in &recipe.packages {
            assert!(lock.entries.contains_key(name), "{name} is not locked");
        }
        for name in ["grub-efi-amd64-bin", "systemd-boot-efi"] {
            assert!(lock.entries.contains_key(name), "{name} is not locked");
        }
        let kernel = |name: &&String| name.starts_with("linux-image-");
        assert_eq!(lock.entries.keys().filter(kernel).count(), 1);
    }
}
