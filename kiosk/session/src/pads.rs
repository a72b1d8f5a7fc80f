//! Pads for digits, and how each kind of field is entered.

use application::{FieldKind, FormSet, NO, YES};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::choice_id::ChoiceId;
use crate::date_pad::DateTyping;
use crate::effect::PostalTown;
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

/// What is typed or picked of one value.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Typing {
    /// Text, digits, or the word picked.
    pub(crate) text: String,
    /// A date, part by part.
    pub(crate) date: DateTyping,
    /// Towns that the postal code found.
    towns: Vec<PostalTown>,
    /// The postal code was looked up and nothing was found.
    no_town: bool,
}

/// What a choice on a pad did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Picked {
    /// The value is whole with it: the next page can come without another touch.
    Whole,
    /// Something more is to be typed or picked.
    Part,
    /// The pad does not offer it.
    NotOffered,
}

impl Typing {
    pub(crate) fn found(&mut self, towns: Vec<PostalTown>) {
        self.no_town = towns.is_empty();
        self.towns = towns;
    }

    pub(crate) fn town(&self, index: usize) -> Option<&PostalTown> {
        self.towns.get(index)
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.text.zeroize();
        for town in &mut self.towns {
            town.town.zeroize();
            town.kana.zeroize();
        }
    }
}

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
pub(crate) fn pad(kind: &FieldKind, typing: &Typing, forms: &FormSet, language: &Language) -> Pad {
    match kind {
        FieldKind::Kana => Pad::Kana(typing.text.clone()),
        FieldKind::Date { .. } => Pad::Date(typing.date.pad(forms.eras(), language)),
        FieldKind::PostalCode => Pad::Postal {
            digits: typing.text.clone(),
            found: typing
                .towns
                .iter()
                .enumerate()
                .map(|(index, town)| town_choice(index, town))
                .collect(),
            none: typing.no_town,
        },
        FieldKind::Digits { most, hyphen, .. } => Pad::Digits {
            text: typing.text.clone(),
            most: *most,
            hyphen: *hyphen,
        },
        FieldKind::Phone => Pad::Digits {
            text: typing.text.clone(),
            most: PHONE,
            hyphen: true,
        },
        FieldKind::Vocabulary { vocabulary } => {
            Pad::Vocabulary(words(forms, vocabulary, &typing.text))
        }
        FieldKind::Relationship => Pad::Vocabulary(generations(forms, &typing.text)),
        FieldKind::YesNo => Pad::Vocabulary(vec![
            word(YES, Text::key("answer.yes"), typing.text == YES),
            word(NO, Text::key("answer.no"), typing.text == NO),
        ]),
        FieldKind::Name
        | FieldKind::Address
        | FieldKind::Text { .. }
        | FieldKind::Seal
        | FieldKind::Signature
        | FieldKind::Computed => Pad::Text(typing.text.clone()),
    }
}

fn town_choice(index: usize, town: &PostalTown) -> Choice {
    let name = format!("{}{}{}", town.prefecture, town.city, town.town);
    Choice::new(ChoiceId::FoundTown(index), Text::Plain(name)).lead(Text::Plain(town.kana.clone()))
}

fn word(word: &str, title: Text, chosen: bool) -> Choice {
    Choice::new(ChoiceId::Word(word.to_owned()), title).chosen(chosen)
}

fn words(forms: &FormSet, vocabulary: &str, now: &str) -> Vec<Choice> {
    let entries = forms.vocabulary(vocabulary).iter();
    let choice = |entry: &application::Entry| {
        let title = Text::Words(entry.words.clone());
        word(&entry.value, title, entry.value == now)
    };
    entries.map(choice).collect()
}

/// 続柄 generation by generation: 「子」, then 「の」 leads to the next list. What is there so far shows first.
fn generations(forms: &FormSet, now: &str) -> Vec<Choice> {
    let last = now.rsplit('の').next().unwrap_or_default();
    let mut offered = words(forms, "relationship", last);
    let whole = !now.is_empty() && !now.ends_with('の');
    if whole && now.split('の').count() < GENERATIONS {
        offered.push(Choice::new(
            ChoiceId::AddGeneration,
            Text::Key(
                "entry.generation.more",
                vec![("now", Text::Plain(now.to_owned()))],
            ),
        ));
    } else if now.ends_with('の') {
        offered.push(Choice::new(
            ChoiceId::RemoveGeneration,
            Text::Key(
                "entry.generation.back",
                vec![("now", Text::Plain(now.to_owned()))],
            ),
        ));
    }
    offered
}

