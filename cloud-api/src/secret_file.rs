//! Files that hold a key, a password or a token: nobody but their owner may read them.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

/// The bits of a file's mode that give something to others than its owner.
const OTHERS: u32 = 0o077;

/// Reads a secret.
///
/// # Errors
/// The file cannot be read, or others than its owner may read or write it: then the error says which command changes that.
pub fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path)?;
    // Of the open file, so that it is the mode of what is read.
    let mode = file.metadata()?.permissions().mode();
    if mode & OTHERS != 0 {
        let reason = format!(
            "it holds a secret, and its mode {:04o} lets others than its owner read or write it: chmod 600 {}",
            mode & 0o7777,
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a secret that is text.
///
/// # Errors
/// As [`read`]; not UTF-8.
pub fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    #[test]
    fn only_what_its_owner_alone_reads_is_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(&path, "secret").unwrap();
        for (mode, taken) in [
            (0o600, true),
            (0o400, true),
            (0o644, false),
            (0o640, false),
            (0o620, false),
            (0o604, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            match read_text(&path) {
                Ok(text) => assert!(taken && *text == "secret", "{mode:o}"),
                Err(error) => {
                    assert!(!taken, "{mode:o}");
                    assert!(error.to_string().contains("chmod 600"), "{error}");
                }
            }
        }
    }
}
