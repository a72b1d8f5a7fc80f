//! A visit written down, to be taken up again later, here or at a clerk's desk.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::display::Display;
use crate::flow::CurrentPage;
use crate::visit::Visit;

/// What is written: the screen's settings, the visit, and the page with what is typed on it. Never a PIN.
#[derive(Serialize)]
pub(crate) struct Written<'a> {
    pub(crate) display: &'a Display,
    pub(crate) visit: &'a Visit,
    pub(crate) page: &'a CurrentPage,
}

impl Written<'_> {
    /// JSON. None cannot happen: every part is plain data.
    pub(crate) fn to_json(&self) -> Option<Zeroizing<String>> {
        serde_json::to_string(self).ok().map(Zeroizing::new)
    }
}

/// The same read back.
#[derive(Deserialize)]
pub(crate) struct Aside {
    pub(crate) display: Display,
    pub(crate) visit: Visit,
    pub(crate) page: CurrentPage,
}

/// Why a visit is not taken up.
#[derive(Debug, thiserror::Error)]
pub enum TakeUpError {
    /// Somebody is here.
    #[error("a visit is under way at this kiosk")]
    Busy,
    /// It was written by another version, or for another catalogue.
    #[error("the visit cannot be read")]
    Unreadable,
}

impl Aside {
    pub(crate) fn from_json(text: &str) -> Result<Self, TakeUpError> {
        // The reason would quote what was read, and that is people.
        serde_json::from_str(text).map_err(|_| TakeUpError::Unreadable)
    }
}
