//! 個人番号カード: the reader, the connection, and the only protocol that is used over it.
//!
//! * [`CardReader`] waits for a card and opens a [`CardChannel`]; [`pcsc::PcscReader`] is real, [`simulated::SimulatedReader`] is not.
//! * [`MyNumberCard`] speaks to the card. It never reads the 個人番号, never presents 照合番号A (see [`command_guard`]), and never
//!   tries a PIN twice.
//!
//! No official APDU specification is public. Identifiers and rules are those that several independent clients agree on.

pub mod apdu;
mod card_reader;
pub mod command_guard;
mod connection;
mod error;
pub mod generation;
pub mod integrity;
mod login;
mod my_number_card;
pub mod pcsc;
mod pin;
mod reader_memory;
#[cfg(feature = "simulated")]
pub mod simulated;
mod status_word;

pub use apdu::ApduCount;
pub use card_face::{FourItemsRecord, Sex};
pub use card_reader::{CardChannel, CardReader, Presence};
pub use error::CardError;
pub use login::{Digest, Login};
pub use my_number_card::{CardExpiry, MyNumberCard};
pub use pin::{LastTry, Pin, PinFormatError, PinKind, TriesLeft};
pub use reader_memory::ReaderMemory;
pub use status_word::{Meaning, StatusWord};
