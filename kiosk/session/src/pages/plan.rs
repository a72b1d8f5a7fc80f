//! The plan: every line, or one of them opened.

use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState};
use crate::plan_card::{all_items, open_card, plan_card, summary};
use crate::screen::{Body, PlanBody, Step};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The plan as a resident reads it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The line that is open.
    open: Option<usize>,
}

impl Plan {
    pub(crate) fn overview() -> Self {
        Self { open: None }
    }

    fn turn(&mut self, open: Option<usize>) -> Next {
        self.open = open;
        Next::Turned
    }
}

impl PageState for Plan {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let lines = visit.plan.lines();
        if let Some((index, line)) = self.open.and_then(|at| Some((at, lines.get(at)?))) {
            let card = open_card(index, line, visit, kiosk);
            return Page::new(Step::Plan, Body::PlanDetail(Box::new(card))).back();
        }
        let title = if lines.is_empty() {
            "plan.title.empty"
        } else {
            "plan.title.lines"
        };
        let cards = lines.iter().enumerate();
        let body = Body::Plan(PlanBody {
            title: Text::key(title),
            summary: summary(lines, kiosk),
            lines: cards
                .map(|(index, line)| plan_card(index, line, visit, kiosk))
                .collect(),
            bring: all_items(lines),
        });
        let next = if visit.forms.uses().is_empty() {
            "plan.print"
        } else {
            "plan.write"
        };
        Page::new(Step::Plan, body).back().next(next, true)
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match (self.open, touch) {
            (Some(_), Touch::Back) => self.turn(None),
            (None, Touch::Choose(ChoiceId::PlanLine(index)))
                if *index < visit.plan.lines().len() =>
            {
                self.turn(Some(*index))
            }
            (None, Touch::Back) => Next::QuestionBack,
            (None, Touch::Next) => Next::PlanRead,
            _ => Next::Ignored,
        }
    }
}
