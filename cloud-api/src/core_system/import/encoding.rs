//! Which encoding a file has, and its bytes as text.

use std::io::{self, BufRead};

use encoding_rs::SHIFT_JIS;

use super::ImportError;

/// An encoding of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Encoding {
    /// By the byte order mark, else by the first 64 KiB: UTF-8 when they are that, otherwise Shift_JIS.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Shift_JIS as Windows has it (CP932).
    ShiftJis,
}

const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

impl std::str::FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "shift_jis" | "sjis" | "cp932" => Ok(Self::ShiftJis),
            _ => Err("expected auto, utf-8 or shift_jis".to_owned()),
        }
    }
}

impl Encoding {
    /// Settles on UTF-8 or Shift_JIS and reads over a byte order mark.
    ///
    /// # Errors
    /// A file in UTF-16, one that cannot be read.
    pub(super) fn settle(self, source: &mut impl BufRead) -> Result<Self, ImportError> {
        let start = source.fill_buf()?;
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(ImportError::Utf16);
        }
        let marked = start.starts_with(MARK);
        let is_utf8 = match std::str::from_utf8(start) {
            Ok(_) => true,
            // A character that is cut off by the end of what was read is none the worse for it.
            Err(error) => error.error_len().is_none(),
        };
        if marked {
            source.consume(MARK.len());
        }
        Ok(match self {
            Self::Auto if marked || is_utf8 => Self::Utf8,
            Self::Auto => Self::ShiftJis,
            known => known,
        })
    }

    /// The text; `None` when the bytes are not of this encoding.
    pub(super) fn text(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::ShiftJis => SHIFT_JIS
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
            Self::Auto | Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        }
    }
}

/// A reader that ends with an error when one record takes too much: a quotation mark that is never closed would
/// otherwise draw the rest of the file into memory.
pub(super) struct Bounded<R> {
    source: R,
    left: usize,
}

/// Largest record, in bytes.
pub(super) const LARGEST_RECORD: usize = 1024 * 1024;

impl<R> Bounded<R> {
    pub(super) fn new(source: R) -> Self {
        let left = LARGEST_RECORD;
        Self { source, left }
    }

    /// The next record begins.
    pub(super) fn next_record(&mut self) {
        self.left = LARGEST_RECORD;
    }
}

impl<R: io::Read> io::Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(
                "a record of more than 1 MiB; is a quotation mark or bracket not closed?",
            ));
        }
        let most = buffer.len().min(self.left);
        let read = self
            .source
            .read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left -= read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(known: Encoding, bytes: &[u8]) -> Option<Encoding> {
        known.settle(&mut io::BufReader::new(bytes)).ok()
    }

    #[test]
    fn the_encoding_is_told_or_seen() {
        let (sjis, _, _) = SHIFT_JIS.encode("宛名番号,氏名\r\n");
        assert_eq!(settled(Encoding::Auto, &sjis), Some(Encoding::ShiftJis));
        assert_eq!(
            settled(Encoding::Auto, "宛名".as_bytes()),
            Some(Encoding::Utf8)
        );
        assert_eq!(
            settled(Encoding::Auto, b"\xEF\xBB\xBF\x83"),
            Some(Encoding::Utf8)
        );
        assert_eq!(
            settled(Encoding::Auto, b"\xE5\xAE"),
            Some(Encoding::Utf8),
            "cut off"
        );
        assert_eq!(settled(Encoding::ShiftJis, b"a"), Some(Encoding::ShiftJis));
        assert_eq!(settled(Encoding::Auto, b"\xFF\xFEa\0"), None, "UTF-16");
    }

    #[test]
    fn windows_characters_are_read_and_private_ones_stay_visible() {
        assert_eq!(
            Encoding::ShiftJis.text(b"\xFB\xFC\xFA\xB1").as_deref(),
            Some("髙﨑")
        );
        assert_eq!(
            Encoding::ShiftJis.text(b"\xF0\x40").as_deref(),
            Some("\u{E000}")
        );
        assert_eq!(Encoding::ShiftJis.text(b"\x81"), None);
        assert_eq!(Encoding::Utf8.text(b"\x83\x41"), None);
    }
}
