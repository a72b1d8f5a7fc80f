//! Asking the town who lives together, once the card has said who is here.

use application::{CardCheck, StaffNoteKind};
use guidance::{Facts, Subject};

use crate::effect::{CardItems, Household, HouseholdProblem, Request, StaffReason};
use crate::page::{Explain, Page, stages};
use crate::place::Place;
use crate::roster::Roster;
use crate::screen::{Body, Choice, Step, Tone};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// The person of the card.
pub(crate) const HOLDER: &str = "A";

/// How far the household is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HouseholdStage {
    /// The cloud checks the login and asks the core system.
    Checking,
    /// There is none; the visit goes on without.
    Missing(HouseholdProblem),
}

impl Session {
    /// The card was read: its items are values from now on, and the household is asked for where a login was made.
    pub(crate) fn identified(&mut self, items: CardItems) {
        let (proof, genuine) = (items.proof, items.genuine);
        self.visit.roster = Roster::after_card(Some(&items));
        self.visit.card = Some(items);
        self.card_unverified();
        if proof {
            self.ask(Request::Household);
            self.go(Place::Household(HouseholdStage::Checking));
        } else if genuine {
            self.household_missing(HouseholdProblem::Offline);
        } else {
            self.household_missing(HouseholdProblem::Unverified);
        }
    }

    pub(crate) fn household_page(&self, stage: HouseholdStage) -> Page {
        match stage {
            HouseholdStage::Checking => Page::new(Step::Card, checking_body()),
            HouseholdStage::Missing(problem) => {
                Page::new(Step::Card, missing_body(problem)).next("button.go_on", true)
            }
        }
    }

    pub(crate) fn household_touch(&mut self, stage: HouseholdStage, touch: &Touch) {
        match (stage, touch) {
            (HouseholdStage::Checking, Touch::Choose(id)) if id == "without" => {
                self.give_up();
                self.begin_details();
            }
            (HouseholdStage::Missing(_), Touch::Next) => self.begin_details(),
            _ => {}
        }
    }

    pub(crate) fn household_came(&mut self, household: Household) {
        self.visit.card_check = CardCheck::Verified;
        self.visit
            .notes
            .retain(|note| note.kind != StaffNoteKind::CardUnverified);
        if let Some(base) = self.visit.base.take() {
            self.visit.base = Some(with_household(base, &household.facts));
        }
        self.visit.household = Some(household.facts);
        self.visit.core = Some(household.values);
        self.begin_details();
    }

    pub(crate) fn household_missing(&mut self, problem: HouseholdProblem) {
        match problem {
            HouseholdProblem::NoMatch | HouseholdProblem::Several => {
                self.visit.note(StaffNoteKind::NoMatch, None);
                self.call_staff_once(StaffReason::NoMatch);
            }
            HouseholdProblem::Revoked | HouseholdProblem::Refused => self.distrust_card(),
            HouseholdProblem::Offline
            | HouseholdProblem::CoreDown
            | HouseholdProblem::Expired
            | HouseholdProblem::Unverified => {}
        }
        self.go(Place::Household(HouseholdStage::Missing(problem)));
    }

    /// A revoked or forged certificate: what the card said is not used either.
    fn distrust_card(&mut self) {
        self.visit.card = None;
        self.visit.roster = Roster::default();
    }
}

/// The event's own facts with what the core system knows of household and persons. The event of `known` is not
/// taken: only the resident says what happened.
pub(crate) fn with_household(mut base: Facts, known: &Facts) -> Facts {
    for person in known.persons() {
        // A person of that id can't be there yet: a base begins without persons.
        let _ = base.add_person(person);
    }
    for (path, value) in known
        .all_given()
        .filter(|(path, _)| path.subject != Subject::Event)
    {
        let _ = base.set(&path.to_string(), value);
    }
    base
}

fn checking_body() -> Body {
    Body::Working {
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
        choices: vec![Choice::new("without", Text::key("household.without"))],
    }
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
