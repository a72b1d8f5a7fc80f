//! How one record lies in the store: version, kind, sequence number, id, length, CRC-32, content.

use uuid::Uuid;

/// Larger content goes to a file of its own: the store would make blob files, whose folder it never fsyncs.
pub(super) const MOST_INLINE: usize = 100_000;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 1 + 8 + 16 + 8 + 4;

/// Where the content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// After the head.
    Inline,
    /// In `large/`, named by [`file_name`]; the CRC is that of the file.
    File,
}

/// The head of a stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) sequence: u64,
    pub(super) id: Uuid,
    pub(super) length: usize,
    crc: u32,
}

/// Builds the stored value; content above [`MOST_INLINE`] stays out of it.
pub(super) fn encode(sequence: u64, id: Uuid, content: &[u8]) -> Vec<u8> {
    let inline = content.len() <= MOST_INLINE;
    let mut value = Vec::with_capacity(HEAD + if inline { content.len() } else { 0 });
    value.push(VERSION);
    value.push(u8::from(!inline));
    value.extend_from_slice(&sequence.to_be_bytes());
    value.extend_from_slice(id.as_bytes());
    value.extend_from_slice(&(content.len() as u64).to_be_bytes());
    value.extend_from_slice(&check_sum(sequence, id, content).to_be_bytes());
    if inline {
        value.extend_from_slice(content);
    }
    value
}

/// Splits a stored value; the content is checked by [`Head::check`].
pub(super) fn decode(sequence: u64, value: &[u8]) -> Result<(Head, &[u8]), &'static str> {
    let (head, content) = value
        .split_at_checked(HEAD)
        .ok_or("shorter than its head")?;
    if head[0] != VERSION {
        return Err("unknown version");
    }
    let kind = match head[1] {
        0 => Kind::Inline,
        1 => Kind::File,
        _ => return Err("unknown kind"),
    };
    let number = |from: usize| u64::from_be_bytes(std::array::from_fn(|i| head[from + i]));
    let head = Head {
        kind,
        sequence: number(2),
        id: Uuid::from_bytes(std::array::from_fn(|i| head[10 + i])),
        length: usize::try_from(number(26)).map_err(|_| "impossible length")?,
        crc: u32::from_be_bytes(std::array::from_fn(|i| head[34 + i])),
    };
    if head.sequence == sequence {
        Ok((head, content))
    } else {
        Err("another sequence number")
    }
}

impl Head {
    /// Whether `content` is what was stored.
    pub(super) fn check(&self, content: &[u8]) -> Result<(), &'static str> {
        if content.len() != self.length {
            return Err("another length");
        }
        if check_sum(self.sequence, self.id, content) == self.crc {
            Ok(())
        } else {
            Err("wrong check sum")
        }
    }

    /// The file of a large record.
    pub(super) fn file_name(&self) -> String {
        file_name(self.sequence, self.id)
    }
}

/// The file of a large record.
pub(super) fn file_name(sequence: u64, id: Uuid) -> String {
    format!("{sequence:016x}-{id}.sealed")
}

fn check_sum(sequence: u64, id: Uuid, content: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&sequence.to_be_bytes());
    crc.update(id.as_bytes());
    crc.update(content);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_flipped_bit_is_noticed(content in proptest::collection::vec(any::<u8>(), 0..300), sequence: u64, bit: usize) {
            let id = Uuid::from_u128(7);
            let mut value = encode(sequence, id, &content);
            let (head, kept) = decode(sequence, &value).unwrap();
            prop_assert_eq!(kept, content.as_slice());
            prop_assert!(head.check(kept).is_ok());
            let bit = bit % (value.len() * 8);
            value[bit / 8] ^= 1 << (bit % 8);
            let noticed = decode(sequence, &value).and_then(|(head, kept)| match head.kind {
                Kind::Inline => head.check(kept),
                Kind::File => Err("no such file"),
            });
            prop_assert!(noticed.is_err());
        }

        #[test]
        fn nonsense_never_panics(value in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok((head, kept)) = decode(3, &value) {
                let _ = head.check(kept);
            }
        }
    }

    #[test]
    fn large_content_stays_out_of_the_value() {
        let content = vec![9; MOST_INLINE + 1];
        let value = encode(1, Uuid::nil(), &content);
        assert_eq!(value.len(), HEAD);
        let (head, _) = decode(1, &value).unwrap();
        assert_eq!(head.kind, Kind::File);
        assert!(head.check(&content).is_ok());
    }
}
