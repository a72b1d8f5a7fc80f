//! The card's tag-length-value objects: BER tags of one or two bytes, lengths of one to three bytes. Every access is
//! bounds-checked; nothing here can panic, whatever the card sends.

/// One object inside a buffer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// Tag, one or two bytes.
    pub tag: u16,
    /// Without tag and length.
    pub value: &'a [u8],
    /// Tag, length and value as they stand.
    pub encoded: &'a [u8],
}

/// Tag, header length and value length at the start of `bytes`; `None` if the header itself is cut or malformed.
#[must_use]
pub fn header(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let first = *bytes.first()?;
    let (tag, at) = if first & 0x1F == 0x1F {
        let second = *bytes.get(1)?;
        if second & 0x80 != 0 {
            return None;
        }
        (u16::from_be_bytes([first, second]), 2)
    } else {
        (u16::from(first), 1)
    };
    match *bytes.get(at)? {
        short @ 0..=0x7F => Some((tag, at + 1, usize::from(short))),
        0x81 => Some((tag, at + 2, usize::from(*bytes.get(at + 1)?))),
        0x82 => Some((
            tag,
            at + 3,
            usize::from(u16::from_be_bytes([
                *bytes.get(at + 1)?,
                *bytes.get(at + 2)?,
            ])),
        )),
        _ => None,
    }
}

/// How many bytes the object at the start of `bytes` takes, header included.
#[must_use]
pub fn announced_length(bytes: &[u8]) -> Option<usize> {
    header(bytes).map(|(_, header, value)| header + value)
}

/// The object at the start of `bytes` and what follows it.
#[must_use]
pub fn first(bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let (tag, header, length) = header(bytes)?;
    let encoded = bytes.get(..header + length)?;
    Some((
        Object {
            tag,
            value: encoded.get(header..)?,
            encoded,
        },
        bytes.get(header + length..)?,
    ))
}

/// The objects in `bytes`, up to filler (`FF FF…`), the end, or the first malformed one, which yields `Err`.
pub fn objects(bytes: &[u8]) -> impl Iterator<Item = Result<Object<'_>, Broken>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.iter().all(|byte| *byte == 0xFF) {
            return None;
        }
        let Some((object, after)) = first(rest) else {
            rest = &[];
            return Some(Err(Broken));
        };
        rest = after;
        Some(Ok(object))
    })
}

/// The only object with this tag.
#[must_use]
pub fn find(bytes: &[u8], tag: u16) -> Option<Object<'_>> {
    let mut found = None;
    for object in objects(bytes) {
        let object = object.ok()?;
        if object.tag == tag && found.replace(object).is_some() {
            return None;
        }
    }
    found
}

/// An object whose header or value reaches past the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// Appends an object the way the card writes it: one length byte below 80, else `82 hh ll`.
pub fn write(out: &mut Vec<u8>, tag: u16, value: &[u8]) {
    let [high, low] = tag.to_be_bytes();
    if high != 0 {
        out.push(high);
    }
    out.push(low);
    match u8::try_from(value.len()) {
        Ok(short @ 0..=0x7F) => out.push(short),
        _ => {
            out.push(0x82);
            out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::{announced_length, find, first, objects, write};
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn one_byte_tags_long_lengths_and_filler_are_understood() {
        let mut bytes = vec![0x30, 0x82, 0x00, 0x01, 0xAA];
        bytes.extend([0xDF, 0x22, 0x81, 0x01, 0xBB, 0xFF, 0xFF]);
        let all: Vec<_> = objects(&bytes)
            .map(|object| object.map(|o| (o.tag, o.value.to_vec())))
            .collect();
        assert_eq!(all, [Ok((0x30, vec![0xAA])), Ok((0xDF22, vec![0xBB]))]);
    }

    #[test]
    fn a_repeated_tag_is_not_found() {
        let mut bytes = Vec::new();
        write(&mut bytes, 0xDF22, b"a");
        assert!(find(&bytes, 0xDF22).is_some());
        write(&mut bytes, 0xDF22, b"b");
        assert!(find(&bytes, 0xDF22).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = announced_length(&bytes);
            for object in objects(&bytes).flatten() {
                prop_assert!(object.encoded.len() >= object.value.len());
            }
        }

        #[test]
        fn what_is_written_is_read(tag in 0xDF01_u16..0xDF7F, value in prop::collection::vec(any::<u8>(), 0..700)) {
            let mut bytes = Vec::new();
            write(&mut bytes, tag, &value);
            let (object, rest) = first(&bytes).expect("own encoding");
            prop_assert_eq!((object.tag, object.value, rest.len()), (tag, value.as_slice(), 0));
        }
    }
}
