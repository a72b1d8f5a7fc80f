//! Real work under way.

use session::screen::{Choice, Stage, StageState};
use session::text::Text;
use slint::ComponentHandle;

use super::{Shared, Speaker, fill, share};
use crate::screens::{Kind, Main, StageItem, WorkingView};

pub(super) fn show(
    main: &Main,
    say: Speaker<'_>,
    title: &Text,
    stages: &[Stage],
    lead: Option<&Text>,
    choices: &[Choice],
) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            lead,
            choices,
            ..Shared::default()
        },
    );
    let item = |stage: &Stage| StageItem {
        title: say.phrase(&stage.title),
        state: match stage.state {
            StageState::Next => 0,
            StageState::Now => 1,
            StageState::Done => 2,
            StageState::Skipped => 3,
        },
    };
    let view = main.global::<WorkingView>();
    fill(
        view.get_stages(),
        stages.iter().map(item).collect(),
        |model| view.set_stages(model),
    );
    Kind::Working
}
