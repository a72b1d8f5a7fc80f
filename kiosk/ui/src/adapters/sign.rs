//! The signature pad.

use std::fmt::Write as _;

use session::screen::SignBody;
use slint::ComponentHandle;

use super::shared::{Shared, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, SignView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &SignBody) -> Kind {
    let SignBody {
        title,
        lead,
        strokes,
        choices,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: Some(lead),
            choices,
            ..Shared::default()
        },
    );
    let view = main.global::<SignView>();
    let drawn: String = strokes
        .iter()
        .map(|stroke| commands(stroke, view.get_aspect()))
        .collect();
    view.set_drawn(drawn.as_str().into());
    view.set_live(Default::default());
    Kind::Sign
}

/// Shows a stroke that is being drawn.
pub(crate) fn live(main: &Main, stroke: &[(u16, u16)]) {
    let view = main.global::<SignView>();
    view.set_live(commands(stroke, view.get_aspect()).as_str().into());
}

/// Path commands in thousandths of the pad's width; a single point becomes a dot.
fn commands(stroke: &[(u16, u16)], aspect: f32) -> String {
    let mut out = String::new();
    let [first, rest @ ..] = stroke else {
        return out;
    };
    let _ = write!(out, "M {} {:.1} ", first.0, f32::from(first.1) * aspect);
    if rest.is_empty() {
        let _ = write!(out, "l 1 0 ");
    }
    for (x, y) in rest {
        let _ = write!(out, "L {x} {:.1} ", f32::from(*y) * aspect);
    }
    out
}
