//! "Take your card and papers."

use session::text::Text;
use slint::ComponentHandle;

use super::{Shared, Speaker, share};
use crate::screens::{Kind, LeaveView, Main};

pub(super) fn show(
    main: &Main,
    say: Speaker<'_>,
    title: &Text,
    card_here: bool,
    papers: bool,
) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<LeaveView>();
    view.set_card(card_here);
    view.set_papers(papers);
    Kind::Leave
}
