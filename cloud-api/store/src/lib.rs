//! The cloud service's store: SQLite by default, PostgreSQL by URL, one SQL dialect (`$1`, `RETURNING`, `ON CONFLICT`,
//! milliseconds as BIGINT, JSON as TEXT).
//!
//! Every question takes a [`TenantCode`](kiosk_api::TenantCode) or a [`Realm`], so that none can forget the tenant; on
//! PostgreSQL row-level security enforces the same a second time. The store knows no HTTP, no console and no settings: what
//! it needs of time and people comes in as values.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let store = cloud_store::Store::open("sqlite::memory:", None).await?;
//! let town = "990019".parse().unwrap();
//! assert_eq!(store.count_applications(&town).await?, 0);
//! # Ok::<(), cloud_store::StoreError>(())
//! # }).unwrap();
//! ```

mod adoption;
mod application_row;
mod applications;
pub mod audit;
mod client_secrets;
mod clients;
mod closed_list;
mod connection;
mod database;
mod deliveries;
mod error;
mod events;
mod failed_tries;
mod feed;
mod findings;
mod health;
mod inbox;
mod index;
mod jobs;
mod keys;
mod kiosks;
mod log_in_limits;
mod lookups;
mod masters;
mod migrations;
mod nonces;
mod people;
mod protection;
mod query;
mod realm;
mod register;
mod revisions;
mod rights;
mod row;
mod row_tag;
mod second_person;
mod sessions;
mod sqlite_file;
mod staff;
mod staff_calls;
mod status;
mod store;
mod tagged;
mod unwell;
mod walls;
mod writer;

pub use adoption::Adopted;
pub use application_row::{ApplicationRow, Inserted, NewApplication};
pub use client_secrets::ClientSecret;
pub use clients::{Client, Scope, Scopes};
pub use deliveries::{DeliveryOutcome, DeliveryRow, NewDelivery};
pub use error::StoreError;
pub use events::{EventRow, FeedCursor};
pub use failed_tries::FailedTry;
pub use feed::ApplicationCursor;
pub use findings::{Findings, RowFinding};
pub use inbox::{ClaimOutcome, InboxFilter, StatusChange};
pub use index::Index;
pub use jobs::{JobEnd, JobLease, JobLine, JobRow, JobState, MOST_ATTEMPTS};
pub use keys::RealmKeys;
pub use kiosks::KioskRow;
pub use log_in_limits::LogInLimit;
pub use lookups::Lookup;
pub use masters::MastersChange;
pub use nonces::TakenNonce;
pub use people::SealedNames;
pub use protection::Protection;
pub use realm::Realm;
pub use register::{
    Digest, Freshness, ImportEnd, OmittedRow, PullOutcome, RegisterRow, RegisterRows, RowDigests,
    StagedImport, StagedRow,
};
pub use revisions::Revision;
pub use rights::{Permission, Rights, Role};
pub use second_person::RightsRequest;
pub use sessions::{Session, SignIn, Stage};
pub use staff::{Credentials, NewPerson, Notice, NoticeKind, Person, Unconfirmed};
pub use staff_calls::{CallReason, StaffCallRow};
pub use status::ApplicationStatus;
pub use store::Store;
pub use unwell::Unwell;
