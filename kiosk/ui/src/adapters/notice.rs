//! A page that explains.

use session::screen::{NoticeBody, Tone};
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, NoticeView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &NoticeBody) -> Kind {
    let NoticeBody {
        tone,
        picture,
        title,
        lines,
        choices,
        code,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            picture,
            choices,
            ..Shared::default()
        },
    );
    let view = main.global::<NoticeView>();
    view.set_tone(match tone {
        Tone::Info => 0,
        Tone::Success => 1,
        Tone::Warning => 2,
        Tone::Problem => 3,
    });
    fill(view.get_lines(), translator.phrases(lines), |model| {
        view.set_lines(model)
    });
    view.set_code(code.unwrap_or_default().into());
    Kind::Notice
}
