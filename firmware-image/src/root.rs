//! The root file system: Debian's files without what a kiosk has no use for, and ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::font_index::{self, FontIndexError};
use crate::kernel::{Kernel, KernelError};
use crate::recipe::{Recipe, RecipeError};
use crate::tool::{self, ToolError, tool};
use crate::tree::{Node, Tree, TreeError};
use crate::usb::{self, UsbError};

/// Why there is no root file system.
#[derive(Debug, Error)]
pub enum RootError {
    /// A file of the tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A file of the recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A kernel module.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error(transparent)]
    FontIndex(#[from] FontIndexError),
    /// An entry of `[[usb]]`.
    #[error(transparent)]
    Usb(#[from] UsbError),
    /// strip.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// One of our programs is not built.
    #[error("{file} is not there: {hint}", file = file.display())]
    NotBuilt {
        file: PathBuf,
        /// What makes it.
        hint: &'static str,
    },
    #[error(transparent)]
    File(#[from] FileError),
    /// A unit that is to be started is not there.
    #[error(
        "image.toml: units: there is no {0}: put it into units/ or add its package to packages.list"
    )]
    NoUnit(String),
}

/// The files of ours that go into the image.
pub struct OwnFiles<'a> {
    /// Folder with `kiosk` and `kiosk-health`.
    pub programs: &'a Path,
    /// Folder of the product's data.
    pub assets: &'a Path,
    /// Postal code table.
    pub postal_codes: &'a Path,
    /// The authority whose signatures on bundles count, PEM.
    pub keyring: &'a Path,
    /// The certificate whose signatures on a kiosk's folder count, PEM.
    pub provision: &'a Path,
    /// The image's version.
    pub version: &'a str,
}

/// Folders that are mounted over or made again at each start: what Debian's packages left there is of no use.
const EMPTIED: [&str; 5] = ["dev/", "proc/", "sys/", "run/", "tmp/"];
/// What the kiosk reads of the product's data.
const ASSETS: [&str; 4] = ["catalogue", "forms", "words", "icons"];
/// Programs of ours and where they lie.
const PROGRAMS: [(&str, &str); 2] = [
    ("kiosk", "usr/bin/kiosk"),
    ("kiosk-health", "usr/bin/kiosk-health"),
];
const UNITS: &str = "usr/lib/systemd/system";

/// Puts the tree together.
///
/// # Errors
/// [`RootError`] says what is missing and what to do.
pub fn assemble(
    recipe: &Recipe,
    mut tree: Tree,
    kernel: &Kernel,
    own: &OwnFiles<'_>,
    work: &Path,
) -> Result<Tree, RootError> {
    tree.remove_where(|path| {
        recipe.trim.removes(path) || EMPTIED.iter().any(|folder| path.starts_with(folder))
    });
    users(&mut tree, &recipe.image.users)?;
    modules(recipe, &mut tree, kernel, work)?;
    if !recipe.image.bare {
        programs(&mut tree, own.programs, work)?;
        data(&mut tree, own)?;
        updates(recipe, &mut tree, own)?;
    }
    tree.put_folder("", &recipe.folder.join("root"))?;
    tree.put_folder(UNITS, &recipe.folder.join("units"))?;
    units(recipe, &mut tree)?;
    let usb = usb::rules(&recipe.image.usb)?;
    tree.put(
        "etc/udev/rules.d/80-genkan-usb.rules",
        Node::bytes(0o644, usb),
    );
    if tree.has("etc/fonts/fonts.conf") {
        font_index::add(&mut tree, recipe.image.epoch, work)?;
    }
    identity(recipe, &mut tree, own.version);
    Ok(tree)
}

/// Locked users: no password that could match, no shell, no home.
fn users(tree: &mut Tree, users: &BTreeMap<String, u32>) -> Result<(), RootError> {
    let mut add = |path: &str, mode: u32, line: &dyn Fn(&str, u32) -> String| {
        let mut bytes = tree.read(path, "Debian's base-passwd makes it")?;
        for (name, id) in users {
            bytes.extend_from_slice(line(name, *id).as_bytes());
        }
        tree.put(path, Node::bytes(mode, bytes));
        Ok::<_, TreeError>(())
    };
    add("etc/passwd", 0o644, &|name, id| {
        format!("{name}:x:{id}:{id}::/nonexistent:/usr/sbin/nologin\n")
    })?;
    add("etc/group", 0o644, &|name, id| format!("{name}:x:{id}:\n"))?;
    add("etc/shadow", 0o600, &|name, _| format!("{name}:!:::::::\n"))?;
    Ok(())
}

