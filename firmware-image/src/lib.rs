//! The image that a kiosk boots, made from Debian packages without root rights.
//!
//! [`recipe`] reads the declarative files of this folder, [`build`] goes from them to disk, bundle, bill of materials and
//! manifest. The steps between hand each other files under one output folder; what is slow to make and depends on few
//! inputs (Debian's packages, the kernel) is kept by the hash of those inputs.

pub mod build;
pub mod bundle;
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
pub mod machine;
pub mod manifest;
pub mod openpgp;
pub mod partitions;
pub mod recipe;
pub mod root;
pub mod rootfs;
pub mod sbom;
pub mod signing;
pub mod slot;
pub mod tool;
pub mod tree;
pub mod trim;
