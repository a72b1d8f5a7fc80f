//! Heads of the trails, signed and kept where whoever administers the database cannot reach: appended to a file, posted to a
//! service, stamped by a time-stamping authority (RFC 3161). A trail that is cut off or made again no longer has the entries
//! that its anchors name.

mod anchoring;
mod file;
mod signed_head;
mod time_stamp;

pub use anchoring::{AnchorError, Anchoring};
pub use file::{AnchorFile, Anchors};
pub use signed_head::SignedHead;
pub use time_stamp::{StampError, StampRequest, Stamped, verify_stamp};
