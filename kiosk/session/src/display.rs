//! How the screen is set for this resident: language, size, colours, reach.

use serde::{Deserialize, Serialize};

use crate::touch::{Contrast, Language, TextSize, Touch};

/// The four settings that can be changed on any screen without losing one's place.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Display {
    pub(crate) language: Language,
    pub(crate) text_size: TextSize,
    pub(crate) contrast: Contrast,
    pub(crate) low_reach: bool,
}

impl Display {
    /// What the next resident finds: the first language of the town.
    pub(crate) fn first(languages: &[Language]) -> Self {
        let language = languages
            .first()
            .cloned()
            .unwrap_or_else(|| Language("ja".to_owned()));
        Self {
            language,
            text_size: TextSize::Normal,
            contrast: Contrast::Normal,
            low_reach: false,
        }
    }

    /// Takes a touch on a setting; false when it was another touch. A language without words is not taken.
    pub(crate) fn touch(&mut self, touch: &Touch, languages: &[Language]) -> bool {
        match touch {
            Touch::Language(language) => {
                if languages.contains(language) {
                    self.language = language.clone();
                }
            }
            Touch::TextSize(size) => self.text_size = *size,
            Touch::Contrast(contrast) => self.contrast = *contrast,
            Touch::LowReach(low) => self.low_reach = *low,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_languages_with_words_are_taken() {
        let languages = [Language("ja".to_owned()), Language("en".to_owned())];
        let mut display = Display::first(&languages);
        assert!(display.touch(&Touch::Language(Language("en".to_owned())), &languages));
        assert_eq!(display.language, Language("en".to_owned()));
        assert!(display.touch(&Touch::Language(Language("xx".to_owned())), &languages));
        assert_eq!(display.language, Language("en".to_owned()));
        assert!(!display.touch(&Touch::Next, &languages));
    }
}
