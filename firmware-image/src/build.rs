//! From the recipe to disk, bundle, bill of materials and manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;

use crate::bill::{self, BillError};
use crate::bundle::{self, BundleError};
use crate::debian::{Debian, DebianError};
use crate::disk::{self, DiskError};
use crate::file::{FileError, at};
use crate::initrd::{self, InitrdError};
use crate::kernel::Kernel;
use crate::kernel_image::{self, KernelImageError};
use crate::keys::{KeyError, Keys};
use crate::loader::{self, LoaderError};
use crate::manifest::{self, Built, Manifest};
use crate::package::Packages;
use crate::provenance::{self, Build, Source};
use crate::recipe::{Recipe, RecipeError};
use crate::root::{self, OwnFiles, RootError};
use crate::sbom::Bill;
use crate::signing::{Signing, SigningError};
use crate::slot::{self, SlotError, Verity};

/// The factory disk's name in the output folder.
pub const DISK: &str = "genkan.img";
/// The update bundle's.
pub const BUNDLE: &str = "genkan.raucb";
/// The bill of materials'.
pub const SBOM: &str = "sbom.cdx.json";

/// Why there is no image.
#[derive(Debug, Error)]
#[error(transparent)]
#[expect(missing_docs, reason = "each says itself what it is about")]
pub enum BuildError {
    Recipe(#[from] RecipeError),
    Key(#[from] KeyError),
    Debian(#[from] DebianError),
    Root(#[from] RootError),
    Initrd(#[from] InitrdError),
    Slot(#[from] SlotError),
    KernelImage(#[from] KernelImageError),
    Signing(#[from] SigningError),
    Loader(#[from] LoaderError),
    Disk(#[from] DiskError),
    Bundle(#[from] BundleError),
    Bill(#[from] BillError),
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

impl BuildOptions {
    /// What steps hand each other.
    fn work(&self) -> PathBuf {
        self.out.join("work")
    }
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
    let provision = keys.provision_certificate()?;
    let signing = Signing {
        keys: &keys,
        time: recipe.image.epoch,
    };
    let work = options.work();
    for folder in [&options.out, &options.cache, &work] {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let (started, source) = (Timestamp::now(), Source::of(&options.workspace));
    report("packages");
    let debian = Debian::locked(&recipe, &options.cache)?;
    let file = |name: &str| options.out.join(name);
    let kernel = &debian.kernel;
    let initrd = work.join("initrd.img");
    initrd::make(&recipe, &debian.tree, kernel, &work, &initrd)?;
    report("root file system");
    let own_files = OwnFiles {
        programs: &options.programs,
        assets: &options.workspace.join("assets"),
        postal_codes: &options.postal_codes,
        keyring: &keyring,
        provision: &provision,
        version: &options.version,
    };
    let tree = root::assemble(&recipe, debian.tree, kernel, &own_files, &work)?;
    let verity = slot::root(
        &tree,
        recipe.image.epoch,
        &recipe.partitions,
        &file("rootfs.img"),
    )?;
    report("boot partition");
    let stub = debian.stub.folder.join(kernel_image::STUB);
    boot(options, &recipe, &signing, kernel, &stub, &verity)?;
    report("disk");
    loader::esp(
        &recipe,
        &signing,
        &debian.grub.folder,
        &work,
        &work.join("esp.img"),
    )?;
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
    let bill = bill(options, &recipe, &debian.taken)?;
    let manifest = summary(options, &recipe, kernel, verity)?;
    provenance(options, &recipe, &bill, source, started)?.tell(&artefacts(&manifest, options))?;
    Ok(manifest)
}

fn bill(options: &BuildOptions, recipe: &Recipe, taken: &Packages) -> Result<Bill, BuildError> {
    let parts = bill::Parts {
        disk: &options.out.join(DISK),
        programs: &options.work(),
        postal_codes: &options.postal_codes,
        workspace: &options.workspace,
        version: &options.version,
    };
    let bill = bill::of(&parts, &recipe.image, taken)?;
    let document = bill.document(recipe.image.epoch);
    let file = options.out.join(SBOM);
    fs::write(&file, format!("{document:#}\n")).map_err(at(&file))?;
    Ok(bill)
}

fn artefacts(manifest: &Manifest, options: &BuildOptions) -> Vec<PathBuf> {
    let names = manifest.files.keys();
    names.map(|name| options.out.join(name)).collect()
}

fn provenance(
    options: &BuildOptions,
    recipe: &Recipe,
    bill: &Bill,
    source: Source,
    started: Timestamp,
) -> Result<Build, FileError> {
    Ok(Build {
        kind: "image",
        parameters: json!({
            "compatible": recipe.image.compatible,
            "suite": recipe.image.suite,
            "version": options.version,
        }),
        materials: provenance::materials(bill, &options.workspace, &["Cargo.lock"])?,
        source,
        started,
    })
}

fn boot(
    options: &BuildOptions,
    recipe: &Recipe,
    signing: &Signing<'_>,
    kernel: &Kernel,
    stub: &Path,
    verity: &Verity,
) -> Result<(), BuildError> {
    let work = options.work();
    let (plain, signed, signature) = (
        work.join("plain.efi"),
        work.join("genkan.efi"),
        work.join("genkan.efi.sig"),
    );
    let parts = kernel_image::Parts {
        stub,
        kernel: &kernel.vmlinuz(),
        initrd: &work.join("initrd.img"),
        line: &slot::line(verity, &options.version),
        release: &root::release(recipe, &options.version),
    };
    kernel_image::make(&parts, &work, &plain)?;
    signing.for_firmware(&plain, &signed)?;
    signing.for_loader(&signed, &signature)?;
    let files = [(&*signed, "genkan.efi"), (&*signature, "genkan.efi.sig")];
    Ok(slot::fat(
        &files,
        "boot-a",
        &recipe.partitions,
        recipe.image.epoch,
        &options.out.join("boot.img"),
    )?)
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
