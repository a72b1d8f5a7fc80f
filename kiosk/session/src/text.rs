//! Words as values: keys of the word book, data in several languages, or plain text.

use guidance::Words;

/// Something to be read aloud or drawn. Resolved by `ui`'s word book in the frame's language, except on paper.
#[derive(Clone, PartialEq)]
pub enum Text {
    /// A key of the word book (assets/words) with its arguments (`{name}` in the words).
    Key(&'static str, Vec<(&'static str, Text)>),
    /// Words that come from the catalogue or a form.
    Words(Words),
    /// The same in every language: names, numbers, codes.
    Plain(String),
    /// A date, said as people say it in the language (「6月24日(水)」).
    Date(jiff::civil::Date),
    /// Catalogue words with arguments.
    WordsWith(Words, Vec<(&'static str, Text)>),
    /// Several, one after another, joined by the language's list mark.
    List(Vec<Text>),
}

impl Text {
    /// A key without arguments.
    #[must_use]
    pub fn key(key: &'static str) -> Self {
        Self::Key(key, Vec::new())
    }
}
