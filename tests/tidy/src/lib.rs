//! What the tests beside this library read: the workspace as cargo sees it, its source files, and the modules in them.
//!
//! Nothing but Rust is needed:
//!
//! ```sh
//! cargo test -p tidy
//! ```

pub mod locked;
mod members;
pub mod module_graph;
mod module_tree;
pub mod names;
mod resolution;
mod tokens;
mod use_tree;
mod workspace;

pub use workspace::{Package, files_below, packages, root, shipped, sources};
