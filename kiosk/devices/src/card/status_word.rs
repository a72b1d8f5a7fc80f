//! Status words of the card's answers.

use std::fmt;

/// SW1 SW2 of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

/// What a status word means for this card (JICSAP table).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// 9000.
    Done,
    /// 61xx: more data waits for GET RESPONSE.
    MoreData(u8),
    /// 6282: end of file reached before Le bytes; the data counts.
    EndOfFile,
    /// 6Cxx: repeat with this Le.
    WrongLe(u8),
    /// 63Cn: wrong PIN or, on a query, the counter; n tries left.
    TriesLeft(u8),
    /// 63C0, 6983, 6984 alike: cards disagree on which they send.
    Blocked,
    /// 6700.
    WrongLength,
    /// 6881: logical channels; 6882, 69FC: secure messaging.
    Unsupported,
    /// 6981: reading a key or PIN file.
    WrongFileType,
    /// 6982.
    NotVerified,
    /// 6985, 6986: nothing selected, or not in this state.
    WrongState,
    /// 6A80, 6A86.
    WrongParameters,
    /// 6A81, 6D00, 6E00: function, instruction or class unknown.
    UnknownCommand,
    /// 6A82, 6A83, 6A88: file, record or reference not there.
    NotFound,
    /// 6B00.
    BeyondEnd,
    /// 6F00.
    Internal,
    /// Anything else.
    Other,
}

impl StatusWord {
    /// 9000.
    pub const DONE: Self = Self(0x9000);

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        let [high, low] = self.0.to_be_bytes();
        match (high, low) {
            (0x90, 0x00) => Meaning::Done,
            (0x61, _) => Meaning::MoreData(low),
            (0x62, 0x82) => Meaning::EndOfFile,
            (0x6C, _) => Meaning::WrongLe(low),
            (0x63, 0xC0) | (0x69, 0x83 | 0x84) => Meaning::Blocked,
            (0x63, 0xC1..=0xCF) => Meaning::TriesLeft(low & 0x0F),
            (0x67, 0x00) => Meaning::WrongLength,
            (0x68, 0x81 | 0x82) | (0x69, 0xFC) => Meaning::Unsupported,
            (0x69, 0x81) => Meaning::WrongFileType,
            (0x69, 0x82) => Meaning::NotVerified,
            (0x69, 0x85 | 0x86) => Meaning::WrongState,
            (0x6A, 0x80 | 0x86) => Meaning::WrongParameters,
            (0x6A, 0x81) | (0x6D | 0x6E, 0x00) => Meaning::UnknownCommand,
            (0x6A, 0x82 | 0x83 | 0x88) => Meaning::NotFound,
            (0x6B, 0x00) => Meaning::BeyondEnd,
            (0x6F, 0x00) => Meaning::Internal,
            _ => Meaning::Other,
        }
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} ({:?})", self.0, self.meaning())
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, StatusWord};

    #[test]
    fn every_status_word_of_the_table_has_its_meaning() {
        let table = [
            (0x9000, Meaning::Done),
            (0x6110, Meaning::MoreData(0x10)),
            (0x6282, Meaning::EndOfFile),
            (0x6C20, Meaning::WrongLe(0x20)),
            (0x63C3, Meaning::TriesLeft(3)),
            (0x63C1, Meaning::TriesLeft(1)),
            (0x63C0, Meaning::Blocked),
            (0x6983, Meaning::Blocked),
            (0x6984, Meaning::Blocked),
            (0x6700, Meaning::WrongLength),
            (0x6881, Meaning::Unsupported),
            (0x6882, Meaning::Unsupported),
            (0x69FC, Meaning::Unsupported),
            (0x6981, Meaning::WrongFileType),
            (0x6982, Meaning::NotVerified),
            (0x6985, Meaning::WrongState),
            (0x6986, Meaning::WrongState),
            (0x6A80, Meaning::WrongParameters),
            (0x6A86, Meaning::WrongParameters),
            (0x6A81, Meaning::UnknownCommand),
            (0x6D00, Meaning::UnknownCommand),
            (0x6E00, Meaning::UnknownCommand),
            (0x6A82, Meaning::NotFound),
            (0x6A83, Meaning::NotFound),
            (0x6A88, Meaning::NotFound),
            (0x6B00, Meaning::BeyondEnd),
            (0x6F00, Meaning::Internal),
            (0x1234, Meaning::Other),
        ];
        for (word, meaning) in table {
            assert_eq!(StatusWord(word).meaning(), meaning, "{word:04X}");
        }
    }
}
