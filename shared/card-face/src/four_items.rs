//! 基本4情報 as text EF 0002 holds them, parsed by tag: offsets and order on the card are not relied upon.

use zeroize::Zeroizing;

use crate::error::FaceError;
use crate::tlv;

const FILE: &str = "four items";
/// The longest name or address accepted, in bytes; real ones stay far below.
const LONGEST_TEXT: usize = 2048;

/// 氏名, 住所, 生年月日 and 性別, and the object they came in. Wiped on drop; no Debug, Display or Serialize.
pub struct FourItemsRecord {
    raw: Zeroizing<Vec<u8>>,
    name: Zeroizing<String>,
    address: Zeroizing<String>,
    birth_date: Zeroizing<String>,
    sex: Sex,
}

/// 性別 on the card: ISO/IEC 5218 digits, and 3, which JPKI uses for other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 1.
    Male,
    /// 2.
    Female,
    /// 3.
    Other,
    /// 9.
    NotApplicable,
    /// 0.
    NotKnown,
}

impl Sex {
    /// The digit on the card.
    #[must_use]
    pub fn digit(self) -> char {
        match self {
            Self::Male => '1',
            Self::Female => '2',
            Self::Other => '3',
            Self::NotApplicable => '9',
            Self::NotKnown => '0',
        }
    }
}

impl FourItemsRecord {
    /// Parses the `FF20` object.
    ///
    /// # Errors
    /// [`FaceError::Malformed`] for missing, repeated or overlong objects and wrong forms; [`FaceError::Text`] for
    /// characters that could deceive a reader or cannot be printed: controls, bidirectional controls, private use, noncharacters.
    pub fn parse(raw: Zeroizing<Vec<u8>>) -> Result<Self, FaceError> {
        let outer = match tlv::first(&raw) {
            Some((object, _)) if object.tag == 0xFF20 => object.value,
            Some(_) => return Err(malformed("not FF20")),
            None => return Err(malformed("cut")),
        };
        let name = text(outer, 0xDF22, "name")?;
        let address = text(outer, 0xDF23, "address")?;
        let birth_date = birth_date(item(outer, 0xDF24)?)?;
        let sex = sex(item(outer, 0xDF25)?)?;
        Ok(Self {
            raw: raw.clone(),
            name,
            address,
            birth_date,
            sex,
        })
    }

    /// The object as read, `FF20` to its end, without filler.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// 氏名, family and given name usually parted by U+3000; a foreign resident's name may be Latin letters.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 住所.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// 生年月日 as YYYYMMDD in the Gregorian calendar; month or day may be 00 where unknown.
    #[must_use]
    pub fn birth_date(&self) -> &str {
        &self.birth_date
    }

    /// 性別.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.sex
    }
}

fn malformed(reason: &'static str) -> FaceError {
    FaceError::Malformed { file: FILE, reason }
}

fn item(outer: &[u8], tag: u16) -> Result<&[u8], FaceError> {
    tlv::find(outer, tag)
        .map(|object| object.value)
        .ok_or(malformed("item missing, repeated or cut"))
}

fn text(outer: &[u8], tag: u16, field: &'static str) -> Result<Zeroizing<String>, FaceError> {
    let bytes = item(outer, tag)?;
    if bytes.is_empty() || bytes.len() > LONGEST_TEXT {
        return Err(malformed("text empty or too long"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| FaceError::Text {
        field,
        what: "bytes that are not UTF-8",
    })?;
    match text.chars().find_map(refused) {
        Some(what) => Err(FaceError::Text { field, what }),
        None => Ok(Zeroizing::new(text.to_owned())),
    }
}

/// Why a character may not come from a card, or `None`. Variation selectors (U+FE00, U+E0100 …) are part of names and stay.
#[must_use]
pub fn refused(character: char) -> Option<&'static str> {
    let code = u32::from(character);
    match character {
        _ if character.is_control() => Some("a control character"),
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => Some("a bidirectional control"),
        '\u{200B}'..='\u{200D}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2064}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' => Some("an invisible character"),
        '\u{E0000}'..='\u{E007F}' => Some("an invisible character"),
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => Some("a private-use character"),
        '\u{FFFD}' | '\u{FDD0}'..='\u{FDEF}' => Some("a noncharacter"),
        _ if code & 0xFFFE == 0xFFFE => Some("a noncharacter"),
        _ => None,
    }
}

fn birth_date(bytes: &[u8]) -> Result<Zeroizing<String>, FaceError> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()));
    let text = text.ok_or(malformed("birth date is not eight digits"))?;
    let in_range = |digits: &str, most: u8| digits.parse::<u8>().is_ok_and(|number| number <= most);
    if in_range(&text[4..6], 12) && in_range(&text[6..8], 31) {
        Ok(Zeroizing::new(text.to_owned()))
    } else {
        Err(malformed("birth date is no date"))
    }
}

