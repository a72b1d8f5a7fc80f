//! One value typed or picked.

use session::screen::{Choice, DatePad, EntryBody, Pad};
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{EntryView, Kind, Main, PadKind};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &EntryBody) -> Kind {
    let EntryBody {
        title,
        lead,
        pad,
        problem,
        choices,
    } = body;
    let problem = problem.as_ref();
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: lead.as_ref(),
            picture: "",
            choices,
            problem,
        },
    );
    let view = main.global::<EntryView>();
    let mut found: &[Choice] = &[];
    view.set_hyphen(false);
    view.set_none(false);
    let (kind, text) = match pad {
        Pad::Kana(text) => (PadKind::Kana, text.clone()),
        Pad::Text(text) => (PadKind::Text, text.clone()),
        Pad::Digits { text, most, hyphen } => {
            view.set_most(i32::try_from(*most).unwrap_or(i32::MAX));
            view.set_hyphen(*hyphen);
            (PadKind::Digits, text.clone())
        }
        Pad::Date(date) => {
            show_date(&view, translator, date);
            (PadKind::Date, String::new())
        }
        Pad::Postal {
            digits,
            found: towns,
            none,
        } => {
            found = towns;
            view.set_none(*none);
            (PadKind::Postal, postal(digits))
        }
        Pad::Vocabulary(words) => {
            found = words;
            (PadKind::Vocabulary, String::new())
        }
    };
    fill(view.get_found(), translator.items(found), |model| {
        view.set_found(model)
    });
    view.set_text(text.as_str().into());
    view.set_pad(kind);
    Kind::Entry
}

fn show_date(view: &EntryView<'_>, translator: Translator<'_>, date: &DatePad) {
    fill(view.get_eras(), translator.items(&date.eras), |model| {
        view.set_eras(model)
    });
    view.set_part(i32::try_from(date.part).unwrap_or(0));
    let parts = date.parts.iter().map(|part| part.as_str().into()).collect();
    fill(view.get_parts(), parts, |model| view.set_parts(model));
    view.set_unknown(date.unknown_allowed);
    view.set_spoken(date.spoken.as_deref().unwrap_or_default().into());
}

/// As it is written on an envelope: 123-4567.
fn postal(digits: &str) -> String {
    match digits.char_indices().nth(3) {
        Some((at, _)) => format!("〒{}-{}", &digits[..at], &digits[at..]),
        None => format!("〒{digits}"),
    }
}
