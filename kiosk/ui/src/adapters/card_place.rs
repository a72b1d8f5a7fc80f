//! A card is to be laid on the reader.

use session::screen::CardPlaceBody;

use super::shared::{Shared, share};
use super::translator::Translator;
use crate::screens::{Kind, Main};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &CardPlaceBody) -> Kind {
    share(
        main,
        translator,
        &Shared {
            title: Some(&body.title),
            lead: Some(&body.lead),
            choices: &body.choices,
            ..Shared::default()
        },
    );
    Kind::CardPlace
}
