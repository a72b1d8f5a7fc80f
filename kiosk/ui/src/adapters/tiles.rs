//! Life events.

use session::screen::Choice;
use session::text::Text;
use slint::ComponentHandle;

use super::{Shared, Speaker, fill, share};
use crate::screens::{Kind, Main, TilesView};

pub(super) fn show(
    main: &Main,
    say: Speaker<'_>,
    title: &Text,
    tiles: &[Choice],
    extra: &[Choice],
) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<TilesView>();
    fill(view.get_tiles(), say.items(tiles), |model| {
        view.set_tiles(model)
    });
    fill(view.get_extra(), say.items(extra), |model| {
        view.set_extra(model)
    });
    Kind::Tiles
}
