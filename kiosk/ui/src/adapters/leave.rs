//! "Take your card and papers."

use session::screen::LeaveBody;
use slint::ComponentHandle;

use super::shared::{Shared, share};
use super::translator::Translator;
use crate::screens::{Kind, LeaveView, Main};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &LeaveBody) -> Kind {
    let LeaveBody {
        title,
        card_here,
        papers,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<LeaveView>();
    view.set_card(*card_here);
    view.set_papers(*papers);
    Kind::Leave
}