fn sex(bytes: &[u8]) -> Result<Sex, FaceError> {
    match bytes {
        b"1" => Ok(Sex::Male),
        b"2" => Ok(Sex::Female),
        b"3" => Ok(Sex::Other),
        b"9" => Ok(Sex::NotApplicable),
        b"0" => Ok(Sex::NotKnown),
        _ => Err(malformed("sex is none of 0 1 2 3 9")),
    }
}

#[cfg(test)]
mod tests {
    use super::{FourItemsRecord, refused};
    use crate::tlv;
    use proptest::prelude::{any, prop, proptest};
    use zeroize::Zeroizing;

    fn record(name: &[u8], birth: &[u8], sex: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut inner = Vec::new();
        // Another order than a real card's, and an object nobody knows.
        tlv::write(&mut inner, 0xDF25, sex);
        tlv::write(&mut inner, 0xDF24, birth);
        tlv::write(&mut inner, 0xDF7A, b"later");
        tlv::write(&mut inner, 0xDF22, name);
        tlv::write(&mut inner, 0xDF23, "東京都玄関市一丁目".as_bytes());
        let mut raw = Vec::new();
        tlv::write(&mut raw, 0xFF20, &inner);
        Zeroizing::new(raw)
    }

    #[test]
    fn items_are_found_by_tag_in_any_order() {
        let parsed = FourItemsRecord::parse(record("𠮷野　辻󠄀子".as_bytes(), b"19800217", b"2"))
            .ok()
            .unwrap();
        assert_eq!(
            (parsed.name(), parsed.birth_date(), parsed.sex().digit()),
            ("𠮷野　辻󠄀子", "19800217", '2')
        );
        assert_eq!(parsed.address(), "東京都玄関市一丁目");
    }

    #[test]
    fn bad_texts_dates_and_digits_are_refused() {
        for name in [
            &b"\xFF\xFE"[..],
            "山\u{202E}田".as_bytes(),
            "山\u{E000}".as_bytes(),
            b"A\0B",
            b"",
        ] {
            assert!(FourItemsRecord::parse(record(name, b"19800217", b"1")).is_err());
        }
        for birth in [&b"19801317"[..], b"1980021", b"1980-2-1", b""] {
            assert!(FourItemsRecord::parse(record("山田".as_bytes(), birth, b"1")).is_err());
        }
        assert!(
            FourItemsRecord::parse(record("山田".as_bytes(), b"19800200", b"1")).is_ok(),
            "unknown day"
        );
        assert!(FourItemsRecord::parse(record("山田".as_bytes(), b"19800217", b"7")).is_err());
    }

    #[test]
    fn variation_selectors_and_extension_b_are_ordinary_characters() {
        assert!("髙﨑𠮷辻󠄀𡈽\u{FE00}　".chars().all(|c| refused(c).is_none()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = FourItemsRecord::parse(Zeroizing::new(bytes));
        }

        #[test]
        fn a_flipped_byte_never_panics(at in 0_usize..90, value in any::<u8>()) {
            let mut raw = record("山田　太郎".as_bytes(), b"19800217", b"1");
            let at = at % raw.len();
            raw[at] = value;
            let _ = FourItemsRecord::parse(raw);
        }
    }
}
