//! Health and metrics: kinds and counts, never people.

mod health;
mod metrics;

pub use health::{__path_get_health, Health, get_health};
pub use metrics::{__path_get_metrics, get_metrics};
