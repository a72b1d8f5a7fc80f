//! OpenPGP as GRUB checks it: one RSA key, detached signatures. gpg does the work, in a home of its own that is gone afterwards.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use thiserror::Error;

use crate::file::{FileError, at};
use crate::tool::{self, ToolError, tool};

/// When keys for development begin, seconds since 1970: 2020-01-01, before any image's time stamp.
const BEGINNING: u64 = 1_577_836_800;

/// Why gpg did not do it.
#[derive(Debug, Error)]
pub enum OpenPgpError {
    /// gpg.
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// A key ring with one key, in a short path: its agent listens on a socket there.
pub struct Ring {
    home: TempDir,
}

impl Ring {
    /// A new key of this name, without a passphrase.
    ///
    /// # Errors
    /// [`OpenPgpError`].
    pub fn generated(name: &str) -> Result<Self, OpenPgpError> {
        let ring = Self::empty()?;
        let mut gpg = ring.gpg(BEGINNING);
        gpg.args(["--passphrase", "", "--quick-gen-key", name, "rsa2048"]);
        tool::run(gpg.args(["sign", "never"]))?;
        Ok(ring)
    }

    /// The secret key of a file.
    ///
    /// # Errors
    /// [`OpenPgpError`]: it is none, or it asks for a passphrase.
    pub fn of(secret: &Path) -> Result<Self, OpenPgpError> {
        let ring = Self::empty()?;
        tool::run(ring.gpg(BEGINNING).arg("--import").arg(secret))?;
        Ok(ring)
    }

    /// The secret half.
    ///
    /// # Errors
    /// [`OpenPgpError`].
    pub fn secret(&self) -> Result<Vec<u8>, OpenPgpError> {
        Ok(tool::run(self.gpg(BEGINNING).arg("--export-secret-keys"))?)
    }

    /// The public half, in the binary form that `grub-mkimage --pubkey` takes.
    ///
    /// # Errors
    /// [`OpenPgpError`].
    pub fn public(&self) -> Result<Vec<u8>, OpenPgpError> {
        Ok(tool::run(self.gpg(BEGINNING).arg("--export"))?)
    }

    /// Signs a file as of `time`: the same file, key and time give the same bytes.
    ///
    /// # Errors
    /// [`OpenPgpError`].
    pub fn sign(&self, file: &Path, time: u64, to: &Path) -> Result<(), OpenPgpError> {
        let mut gpg = self.gpg(time);
        gpg.args(["--digest-algo", "SHA512", "--yes", "--detach-sign", "-o"]);
        tool::run(gpg.arg(to).arg(file))?;
        Ok(())
    }

    fn empty() -> Result<Self, OpenPgpError> {
        use std::os::unix::fs::PermissionsExt as _;
        let above = std::env::temp_dir();
        let home = tempfile::Builder::new()
            .prefix("genkan-gpg-")
            .tempdir()
            .map_err(at(&above))?;
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).map_err(at(&above))?;
        Ok(Self { home })
    }

    /// gpg that takes it for `time` and asks nobody.
    fn gpg(&self, time: u64) -> std::process::Command {
        let mut gpg = tool("gpg");
        gpg.args(["--batch", "--quiet", "--no-tty", "--pinentry-mode", "error"])
            .args(["--ignore-time-conflict", "--trust-model", "always"])
            .args(["--faked-system-time", &format!("{time}!")])
            .arg("--homedir")
            .arg(self.home.path());
        gpg
    }
}

impl Drop for Ring {
    /// Its agent would stay.
    fn drop(&mut self) {
        let mut end = tool("gpgconf");
        let _ = tool::run(
            end.arg("--homedir")
                .arg(self.home.path())
                .args(["--kill", "all"]),
        );
    }
}
