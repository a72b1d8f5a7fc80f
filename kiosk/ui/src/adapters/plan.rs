//! The plan, and one line of it.

use session::screen::{PlanBody, PlanCard};
use session::text::Text;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::translator::Translator;
use crate::screens::{DetailView, Kind, Main, PlanItem, PlanView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &PlanBody) -> Kind {
    let PlanBody {
        title,
        summary,
        lines,
        bring,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            lead: Some(summary),
            ..Shared::default()
        },
    );
    let view = main.global::<PlanView>();
    view.set_summary(translator.phrase(summary));
    fill(
        view.get_lines(),
        lines.iter().map(|card| item(translator, card)).collect(),
        |model| view.set_lines(model),
    );
    fill(view.get_bring(), translator.bring(bring), |model| {
        view.set_bring(model)
    });
    Kind::Plan
}

pub(super) fn show_detail(main: &Main, translator: Translator<'_>, card: &PlanCard) -> Kind {
    share(
        main,
        translator,
        &Shared {
            title: Some(&card.title),
            ..Shared::default()
        },
    );
    let view = main.global::<DetailView>();
    view.set_line(item(translator, card));
    fill(view.get_bring(), translator.bring(&card.bring), |model| {
        view.set_bring(model)
    });
    fill(
        view.get_reasons(),
        translator.phrases(&card.reasons),
        |model| view.set_reasons(model),
    );
    Kind::PlanDetail
}

fn item(translator: Translator<'_>, card: &PlanCard) -> PlanItem {
    PlanItem {
        id: card.id.to_string().into(),
        title: translator.phrase(&card.title),
        who: if card.who.is_empty() {
            Default::default()
        } else {
            translator.phrase(&Text::List(card.who.clone()))
        },
        level: translator.phrase(&card.level),
        due: translator.optional(card.due.as_ref()),
        overdue: translator.optional(card.overdue.as_ref()),
        counter: translator.phrase(&card.counter),
        here: card.here,
        fee: translator.optional(card.fee.as_ref()),
        statute: card.statute.as_str().into(),
        unverified: card.unverified,
    }
}
