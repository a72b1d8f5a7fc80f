//! Pads for digits, and how each kind of field is entered.

use application::{FieldKind, FormSet, NO, YES};

use crate::date_pad::DateTyping;
use crate::entry::Entry;
use crate::kana::{self, Script};
use crate::screen::{Choice, Pad};
use crate::text::Text;
use crate::touch::{Key, Language};

/// Longest name or reading; the same as `application` accepts.
const NAME: usize = 100;
/// Longest address line.
const ADDRESS: usize = 200;
/// Digits of a postal code.
pub(crate) const POSTAL: usize = 7;
/// Digits of a telephone number, with two hyphens.
const PHONE: usize = 13;
/// Most generations of a 続柄.
const GENERATIONS: usize = 4;

/// Digits and, where allowed, hyphens.
pub(crate) fn press_digit(text: &mut String, key: Key, most: usize, hyphen: bool) {
    match key {
        Key::Char(digit)
            if (digit.is_ascii_digit() || hyphen && digit == '-')
                && text.chars().count() < most =>
        {
            text.push(digit);
        }
        Key::Delete => {
            text.pop();
        }
        Key::Clear => text.clear(),
        _ => {}
    }
}

/// The pad for a field with what is typed now.
pub(crate) fn pad(kind: &FieldKind, entry: &Entry, forms: &FormSet, language: &Language) -> Pad {
    match kind {
        FieldKind::Kana => Pad::Kana(entry.text.clone()),
        FieldKind::Date { .. } => Pad::Date(entry.date.pad(forms.eras(), language)),
        FieldKind::PostalCode => Pad::Postal {
            digits: entry.text.clone(),
            found: entry
                .towns
                .iter()
                .enumerate()
                .map(|(index, town)| town_choice(index, town))
                .collect(),
            none: entry.no_town,
        },
        FieldKind::Digits { most, hyphen, .. } => Pad::Digits {
            text: entry.text.clone(),
            most: *most,
            hyphen: *hyphen,
        },
        FieldKind::Phone => Pad::Digits {
            text: entry.text.clone(),
            most: PHONE,
            hyphen: true,
        },
        FieldKind::Vocabulary { vocabulary } => {
            Pad::Vocabulary(words(forms, vocabulary, &entry.text))
        }
        FieldKind::Relationship => Pad::Vocabulary(generations(forms, &entry.text)),
        FieldKind::YesNo => Pad::Vocabulary(vec![
            Choice::new(format!("word:{YES}"), Text::key("answer.yes")).chosen(entry.text == YES),
            Choice::new(format!("word:{NO}"), Text::key("answer.no")).chosen(entry.text == NO),
        ]),
        FieldKind::Name
        | FieldKind::Address
        | FieldKind::Text { .. }
        | FieldKind::Seal
        | FieldKind::Signature
        | FieldKind::Computed => Pad::Text(entry.text.clone()),
    }
}

fn town_choice(index: usize, town: &crate::effect::Town) -> Choice {
    let name = format!("{}{}{}", town.prefecture, town.city, town.town);
    Choice::new(format!("town:{index}"), Text::Plain(name)).lead(Text::Plain(town.kana.clone()))
}

fn words(forms: &FormSet, vocabulary: &str, now: &str) -> Vec<Choice> {
    let entries = forms.vocabulary(vocabulary).iter();
    entries
        .map(|entry| {
            Choice::new(
                format!("word:{}", entry.value),
                Text::Words(entry.words.clone()),
            )
            .chosen(entry.value == now)
        })
        .collect()
}

/// 続柄 generation by generation: 「子」, then 「の」 leads to the next list. What is there so far shows first.
fn generations(forms: &FormSet, now: &str) -> Vec<Choice> {
    let last = now.rsplit('の').next().unwrap_or_default();
    let mut offered = words(forms, "relationship", last);
    let whole = !now.is_empty() && !now.ends_with('の');
    if whole && now.split('の').count() < GENERATIONS {
        offered.push(Choice::new(
            "of",
            Text::Key(
                "entry.generation.more",
                vec![("now", Text::Plain(now.to_owned()))],
            ),
        ));
    } else if now.ends_with('の') {
        offered.push(Choice::new(
            "not-of",
            Text::Key(
                "entry.generation.back",
                vec![("now", Text::Plain(now.to_owned()))],
            ),
        ));
    }
    offered
}

