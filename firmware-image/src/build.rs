//! From the recipe to disk, bundle, bill of materials and manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::bundle::{self, BundleError};
use crate::disk::{self, DiskError};
use crate::file::{FileError, at};
use crate::initrd::{self, InitrdError};
use crate::kernel::{Kernel, KernelError};
use crate::kernel_image::{self, KernelImageError};
use crate::keys::{KeyError, Keys};
use crate::loader::{self, LoaderError};
use crate::manifest::{self, Built, Manifest};
use crate::recipe::{Recipe, RecipeError};
use crate::root::{self, OwnFiles, RootError};
use crate::rootfs::{self, RootfsError};
use crate::sbom;
use crate::signing::{Signing, SigningError};
use crate::slot::{self, SlotError, Verity};
use crate::tool::{self, ToolError, tool};
use crate::tree::{Tree, TreeError};

/// The factory disk's name in the output folder.
pub const DISK: &str = "genkan.img";
/// The update bundle's.
pub const BUNDLE: &str = "genkan.raucb";
/// The bill of materials'.
pub const SBOM: &str = "sbom.cdx.json";

/// Packages of this machine that parts of the boot loader and of the kernel image are taken from.
const BOOT: [&str; 2] = ["grub-efi-amd64-bin", "systemd-boot-efi"];

