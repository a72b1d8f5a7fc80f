//! The 50音 search over life events and procedures.

use crate::document::{LifeEvent, Procedure};
use crate::{Catalogue, Words};

/// A search result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'a> {
    /// A life event, whose tile can be touched.
    Event(&'a LifeEvent),
    /// A procedure, which belongs to one life event or several.
    Procedure(&'a Procedure),
}

impl Catalogue {
    /// Life events and procedures whose title or reading contains `text`, events first, for the 50音 search.
    ///
    /// Hiragana and katakana are the same, letter case too; an empty text finds everything.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<Found<'_>> {
        let text = folded(text);
        let hit = |title: &Words, kana: &str| {
            folded(kana).contains(&text)
                || title
                    .languages()
                    .any(|tag| folded(title.get(tag)).contains(&text))
        };
        let events = self
            .document
            .event
            .iter()
            .filter(|event| hit(&event.title, &event.kana))
            .map(Found::Event);
        let procedures = self
            .document
            .procedure
            .iter()
            .filter(|entry| hit(&entry.title, &entry.kana));
        events.chain(procedures.map(Found::Procedure)).collect()
    }
}

fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        other => other,
    };
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(fold)
        .flat_map(char::to_lowercase)
        .collect()
}
