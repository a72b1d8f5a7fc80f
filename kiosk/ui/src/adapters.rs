//! From a session `Screen` to the globals of ui/model.slint, one small file a screen. Nothing is decided here: values are
//! put into words of the frame's language and handed over.

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
mod sign;
mod tiles;
mod welcome;
mod working;

use session::screen::{Body, BringItem, Choice, Screen};
use session::text::Text;
use session::touch::Language;
use slint::{ComponentHandle, Model, ModelRc, VecModel};

use crate::furigana;
use crate::screens::{self, Kind, Main, Matter, Phrase};
use crate::words::WordBook;

pub(crate) use sign::live;

/// The word book in one language.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    pub(crate) book: &'a WordBook,
    pub(crate) language: &'a Language,
}

impl Speaker<'_> {
    pub(crate) fn phrase(self, text: &Text) -> Phrase {
        phrase(&self.book.resolve(text, self.language))
    }

    fn optional(self, text: Option<&Text>) -> Phrase {
        text.map(|text| self.phrase(text)).unwrap_or_default()
    }

    fn phrases(self, texts: &[Text]) -> Vec<Phrase> {
        texts.iter().map(|text| self.phrase(text)).collect()
    }

    fn items(self, choices: &[Choice]) -> Vec<screens::Item> {
        choices.iter().map(|choice| self.item(choice)).collect()
    }

    fn item(self, choice: &Choice) -> screens::Item {
        screens::Item {
            id: choice.id.as_str().into(),
            title: self.phrase(&choice.title),
            lead: self.optional(choice.lead.as_ref()),
            picture: choice.picture.as_deref().unwrap_or_default().into(),
            chosen: choice.chosen,
        }
    }

    fn bring(self, items: &[BringItem]) -> Vec<screens::BringItem> {
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

/// Shows `rows` through the list that is there: rows that stay the same keep their elements, so a finger that is down on
/// one of them while the screen is renewed still presses it.
fn fill<T: Clone + PartialEq + 'static>(
    shown: ModelRc<T>,
    rows: Vec<T>,
    set: impl FnOnce(ModelRc<T>),
) {
    let same_length = shown.row_count() == rows.len() && shown.as_any().is::<VecModel<T>>();
    if !same_length {
        set(ModelRc::new(VecModel::from(rows)));
        return;
    }
    for (at, row) in rows.into_iter().enumerate() {
        if shown.row_data(at).as_ref() != Some(&row) {
            shown.set_row_data(at, row);
        }
    }
}

/// What most screens share; the rest of `Matter` is emptied.
#[derive(Default)]
struct Shared<'a> {
    title: Option<&'a Text>,
    lead: Option<&'a Text>,
    picture: &'a str,
    choices: &'a [Choice],
    problem: Option<&'a Text>,
}

fn share(main: &Main, say: Speaker<'_>, shared: &Shared<'_>) {
    let matter = main.global::<Matter>();
    matter.set_title(say.optional(shared.title));
    matter.set_lead(say.optional(shared.lead));
    matter.set_has_lead(shared.lead.is_some());
    matter.set_picture(shared.picture.into());
    fill(matter.get_choices(), say.items(shared.choices), |model| {
        matter.set_choices(model)
    });
    matter.set_has_choices(!shared.choices.is_empty());
    matter.set_problem(say.optional(shared.problem));
    matter.set_has_problem(shared.problem.is_some());
}

/// Draws `screen`.
pub(crate) fn show(main: &Main, book: &WordBook, screen: &Screen) {
    let say = Speaker {
        book,
        language: &screen.frame.language,
    };
    frame::show(main, say, screen);
    let kind = body(main, say, &screen.body);
    main.global::<screens::Frame>().set_kind(kind);
}

fn body(main: &Main, say: Speaker<'_>, body: &Body) -> Kind {
    match body {
        Body::Welcome { languages } => welcome::show(main, say, languages),
        Body::Tiles {
            title,
            tiles,
            extra,
        } => tiles::show(main, say, title, tiles, extra),
        Body::Search {
            title,
            query,
            found,
        } => search::show(main, say, title, query, found),
        Body::Choices { .. } => choices::show(main, say, body),
        Body::CardPlace {
            title,
            lead,
            choices,
        } => {
            share(
                main,
                say,
                &Shared {
                    title: Some(title),
                    lead: Some(lead),
                    choices,
                    ..Shared::default()
                },
            );
            Kind::CardPlace
        }
        Body::PinPad { .. } => pin_pad::show(main, say, body),
        Body::Working {
            title,
            stages,
            lead,
            choices,
        } => working::show(main, say, title, stages, lead.as_ref(), choices),
        Body::Notice { .. } => notice::show(main, say, body),
        Body::Plan {
            title,
            summary,
            lines,
            bring,
        } => plan::show(main, say, title, summary, lines, bring),
        Body::PlanDetail(card) => plan::show_detail(main, say, card),
        Body::Entry { .. } => entry::show(main, say, body),
        Body::Review {
            title,
            papers,
            groups,
        } => review::show(main, say, title, papers, groups),
        Body::Preview { title, page, image } => {
            preview::show(main, say, title, *page, image.as_deref())
        }
        Body::Sign {
            title,
            lead,
            strokes,
            choices,
        } => sign::show(main, say, title, lead, strokes, choices),
        Body::Done {
            title,
            reception,
            lines,
            choices,
        } => done::show(main, say, title, reception, lines, choices),
        Body::Leave {
            title,
            card_here,
            papers,
        } => leave::show(main, say, title, *card_here, *papers),
    }
}