/// Why there is no image.
#[derive(Debug, Error)]
#[error(transparent)]
#[expect(missing_docs, reason = "each says itself what it is about")]
pub enum BuildError {
    Recipe(#[from] RecipeError),
    Key(#[from] KeyError),
    Rootfs(#[from] RootfsError),
    Tree(#[from] TreeError),
    Kernel(#[from] KernelError),
    Root(#[from] RootError),
    Initrd(#[from] InitrdError),
    Slot(#[from] SlotError),
    KernelImage(#[from] KernelImageError),
    Signing(#[from] SigningError),
    Loader(#[from] LoaderError),
    Disk(#[from] DiskError),
    Bundle(#[from] BundleError),
    Tool(#[from] ToolError),
    File(#[from] FileError),
}

pub struct BuildOptions {
    /// The folder of the declarative files.
    pub recipe: PathBuf,
    /// The workspace: product data, and the list of crates in the kiosk.
    pub workspace: PathBuf,
    /// Folder with our programs.
    pub programs: PathBuf,
    /// Postal code table.
    pub postal_codes: PathBuf,
    /// Folder of the keys.
    pub keys: PathBuf,
    /// Where everything goes.
    pub out: PathBuf,
    /// What is kept between builds.
    pub cache: PathBuf,
    /// The image's version.
    pub version: String,
}

/// Builds everything; `report` is called with the name of each step.
///
/// # Errors
/// [`BuildError`]: what, where, what to do.
pub fn build(options: &BuildOptions, report: &dyn Fn(&str)) -> Result<Manifest, BuildError> {
    let recipe = Recipe::read(&options.recipe)?;
    let keys = Keys::of(&options.keys);
    // Before the long work: without a key there is nothing to end with.
    let keyring = keys.authority()?;
    keys.signer()?;
    keys.boot()?;
    keys.loader()?;
    let signing = Signing {
        keys: &keys,
        time: recipe.image.epoch,
    };
    let work = options.out.join("work");
    for folder in [&options.out, &options.cache, &work] {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    report("packages");
    let debian = Tree::of_archive(&rootfs::archive(&recipe, &options.cache)?)?;
    let status = debian.read("var/lib/dpkg/status", "the list of what is installed")?;
    report("kernel");
    let kernel = Kernel::get(&recipe.image.kernel, &options.cache)?;
    let file = |name: &str| options.out.join(name);
    initrd::make(&recipe, &debian, &kernel, &work, &work.join("initrd.img"))?;
    report("root file system");
    let own_files = OwnFiles {
        programs: &options.programs,
        assets: &options.workspace.join("assets"),
        postal_codes: &options.postal_codes,
        keyring: &keyring,
        version: &options.version,
    };
    let tree = root::assemble(&recipe, debian, &kernel, &own_files, &work)?;
    let verity = slot::root(
        &tree,
        recipe.image.epoch,
        &recipe.partitions,
        &file("rootfs.img"),
    )?;
    report("boot partition");
    boot(
        &recipe,
        &signing,
        &kernel,
        &verity,
        &options.version,
        &work,
        &file("boot.img"),
    )?;
    report("disk");
    loader::esp(&recipe, &signing, &work, &work.join("esp.img"))?;
    disk::factory(
        &recipe.partitions,
        &work.join("esp.img"),
        &file("boot.img"),
        &file("rootfs.img"),
        &file(DISK),
    )?;
    if !recipe.image.bare {
        report("bundle");
        let content = bundle::Content {
            compatible: &recipe.image.compatible,
            version: &options.version,
            boot: &file("boot.img"),
            root: &file("rootfs.img"),
        };
        bundle::make(&content, &keys, &work, &file(BUNDLE))?;
    }
    report("bill of materials");
    bill(options, &recipe, &status, &kernel)?;
    summary(options, &recipe, &kernel, verity)
}

fn boot(
    recipe: &Recipe,
    signing: &Signing<'_>,
    kernel: &Kernel,
    verity: &Verity,
    version: &str,
    work: &Path,
    to: &Path,
) -> Result<(), BuildError> {
    let (plain, signed, signature) = (
        work.join("plain.efi"),
        work.join("genkan.efi"),
        work.join("genkan.efi.sig"),
    );
    let parts = kernel_image::Parts {
        kernel: &kernel.vmlinuz(),
        initrd: &work.join("initrd.img"),
        line: &slot::line(verity, version),
        release: &root::release(recipe, version),
    };
    kernel_image::make(&parts, work, &plain)?;
    signing.for_firmware(&plain, &signed)?;
    signing.for_loader(&signed, &signature)?;
    let files = [(&*signed, "genkan.efi"), (&*signature, "genkan.efi.sig")];
    Ok(slot::fat(
        &files,
        "boot-a",
        &recipe.partitions,
        recipe.image.epoch,
        to,
    )?)
}

fn bill(
    options: &BuildOptions,
    recipe: &Recipe,
    status: &[u8],
    kernel: &Kernel,
) -> Result<(), BuildError> {
    let mut components = sbom::debian(&String::from_utf8_lossy(status));
    components.insert(sbom::deb(&kernel.package.0, &kernel.package.1, "amd64"));
    for package in BOOT {
        let mut query = tool("dpkg-query");
        let version = tool::run(query.args(["-W", "-f", "${Version}", package]))?;
        let version = String::from_utf8_lossy(&version).into_owned();
        components.insert(sbom::deb(package, &version, "amd64"));
    }
    if !recipe.image.bare {
        components.extend(sbom::crates(&crates(&options.workspace)?));
    }
    let document = sbom::document(&recipe.image, &options.version, &components);
    let file = options.out.join(SBOM);
    Ok(fs::write(&file, format!("{document:#}\n")).map_err(at(&file))?)
}

/// cargo's word on what the kiosk of the image is made of.
fn crates(workspace: &Path) -> Result<String, ToolError> {
    let mut cargo = tool("cargo");
    cargo
        .args(["tree", "--locked", "--offline", "-p", "kiosk"])
        .args(["--no-default-features", "--features", "kms"])
        .args(["--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}|{l}"])
        .current_dir(workspace);
    Ok(String::from_utf8_lossy(&tool::run(&mut cargo)?).into_owned())
}

fn summary(
    options: &BuildOptions,
    recipe: &Recipe,
    kernel: &Kernel,
    verity: Verity,
) -> Result<Manifest, BuildError> {
    let mut files = BTreeMap::new();
    let bundle = (!recipe.image.bare).then_some(BUNDLE);
    for name in [DISK, SBOM, "boot.img", "rootfs.img"]
        .into_iter()
        .chain(bundle)
    {
        let file = options.out.join(name);
        files.insert(name.to_owned(), Built::of(&file).map_err(at(&file))?);
    }
    let manifest = Manifest {
        compatible: recipe.image.compatible.clone(),
        version: options.version.clone(),
        kernel: kernel.version.clone(),
        root_hash: verity.hash,
        files,
    };
    let file = options.out.join(manifest::NAME);
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    fs::write(&file, text + "\n").map_err(at(&file))?;
    Ok(manifest)
}
