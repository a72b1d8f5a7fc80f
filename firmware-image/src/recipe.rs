//! The declarative files of this folder, read and checked before anything is made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::file::{FileError, at};
use crate::list::{self, ListError, Names};
use crate::partitions::{PartitionError, Partitions};
use crate::trim::Trim;
use crate::usb::UsbRule;

/// Why the recipe is not used.
#[derive(Debug, Error)]
pub enum RecipeError {
    #[error(transparent)]
    File(#[from] FileError),
    /// `image.toml` is not what it should be.
    #[error("{file}: {reason}", file = file.display())]
    Malformed { file: PathBuf, reason: String },
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Partitions(#[from] PartitionError),
}

/// `image.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What hardware it is for: RAUC refuses a bundle for another.
    pub compatible: String,
    /// Debian release.
    pub suite: String,
    /// The kernel's package.
    pub kernel: String,
    /// Every time stamp, seconds since 1970.
    pub epoch: u64,
    /// Without our programs, their data and updates: Debian's packages alone.
    #[serde(default)]
    pub bare: bool,
    /// Users of our services.
    pub users: BTreeMap<String, u32>,
    /// What systemd starts.
    pub units: Units,
    /// USB devices that get a driver.
    #[serde(default)]
    pub usb: Vec<UsbRule>,
}

/// What systemd starts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// The target that a start ends in.
    pub default: String,
    /// Units that nobody can start.
    pub masked: Vec<String>,
    /// Which target starts which units; the key is systemd's word for it.
    pub wanted: Vec<Wants>,
}

/// The units that a target starts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wants {
    /// The target.
    pub by: String,
    /// The units.
    pub names: Vec<String>,
}

/// Everything that decides what the image is, our own programs aside.
pub struct Recipe {
    /// The folder of the declarative files.
    pub folder: PathBuf,
    /// `image.toml`.
    pub image: Image,
    /// `packages.list`.
    pub packages: Vec<String>,
    /// `modules.list`.
    pub modules: Vec<String>,
    /// `trim.list`.
    pub trim: Trim,
    /// `initrd/modules.list`.
    pub initrd_modules: Vec<String>,
    /// `initrd/files.list`.
    pub initrd_files: Vec<String>,
    /// `partitions.toml`.
    pub partitions: Partitions,
}

impl Recipe {
    /// Reads the folder.
    ///
    /// # Errors
    /// [`RecipeError`] names the file.
    pub fn read(folder: &Path) -> Result<Self, RecipeError> {
        let file = folder.join("image.toml");
        let image = toml::from_str(&text(&file)?).map_err(|error| RecipeError::Malformed {
            reason: error.to_string(),
            file,
        })?;
        Ok(Self {
            image,
            packages: list::read(&folder.join("packages.list"), Names::Packages)?,
            modules: list::read(&folder.join("modules.list"), Names::Modules)?,
            trim: Trim::new(&list::read(&folder.join("trim.list"), Names::Paths)?),
            initrd_modules: list::read(&folder.join("initrd/modules.list"), Names::Modules)?,
            initrd_files: list::read(&folder.join("initrd/files.list"), Names::Paths)?,
            partitions: Partitions::parse(&text(&folder.join("partitions.toml"))?)?,
            folder: folder.to_owned(),
        })
    }

    /// A file of the folder as text.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn text(&self, name: &str) -> Result<String, RecipeError> {
        text(&self.folder.join(name))
    }
}

fn text(file: &Path) -> Result<String, RecipeError> {
    Ok(fs::read_to_string(file).map_err(at(file))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn the_shipped_recipe_is_good() {
        let recipe = Recipe::read(&shipped()).unwrap();
        assert!(recipe.packages.iter().any(|package| package == "rauc"));
        let all: Vec<_> = recipe
            .initrd_modules
            .iter()
            .filter(|name| !recipe.modules.contains(name))
            .collect();
        assert!(
            all.is_empty(),
            "the first file system has modules that the second lacks: {all:?}"
        );
    }

    #[test]
    fn peer_and_smoke_are_built_the_same_way() {
        let ours = Recipe::read(&shipped()).unwrap();
        for other in ["peer", "smoke"] {
            let other = Recipe::read(&shipped().join(other)).unwrap();
            assert!(other.image.bare && !ours.image.bare);
            assert_eq!(ours.modules, other.modules);
            assert_eq!(ours.partitions.slots(), other.partitions.slots());
            for file in ["grub.cfg", "initrd/init"] {
                assert_eq!(ours.text(file).unwrap(), other.text(file).unwrap());
            }
        }
    }

    #[test]
    fn every_unit_of_ours_is_wanted_or_started_by_another() {
        let recipe = Recipe::read(&shipped()).unwrap();
        let wanted: Vec<_> = recipe
            .image
            .units
            .wanted
            .iter()
            .flat_map(|wanted| &wanted.names)
            .collect();
        for entry in fs::read_dir(shipped().join("units")).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let named = fs::read_dir(shipped().join("units")).unwrap().any(|other| {
                let other = other.unwrap();
                other.file_name().to_string_lossy() != name
                    && fs::read_to_string(other.path()).unwrap().contains(&name)
            });
            let template = name.trim_end_matches(".service");
            let by_device = recipe
                .text("root/etc/udev/rules.d/90-genkan.rules")
                .unwrap()
                .contains(template);
            assert!(
                wanted.contains(&&name) || named || by_device,
                "nothing starts {name}"
            );
        }
    }

    #[test]
    fn nobody_logs_in() {
        let recipe = Recipe::read(&shipped()).unwrap();
        for unit in [
            "getty@.service",
            "serial-getty@.service",
            "debug-shell.service",
            "emergency.service",
        ] {
            assert!(
                recipe
                    .image
                    .units
                    .masked
                    .iter()
                    .any(|masked| masked == unit),
                "{unit}"
            );
        }
    }
}
