//! What need not be done today: asked once after the plan, each with what it is for.

use serde::{Deserialize, Serialize};

use crate::choice_id::{ChoiceId, PlanPart};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState, toggle};
use crate::people::People;
use crate::screen::{Body, Choice, ChoicesBody, Step};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::{Offered, Visit};

/// Parts of the plan that can be left out, those wanted marked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Offer {
    wanted: Vec<PlanPart>,
}

impl Offer {
    /// What can be left out, as it was decided so far. None where law demands everything.
    pub(crate) fn of(visit: &Visit, kiosk: &KioskState) -> Option<Self> {
        let offered = visit.plan.offered(&kiosk.town.forms);
        if offered.is_empty() {
            return None;
        }
        let wanted = offered.into_iter().filter(|one| visit.plan.is_wanted(one));
        let wanted = wanted.map(|one| one.part).collect();
        Some(Self { wanted })
    }

    fn choices(&self, visit: &Visit, kiosk: &KioskState) -> Vec<Choice> {
        let people = People::of(visit, &kiosk.town.catalogue);
        let offered = visit.plan.offered(&kiosk.town.forms).into_iter();
        let choice = |one: Offered<'_>| {
            let title = Text::Words(one.line.title.clone());
            let who = people.call_all(&one.part.persons);
            let title = match who.is_empty() {
                true => title,
                false => Text::Key(
                    "plan.offer.for",
                    vec![("what", title), ("who", Text::List(who))],
                ),
            };
            let chosen = self.wanted.contains(&one.part);
            let purpose = purpose(&one.part.procedure, kiosk);
            let choice = Choice::new(ChoiceId::PlanPart(one.part), title).chosen(chosen);
            match purpose {
                Some(purpose) => choice.lead(purpose),
                None => choice,
            }
        };
        offered.map(choice).collect()
    }
}

impl PageState for Offer {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let body = Body::Choices(ChoicesBody {
            title: Text::key("plan.offer.title"),
            lead: Some(Text::key("plan.offer.lead")),
            picture: None,
            choices: self.choices(visit, kiosk),
            many: true,
            why: None,
        });
        let words = if self.wanted.is_empty() {
            "plan.offer.none"
        } else {
            "button.next"
        };
        Page::new(Step::Plan, body).back().next(words, true)
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        let forms = &kiosk.town.forms;
        match touch {
            Touch::Choose(ChoiceId::PlanPart(part)) => {
                let mut offered = visit.plan.offered(forms).into_iter();
                if !offered.any(|one| one.part == *part) {
                    return Next::Ignored;
                }
                toggle(&mut self.wanted, part.clone());
                Next::Stay
            }
            Touch::Next => {
                visit.plan.decide(forms, &self.wanted);
                visit.choose_forms(forms);
                visit.fill_values(forms);
                Next::OfferDone
            }
            Touch::Back => Next::PlanAgain,
            _ => Next::Ignored,
        }
    }
}

fn purpose(procedure: &str, kiosk: &KioskState) -> Option<Text> {
    let purpose = &kiosk.town.catalogue.procedure(procedure)?.purpose;
    (!purpose.is_empty()).then(|| Text::Words(purpose.clone()))
}
