//! The core system (基幹系): who a resident is, and the household's facts. The interface is docs/core-system.md.

mod demo;
mod household;
mod http;
pub mod import;
mod imported;
mod kinship;
mod matching;
mod named;
pub mod pull;
mod record;
mod registered;

use std::future::Future;
use std::pin::Pin;

use kiosk_api::FourItems;
use thiserror::Error;

pub use demo::{DemoCore, DemoError};
pub use household::{NotReleased, Released, release};
pub use http::{HttpCore, HttpCoreError};
pub use imported::ImportedCore;
pub use kinship::{Role, role};
pub use matching::{normal, same_person};
pub use named::Named;
pub use record::{Address, CertificateLink, Found, HouseholdRecord, HouseholdStatus, PersonRecord};
pub use registered::{RegisterKeys, Registered};

/// Why the core system did not help. No variant repeats anything about a person.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CoreError {
    /// No connection.
    #[error("core system: cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("core system: no answer in time")]
    Slow,
    /// An answer that can't be used.
    #[error("core system: wrong answer: {0}")]
    WrongAnswer(String),
}

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, CoreError>> + Send + 'a>>;

/// A core system. Read only; nothing is ever written there.
pub trait CoreSystem: Send + Sync {
    /// Residents whose four items equal these, after normalisation.
    fn find<'a>(&'a self, items: &'a FourItems) -> Later<'a, Vec<Found>>;

    /// A household; `None` when there is none of this id. Where the core system links certificates to residents, its
    /// persons have their serial numbers.
    fn household<'a>(&'a self, id: &'a str) -> Later<'a, Option<HouseholdRecord>>;

    /// Whether anybody who may be this person is under 支援措置, or lives in a household where somebody is.
    fn protects<'a>(&'a self, person: &'a Named) -> Later<'a, bool>;
}
