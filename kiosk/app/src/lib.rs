//! The kiosk program: the loop, effects, watchers, outbox, cloud client, settings.
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
pub mod kiosk_health;
pub mod loop_event;
pub mod outbox;
pub mod postal_codes;
pub mod reception_counter;
pub mod running_kiosk;
pub mod sealing_key;
pub mod settings;
mod startup;
pub mod watchers;
pub mod worker;

pub use startup::StartError;