fn modules(
    recipe: &Recipe,
    tree: &mut Tree,
    kernel: &Kernel,
    work: &Path,
) -> Result<(), RootError> {
    let modules = kernel.modules(&recipe.modules, "modules.list")?;
    let folder = kernel.pick(&modules, &work.join("root-modules"))?;
    tree.put_folder(&format!("usr/lib/modules/{}", kernel.version), &folder)?;
    Ok(())
}

fn programs(tree: &mut Tree, from: &Path, work: &Path) -> Result<(), RootError> {
    for (name, path) in PROGRAMS {
        let (built, stripped) = (from.join(name), work.join(name));
        if !built.exists() {
            return Err(RootError::NotBuilt {
                file: built,
                hint: "`make image` builds our programs first",
            });
        }
        tool::run(tool("strip").arg("-o").arg(&stripped).arg(&built))?;
        tree.put(path, Node::copy(0o755, &stripped)?);
    }
    Ok(())
}

fn data(tree: &mut Tree, own: &OwnFiles<'_>) -> Result<(), RootError> {
    for name in ASSETS {
        tree.put_folder(
            &format!("usr/share/genkan/assets/{name}"),
            &own.assets.join(name),
        )?;
    }
    if !own.postal_codes.exists() {
        return Err(RootError::NotBuilt {
            file: own.postal_codes.to_owned(),
            hint: "`make setup` fetches the postal codes",
        });
    }
    tree.put(
        "usr/share/genkan/postal.tsv",
        Node::copy(0o644, own.postal_codes)?,
    );
    Ok(())
}

fn units(recipe: &Recipe, tree: &mut Tree) -> Result<(), RootError> {
    let units = &recipe.image.units;
    for wants in &units.wanted {
        for name in &wants.names {
            if !tree.has(&format!("{UNITS}/{name}")) {
                return Err(RootError::NoUnit(name.clone()));
            }
            let link = format!("etc/systemd/system/{}.wants/{name}", wants.by);
            tree.put(&link, Node::link(&format!("/{UNITS}/{name}")));
        }
    }
    for name in &units.masked {
        tree.put(
            &format!("etc/systemd/system/{name}"),
            Node::link("/dev/null"),
        );
    }
    let default = format!("/{UNITS}/{}", units.default);
    tree.put("etc/systemd/system/default.target", Node::link(&default));
    Ok(())
}

fn updates(recipe: &Recipe, tree: &mut Tree, own: &OwnFiles<'_>) -> Result<(), RootError> {
    let config = recipe
        .text("system.conf")?
        .replace("@COMPATIBLE@", &recipe.image.compatible);
    tree.put("etc/rauc/system.conf", Node::bytes(0o644, config));
    let keyring = fs::read(own.keyring).map_err(at(own.keyring))?;
    tree.put("etc/rauc/keyring.pem", Node::bytes(0o644, keyring));
    let provision = fs::read(own.provision).map_err(at(own.provision))?;
    tree.put("etc/genkan/provision.pem", Node::bytes(0o644, provision));
    Ok(())
}

/// Who this system says that it is, as os-release(5).
#[must_use]
pub fn release(recipe: &Recipe, version: &str) -> String {
    format!(
        "ID=genkan\nID_LIKE=debian\nNAME=Genkan\nPRETTY_NAME=\"Genkan {version}\"\nVERSION_ID={version}\nIMAGE_ID={}\nIMAGE_VERSION={version}\n",
        recipe.image.compatible
    )
}

/// Its name, and folders that are mounted over. Its machine id is another at each start: it identifies nobody.
fn identity(recipe: &Recipe, tree: &mut Tree, version: &str) {
    tree.put(
        "usr/lib/os-release",
        Node::bytes(0o644, release(recipe, version)),
    );
    tree.put("etc/machine-id", Node::bytes(0o444, ""));
    tree.put("etc/hostname", Node::bytes(0o644, "kiosk\n"));
    for folder in [
        "data",
        "efi",
        "dev",
        "proc",
        "sys",
        "run",
        "var/log",
        "var/cache",
    ] {
        tree.put(folder, Node::folder(0o755));
    }
    tree.put("tmp", Node::folder(0o1777));
}
