//! The cloud service: device API, guidance, applications, core-system facts, the console.
//!
//! ```sh
//! target/debug/demo-town prepare --out target/town
//! target/debug/cloud-api serve --settings target/town/settings/cloud-api.toml
//! ```

pub mod anchor;
pub mod audit;
pub mod casework;
pub mod client_address;
pub mod clients;
pub mod clock;
pub mod cloud;
pub mod console;
mod cookies;
pub mod core_system;
pub mod device_api;
pub mod editions;
mod etag;
mod folder;
pub mod form_renderer;
pub mod hand_off;
pub mod jpki;
pub mod labels;
pub mod language;
mod late_body;
pub mod metrics;
mod open_files;
pub mod operations;
mod planner;
pub mod private_url;
pub mod process_memory;
pub mod refusal;
pub mod router;
pub mod secret_file;
pub mod serve;
pub mod services;
pub mod settings;
pub mod signing;
pub mod spreadsheet;
pub mod staff;
pub mod tenant;
pub mod town_catalogue;
pub mod town_in_path;
pub mod webhooks;
