//! The authorities of the card face (券面), from a folder: `NAME.pem` holds one or more RSA public keys (RFC 7468, "PUBLIC
//! KEY"). Another generation or a test authority is one more file; names are for people.

use std::fs;
use std::path::{Path, PathBuf};

use devices::card::integrity::CardFaceTrust;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use thiserror::Error;

/// Why the folder is not used.
#[derive(Debug, Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct CardFaceError {
    path: PathBuf,
    reason: String,
}

/// Reads the folder; no folder is trust in nobody.
///
/// # Errors
/// Names the file that holds no RSA public key of 2048 bits or more, or the folder that cannot be read or has no key.
pub fn read_trust(folder: Option<&Path>) -> Result<CardFaceTrust, CardFaceError> {
    let Some(folder) = folder else {
        return Ok(CardFaceTrust::default());
    };
    let mut keys = Vec::new();
    for file in pem_files(folder)? {
        let found = keys_of(&file)?;
        // One by one first, so that an error names its file.
        CardFaceTrust::new(found.iter().map(|key| key.as_ref()))
            .map_err(|_| unusable(&file, "not an RSA key of 2048 to 8192 bits"))?;
        keys.extend(found);
    }
    if keys.is_empty() {
        return Err(unusable(folder, "no NAME.pem in it"));
    }
    CardFaceTrust::new(keys.iter().map(|key| key.as_ref())).map_err(|error| unusable(folder, error))
}

fn pem_files(folder: &Path) -> Result<Vec<PathBuf>, CardFaceError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unusable(folder, error))? {
        let path = entry.map_err(|error| unusable(folder, error))?.path();
        if path.extension().is_some_and(|end| end == "pem") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn keys_of(file: &Path) -> Result<Vec<SubjectPublicKeyInfoDer<'static>>, CardFaceError> {
    let keys = SubjectPublicKeyInfoDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(file, error))?;
    if keys.is_empty() {
        return Err(unusable(file, "holds no public key (BEGIN PUBLIC KEY)"));
    }
    Ok(keys)
}

fn unusable(path: &Path, reason: impl ToString) -> CardFaceError {
    CardFaceError {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
