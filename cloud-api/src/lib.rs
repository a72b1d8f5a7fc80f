//! The cloud service: device API, guidance, applications, core-system facts, a plain console.

pub mod clock;
pub mod core_system;
mod folder;
pub mod jpki;
pub mod settings;
pub mod store;
