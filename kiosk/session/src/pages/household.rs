//! Asking the town who lives together, once the card has said who is here.

use application::StaffNoteKind;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effect::{HouseholdProblem, Reply, Request, StaffReason};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Explain, Page, PageState, Work, stages};
use crate::screen::{Body, Choice, Step, Tone, WorkingBody};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// How far the household is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Household {
    /// The cloud checks the login and asks the core system.
    Checking,
    /// There is none; the visit goes on without.
    Missing(HouseholdProblem),
}

impl Household {
    /// Asks the cloud with the login of the card that was just read.
    pub(crate) fn ask(effects: &mut Effects) -> Self {
        effects.ask(Request::Household);
        Self::Checking
    }

    /// There is no household, with what follows for card and staff.
    pub(crate) fn missing(
        problem: HouseholdProblem,
        visit: &mut Visit,
        effects: &mut Effects,
    ) -> Self {
        match problem {
            HouseholdProblem::NoMatch | HouseholdProblem::Several => {
                visit.note(StaffNoteKind::NoMatch, None);
                if visit.is_first_call(StaffReason::NoMatch) {
                    effects.call_staff(StaffReason::NoMatch);
                }
            }
            HouseholdProblem::Revoked | HouseholdProblem::Refused => visit.distrust_card(),
            HouseholdProblem::Offline
            | HouseholdProblem::CoreDown
            | HouseholdProblem::Expired
            | HouseholdProblem::Unverified => {}
        }
        Self::Missing(problem)
    }
}

impl PageState for Household {
    fn view(&self, _visit: &Visit, _kiosk: &KioskState) -> Page {
        match self {
            Self::Checking => Page::new(Step::Card, checking_body()),
            Self::Missing(problem) => {
                Page::new(Step::Card, missing_body(*problem)).next("button.go_on", true)
            }
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match (self, touch) {
            (Self::Checking, Touch::Choose(ChoiceId::GoOnWithout)) => {
                effects.give_up();
                Next::HouseholdDone
            }
            (Self::Missing(_), Touch::Next) => Next::HouseholdDone,
            _ => Next::Ignored,
        }
    }

    fn reply(
        &mut self,
        reply: Reply,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match reply {
            Reply::Household(household) => {
                visit.household_found(*household);
                Next::HouseholdDone
            }
            Reply::NoHousehold(problem) => Next::HouseholdMissing(problem),
            _ => self.no_reply(visit, kiosk, effects),
        }
    }

    fn no_reply(
        &mut self,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        Next::HouseholdMissing(HouseholdProblem::Offline)
    }

    fn work(&self) -> Option<Work> {
        (*self == Self::Checking).then_some(Work::Online)
    }
}

fn checking_body() -> Body {
    Body::Working(WorkingBody {
        title: Text::key("household.checking.title"),
        stages: stages(
            &[
                "household.stage.card",
                "household.stage.check",
                "household.stage.questions",
            ],
            1,
        ),
        lead: Some(Text::key("household.checking.lead")),
        choices: vec![Choice::new(
            ChoiceId::GoOnWithout,
            Text::key("household.without"),
        )],
    })
}

fn missing_body(problem: HouseholdProblem) -> Body {
    let page = match problem {
        HouseholdProblem::Offline => Explain::new(Tone::Info, "offline", "household.offline.title")
            .line("household.go_on")
            .line("household.checked_later")
            .code("H-21"),
        HouseholdProblem::CoreDown => {
            Explain::new(Tone::Info, "offline", "household.core_down.title")
                .line("household.go_on")
                .code("H-22")
        }
        HouseholdProblem::NoMatch | HouseholdProblem::Several => {
            Explain::new(Tone::Info, "staff", "household.no_match.title")
                .line("household.no_match.staff")
                .line("household.go_on")
                .code(if problem == HouseholdProblem::NoMatch {
                    "H-23"
                } else {
                    "H-24"
                })
        }
        HouseholdProblem::Expired => {
            Explain::new(Tone::Warning, "calendar", "household.expired.title")
                .line("household.expired.do")
                .line("household.go_on")
                .code("H-25")
        }
        HouseholdProblem::Revoked => {
            Explain::new(Tone::Warning, "card-locked", "household.revoked.title")
                .line("household.revoked.do")
                .line("household.go_on")
                .code("H-26")
        }
        HouseholdProblem::Refused => {
            Explain::new(Tone::Warning, "card-locked", "household.refused.title")
                .line("household.refused.do")
                .line("household.go_on")
                .code("H-27")
        }
        HouseholdProblem::Unverified => {
            Explain::new(Tone::Info, "staff", "household.unverified.title")
                .line("household.unverified.staff")
                .line("household.go_on")
                .code("H-28")
        }
    };
    page.body()
}
