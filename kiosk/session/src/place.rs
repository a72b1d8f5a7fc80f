//! Where a visit stands.

use crate::card::{CardStage, Purpose};
use crate::choose::Choose;
use crate::details::Details;
use crate::forms::Forms;
use crate::household::HouseholdStage;
use crate::leave::Leave;
use crate::paper::Paper;
use crate::plan::PlanStage;

/// The place of a visit; each module draws its own and takes its touches.
pub(crate) enum Place {
    /// Nobody, or choosing a language.
    Welcome,
    /// Which life event, procedure or certificate.
    Choose(Choose),
    /// The card.
    Card(Purpose, CardStage),
    /// Asking the town.
    Household(HouseholdStage),
    /// What only this event needs: its date, and who is concerned.
    Details(Details),
    /// Guidance's next question.
    Question,
    /// What is to be done.
    Plan(PlanStage),
    /// Values, review, signature.
    Forms(Forms),
    /// Storing and printing.
    Paper(Paper),
    /// Take card and papers. Everything is forgotten already.
    Leave(Leave),
}

/// Whom the resident waits for, and so how long and what is said when it takes too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    Card(Purpose),
    Household,
    Storing,
    Printing,
}

impl Place {
    /// The work under way whose page has nothing for the resident to do; the idle clock stands still meanwhile.
    pub(crate) fn work(&self) -> Option<Work> {
        match self {
            Place::Card(purpose, CardStage::Counting | CardStage::Reading) => {
                Some(Work::Card(*purpose))
            }
            Place::Household(HouseholdStage::Checking) => Some(Work::Household),
            Place::Paper(Paper::Storing) => Some(Work::Storing),
            Place::Paper(Paper::Printing) => Some(Work::Printing),
            _ => None,
        }
    }
}
