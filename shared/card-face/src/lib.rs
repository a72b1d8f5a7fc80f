//! The face of a 個人番号カード as its files hold it: the four items, and the chain of signatures that makes them genuine
//! (券面事項の真正性). The kiosk reads the files and checks them before it goes on; the cloud checks them again, because what a
//! kiosk says is only as good as the kiosk.
//!
//! Nothing here sends a command to a card or reads a file: bytes come in, a verdict goes out.
//!
//! ```
//! use card_face::{FaceAuthorities, FaceFiles, refused};
//!
//! let cut = FaceFiles { items: &[], record: &[0xFF, 0x30, 0x7F], certificate: &[], card_key: &[], signature: &[] };
//! assert!(FaceAuthorities::default().check(&cut, b"challenge").is_err());
//! // Characters that could deceive a reader never come from a card; variants of a kanji do.
//! assert!(refused('\u{202E}').is_some() && refused('\u{E0100}').is_none());
//! ```

mod chain;
mod error;
mod four_items;
mod rsa_key;
pub mod tlv;
mod verdict;

pub use chain::{FaceAuthorities, FaceFiles, signer_of};
pub use error::FaceError;
pub use four_items::{FourItemsRecord, Sex, refused};
pub use verdict::{Forgery, Integrity, MissingLink};
