//! From a session `Screen` to the globals of ui/model.slint, one small file a screen. Nothing is decided here: values are
//! put into words of the frame's language and handed over.

mod card_place;
mod choices;
mod done;
mod entry;
mod forget;
mod frame;
mod leave;
mod notice;
mod pin_pad;
mod plan;
mod preview;
mod review;
mod search;
mod shared;
mod sign;
mod tiles;
mod translator;
mod welcome;
mod working;

use session::screen::{Body, Screen};
use slint::ComponentHandle;

use crate::screens::{Frame, Kind, Main};
use crate::words::WordBook;

pub(crate) use forget::forget;
pub(crate) use sign::live;
pub(crate) use translator::{Translator, phrase};

/// Draws `screen`.
pub(crate) fn show(main: &Main, book: &WordBook, screen: &Screen) {
    let translator = Translator {
        book,
        language: &screen.frame.language,
    };
    frame::show(main, translator, screen);
    let kind = body(main, translator, &screen.body);
    main.global::<Frame>().set_kind(kind);
}

/// One adapter for each struct: another one does not compile.
fn body(main: &Main, translator: Translator<'_>, body: &Body) -> Kind {
    match body {
        Body::Welcome(body) => welcome::show(main, translator, body),
        Body::Tiles(body) => tiles::show(main, translator, body),
        Body::Search(body) => search::show(main, translator, body),
        Body::Choices(body) => choices::show(main, translator, body),
        Body::CardPlace(body) => card_place::show(main, translator, body),
        Body::PinPad(body) => pin_pad::show(main, translator, body),
        Body::Working(body) => working::show(main, translator, body),
        Body::Notice(body) => notice::show(main, translator, body),
        Body::Plan(body) => plan::show(main, translator, body),
        Body::PlanDetail(card) => plan::show_detail(main, translator, card),
        Body::Entry(body) => entry::show(main, translator, body),
        Body::Review(body) => review::show(main, translator, body),
        Body::Preview(body) => preview::show(main, translator, body),
        Body::Sign(body) => sign::show(main, translator, body),
        Body::Done(body) => done::show(main, translator, body),
        Body::Leave(body) => leave::show(main, translator, body),
    }
}
