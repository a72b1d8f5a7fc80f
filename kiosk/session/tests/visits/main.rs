//! Visits, stage by stage, over the shipped catalogue, forms and words.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod aside;
mod asking;
mod cards;
mod choosing;
mod closed;
mod double;
mod household;
mod kiosk;
mod new_event;
mod offering;
mod papers;
mod quiet;
mod reading;
mod saying;
mod shuffled;
mod touches;
mod town;
