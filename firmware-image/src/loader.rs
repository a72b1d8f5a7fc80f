//! The boot loader's partition: GRUB with its settings and the key that it trusts inside, one signed program; beside it
//! `grubenv`, the only thing that is written there.

use std::fs;
use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::keys::KeyError;
use crate::recipe::{Recipe, RecipeError};
use crate::signing::{Signing, SigningError};
use crate::slot::{self, SlotError};
use crate::tool::{self, ToolError, tool};
use crate::tree::{Node, Tree};

/// GRUB's modules: what grub.cfg uses, what reads it from memory, what checks signatures, and nothing more.
const MODULES: [&str; 20] = [
    "part_gpt",
    "fat",
    "normal",
    "chain",
    "loadenv",
    "test",
    "echo",
    "regexp",
    "reboot",
    "sleep",
    "serial",
    "terminal",
    "minicmd",
    "efi_gop",
    "video",
    "memdisk",
    "tar",
    "pgp",
    "gcry_rsa",
    "gcry_sha512",
];
/// Where the modules lie in their package.
const PLATFORM: &str = "usr/lib/grub/x86_64-efi";
/// Where GRUB looks for its settings when it carries a file system in memory.
const CONFIG: &str = "boot/grub/grub.cfg";
/// What the boot loader knows on a new disk.
const ENVIRONMENT: [&str; 6] = [
    "ORDER=A B",
    "A_OK=1",
    "A_TRY=0",
    "B_OK=1",
    "B_TRY=0",
    "AGAIN=0",
];

/// Why there is no boot loader.
#[derive(Debug, Error)]
pub enum LoaderError {
    /// The file system.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// A file of the recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Makes the EFI system partition. `modules` is the unpacked package of GRUB's modules.
///
/// # Errors
/// [`LoaderError`].
pub fn esp(
    recipe: &Recipe,
    signing: &Signing<'_>,
    modules: &Path,
    work: &Path,
    to: &Path,
) -> Result<(), LoaderError> {
    let (loader, environment) = (work.join("BOOTX64.EFI"), work.join("grubenv"));
    grub(recipe, signing, modules, work, &loader)?;
    tool::run(tool("grub-editenv").arg(&environment).arg("create"))?;
    tool::run(
        tool("grub-editenv")
            .arg(&environment)
            .arg("set")
            .args(ENVIRONMENT),
    )?;
    let files = [
        (&*loader, "EFI/BOOT/BOOTX64.EFI"),
        (&*environment, "EFI/BOOT/grubenv"),
    ];
    Ok(slot::fat(
        &files,
        "esp",
        &recipe.partitions,
        recipe.image.epoch,
        to,
    )?)
}

/// GRUB as one signed program.
fn grub(
    recipe: &Recipe,
    signing: &Signing<'_>,
    modules: &Path,
    work: &Path,
    to: &Path,
) -> Result<(), LoaderError> {
    let (memory, plain) = (work.join("grub.tar"), work.join("grub.efi"));
    let mut tree = Tree::default();
    tree.put(CONFIG, Node::bytes(0o644, recipe.text("grub.cfg")?));
    let written = fs::File::create(&memory).and_then(|mut to| tree.write(&mut to, signing.time));
    written.map_err(at(&memory))?;
    let (_, trusted) = signing.keys.loader()?;
    let mut grub = tool("grub-mkimage");
    grub.arg("-d")
        .arg(modules.join(PLATFORM))
        .args(["-O", "x86_64-efi", "-p", "(memdisk)/boot/grub", "-m"])
        .arg(memory)
        .arg("--pubkey")
        .arg(trusted)
        .args(["--disable-shim-lock", "-o"])
        .arg(&plain)
        .args(MODULES);
    tool::run(&mut grub)?;
    Ok(signing.for_firmware(&plain, to)?)
}
