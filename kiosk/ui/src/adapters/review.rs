//! Every value of every form.

use application::Source;
use session::screen::{ReviewBody, ReviewRow};
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, ReviewItem, ReviewView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &ReviewBody) -> Kind {
    let ReviewBody {
        title,
        papers,
        groups,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<ReviewView>();
    fill(view.get_papers(), translator.items(papers), |model| {
        view.set_papers(model)
    });
    let rows = groups.iter().flat_map(|group| {
        let head = ReviewItem {
            head: true,
            label: translator.phrase(&group.title),
            ..ReviewItem::default()
        };
        std::iter::once(head).chain(group.rows.iter().map(|row| item(translator, row)))
    });
    fill(view.get_rows(), rows.collect(), |model| {
        view.set_rows(model)
    });
    Kind::Review
}

fn item(translator: Translator<'_>, row: &ReviewRow) -> ReviewItem {
    ReviewItem {
        head: false,
        id: row.id.to_string().into(),
        label: translator.phrase(&row.label),
        value: row.value.as_str().into(),
        source: match row.source {
            None => 0,
            Some(Source::Card) => 1,
            Some(Source::Core) => 2,
            Some(Source::Resident) => 3,
            Some(Source::Fixed) => 4,
        },
        missing: row.missing,
        staff: translator.optional(row.staff.as_ref()),
        editable: row.editable,
    }
}
