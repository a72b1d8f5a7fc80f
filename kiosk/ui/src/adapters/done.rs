//! Finished.

use session::screen::DoneBody;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{DoneView, Kind, Main};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &DoneBody) -> Kind {
    let DoneBody {
        title,
        reception,
        lines,
        choices,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            choices,
            ..Shared::default()
        },
    );
    let view = main.global::<DoneView>();
    view.set_reception(reception.as_str().into());
    fill(view.get_lines(), translator.phrases(lines), |model| {
        view.set_lines(model)
    });
    Kind::Done
}
