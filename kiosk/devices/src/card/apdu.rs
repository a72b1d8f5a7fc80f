//! Command APDUs of ISO/IEC 7816-4 as this kiosk builds them, status words, and the count of what was sent.

use std::fmt;

use zeroize::Zeroizing;

use super::CardError;

/// SELECT an application by its identifier, no answer data wanted.
#[must_use]
pub fn select_application(aid: &[u8]) -> Vec<u8> {
    with_data([0x00, 0xA4, 0x04, 0x0C], aid)
}

/// SELECT an elementary file of the current application.
#[must_use]
pub fn select_file(file: u16) -> Vec<u8> {
    with_data([0x00, 0xA4, 0x02, 0x0C], &file.to_be_bytes())
}

/// VERIFY without data: asks for the counter, costs nothing. `reference` is 80 for the selected file, 80 + short id otherwise.
#[must_use]
pub fn query_tries(reference: u8) -> Vec<u8> {
    vec![0x00, 0x20, 0x00, reference]
}

/// VERIFY with a PIN. The buffer wipes itself.
#[must_use]
pub fn verify(reference: u8, pin: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(with_data([0x00, 0x20, 0x00, reference], pin))
}

/// READ BINARY of the current file at a 15-bit offset, at most 256 bytes (`wanted` 0 means 256).
#[must_use]
pub fn read_at(offset: u16, wanted: u8) -> Vec<u8> {
    let [high, low] = (offset & 0x7FFF).to_be_bytes();
    vec![0x00, 0xB0, high, low, wanted]
}

/// READ BINARY of the current file from its start in one extended-length command.
#[must_use]
pub fn read_all() -> Vec<u8> {
    vec![0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00]
}

/// READ BINARY by short id, at most 256 bytes; makes the file current.
#[must_use]
pub fn read_short_id(short_id: u8) -> Vec<u8> {
    vec![0x00, 0xB0, 0x80 | short_id, 0x00, 0x00]
}

/// READ BINARY of a whole file by short id in one extended-length command.
#[must_use]
pub fn read_all_short_id(short_id: u8) -> Vec<u8> {
    vec![0x00, 0xB0, 0x80 | short_id, 0x00, 0x00, 0x00, 0x00]
}

/// READ RECORD 1, by short id or, with 0, of the current file.
#[must_use]
pub fn read_first_record(short_id: u8) -> Vec<u8> {
    vec![0x00, 0xB2, 0x01, (short_id << 3) | 4, 0x00]
}

/// COMPUTE DIGITAL SIGNATURE. `input` says what the card gets: 02 the bare digest, 00 a DigestInfo that it pads.
#[must_use]
pub fn sign(input: u8, reference: u8, data: &[u8]) -> Vec<u8> {
    let mut command = with_data([0x80, 0x2A, input, reference], data);
    command.push(0x00);
    command
}

/// GET RESPONSE after 61xx.
#[must_use]
pub fn get_response(wanted: u8) -> Vec<u8> {
    vec![0x00, 0xC0, 0x00, 0x00, wanted]
}

/// Header, Lc and data. All data of this protocol is far below 255 bytes.
fn with_data(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    debug_assert!(data.len() < 256, "short Lc");
    let mut command = Vec::with_capacity(6 + data.len());
    command.extend_from_slice(&header);
    command.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
    command.extend_from_slice(data);
    command
}

/// An answer taken apart.
#[derive(Clone)]
pub struct Response {
    /// Data without the status word; wiped on drop, since it may be the four items.
    pub data: Zeroizing<Vec<u8>>,
    /// SW1 SW2.
    pub status: StatusWord,
}

impl Response {
    /// Splits data and status.
    ///
    /// # Errors
    /// [`CardError::Removed`] for fewer than two bytes: that is what a pulled card looks like through PC/SC.
    pub fn parse(mut answer: Vec<u8>) -> Result<Self, CardError> {
        let (Some(low), Some(high)) = (answer.pop(), answer.pop()) else {
            return Err(CardError::Removed);
        };
        let status = StatusWord(u16::from_be_bytes([high, low]));
        Ok(Self {
            data: Zeroizing::new(answer),
            status,
        })
    }
}

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

/// What went over the wire to one card: round trips cost reader latency, bytes cost air time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApduCount {
    /// Commands sent.
    pub commands: u32,
    /// Bytes to the card.
    pub bytes_sent: u64,
    /// Bytes from the card, status words included.
    pub bytes_received: u64,
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Response, StatusWord, read_all_short_id, read_at, select_file, sign};

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

    #[test]
    fn short_answers_are_a_pulled_card() {
        assert!(Response::parse(Vec::new()).is_err());
        assert!(Response::parse(vec![0x90]).is_err());
        assert!(Response::parse(vec![0x90, 0x00]).is_ok_and(|answer| answer.data.is_empty()));
    }

    #[test]
    fn commands_are_the_documented_bytes() {
        assert_eq!(
            select_file(0x0002),
            [0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x02]
        );
        assert_eq!(
            read_all_short_id(2),
            [0x00, 0xB0, 0x82, 0x00, 0x00, 0x00, 0x00]
        );
        assert_eq!(read_at(0x0100, 0), [0x00, 0xB0, 0x01, 0x00, 0x00]);
        assert_eq!(
            sign(2, 0x97, &[1, 2]),
            [0x80, 0x2A, 0x02, 0x97, 0x02, 1, 2, 0x00]
        );
    }
}
