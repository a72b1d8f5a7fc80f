//! The kiosk program: the loop, one function per effect, outbox, cloud client, settings.

pub mod cloud;
pub mod durable_file;
pub mod editions;
pub mod outbox;
pub mod reception;
pub mod settings;
