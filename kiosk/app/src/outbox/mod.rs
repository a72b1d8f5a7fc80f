//! The outbox: sealed applications on their way to the cloud, kept through power cuts (送信待ち).
//!
//! Every record was sealed to the municipality's public key before it came here, so neither this program nor whoever
//! takes the disk can read the queue. [`DiskQueue`] is real, [`simulated_queue::SimulatedQueue`] stands beside it with
//! faults that can be switched on; both pass `tests/queue_contract.rs`.

mod disk_queue;
mod journal;
mod queue;
mod queue_writer;
#[cfg(feature = "simulated")]
pub mod simulated_queue;
mod store;
mod stored_value;

pub use disk_queue::{DiskQueue, Opened};
pub use queue::{MOST_BYTES, Queue, QueueAlarm, QueueError, Record};
