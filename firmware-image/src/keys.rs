//! Keys: one set signs update bundles, one what the firmware starts, one what GRUB starts. For development they are made here; a
//! release's keys never come near this program: see the ceremony in README.md.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, date_time_ymd,
};
use thiserror::Error;

use crate::file::{FileError, at};
use crate::openpgp::{OpenPgpError, Ring};

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeyError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// gpg.
    #[error(transparent)]
    OpenPgp(#[from] OpenPgpError),
    /// Every key is there already.
    #[error("{folder} has every key already: images that trust them could not be updated any more; delete the folder to start again", folder = folder.display())]
    Exists { folder: PathBuf },
    /// A key that is needed is not there.
    #[error("{file} is not there: `firmware-image keys dev` makes keys for development; for a release name yours with --keys FOLDER", file = file.display())]
    Missing { file: PathBuf },
}

/// The keys of one folder.
pub struct Keys {
    folder: PathBuf,
}

impl Keys {
    /// A folder's keys; whether they are there is seen when one is asked for.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// What an image trusts.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn authority(&self) -> Result<PathBuf, KeyError> {
        self.there("authority.pem")
    }

    /// What signs, and its certificate.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn signer(&self) -> Result<(PathBuf, PathBuf), KeyError> {
        Ok((self.there("signer.key")?, self.there("signer.pem")?))
    }

    /// What signs programs for the firmware, and its certificate: the one in its list `db`.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn boot(&self) -> Result<(PathBuf, PathBuf), KeyError> {
        Ok((self.there("boot.key")?, self.there("boot.pem")?))
    }

    /// What signs for GRUB, and its public half in the binary form of OpenPGP.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn loader(&self) -> Result<(PathBuf, PathBuf), KeyError> {
        Ok((self.there("loader.key")?, self.there("loader.pgp")?))
    }

    /// Whose signature on the folder that makes a board a certain kiosk an image trusts.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn provision_certificate(&self) -> Result<PathBuf, KeyError> {
        self.there("provision.pem")
    }

    /// What signs such a folder, and its certificate.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn provision(&self) -> Result<(PathBuf, PathBuf), KeyError> {
        Ok((self.there("provision.key")?, self.there("provision.pem")?))
    }

    /// Who may change the firmware's lists: the certificate to be `PK` and `KEK`.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn platform(&self) -> Result<PathBuf, KeyError> {
        self.there("platform.pem")
    }

    fn there(&self, name: &str) -> Result<PathBuf, KeyError> {
        let file = self.folder.join(name);
        if file.exists() {
            Ok(file)
        } else {
            Err(KeyError::Missing { file })
        }
    }

    /// Makes the keys that are missing, for development only: all keys lie unencrypted side by side. None is replaced.
    ///
    /// # Errors
    /// [`KeyError::Exists`] if every key is there already.
    pub fn make_for_development(&self) -> Result<(), KeyError> {
        fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        let missing = |name: &str| !self.folder.join(name).exists();
        let (bundle, firmware, loader, provision) = (
            missing("authority.pem"),
            missing("boot.pem"),
            missing("loader.pgp"),
            missing("provision.pem"),
        );
        if bundle {
            self.make_bundle_keys()?;
        }
        if firmware {
            self.make_firmware_keys()?;
        }
        if loader {
            self.make_loader_key()?;
        }
        if provision {
            self.make_provision_key()?;
        }
        if bundle || firmware || loader || provision {
            return Ok(());
        }
        let folder = self.folder.clone();
        Err(KeyError::Exists { folder })
    }

    fn make_bundle_keys(&self) -> Result<(), KeyError> {
        let issuer = CertifiedIssuer::self_signed(authority_params()?, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let signer = signer_params()?.signed_by(&key, &issuer)?;
        self.write("authority.key", 0o600, issuer.key().serialize_pem())?;
        self.write("signer.key", 0o600, key.serialize_pem())?;
        self.write("signer.pem", 0o644, signer.pem())?;
        self.write("authority.pem", 0o644, issuer.pem())
    }

    /// RSA with 2048 bits: the one kind that every firmware knows.
    fn make_firmware_keys(&self) -> Result<(), KeyError> {
        for (name, title) in [
            ("platform", "Genkan development: platform"),
            ("boot", "Genkan development: boot"),
        ] {
            let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
            let certificate = named(title)?.self_signed(&key)?;
            self.write(&format!("{name}.key"), 0o600, key.serialize_pem())?;
            // The form that a firmware's own settings take from a stick.
            self.write(&format!("{name}.cer"), 0o644, certificate.der())?;
            self.write(&format!("{name}.pem"), 0o644, certificate.pem())?;
        }
        Ok(())
    }

    /// Trusted as it is: nothing else is signed by it.
    fn make_provision_key(&self) -> Result<(), KeyError> {
        let key = KeyPair::generate()?;
        let mut params = named("Genkan development: provisioning")?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key)?;
        self.write("provision.key", 0o600, key.serialize_pem())?;
        self.write("provision.pem", 0o644, certificate.pem())
    }

    fn make_loader_key(&self) -> Result<(), KeyError> {
        let ring = Ring::generated("Genkan development: boot loader")?;
        self.write("loader.key", 0o600, ring.secret()?)?;
        self.write("loader.pgp", 0o644, ring.public()?)
    }

    fn write(&self, name: &str, mode: u32, bytes: impl AsRef<[u8]>) -> Result<(), KeyError> {
        let file = self.folder.join(name);
        let mut options = fs::OpenOptions::new();
        let written = options
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&file)
            .and_then(|mut to| to.write_all(bytes.as_ref()));
        Ok(written.map_err(at(&file))?)
    }
}

fn authority_params() -> Result<CertificateParams, KeyError> {
    let mut params = named("Genkan development: bundle authority")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// No extended key usage: OpenSSL checks a CMS signature for the purpose "S/MIME signing", which any but that would fail.
fn signer_params() -> Result<CertificateParams, KeyError> {
    let mut params = named("Genkan development: bundle signer")?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(name: &str) -> Result<CertificateParams, KeyError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    // From before any image's time stamp, so that a kiosk whose clock begins at the image's date accepts it.
    (params.not_before, params.not_after) =
        (date_time_ymd(2020, 1, 1), date_time_ymd(2049, 12, 31));
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_says_what_makes_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = Keys::of(folder.path()).signer().unwrap_err().to_string();
        assert!(error.contains("signer.key is not there"), "{error}");
        assert!(error.contains("firmware-image keys dev"), "{error}");
    }

    #[test]
    fn keys_are_made_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        // A key for GRUB is there already: gpg, which makes it, need not be installed for this test.
        fs::write(folder.path().join("loader.pgp"), "kept").unwrap();
        let keys = Keys::of(folder.path());
        keys.make_for_development().unwrap();
        assert_eq!(fs::read(folder.path().join("loader.pgp")).unwrap(), b"kept");
        let (boot, _) = keys.boot().unwrap();
        assert_eq!(
            fs::metadata(boot).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let (key, certificate) = keys.signer().unwrap();
        assert_eq!(
            fs::metadata(key).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(
            fs::read_to_string(certificate)
                .unwrap()
                .starts_with("-----BEGIN CERTIFICATE-----")
        );
        assert!(matches!(
            keys.make_for_development(),
            Err(KeyError::Exists { .. })
        ));
    }
}
