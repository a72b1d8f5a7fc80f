//! The core system that a municipality's adapter would offer over HTTP: three questions, a bearer token, and, for tests
//! and rehearsals, faults on demand. `cloud-api/docs/core-system.md` defines the interface.

mod answer;
mod fault;
mod matching;
mod server;

pub use fault::{Fault, FaultMode};
pub use server::{CoreSystem, ServeError, serve};
