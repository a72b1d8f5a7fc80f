//! The cloud service: device API, guidance, applications, core-system facts, a plain console.

pub mod applications;
pub mod audit;
pub mod casework;
pub mod catalogue;
pub mod clients;
pub mod clock;
pub mod cloud;
pub mod console;
mod cookies;
pub mod core_system;
pub mod device;
pub mod editions;
mod folder;
pub mod guidance;
pub mod hand_off;
pub mod jpki;
pub mod kiosks;
pub mod labels;
pub mod language;
pub mod login;
pub mod masters;
pub mod operations;
pub mod paper_room;
pub mod refusal;
pub mod router;
pub mod serve;
pub mod services;
pub mod settings;
pub mod signing;
pub mod spreadsheet;
pub mod staff;

pub mod tenant;
pub mod webhooks;
