//! The effects that the session asks for, carried out on workers.

pub mod answer;
mod application_store;
mod card_service;
mod draw;
mod effect_runner;
mod household;
mod parts;
pub mod print;
pub mod receipt;
mod staff_call;

pub use application_store::{ApplicationStore, Numbers, StoreError, Stored};
pub use card_service::{Audience, CardService, problem};
pub use draw::{Designs, DrawError, Drawing};
pub use effect_runner::{EffectRunner, JOB_LIMIT};
pub use parts::Parts;
