//! 50音 search.

use session::screen::SearchBody;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, SearchView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &SearchBody) -> Kind {
    let SearchBody {
        title,
        query,
        found,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<SearchView>();
    view.set_query(query.as_str().into());
    fill(view.get_found(), translator.items(found), |model| {
        view.set_found(model)
    });
    Kind::Search
}
