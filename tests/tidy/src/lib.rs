//! What the tests beside this library read: the workspace as cargo sees it, its source files, and the modules in them.
//!
//! `cargo test -p tidy` runs them all; nothing but Rust is needed.

mod members;
pub mod module_graph;
mod module_tree;
pub mod names;
mod resolution;
mod tokens;
mod use_tree;
mod workspace;

pub use workspace::{Package, files_below, packages, root, shipped, sources};
