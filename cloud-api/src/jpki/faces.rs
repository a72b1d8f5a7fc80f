//! 券面事項の真正性 once more: a kiosk's word on the four items is only as good as the kiosk.

use std::path::PathBuf;

use card_face::{FaceAuthorities, FaceError, FaceFiles, FourItemsRecord, Integrity};
use jiff::civil::Date;
use kiosk_api::{FaceProof, FourItems};
use zeroize::Zeroizing;

use super::der::der_objects;
use crate::folder::Folder;

/// The authorities (証明者) by whose keys the cloud judges card faces; without a folder it trusts none.
pub struct CardFaces(Option<Folder<Vec<u8>>>);

impl CardFaces {
    /// A folder of RSA public keys (PEM or DER `SubjectPublicKeyInfo`), read again when it changes.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        const FILES: &[&str] = &["pem", "der"];
        Self(folder.map(|path| Folder::new(path, FILES, |_, bytes| keys(bytes))))
    }

    /// What the face proves, when the card signed `challenge`.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn check(&self, face: &FaceProof, challenge: &[u8]) -> Result<Integrity, FaceError> {
        let keys = self.0.as_ref().map(Folder::current);
        let keys = keys.iter().flat_map(|keys| keys.iter().map(Vec::as_slice));
        // Each was tried when its file was read.
        let authorities = FaceAuthorities::new(keys).unwrap_or_default();
        let files = FaceFiles {
            items: &face.items.0,
            record: &face.record.0,
            certificate: &face.certificate.0,
            card_key: &face.card_key.0,
            signature: &face.signature.0,
        };
        authorities.check(&files, challenge)
    }
}

fn keys(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let keys = der_objects(bytes, "PUBLIC KEY")?;
    FaceAuthorities::new(keys.iter().map(Vec::as_slice))
        .map_err(|_| "not an RSA public key of 2048 to 8192 bits".to_owned())?;
    Ok(keys)
}

/// The four items as the record holds them; none where a part of the day of birth is unknown, which no register can be
/// asked for.
///
/// # Errors
/// A record that cannot be read, or characters that are refused.
pub fn items_of(face: &FaceProof) -> Result<Option<FourItems>, FaceError> {
    let record = FourItemsRecord::parse(Zeroizing::new(face.items.0.clone()))?;
    Ok(birth_date(record.birth_date()).map(|birth_date| FourItems {
        name: record.name().to_owned(),
        address: record.address().to_owned(),
        birth_date,
        sex: u8::try_from(record.sex().digit().to_digit(10).unwrap_or(0)).unwrap_or(0),
    }))
}

/// YYYYMMDD.
fn birth_date(text: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", text).ok()
}
