//! "Take your card and papers."

use session::screen::LeaveBody;
use slint::ComponentHandle;

use super::shared::{Shared, share};
use super::speaker::Speaker;
use crate::screens::{Kind, LeaveView, Main};

pub(super) fn show(main: &Main, say: Speaker<'_>, body: &LeaveBody) -> Kind {
    let LeaveBody {
        title,
        card_here,
        papers,
    } = body;
    share(
        main,
        say,
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
