//! The steps that put a kiosk together.

mod cloud_tasks;
mod effect_parts;
mod first_editions;
mod services;
mod start_error;

pub(crate) use cloud_tasks::spawn_cloud_tasks;
pub(crate) use effect_parts::{Devices, effect_parts};
pub(crate) use first_editions::{load_edition, load_rules};
pub(crate) use services::Services;
pub use start_error::StartError;
