//! 50音 search.

use session::screen::Choice;
use session::text::Text;
use slint::ComponentHandle;

use super::{Shared, Speaker, fill, share};
use crate::screens::{Kind, Main, SearchView};

pub(super) fn show(
    main: &Main,
    say: Speaker<'_>,
    title: &Text,
    query: &str,
    found: &[Choice],
) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<SearchView>();
    view.set_query(query.into());
    fill(view.get_found(), say.items(found), |model| {
        view.set_found(model)
    });
    Kind::Search
}
