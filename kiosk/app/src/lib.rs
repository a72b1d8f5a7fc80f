//! The kiosk program: the loop, one function per effect, outbox, cloud client, settings.

pub mod card_face;
pub mod cloud;
pub mod durable_file;
pub mod editions;
pub mod effects;
pub mod lobby;
pub mod outbox;
pub mod postal;
pub mod reception;
pub mod running;
pub mod settings;
pub mod vitals;
pub mod watch;
pub mod worker;
