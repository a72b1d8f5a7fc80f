//! Paths, addresses and numbers in settings, checked while they are read so that an error knows its line.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::Deserialize;

thread_local! {
    /// The folder from which relative paths count while a settings file is being read.
    static BASE: RefCell<PathBuf> = const { RefCell::new(PathBuf::new()) };
}

/// Reads with relative paths counted from `base`.
pub(super) fn within<T>(base: &Path, read: impl FnOnce() -> T) -> T {
    let outer = BASE.replace(base.to_owned());
    let result = read();
    BASE.set(outer);
    result
}

/// A path, already made absolute or relative to the working folder. Never the secret itself.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct FilePath(PathBuf);

impl TryFrom<String> for FilePath {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Err("a path is needed here");
        }
        if text.contains("-----BEGIN") || text.contains('\n') {
            return Err("a path is needed here: keys and certificates stay in files of their own");
        }
        Ok(Self(BASE.with_borrow(|base| base.join(text))))
    }
}

impl From<&Path> for FilePath {
    fn from(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Deref for FilePath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for FilePath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// The address of the device API.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct CloudUrl(reqwest::Url);

impl CloudUrl {
    /// The address of one route.
    #[must_use]
    pub fn route(&self, path: &str) -> reqwest::Url {
        let mut url = self.0.clone();
        let joined = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url
    }
}

impl TryFrom<String> for CloudUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = reqwest::Url::parse(&text).map_err(|error| format!("not an address: {error}"))?;
        if url.scheme() != "https" {
            return Err("the cloud is reached over https only".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("no user name or password in an address: the client certificate identifies this kiosk".into());
        }
        if url.host_str().is_none() || url.query().is_some() || url.fragment().is_some() {
            return Err("an address is https://host[:port][/path]".into());
        }
        Ok(Self(url))
    }
}

/// An address on this machine only: the web screen shows a resident's visit to whoever connects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "SocketAddr")]
pub struct Loopback(pub SocketAddr);

impl TryFrom<SocketAddr> for Loopback {
    type Error = &'static str;

    fn try_from(address: SocketAddr) -> Result<Self, Self::Error> {
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err("a loopback address is needed here")
        }
    }
}

/// A kiosk's number within its municipality: 1 to 99.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "u16")]
pub struct KioskNumber(u16);

impl KioskNumber {
    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for KioskNumber {
    type Error = &'static str;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        if (1..=99).contains(&number) {
            Ok(Self(number))
        } else {
            Err("a kiosk's number is 1 to 99")
        }
    }
}
