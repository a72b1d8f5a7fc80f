//! Fontconfig's index of the fonts, made with the image: a kiosk forgets everything with each power cycle and would go through
//! every font again at each start.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::tool::{self, ToolError, tool};
use crate::tree::{Tree, TreeError};

/// Fontconfig's settings and what they name.
const INPUTS: [&str; 3] = ["etc/fonts", "usr/share/fontconfig", "usr/share/fonts"];
/// Where Debian's settings keep the index.
const INDEX: &str = "var/cache/fontconfig";

/// Why there is no index.
#[derive(Debug, Error)]
pub enum FontIndexError {
    /// A file of the tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// fc-cache.
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Puts the index into the tree. It holds for the folders' time stamps, which are `epoch` in the image.
///
/// # Errors
/// [`FontIndexError`].
pub fn add(tree: &mut Tree, epoch: u64, work: &Path) -> Result<(), FontIndexError> {
    let root = work.join("fonts");
    if root.exists() {
        fs::remove_dir_all(&root).map_err(at(&root))?;
    }
    tree.unpack(&INPUTS, &root)?;
    let index = root.join(INDEX);
    fs::create_dir_all(&index).map_err(at(&index))?;
    stamp(&root, epoch)?;
    let mut cache = tool("fc-cache");
    cache.arg("--sysroot").arg(&root).arg("--system-only");
    tool::run(cache.env("SOURCE_DATE_EPOCH", epoch.to_string()))?;
    tree.put_folder(INDEX, &index)?;
    Ok(())
}

/// Every folder's time stamp.
fn stamp(folder: &Path, epoch: u64) -> Result<(), FileError> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.is_dir() && !path.is_symlink() {
            stamp(&path, epoch)?;
        }
    }
    let time = UNIX_EPOCH + Duration::from_secs(epoch);
    let open = File::open(folder).map_err(at(folder))?;
    open.set_modified(time).map_err(at(folder))
}
