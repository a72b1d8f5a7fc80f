//! One question with its choices.

use session::screen::ChoicesBody;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{ChoicesView, Kind, Main};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &ChoicesBody) -> Kind {
    let ChoicesBody {
        title,
        lead,
        picture,
        choices,
        many,
        why,
    } = body;
    let picture = picture.unwrap_or_default();
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: lead.as_ref(),
            picture,
            choices,
            problem: None,
        },
    );
    let view = main.global::<ChoicesView>();
    view.set_many(*many);
    view.set_why(why.is_some());
    view.set_why_open(why.as_ref().is_some_and(|why| why.open));
    view.set_why_text(translator.optional(why.as_ref().map(|why| &why.text)));
    let procedures = why
        .as_ref()
        .map(|why| translator.phrases(&why.procedures))
        .unwrap_or_default();
    fill(view.get_why_procedures(), procedures, |model| {
        view.set_why_procedures(model)
    });
    Kind::Choices
}