/// A key on the pad of this kind.
pub(crate) fn press(kind: &FieldKind, entry: &mut Entry, key: Key) {
    match kind {
        FieldKind::Kana => {
            kana::press(&mut entry.text, key, Script::Katakana, NAME);
        }
        FieldKind::Date { .. } => entry.date.press(key),
        FieldKind::PostalCode => {
            press_digit(&mut entry.text, key, POSTAL, false);
            entry.towns.clear();
            entry.no_town = false;
        }
        FieldKind::Digits { most, hyphen, .. } => press_digit(&mut entry.text, key, *most, *hyphen),
        FieldKind::Phone => press_digit(&mut entry.text, key, PHONE, true),
        FieldKind::Text { most } => {
            kana::press(&mut entry.text, key, Script::Free, *most);
        }
        FieldKind::Name => {
            kana::press(&mut entry.text, key, Script::Free, NAME);
        }
        FieldKind::Address => {
            kana::press(&mut entry.text, key, Script::Free, ADDRESS);
        }
        FieldKind::Vocabulary { .. }
        | FieldKind::Relationship
        | FieldKind::YesNo
        | FieldKind::Seal
        | FieldKind::Signature
        | FieldKind::Computed => {}
    }
}

/// Picks a word. True when the value is whole with it, so that the next page can come without another touch.
pub(crate) fn pick(kind: &FieldKind, entry: &mut Entry, forms: &FormSet, id: &str) -> bool {
    match (kind, id.split_once(':').unwrap_or((id, ""))) {
        (FieldKind::Date { .. }, ("era", era)) => entry.date.choose_era(era),
        (FieldKind::Vocabulary { vocabulary }, ("word", word))
            if in_list(forms, vocabulary, word) =>
        {
            word.clone_into(&mut entry.text);
            return true;
        }
        (FieldKind::YesNo, ("word", word)) if word == YES || word == NO => {
            word.clone_into(&mut entry.text);
            return true;
        }
        (FieldKind::Relationship, ("word", word)) if in_list(forms, "relationship", word) => {
            let before = entry.text.rfind('の').map_or(0, |at| at + 'の'.len_utf8());
            entry.text.truncate(before);
            entry.text.push_str(word);
        }
        (FieldKind::Relationship, ("of", _)) if entry.text.split('の').count() < GENERATIONS => {
            entry.text.push('の')
        }
        (FieldKind::Relationship, ("not-of", _)) => {
            entry.text.pop();
        }
        _ => {}
    }
    false
}

fn in_list(forms: &FormSet, vocabulary: &str, word: &str) -> bool {
    forms
        .vocabulary(vocabulary)
        .iter()
        .any(|entry| entry.value == word)
}

/// What is typed, as text to be checked; `None` while the pad is not whole.
pub(crate) fn text(
    kind: &FieldKind,
    entry: &Entry,
    forms: &FormSet,
) -> Result<String, application::Problem> {
    match kind {
        FieldKind::Date { .. } if entry.date.is_whole() => {
            entry.date.date(forms.eras()).map(|date| date.to_string())
        }
        FieldKind::Date { .. } => Err(application::Problem::new("problem.date_shape")),
        _ => Ok(entry.text.clone()),
    }
}

/// Whether the primary action can be touched.
pub(crate) fn is_ready(kind: &FieldKind, entry: &Entry) -> bool {
    match kind {
        FieldKind::Date { .. } => entry.date.is_whole(),
        FieldKind::PostalCode => entry.text.len() == POSTAL,
        FieldKind::Relationship => !entry.text.is_empty() && !entry.text.ends_with('の'),
        _ => !entry.text.trim().is_empty(),
    }
}

/// Puts a value that is there into the pad.
pub(crate) fn filled(kind: &FieldKind, text: &str, forms: &FormSet) -> Entry {
    let mut entry = Entry::default();
    match kind {
        FieldKind::Date { unknown, western } => {
            entry.date = match forms.eras().parse(text) {
                Ok(date) => DateTyping::filled(&date, forms.eras(), *unknown, *western),
                Err(_) => DateTyping::empty(None, *unknown, *western),
            };
        }
        FieldKind::PostalCode => entry.text = text.chars().filter(char::is_ascii_digit).collect(),
        _ => text.clone_into(&mut entry.text),
    }
    entry
}
