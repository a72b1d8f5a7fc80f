//! The cloud service as the kiosk sees it: the device API over mutual TLS.
//!
//! [`Cloud`] never retries: what a resident waits for must fail soon, and what may wait is left to [`Delivery`] and
//! [`CloudSync`].

mod api;
pub mod backoff;
mod cloud_error;
mod cloud_sync;
mod connection;
mod delivery;
mod tls;

pub use api::{Fetched, to_wire};
pub use cloud_error::CloudError;
pub use cloud_sync::CloudSync;
pub use connection::Cloud;
pub use delivery::{Delivery, Step};
pub use tls::TrustError;
