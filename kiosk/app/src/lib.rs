//! The kiosk program: the loop, effects, watchers, outbox, cloud client, settings.
//!
//! Threads never wait for each other: what changes reaches the loop ([`event_loop`]) as an event, the session answers with
//! effects, and workers ([`worker`]) carry them out ([`effects`]). An application leaves through the [`outbox`], which
//! keeps it until the cloud has it:
//!
//! ```
//! use kiosk::outbox::Queue as _;
//! use kiosk::outbox::simulated_queue::SimulatedQueue;
//!
//! let queue = SimulatedQueue::new();
//! let id = uuid::Uuid::from_u128(1);
//! let sequence = queue.enqueue(id, b"sealed")?;
//! assert_eq!(queue.enqueue(id, b"sealed")?, sequence, "offered again, it is the same record");
//!
//! let oldest = queue.peek()?.expect("one waits");
//! queue.acknowledge(oldest.sequence)?;
//! assert!(queue.is_empty());
//! # Ok::<(), kiosk::outbox::QueueError>(())
//! ```
// A program's own modules, not an interface: a comment stands where it says more than the name.
#![allow(missing_docs)]

pub mod card_face;
pub mod cloud;
pub mod durable_file;
pub mod editions;
pub mod effects;
pub mod event_loop;
pub mod from_settings;
pub mod hardware;
pub mod housing;
pub mod kiosk_health;
pub mod loop_event;
pub mod outbox;
pub mod postal_codes;
pub mod reception_counter;
pub mod running_kiosk;
pub mod sealing_key;
pub mod settings;
pub mod staff_number;
mod startup;
pub mod trusted_time;
pub mod watchers;
pub mod worker;

pub use startup::StartError;
