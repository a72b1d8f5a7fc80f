//! Visits, stage by stage, over the shipped catalogue, forms and words.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod kiosk;
mod reading;
mod shuffled;
mod town;
