//! The folder that makes a board a certain kiosk, signed: a board takes it only with a signature of the key that its image names, for
//! the kiosk that it is, and with a higher counter than the last. `kiosk-settings` on the board checks what is written here.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::file::{FileError, at};
use crate::keys::{KeyError, Keys};
use crate::manifest::sha256_of;
use crate::tool::{self, ToolError, tool};

/// The list of the folder's files: `kiosk ID`, `counter N`, and a line `file SHA256  PATH` for each, sorted.
pub const MANIFEST: &str = "manifest";
/// Its signature: CMS (RFC 5652), detached, DER.
pub const SIGNATURE: &str = "manifest.p7s";
/// Where the folder names its kiosk.
const SETTINGS: &str = "settings/kiosk.toml";

/// Why a folder is not signed.
#[derive(Debug, Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    File(#[from] FileError),
    /// openssl.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// No kiosk's settings.
    #[error("{file}: {why}", file = file.display())]
    Settings { file: PathBuf, why: String },
    /// A name that a line of the list cannot hold.
    #[error("{path}: file names are made of letters, digits, '.', '_' and '-'", path = path.display())]
    Name { path: PathBuf },
    /// A counter that no board would take.
    #[error("counter: 1 to 999999999")]
    Counter,
}

/// Signs the folder as it is now; a signature from before is replaced.
///
/// # Errors
/// [`ProvisionError`].
pub fn sign(folder: &Path, counter: u32, keys: &Keys) -> Result<(), ProvisionError> {
    if !(1..=999_999_999).contains(&counter) {
        return Err(ProvisionError::Counter);
    }
    let (key, certificate) = keys.provision()?;
    let (list, signature) = (folder.join(MANIFEST), folder.join(SIGNATURE));
    fs::write(&list, manifest(folder, counter)?).map_err(at(&list))?;
    let mut openssl = tool("openssl");
    openssl.args([
        "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER",
    ]);
    openssl
        .arg("-signer")
        .arg(certificate)
        .arg("-inkey")
        .arg(key);
    tool::run(openssl.arg("-in").arg(list).arg("-out").arg(signature))?;
    Ok(())
}

fn manifest(folder: &Path, counter: u32) -> Result<String, ProvisionError> {
    let mut files = Vec::new();
    collect(folder, Path::new(""), &mut files)?;
    files.sort();
    let mut text = format!("kiosk {}\ncounter {counter}\n", kiosk(folder)?);
    for path in files {
        let file = folder.join(&path);
        let sum = sha256_of(&file).map_err(at(&file))?;
        text += &format!("file {sum}  {path}\n");
    }
    Ok(text)
}

/// The paths of all files below, but for the list itself.
fn collect(root: &Path, below: &Path, files: &mut Vec<String>) -> Result<(), ProvisionError> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).map_err(at(&folder))? {
        let entry = entry.map_err(at(&folder))?;
        let path = below.join(entry.file_name());
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name = entry.file_name().into_string();
        if !name.is_ok_and(|name| !name.starts_with('.') && name.chars().all(plain)) {
            return Err(ProvisionError::Name { path });
        }
        if entry.file_type().map_err(at(&folder))?.is_dir() {
            collect(root, &path, files)?;
        } else if path != Path::new(MANIFEST) && path != Path::new(SIGNATURE) {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

/// The kiosk that the folder's settings are for.
fn kiosk(folder: &Path) -> Result<String, ProvisionError> {
    #[derive(Deserialize)]
    struct Settings {
        kiosk: Kiosk,
    }
    #[derive(Deserialize)]
    struct Kiosk {
        id: String,
    }
    let file = folder.join(SETTINGS);
    let text = fs::read_to_string(&file).map_err(at(&file))?;
    let fault = |why: String| ProvisionError::Settings {
        file: file.clone(),
        why,
    };
    let settings: Settings = toml::from_str(&text).map_err(|error| fault(error.to_string()))?;
    let id = settings.kiosk.id;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || !id.chars().all(plain) {
        return Err(fault(format!("{id:?} is no kiosk's id")));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("settings")).unwrap();
        fs::write(folder.path().join(SETTINGS), "[kiosk]\nid = \"kiosk-1\"\n").unwrap();
        folder
    }

    fn keys(folder: &Path) -> Keys {
        // gpg need not be installed for this test.
        fs::write(folder.join("loader.pgp"), "kept").unwrap();
        let keys = Keys::of(folder);
        keys.make_for_development().unwrap();
        keys
    }

    #[test]
    fn the_list_names_the_kiosk_the_counter_and_every_file() {
        let (folder, own) = (folder(), tempfile::tempdir().unwrap());
        fs::write(folder.path().join("key.pem"), "secret").unwrap();
        let keys = keys(own.path());
        sign(folder.path(), 7, &keys).unwrap();
        let list = fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
        let lines: Vec<_> = list.lines().collect();
        assert_eq!(lines[..2], ["kiosk kiosk-1", "counter 7"]);
        assert!(lines[2].starts_with("file ") && lines[2].ends_with("  key.pem"));
        assert!(lines[3].ends_with("  settings/kiosk.toml"));
        assert_eq!(lines.len(), 4);
        // Signed again, the list itself is not in it.
        sign(folder.path(), 8, &keys).unwrap();
        let list = fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
        assert_eq!(list.lines().count(), 4);
    }

    #[test]
    fn a_folder_that_no_board_would_take_is_refused() {
        let (folder, own) = (folder(), tempfile::tempdir().unwrap());
        let keys = keys(own.path());
        assert!(matches!(
            sign(folder.path(), 0, &keys),
            Err(ProvisionError::Counter)
        ));
        fs::write(folder.path().join("a b"), "").unwrap();
        assert!(matches!(
            sign(folder.path(), 1, &keys),
            Err(ProvisionError::Name { .. })
        ));
        fs::remove_file(folder.path().join("a b")).unwrap();
        fs::write(folder.path().join(SETTINGS), "[kiosk]\nid = \"a\\nb\"\n").unwrap();
        assert!(matches!(
            sign(folder.path(), 1, &keys),
            Err(ProvisionError::Settings { .. })
        ));
    }
}
