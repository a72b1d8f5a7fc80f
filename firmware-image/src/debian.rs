//! What the image takes from Debian: the root file system's packages, the kernel, GRUB's modules, systemd's stub; all as the lock names them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::deb::{self, Deb, DebError};
use crate::file::{FileError, at};
use crate::kernel::{Kernel, KernelError};
use crate::lock::{self, Lock, LockError};
use crate::package::{self, IndexError, Packages};
use crate::recipe::{Recipe, RecipeError};
use crate::rootfs::{self, RootfsError};
use crate::tree::{Tree, TreeError};

/// The package that GRUB's modules are taken from.
const GRUB: &str = "grub-efi-amd64-bin";
/// The package that the kernel image's stub is taken from.
const STUB: &str = "systemd-boot-efi";

/// Why Debian's part is not there, or not as locked.
#[derive(Debug, Error)]
#[error(transparent)]
#[expect(missing_docs, reason = "each says itself what it is about")]
pub enum DebianError {
    Recipe(#[from] RecipeError),
    Rootfs(#[from] RootfsError),
    Tree(#[from] TreeError),
    Kernel(#[from] KernelError),
    Deb(#[from] DebError),
    Index(#[from] IndexError),
    Lock(#[from] LockError),
    File(#[from] FileError),
}

/// What is taken.
pub struct Debian {
    /// The root file system's packages, in one tree.
    pub tree: Tree,
    pub kernel: Kernel,
    /// GRUB's modules.
    pub grub: Deb,
    /// systemd's stub.
    pub stub: Deb,
    /// All of it.
    pub taken: Packages,
    /// The archive that `tree` reads.
    archive: PathBuf,
}

impl Debian {
    /// What the recipe's lock names, or an error. A bare image may have no lock.
    ///
    /// # Errors
    /// [`DebianError`].
    pub fn locked(recipe: &Recipe, cache: &Path) -> Result<Self, DebianError> {
        let lock = Lock::read(&recipe.folder)?;
        if lock.is_none() && !recipe.image.bare {
            return Err(LockError::Missing(recipe.folder.join(lock::NAME)).into());
        }
        let debian = Self::of(rootfs::archive(recipe, cache)?, recipe, cache)?;
        lock.map_or(Ok(()), |lock| lock.check(&debian.taken))?;
        Ok(debian)
    }

    fn of(archive: PathBuf, recipe: &Recipe, cache: &Path) -> Result<Self, DebianError> {
        let tree = Tree::of_archive(&archive)?;
        let index = tree.read(rootfs::TAKEN, "the builder's own hook writes it")?;
        let mut taken = package::parse(&String::from_utf8_lossy(&index))?;
        let kernel = Kernel::get(&recipe.image.kernel, cache)?;
        let (grub, stub) = (deb::fetch(GRUB, cache)?, deb::fetch(STUB, cache)?);
        for package in [&kernel.package, &grub.package, &stub.package] {
            taken.insert(package.name.clone(), package.clone());
        }
        Ok(Self {
            archive,
            tree,
            kernel,
            grub,
            stub,
            taken,
        })
    }
}

/// Takes Debian's present packages and writes the recipe's lock.
///
/// # Errors
/// [`DebianError`].
pub fn write_lock(recipe: &Path, cache: &Path) -> Result<PathBuf, DebianError> {
    fs::create_dir_all(cache).map_err(at(cache))?;
    let recipe = Recipe::read(recipe)?;
    let debian = Debian::of(rootfs::fresh(&recipe, cache)?, &recipe, cache)?;
    let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let file = recipe.folder.join(lock::NAME);
    let text = lock::text(&debian.taken, &recipe.image.suite, &day);
    fs::write(&file, text).map_err(at(&file))?;
    // The cache names an archive by its lock, too: the next build takes this one.
    let named = rootfs::file(&recipe, cache);
    fs::rename(&debian.archive, &named).map_err(at(&named))?;
    Ok(file)
}
