//! The guidance crate on the shipped catalogue.
#![allow(clippy::unwrap_used)]

mod support;

mod ages;
mod cel_agrees;
mod deadlines;
mod editions;
mod facts;
mod load_errors;
mod masters;
mod parameters;
mod properties;
mod questions;
mod reach;
mod reply;
mod scenarios;
mod speed;
mod texts;
