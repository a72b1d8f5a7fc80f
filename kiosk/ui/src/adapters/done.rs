//! Finished.

use session::screen::Choice;
use session::text::Text;
use slint::ComponentHandle;

use super::{Shared, Speaker, fill, share};
use crate::screens::{DoneView, Kind, Main};

pub(super) fn show(
    main: &Main,
    say: Speaker<'_>,
    title: &Text,
    reception: &str,
    lines: &[Text],
    choices: &[Choice],
) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            choices,
            ..Shared::default()
        },
    );
    let view = main.global::<DoneView>();
    view.set_reception(reception.into());
    fill(view.get_lines(), say.phrases(lines), |model| {
        view.set_lines(model)
    });
    Kind::Done
}
