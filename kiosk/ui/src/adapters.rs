//! From a session `Screen` to the globals of ui/model.slint, one small file a screen. Nothing is decided here: values are
//! put into words of the frame's language and handed over.

mod card_place;
mod choices;
mod done;
mod entry;
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
mod speaker;
mod tiles;
mod welcome;
mod working;

use session::screen::{Body, Screen};
use slint::ComponentHandle;

use crate::screens::{Frame, Kind, Main};
use crate::words::WordBook;

pub(crate) use sign::live;
pub(crate) use speaker::{Speaker, phrase};

/// Draws `screen`.
pub(crate) fn show(main: &Main, book: &WordBook, screen: &Screen) {
    let say = Speaker {
        book,
        language: &screen.frame.language,
    };
    frame::show(main, say, screen);
    let kind = body(main, say, &screen.body);
    main.global::<Frame>().set_kind(kind);
}

/// One adapter for each struct: another one does not compile.
fn body(main: &Main, say: Speaker<'_>, body: &Body) -> Kind {
    match body {
        Body::Welcome(body) => welcome::show(main, say, body),
        Body::Tiles(body) => tiles::show(main, say, body),
        Body::Search(body) => search::show(main, say, body),
        Body::Choices(body) => choices::show(main, say, body),
        Body::CardPlace(body) => card_place::show(main, say, body),
        Body::PinPad(body) => pin_pad::show(main, say, body),
        Body::Working(body) => working::show(main, say, body),
        Body::Notice(body) => notice::show(main, say, body),
        Body::Plan(body) => plan::show(main, say, body),
        Body::PlanDetail(card) => plan::show_detail(main, say, card),
        Body::Entry(body) => entry::show(main, say, body),
        Body::Review(body) => review::show(main, say, body),
        Body::Preview(body) => preview::show(main, say, body),
        Body::Sign(body) => sign::show(main, say, body),
        Body::Done(body) => done::show(main, say, body),
        Body::Leave(body) => leave::show(main, say, body),
    }
}
