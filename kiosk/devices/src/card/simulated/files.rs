//! The file system of the simulated card: applications, files with access rules, PINs with counters, keys.

use aws_lc_rs::rsa::KeyPair;
use zeroize::Zeroizing;

/// Who may read a file.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Free,
    /// After any of these PIN files was verified.
    After(&'static [u16]),
}

/// What lies behind a file identifier.
pub(super) enum File {
    /// A working file.
    Data {
        content: Zeroizing<Vec<u8>>,
        access: Access,
    },
    /// A record file with one record.
    Record { content: Vec<u8> },
    /// A PIN. Reading it is refused (6981).
    Pin(PinFile),
    /// A private key. Reading it is refused (6981).
    Key { pair: KeyPair, pin: u16 },
    /// The card's own key, which signs without a PIN and is named by P2 = 00. Reading it is refused (6981).
    OwnKey(KeyPair),
}

/// A PIN and its counter; the counter outlives power, as on the card.
pub(super) struct PinFile {
    pub(super) value: Zeroizing<Vec<u8>>,
    pub(super) left: u8,
    pub(super) most: u8,
}

impl PinFile {
    pub(super) fn new(value: &str, left: u8, most: u8) -> Self {
        Self {
            value: Zeroizing::new(value.as_bytes().to_vec()),
            left,
            most,
        }
    }
}

pub(super) struct ApplicationFiles {
    pub(super) aid: &'static [u8],
    pub(super) files: Vec<(u16, File)>,
}

impl ApplicationFiles {
    pub(super) fn position(&self, id: u16) -> Option<usize> {
        self.files.iter().position(|(file, _)| *file == id)
    }

    pub(super) fn by_short_id(&self, short: u8) -> Option<usize> {
        self.files
            .iter()
            .position(|(file, _)| file & 0x1F == u16::from(short))
    }
}
