//! Command APDUs of ISO/IEC 7816-4 as this kiosk builds them, their answers, and the count of what was sent.

use zeroize::Zeroizing;

use super::{CardError, StatusWord};

/// SELECT an application by its identifier, without asking for answer data.
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

/// READ BINARY of the current file at a 15-bit offset, at most 256 bytes (`length` 0 means 256).
#[must_use]
pub fn read_at(offset: u16, length: u8) -> Vec<u8> {
    let [high, low] = (offset & 0x7FFF).to_be_bytes();
    vec![0x00, 0xB0, high, low, length]
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
pub fn get_response(length: u8) -> Vec<u8> {
    vec![0x00, 0xC0, 0x00, 0x00, length]
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

/// An answer, split.
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
    use super::{Response, read_all_short_id, read_at, select_file, sign};

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
