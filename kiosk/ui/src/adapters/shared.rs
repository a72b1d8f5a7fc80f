//! What most pages share, and how lists are shown.

use session::screen::Choice;
use session::text::Text;
use slint::{ComponentHandle, Model, ModelRc, VecModel};

use super::translator::Translator;
use crate::screens::{self, Main};

/// Shows `rows` through the list that is there: rows that stay the same keep their elements, so a finger that is down on
/// one of them while the screen is renewed still presses it.
pub(super) fn fill<T: Clone + PartialEq + 'static>(
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

/// What most pages share; the rest of the Slint global `Body` is emptied.
#[derive(Default)]
pub(super) struct Shared<'a> {
    pub(super) title: Option<&'a Text>,
    pub(super) lead: Option<&'a Text>,
    pub(super) picture: &'a str,
    pub(super) choices: &'a [Choice],
    pub(super) problem: Option<&'a Text>,
}

pub(super) fn share(main: &Main, translator: Translator<'_>, shared: &Shared<'_>) {
    let body = main.global::<screens::Body>();
    body.set_title(translator.optional(shared.title));
    body.set_lead(translator.optional(shared.lead));
    body.set_has_lead(shared.lead.is_some());
    body.set_picture(shared.picture.into());
    fill(
        body.get_choices(),
        translator.items(shared.choices),
        |model| body.set_choices(model),
    );
    body.set_has_choices(!shared.choices.is_empty());
    body.set_problem(translator.optional(shared.problem));
    body.set_has_problem(shared.problem.is_some());
}
