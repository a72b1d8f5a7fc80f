//! Words of the visit's language, as the screens take them.

use session::screen::{BringItem, Choice};
use session::text::Text;
use session::touch::Language;

use crate::furigana;
use crate::screens::{self, Phrase};
use crate::words::WordBook;

/// The word book in one language.
#[derive(Clone, Copy)]
pub(crate) struct Translator<'a> {
    pub(crate) book: &'a WordBook,
    pub(crate) language: &'a Language,
}

impl Translator<'_> {
    pub(crate) fn phrase(self, text: &Text) -> Phrase {
        phrase(&self.book.resolve(text, self.language))
    }

    pub(super) fn optional(self, text: Option<&Text>) -> Phrase {
        text.map(|text| self.phrase(text)).unwrap_or_default()
    }

    pub(super) fn phrases(self, texts: &[Text]) -> Vec<Phrase> {
        texts.iter().map(|text| self.phrase(text)).collect()
    }

    pub(super) fn items(self, choices: &[Choice]) -> Vec<screens::Item> {
        choices.iter().map(|choice| self.item(choice)).collect()
    }

    pub(super) fn item(self, choice: &Choice) -> screens::Item {
        screens::Item {
            id: choice.id.to_string().into(),
            title: self.phrase(&choice.title),
            lead: self.optional(choice.lead.as_ref()),
            picture: choice.picture.as_deref().unwrap_or_default().into(),
            chosen: choice.chosen,
        }
    }

    pub(super) fn bring(self, items: &[BringItem]) -> Vec<screens::BringItem> {
        let one = |item: &BringItem| screens::BringItem {
            item: self.phrase(&item.item),
            why: self.optional(item.why.as_ref()),
            needed: item.needed,
        };
        items.iter().map(one).collect()
    }
}

/// A phrase for the screens. `marked` stays empty where nothing carries furigana and no line break is asked for; `plain`
/// is what is read aloud.
pub(crate) fn phrase(marked: &str) -> Phrase {
    let ruby = furigana::has_ruby(marked);
    let plain = unbroken(&furigana::plain(marked));
    let marked = if ruby || marked.contains('\n') {
        marked
    } else {
        ""
    };
    Phrase {
        plain: plain.as_str().into(),
        marked: marked.into(),
        ruby,
    }
}

/// Without the line breaks of titles: a space between Latin words, nothing in Japanese.
fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        if out.ends_with(|letter: char| letter.is_ascii() && letter != ' ') {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}
