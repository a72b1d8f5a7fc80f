//! Whose rows a question is about.

use std::fmt;
use std::str::FromStr;

use kiosk_api::TenantCode;

/// A town, or the platform that runs the service for towns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Realm {
    /// One municipality.
    Town(TenantCode),
    /// The platform's own people; it has no resident's data.
    Platform,
}

const PLATFORM: &str = "platform";

impl Realm {
    /// As in the `tenant` column.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Town(code) => code.as_str(),
            Self::Platform => PLATFORM,
        }
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Realm {
    type Err = <TenantCode as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == PLATFORM {
            Ok(Self::Platform)
        } else {
            text.parse().map(Self::Town)
        }
    }
}

impl From<&TenantCode> for Realm {
    fn from(code: &TenantCode) -> Self {
        Self::Town(code.clone())
    }
}

/// Whose rows, as in the `tenant` column. Implemented only by what was parsed, since [`begin`](crate::database::begin) puts
/// the text into a statement.
pub(crate) trait TenantScope {
    fn tenant(&self) -> &str;
}

impl TenantScope for TenantCode {
    fn tenant(&self) -> &str {
        self.as_str()
    }
}

impl TenantScope for Realm {
    fn tenant(&self) -> &str {
        self.as_str()
    }
}
