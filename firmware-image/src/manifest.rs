//! What was built, with a checksum of each file: for the release's metadata, the flashing station, and the byte-for-byte test.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The manifest's name in the output folder.
pub const NAME: &str = "manifest.json";

/// A build.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The hardware that it is for.
    pub compatible: String,
    pub version: String,
    /// The kernel's version.
    pub kernel: String,
    /// The root file system's root hash.
    pub root_hash: String,
    /// File name → what it is.
    pub files: BTreeMap<String, Built>,
}

/// A file of a build.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct Built {
    /// Its size.
    pub bytes: u64,
    /// Its checksum, hexadecimal.
    pub sha256: String,
}

impl Built {
    /// Looks at a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(file: &Path) -> io::Result<Self> {
        Ok(Self {
            bytes: fs::metadata(file)?.len(),
            sha256: sha256_of(file)?,
        })
    }
}

/// SHA-256 of a file, hexadecimal.
///
/// # Errors
/// It cannot be read.
pub fn sha256_of(file: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            return Ok(hexadecimal(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        fs::write(&file, "abc").unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Built::of(&file).unwrap().sha256, known);
        assert_eq!(sha256(b"abc"), known);
    }
}
