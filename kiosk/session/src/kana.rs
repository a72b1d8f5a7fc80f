//! Typing kana with few keys: dakuten, handakuten and small kana change the last character, as on a telephone pad.

use crate::touch::Key;

/// Which script a keyboard writes; the keys send either, the text holds only this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script {
    /// Names on forms (フリガナ).
    Katakana,
    /// Search.
    Hiragana,
    /// As the keys send it: kana, digits, Latin letters (building names).
    Free,
}

/// Pairs of a plain hiragana and its voiced form.
const DAKUTEN: &str =
    "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔ";
/// Pairs of a plain hiragana and its half-voiced form.
const HANDAKUTEN: &str = "はぱひぴふぷへぺほぽ";
/// Pairs of a large hiragana and its small form.
const SMALL: &str = "あぁいぃうぅえぇおぉかゕけゖつっやゃゆゅよょわゎ";
/// Distance from a hiragana to its katakana in Unicode.
const KATAKANA_OFFSET: u32 = 0x60;

/// Changes `text` as the key says; characters beyond `most` are not taken. Returns whether anything changed.
pub fn press(text: &mut String, key: Key, script: Script, most: usize) -> bool {
    match key {
        Key::Char(typed) => push(text, typed, script, most),
        Key::Dakuten => turn_last(text, DAKUTEN),
        Key::Handakuten => turn_last(text, HANDAKUTEN),
        Key::Small => turn_last(text, SMALL),
        Key::Delete => text.pop().is_some(),
        Key::Clear => {
            let had = !text.is_empty();
            text.clear();
            had
        }
        Key::Unknown | Key::Part(_) => false,
    }
}

fn push(text: &mut String, typed: char, script: Script, most: usize) -> bool {
    let fits = match script {
        Script::Katakana => {
            let kana = katakana(typed);
            is_katakana(kana).then_some(kana)
        }
        Script::Hiragana => {
            let kana = hiragana(typed);
            is_hiragana(kana).then_some(kana)
        }
        Script::Free => (!typed.is_control()).then_some(typed),
    };
    match fits {
        Some(' ' | '　') if text.is_empty() || text.ends_with([' ', '　']) => false,
        Some(kana) if text.chars().count() < most => {
            text.push(kana);
            true
        }
        _ => false,
    }
}

/// Turns the last character to its partner in `pairs`, and back when pressed again. A voiced kana turns to its
/// half-voiced one directly (ば → ぱ), so nobody has to think which mark is there now.
fn turn_last(text: &mut String, pairs: &str) -> bool {
    let Some(last) = text.pop() else { return false };
    let in_katakana = is_katakana_letter(last);
    let plain = hiragana(last);
    let turned = partner(plain, pairs).or_else(|| partner(bare(plain), pairs));
    let new = match turned {
        Some(kana) if in_katakana => katakana(kana),
        Some(kana) => kana,
        None => last,
    };
    text.push(new);
    new != last
}

fn partner(kana: char, pairs: &str) -> Option<char> {
    let letters: Vec<char> = pairs.chars().collect();
    letters.chunks(2).find_map(|pair| match pair {
        [plain, turned] if *plain == kana => Some(*turned),
        [plain, turned] if *turned == kana => Some(*plain),
        _ => None,
    })
}

/// The hiragana without dakuten, handakuten and in its large form.
fn bare(kana: char) -> char {
    let first_of = |pairs: &str, kana: char| {
        let letters: Vec<char> = pairs.chars().collect();
        letters.chunks(2).find_map(|pair| match pair {
            [plain, turned] if *turned == kana => Some(*plain),
            _ => None,
        })
    };
    let kana = first_of(SMALL, kana).unwrap_or(kana);
    let kana = first_of(DAKUTEN, kana).unwrap_or(kana);
    first_of(HANDAKUTEN, kana).unwrap_or(kana)
}

fn is_katakana_letter(letter: char) -> bool {
    ('ァ'..='ヶ').contains(&letter)
}

fn is_katakana(letter: char) -> bool {
    is_katakana_letter(letter) || matches!(letter, 'ー' | '・' | '　')
}

fn is_hiragana(letter: char) -> bool {
    ('ぁ'..='ゖ').contains(&letter) || letter == 'ー'
}

