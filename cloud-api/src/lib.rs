//! The cloud service: device API, guidance, applications, core-system facts, a plain console.

pub mod applications;
pub mod catalogue;
pub mod clock;
pub mod cloud;
pub mod console;
pub mod core_system;
pub mod device;
pub mod editions;
mod folder;
pub mod guidance;
pub mod hand_off;
pub mod jpki;
pub mod kiosks;
pub mod login;
pub mod operations;
pub mod paper_room;
pub mod refusal;
pub mod router;
pub mod serve;
pub mod settings;
pub mod signing;
pub mod spreadsheet;
pub mod store;
pub mod tenant;
pub mod webhooks;
