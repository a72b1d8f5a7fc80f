//! The wire between kiosk and cloud: requests, replies, problem codes, the sealed envelope, versions; pure.
//!
//! Nothing here does I/O, reads a clock or rolls dice: time, ids and entropy come in as values. What names or describes
//! a resident has no `Debug`, so that it cannot reach a log by accident.
//!
//! What a kiosk sends has no unknown field: the cloud is as new as its kiosks or newer, and a field that it does not know is
//! a mistake. A reply may have some: the kiosk is older and passes over them. What carries rules (editions, masters, facts)
//! is strict on both ways, because half a rule is a wrong rule.
//!
//! ```
//! use kiosk_api::{Problem, ProblemCode};
//!
//! let problem = Problem::new(ProblemCode::NoMatch);
//! assert_eq!(problem.status, 404);
//! assert!(serde_json::to_string(&problem)?.contains(r#""code":"no_match""#));
//! // A code of a newer cloud is no error: the kiosk shows what it shows for any fault.
//! let newer: ProblemCode = serde_json::from_str(r#""quota_exceeded""#)?;
//! assert_eq!(newer, ProblemCode::Unknown);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod application;
mod bytes;
mod edition;
mod envelope;
mod facts;
mod id;
mod login;
mod masters;
mod problem;
mod problem_code;
mod problem_words;
pub mod route;
mod sealing_key;
mod status;

pub use application::{Receipt, SealingKey};
pub use bytes::Bytes;
pub use edition::{Edition, EditionError, EditionFile, EditionKind, SignedEdition};
pub use envelope::{
    Entropy, EnvelopeError, SealedApplication, Suite, TenantPrivateKey, TenantPublicKey,
};
pub use facts::FactsDocument;
pub use id::{ApplicationId, IdError, KioskId, NonceId, StaffCallId, TenantCode};
pub use login::{
    FaceProof, FourItems, HouseholdReply, LoginProof, NonceReply, Revocation, Verification,
    face_message, login_message, login_message_with_face,
};
pub use masters::TownMasters;
pub use problem::Problem;
pub use problem_code::ProblemCode;
pub use sealing_key::{SealingKeyError, SignedSealingKey};
pub use status::{
    Count, EventKind, Heartbeat, HeartbeatReply, Part, PartState, PartStatus, StaffCall,
    StaffCallReason,
};

/// Version of this wire. It stands in every path (`/v1/…`), in the envelope and in what the envelope authenticates.
pub const WIRE_VERSION: u16 = 1;

/// Largest request body, in bytes, that the cloud reads. An application of a family of eight is about 60 kB sealed.
pub const LARGEST_BODY: usize = 1024 * 1024;
