//! The plan, and one line of it.

use session::screen::{PlanBody, PlanCard};
use session::text::Text;
use slint::ComponentHandle;

use super::shared::{Shared, fill, share};
use super::speaker::Speaker;
use crate::screens::{DetailView, Kind, Main, PlanItem, PlanView};

pub(super) fn show(main: &Main, say: Speaker<'_>, body: &PlanBody) -> Kind {
    let PlanBody {
        title,
        summary,
        lines,
        bring,
    } = body;
    share(
        main,
        say,
        &Shared {
            title: Some(title),
            lead: Some(summary),
            ..Shared::default()
        },
    );
    let view = main.global::<PlanView>();
    view.set_summary(say.phrase(summary));
    fill(
        view.get_lines(),
        lines.iter().map(|card| item(say, card)).collect(),
        |model| view.set_lines(model),
    );
    fill(view.get_bring(), say.bring(bring), |model| {
        view.set_bring(model)
    });
    Kind::Plan
}

pub(super) fn show_detail(main: &Main, say: Speaker<'_>, card: &PlanCard) -> Kind {
    share(
        main,
        say,
        &Shared {
            title: Some(&card.title),
            ..Shared::default()
        },
    );
    let view = main.global::<DetailView>();
    view.set_line(item(say, card));
    fill(view.get_bring(), say.bring(&card.bring), |model| {
        view.set_bring(model)
    });
    fill(view.get_because(), say.phrases(&card.because), |model| {
        view.set_because(model)
    });
    Kind::PlanDetail
}

fn item(say: Speaker<'_>, card: &PlanCard) -> PlanItem {
    PlanItem {
        id: card.id.to_string().into(),
        title: say.phrase(&card.title),
        who: if card.who.is_empty() {
            Default::default()
        } else {
            say.phrase(&Text::List(card.who.clone()))
        },
        level: say.phrase(&card.level),
        due: say.optional(card.due.as_ref()),
        overdue: say.optional(card.overdue.as_ref()),
        counter: say.phrase(&card.counter),
        here: card.here,
        fee: say.optional(card.fee.as_ref()),
        statute: card.statute.as_str().into(),
        unverified: card.unverified,
    }
}
