//! The screen that waits for somebody.

use session::screen::WelcomeBody;
use session::text::Text;
use session::touch::Language;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Frame, Kind, LanguageItem, Main};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &WelcomeBody) -> Kind {
    let WelcomeBody { languages: offered } = body;
    share(main, translator, &Shared::default());
    let frame = main.global::<Frame>();
    frame.set_panel(false);
    fill(
        frame.get_languages(),
        languages(translator, offered),
        |model| frame.set_languages(model),
    );
    Kind::Welcome
}

/// Each language under its own name, whatever the language of the screen.
pub(super) fn languages(translator: Translator<'_>, offered: &[Language]) -> Vec<LanguageItem> {
    let item = |language: &Language| LanguageItem {
        tag: language.0.as_str().into(),
        name: Translator {
            book: translator.book,
            language,
        }
        .phrase(&Text::key("ui.language-name")),
        chosen: language == translator.language,
    };
    offered.iter().map(item).collect()
}