/// A key on the pad of this kind; false where the pad has no keys.
pub(crate) fn press(kind: &FieldKind, typing: &mut Typing, key: Key) -> bool {
    let text = &mut typing.text;
    match kind {
        FieldKind::Kana => {
            kana::press(text, key, Script::Katakana, NAME);
        }
        FieldKind::Date { .. } => typing.date.press(key),
        FieldKind::PostalCode => {
            press_digit(text, key, POSTAL, false);
            typing.towns.clear();
            typing.no_town = false;
        }
        FieldKind::Digits { most, hyphen, .. } => press_digit(text, key, *most, *hyphen),
        FieldKind::Phone => press_digit(text, key, PHONE, true),
        FieldKind::Text { most } => {
            kana::press(text, key, Script::Free, *most);
        }
        FieldKind::Name => {
            kana::press(text, key, Script::Free, NAME);
        }
        FieldKind::Address => {
            kana::press(text, key, Script::Free, ADDRESS);
        }
        FieldKind::Vocabulary { .. }
        | FieldKind::Relationship
        | FieldKind::YesNo
        | FieldKind::Seal
        | FieldKind::Signature
        | FieldKind::Computed => return false,
    }
    true
}

/// Picks something that the pad offers.
pub(crate) fn pick(
    kind: &FieldKind,
    typing: &mut Typing,
    forms: &FormSet,
    id: &ChoiceId,
) -> Picked {
    match (kind, id) {
        (FieldKind::Date { .. }, ChoiceId::Era(era)) => {
            typing.date.choose_era(era);
            Picked::Part
        }
        (FieldKind::Vocabulary { vocabulary }, ChoiceId::Word(word))
            if in_list(forms, vocabulary, word) =>
        {
            word.clone_into(&mut typing.text);
            Picked::Whole
        }
        (FieldKind::YesNo, ChoiceId::Word(word)) if word == YES || word == NO => {
            word.clone_into(&mut typing.text);
            Picked::Whole
        }
        (FieldKind::Relationship, id) => pick_generation(typing, forms, id),
        _ => Picked::NotOffered,
    }
}

fn pick_generation(typing: &mut Typing, forms: &FormSet, id: &ChoiceId) -> Picked {
    let text = &mut typing.text;
    match id {
        ChoiceId::Word(word) if in_list(forms, "relationship", word) => {
            let before = text.rfind('の').map_or(0, |at| at + 'の'.len_utf8());
            text.truncate(before);
            text.push_str(word);
            Picked::Part
        }
        ChoiceId::AddGeneration if text.split('の').count() < GENERATIONS => {
            text.push('の');
            Picked::Part
        }
        ChoiceId::RemoveGeneration => {
            text.pop();
            Picked::Part
        }
        _ => Picked::NotOffered,
    }
}

fn in_list(forms: &FormSet, vocabulary: &str, word: &str) -> bool {
    forms
        .vocabulary(vocabulary)
        .iter()
        .any(|entry| entry.value == word)
}

/// What is typed, as text to be checked; a problem while the pad is not whole.
pub(crate) fn text(
    kind: &FieldKind,
    typing: &Typing,
    forms: &FormSet,
) -> Result<String, application::Problem> {
    match kind {
        FieldKind::Date { .. } if typing.date.is_whole() => {
            typing.date.date(forms.eras()).map(|date| date.to_string())
        }
        FieldKind::Date { .. } => Err(application::Problem::new("problem.date_shape")),
        _ => Ok(typing.text.clone()),
    }
}

/// Whether the primary action can be touched.
pub(crate) fn is_ready(kind: &FieldKind, typing: &Typing) -> bool {
    match kind {
        FieldKind::Date { .. } => typing.date.is_whole(),
        FieldKind::PostalCode => typing.text.len() == POSTAL,
        FieldKind::Relationship => !typing.text.is_empty() && !typing.text.ends_with('の'),
        _ => !typing.text.trim().is_empty(),
    }
}

/// Puts a value that is there into the pad.
pub(crate) fn filled(kind: &FieldKind, text: &str, forms: &FormSet) -> Typing {
    let mut typing = Typing::default();
    match kind {
        FieldKind::Date { unknown, western } => {
            typing.date = match forms.eras().parse(text) {
                Ok(date) => DateTyping::filled(&date, forms.eras(), *unknown, *western),
                Err(_) => DateTyping::empty(None, *unknown, *western),
            };
        }
        FieldKind::PostalCode => typing.text = text.chars().filter(char::is_ascii_digit).collect(),
        _ => text.clone_into(&mut typing.text),
    }
    typing
}
