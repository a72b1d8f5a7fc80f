//! The PIN pad: how many digits are typed, never which.

use session::screen::PinPadBody;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, PinView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &PinPadBody) -> Kind {
    let PinPadBody {
        title,
        lead,
        tries_left,
        digits,
        typed,
        keys,
        problem,
        choices,
    } = body;
    let problem = problem.as_ref();
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: Some(lead),
            picture: "",
            choices,
            problem,
        },
    );
    let view = main.global::<PinView>();
    view.set_tries(tries_left.map_or(-1, i32::from));
    view.set_digits(i32::try_from(*digits).unwrap_or(0));
    view.set_typed(i32::try_from(*typed).unwrap_or(0));
    fill(
        view.get_keys(),
        keys.iter().copied().map(i32::from).collect(),
        |model| view.set_keys(model),
    );
    Kind::PinPad
}
