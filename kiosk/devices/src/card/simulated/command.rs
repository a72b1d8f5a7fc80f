//! Command APDUs as a card takes them apart (ISO/IEC 7816-3, cases 1 to 4, short and extended).

/// A parsed command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Command<'a> {
    pub(super) class: u8,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: &'a [u8],
    /// Bytes asked for: absent, up to 256, or up to 65,536.
    pub(super) expected_length: Option<usize>,
    pub(super) extended: bool,
}

impl<'a> Command<'a> {
    /// `None` when the lengths do not fit, which a card answers with 6700.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [class, instruction, p1, p2, body @ ..] = bytes else {
            return None;
        };
        let (data, expected_length, extended) = body_of(body)?;
        Some(Self {
            class: *class,
            instruction: *instruction,
            p1: *p1,
            p2: *p2,
            data,
            expected_length,
            extended,
        })
    }
}

fn body_of(body: &[u8]) -> Option<(&[u8], Option<usize>, bool)> {
    match body {
        [] => Some((&[], None, false)),
        [le] => Some((&[], Some(short_le(*le)), false)),
        [0, high, low] => Some((&[], Some(extended_le(*high, *low)), true)),
        [0, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let data = rest.get(..length).filter(|data| !data.is_empty())?;
            match &rest[length..] {
                [] => Some((data, None, true)),
                [high, low] => Some((data, Some(extended_le(*high, *low)), true)),
                _ => None,
            }
        }
        [length, rest @ ..] => {
            let length = usize::from(*length);
            let data = rest.get(..length)?;
            match &rest[length..] {
                [] => Some((data, None, false)),
                [le] => Some((data, Some(short_le(*le)), false)),
                _ => None,
            }
        }
    }
}

fn short_le(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn extended_le(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

#[cfg(test)]
mod tests {
    use super::Command;
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn all_cases_are_told_apart() {
        let lengths = |bytes: &[u8]| {
            Command::parse(bytes).map(|c| (c.data.len(), c.expected_length, c.extended))
        };
        assert_eq!(lengths(&[0, 0x20, 0, 0x91]), Some((0, None, false)));
        assert_eq!(lengths(&[0, 0xB0, 0, 0, 0]), Some((0, Some(256), false)));
        assert_eq!(
            lengths(&[0, 0xB0, 0, 0, 0, 0, 0]),
            Some((0, Some(65_536), true))
        );
        assert_eq!(lengths(&[0, 0xA4, 2, 12, 2, 0, 1]), Some((2, None, false)));
        assert_eq!(
            lengths(&[0x80, 0x2A, 2, 0x97, 2, 0, 1, 0]),
            Some((2, Some(256), false))
        );
        assert_eq!(
            lengths(&[0x80, 0x2A, 2, 0x97, 0, 0, 1, 9, 1, 0]),
            Some((1, Some(256), true))
        );
        assert_eq!(lengths(&[0, 0xA4, 2, 12, 3, 0, 1]), None);
        assert_eq!(lengths(&[0, 0xA4]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::parse(&bytes);
        }
    }
}
