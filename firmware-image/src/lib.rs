//! The image that a kiosk boots, made from Debian packages without root rights.
//!
//! [`recipe`] reads the declarative files of this folder, [`build`] goes from them to disk, bundle, bill of materials and
//! manifest. The steps between hand each other files under one output folder; what is slow to make and depends on few
//! inputs (Debian's packages, the kernel) is kept by the hash of those inputs. [`tree::Tree`] is what most steps work on:
//! files with owners and modes that are never unpacked, so that nothing needs root rights.
//!
//! ```
//! use firmware_image::tree::{Node, Tree};
//!
//! let mut tree = Tree::default();
//! tree.put("usr/bin/kiosk", Node::bytes(0o755, "program"));
//! tree.put("usr/share/doc/kiosk/README", Node::bytes(0o644, "text"));
//! tree.put("bin", Node::link("usr/bin"));
//! tree.remove_where(|path| path.starts_with("usr/share/doc"));
//!
//! assert_eq!(tree.read("bin/kiosk", "the kiosk's program")?, b"program");
//! assert!(!tree.has("usr/share/doc"));
//! # Ok::<(), firmware_image::tree::TreeError>(())
//! ```
// Used by its own program and tests only: a comment stands where it says more than the name.
#![allow(missing_docs)]

pub mod bill;
pub mod build;
pub mod bundle;
pub mod deb;
pub mod debian;
pub mod disk;
pub mod file;
pub mod font_index;
pub mod health;
pub mod initrd;
pub mod kernel;
pub mod kernel_image;
pub mod keys;
pub mod list;
pub mod loader;
pub mod lock;
pub mod machine;
pub mod manifest;
pub mod openpgp;
pub mod package;
pub mod partitions;
pub mod provenance;
pub mod provision;
pub mod recipe;
pub mod root;
pub mod rootfs;
pub mod sbom;
pub mod service;
pub mod signing;
pub mod slot;
pub mod tool;
pub mod tree;
pub mod trim;
pub mod usb;
