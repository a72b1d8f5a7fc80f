//! What is signed on the way from the firmware to the kernel. UEFI checks GRUB and the kernel image against its own list of keys
//! (Authenticode; UEFI 2.10, 32.5). GRUB, once it runs under Secure Boot without shim, hands nothing on that it has not checked
//! itself (GRUB manual, "UEFI secure boot and shim", "Using digital signatures"): so the kernel image carries a second signature.

use std::fs;
use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::keys::{KeyError, Keys};
use crate::openpgp::{OpenPgpError, Ring};
use crate::tool::{self, ToolError, tool};

/// Why something is not signed.
#[derive(Debug, Error)]
pub enum SigningError {
    #[error(transparent)]
    Key(#[from] KeyError),
    /// gpg.
    #[error(transparent)]
    OpenPgp(#[from] OpenPgpError),
    /// osslsigncode.
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Signs as of one time, so that the same inputs give the same bytes.
pub struct Signing<'a> {
    /// Whose keys.
    pub keys: &'a Keys,
    /// Seconds since 1970.
    pub time: u64,
}

impl Signing<'_> {
    /// Signs a program for the firmware.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn for_firmware(&self, program: &Path, to: &Path) -> Result<(), SigningError> {
        let (key, certificate) = self.keys.boot()?;
        // osslsigncode writes over nothing.
        if to.exists() {
            fs::remove_file(to).map_err(at(to))?;
        }
        let mut sign = tool("osslsigncode");
        sign.args(["sign", "-h", "sha256", "-time", &self.time.to_string()])
            .arg("-certs")
            .arg(certificate)
            .arg("-key")
            .arg(key);
        tool::run(sign.arg("-in").arg(program).arg("-out").arg(to))?;
        Ok(())
    }

    /// Signs a file for GRUB; the signature lies beside it.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn for_loader(&self, file: &Path, to: &Path) -> Result<(), SigningError> {
        let (secret, _) = self.keys.loader()?;
        Ok(Ring::of(&secret)?.sign(file, self.time, to)?)
    }
}
