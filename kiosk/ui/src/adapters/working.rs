//! Real work under way.

use session::screen::{Stage, StageState, WorkingBody};
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, StageItem, WorkingView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &WorkingBody) -> Kind {
    let WorkingBody {
        title,
        stages,
        lead,
        choices,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: lead.as_ref(),
            choices,
            ..Shared::default()
        },
    );
    let item = |stage: &Stage| StageItem {
        title: translator.phrase(&stage.title),
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
