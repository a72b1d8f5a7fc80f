//! A card is to be laid on the reader.

use session::screen::CardPlaceBody;

use super::shared::{Shared, share};
use super::speaker::Speaker;
use crate::screens::{Kind, Main};

pub(super) fn show(main: &Main, say: Speaker<'_>, body: &CardPlaceBody) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(&body.title),
            lead: Some(&body.lead),
            choices: &body.choices,
            ..Shared::default()
        },
    );
    Kind::CardPlace
}
