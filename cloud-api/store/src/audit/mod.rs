//! The audit trail (監査証跡, JK-10.2): who did what to which thing, and when. Append-only and chained: each entry's hash
//! covers the one before it, so that a changed, removed or inserted entry is found offline.
//!
//! An entry names staff by id and things by id. It never has a resident's name, address or what was typed into a search.

mod append;
mod chain;
mod entry_row;
mod event;
mod inspection;
mod record;
mod trail;

pub use chain::{BrokenChain, Entry, GENESIS, Hash, link, verify, verify_from};
pub use event::AuditEvent;
pub use inspection::{AnchoredHead, Inspection, TrailFinding};
pub use record::{Actor, AuditRecord};
pub use trail::TrailFilter;

pub(crate) use trail::entries_from;

pub(crate) use append::{append, append_all};