/// Katakana for a hiragana; a plain space becomes the full-width one that forms use between name parts.
#[must_use]
pub fn katakana(letter: char) -> char {
    match letter {
        'ぁ'..='ゖ' => char::from_u32(letter as u32 + KATAKANA_OFFSET).unwrap_or(letter),
        ' ' => '　',
        _ => letter,
    }
}

/// Hiragana for a katakana.
#[must_use]
pub fn hiragana(letter: char) -> char {
    match letter {
        'ァ'..='ヶ' => char::from_u32(letter as u32 - KATAKANA_OFFSET).unwrap_or(letter),
        _ => letter,
    }
}

/// What two readings must share to count as the same in a search: hiragana, unvoiced, large, without spaces and marks.
#[must_use]
pub fn fold(reading: &str) -> String {
    reading
        .chars()
        .map(hiragana)
        .filter(|letter| ('ぁ'..='ゖ').contains(letter))
        .map(bare)
        .collect()
}

/// The reading of a word with furigana marks: `{転入届|てんにゅうとどけ}` gives its kana; other letters stay.
#[must_use]
pub fn reading(marked: &str) -> String {
    let mut out = String::new();
    let mut rest = marked;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let inner = &rest[open + 1..];
        let Some(close) = inner.find('}') else {
            return out + inner;
        };
        out.push_str(inner[..close].rsplit('|').next().unwrap_or_default());
        rest = &inner[close + 1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: Script, keys: &[Key], expected: &str) {
        let mut text = String::new();
        for key in keys {
            press(&mut text, *key, script, 20);
        }
        assert_eq!(text, expected);
    }

    fn chars(word: &str) -> Vec<Key> {
        word.chars().map(Key::Char).collect()
    }

    #[test]
    fn marks_change_the_last_kana_and_change_it_back() {
        check(Script::Katakana, &[Key::Char('か'), Key::Dakuten], "ガ");
        check(
            Script::Katakana,
            &[Key::Char('か'), Key::Dakuten, Key::Dakuten],
            "カ",
        );
        check(
            Script::Katakana,
            &[Key::Char('ハ'), Key::Dakuten, Key::Handakuten],
            "パ",
        );
        check(
            Script::Katakana,
            &[Key::Char('ハ'), Key::Handakuten, Key::Dakuten],
            "バ",
        );
        check(Script::Katakana, &[Key::Char('ツ'), Key::Small], "ッ");
        check(
            Script::Katakana,
            &[Key::Char('ツ'), Key::Small, Key::Dakuten],
            "ヅ",
        );
        check(Script::Katakana, &[Key::Char('ウ'), Key::Dakuten], "ヴ");
        check(Script::Hiragana, &[Key::Char('ヨ'), Key::Small], "ょ");
        check(Script::Katakana, &[Key::Char('ン'), Key::Dakuten], "ン");
        check(
            Script::Katakana,
            &[Key::Dakuten, Key::Small, Key::Delete],
            "",
        );
    }

    #[test]
    fn only_the_script_is_taken() {
        check(Script::Katakana, &chars("たなか はなこ"), "タナカ　ハナコ");
        check(Script::Katakana, &chars("山a1タ"), "タ");
        check(Script::Hiragana, &chars("テン入ニュウ"), "てんにゅう");
        check(Script::Free, &chars("コーポ 203"), "コーポ 203");
        check(Script::Free, &chars("  ア  イ\u{7}"), "ア イ");
    }

    #[test]
    fn no_more_than_the_most() {
        let mut text = "アア".to_owned();
        assert!(!press(&mut text, Key::Char('ア'), Script::Katakana, 2));
        assert!(press(&mut text, Key::Dakuten, Script::Katakana, 2) == (text != "アア"));
        assert!(press(&mut text, Key::Clear, Script::Katakana, 2));
        assert_eq!(text, "");
    }

    #[test]
    fn search_ignores_marks_and_script() {
        assert_eq!(fold("てんにゅうとどけ"), fold("テンニユウトトケ"));
        assert_eq!(fold("パスポート 123"), "はすほと");
        assert_eq!(fold("ひっこし"), fold("ひつこし"));
    }

    #[test]
    fn readings_come_out_of_furigana() {
        assert_eq!(
            reading("ほかの {町|まち}から {転入|てんにゅう}"),
            "ほかの まちから てんにゅう"
        );
        assert_eq!(reading("{broken"), "broken");
    }
}
