//! Cuts a byte stream into ESC/POS commands. Only what a receipt of ours may hold is known; anything else is garbage.

use crate::receipt_printer::PRINT_WIDTH;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// ESC @.
    Initialise,
    /// ESC a n: 0 left, 1 centre, 2 right.
    Justify(u8),
    /// GS v 0: bytes a row and the rows.
    Raster { stride: usize, bits: Vec<u8> },
    /// GS ( k, function 67.
    QrModule(u8),
    /// GS ( k, function 69: 48 L to 51 H.
    QrCorrection(u8),
    /// GS ( k, function 80.
    QrData(Vec<u8>),
    /// GS ( k, function 81.
    QrPrint,
    /// GS V.
    Cut,
    /// ESC p.
    DrawerPulse,
    /// DLE EOT n.
    RealTimeStatus(u8),
    /// GS a n.
    AutomaticStatus(u8),
    /// GS r n.
    StatusInOrder(u8),
    /// Accepted without effect (model of a QR code).
    Nothing,
}

/// What stands at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A command of so many bytes.
    Command(Command, usize),
    /// A command that is not complete yet.
    Incomplete,
    /// No command.
    Garbage,
}

/// Decodes the first command.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let done = |command, length| Decoded::Command(command, length);
    match bytes {
        [0x1B, b'@', ..] => done(Command::Initialise, 2),
        [0x1B, b'a', n @ 0..=2, ..] => done(Command::Justify(*n), 3),
        [0x1B, b'p', 0 | 1, _, _, ..] => done(Command::DrawerPulse, 5),
        [0x10, 0x04, n @ 1..=4, ..] => done(Command::RealTimeStatus(*n), 3),
        [0x1D, b'a', n, ..] => done(Command::AutomaticStatus(*n), 3),
        [0x1D, b'r', n @ (1 | 2 | 49 | 50), ..] => done(Command::StatusInOrder(*n), 3),
        [0x1D, b'V', 65 | 66, _, ..] => done(Command::Cut, 4),
        [0x1D, b'V', 0 | 1 | 48 | 49, ..] => done(Command::Cut, 3),
        [0x1D, b'v', b'0', 0..=3, xl, xh, yl, yh, rest @ ..] => {
            raster([*xl, *xh], [*yl, *yh], rest)
        }
        [0x1D, b'(', b'k', low, high, rest @ ..] => {
            symbol(usize::from(u16::from_le_bytes([*low, *high])), rest)
        }
        _ if is_prefix(bytes) => Decoded::Incomplete,
        _ => Decoded::Garbage,
    }
}

fn raster(stride: [u8; 2], rows: [u8; 2], rest: &[u8]) -> Decoded {
    let (stride, rows) = (
        usize::from(u16::from_le_bytes(stride)),
        usize::from(u16::from_le_bytes(rows)),
    );
    if stride == 0 || stride > usize::from(PRINT_WIDTH / 8) || rows == 0 || rows > 2303 {
        return Decoded::Garbage;
    }
    match rest.get(..stride * rows) {
        Some(bits) => Decoded::Command(
            Command::Raster {
                stride,
                bits: bits.to_vec(),
            },
            8 + stride * rows,
        ),
        None => Decoded::Incomplete,
    }
}

fn symbol(length: usize, rest: &[u8]) -> Decoded {
    if !(3..=7092).contains(&length) {
        return Decoded::Garbage;
    }
    let Some(parameters) = rest.get(..length) else {
        return Decoded::Incomplete;
    };
    let command = match parameters {
        [49, 65, 49..=51, 0] => Command::Nothing,
        [49, 67, module @ 1..=16] => Command::QrModule(*module),
        [49, 69, correction @ 48..=51] => Command::QrCorrection(*correction),
        [49, 80, 48, data @ ..] if !data.is_empty() => Command::QrData(data.to_vec()),
        [49, 81, 48] => Command::QrPrint,
        _ => return Decoded::Garbage,
    };
    Decoded::Command(command, 5 + length)
}

/// Whether a known command may still begin like this.
fn is_prefix(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [] | [0x1B | 0x10 | 0x1D]
            | [0x1B, b'a']
            | [0x1B, b'p']
            | [0x1B, b'p', 0 | 1]
            | [0x1B, b'p', 0 | 1, _]
            | [0x10, 0x04]
            | [0x1D, b'a' | b'r' | b'V' | b'v' | b'(']
            | [0x1D, b'V', 65 | 66]
            | [0x1D, b'v', b'0']
            | [0x1D, b'(', b'k']
            | [0x1D, b'(', b'k', _]
    ) || matches!(bytes, [0x1D, b'v', b'0', 0..=3, rest @ ..] if rest.len() < 4)
}

#[cfg(test)]
mod tests {
    use super::{Command, Decoded, decode};
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn text_and_unknown_commands_are_garbage() {
        for bytes in [
            &b"hello"[..],
            &[0x1B, b'!', 0],
            &[0x1D, b'v', b'0', 9, 0],
            &[0x1D, b'(', b'k', 3, 0, 50, 0, 0],
        ] {
            assert_eq!(decode(bytes), Decoded::Garbage);
        }
    }

    #[test]
    fn every_prefix_of_a_command_is_incomplete() {
        let commands: [&[u8]; 5] = [
            &[0x1D, b'v', b'0', 0, 1, 0, 2, 0, 0xFF, 0xFF],
            &[0x1D, b'(', b'k', 3, 0, 49, 81, 48],
            &[0x1B, b'p', 0, 25, 250],
            &[0x1D, b'V', 66, 0],
            &[0x10, 0x04, 4],
        ];
        for command in commands {
            for cut in 0..command.len() {
                assert_eq!(
                    decode(&command[..cut]),
                    Decoded::Incomplete,
                    "{command:02X?} cut at {cut}"
                );
            }
            assert!(
                matches!(decode(command), Decoded::Command(_, length) if length == command.len())
            );
        }
        assert!(matches!(
            decode(&[0x1B, b'@', 9]),
            Decoded::Command(Command::Initialise, 2)
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
