//! What a touch, a reply or a notice meant on a page.

use serde::{Deserialize, Serialize};

use crate::effect::{CardItems, HouseholdProblem};

/// What the card is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// Who is here, before the questions.
    Identify,
    /// The card's holder confirms the application instead of signing it.
    Sign,
}

/// What happened on a page; where it leads is written in `flow` alone.
pub(crate) enum Next {
    /// Nothing that this page offers.
    Ignored,
    /// The page goes on as it is, perhaps with a letter more.
    Stay,
    /// The same page asks or shows something else now.
    Turned,

    /// Somebody begins.
    Begun,
    /// Back from the first page.
    NotBegun,
    /// The life event is known.
    EventChosen,
    /// Back to the life events.
    EventGivenUp,

    /// The card will be used.
    CardWanted(Purpose),
    /// Back from the card.
    CardLeft(Purpose),
    /// On without the card.
    CardDeclined(Purpose),
    /// The card said who is here.
    Identified(Box<CardItems>),
    /// The card's holder confirmed the application.
    SignedByCard,
    /// The register was asked, or was not waited for.
    HouseholdDone,
    /// The card cannot be believed, or the register has no household for it.
    HouseholdMissing(HouseholdProblem),

    /// A question about the event was answered.
    DetailDone,
    /// Back from a question about the event.
    DetailBack,
    /// A question of guidance was answered.
    QuestionDone,
    /// Back from a question of guidance, or from the plan.
    QuestionBack,

    /// The plan was read.
    PlanRead,
    /// Back to the plan.
    PlanAgain,
    /// What may be left out was decided.
    OfferDone,

    /// A value was given, or left for the counter.
    ValueDone,
    /// Back from a value to the one before.
    ValueBack,
    /// Back from a value, or from a picture, to the review.
    ReviewAgain,
    /// A value of the review is to be changed.
    ValueChosen(String),
    /// A form is to be looked at.
    FormChosen(usize),
    /// Every value is right.
    Reviewed,
    /// Without forms: the plan is to be stored and printed.
    Confirmed,
    /// Back from there.
    ConfirmBack,
    /// Back to what was to be stored.
    FormsAgain,

    /// It is signed.
    Signed,
    /// It could not be stored and is to be tried again.
    StoreAgain,
    /// Everything is done.
    Finished,
    /// Card and papers were taken.
    Left,
    /// Staff have opened the closed kiosk again.
    Reopened,
}
