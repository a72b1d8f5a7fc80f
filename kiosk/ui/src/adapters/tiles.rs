//! Life events.

use session::screen::TilesBody;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, TilesView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &TilesBody) -> Kind {
    let TilesBody {
        title,
        tiles,
        extra,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<TilesView>();
    fill(view.get_tiles(), translator.items(tiles), |model| {
        view.set_tiles(model)
    });
    fill(view.get_extra(), translator.items(extra), |model| {
        view.set_extra(model)
    });
    Kind::Tiles
}
