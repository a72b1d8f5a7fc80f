//! What is being typed or picked now: one value at a time.

use zeroize::Zeroize;

use crate::date_pad::DateTyping;
use crate::effect::Town;
use crate::text::Text;

/// The value under the hand. Emptied whenever another one begins.
#[derive(Default)]
pub(crate) struct Entry {
    /// Key of the value, for values of forms.
    pub(crate) key: String,
    /// Text, digits, or the word picked.
    pub(crate) text: String,
    /// A date, part by part.
    pub(crate) date: DateTyping,
    /// Towns that the postal code found.
    pub(crate) towns: Vec<Town>,
    /// The postal code was looked up and nothing was found.
    pub(crate) no_town: bool,
    /// What is wrong with it.
    pub(crate) problem: Option<Text>,
    /// Persons marked in a question about everybody.
    pub(crate) marked: Vec<String>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.text.zeroize();
        for town in &mut self.towns {
            town.town.zeroize();
            town.kana.zeroize();
        }
    }
}
