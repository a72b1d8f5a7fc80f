//! The order of a visit. Pages say what happened; which page comes then is written here and nowhere else.

use application::Signature;
use guidance::date_in_japan;
use serde::{Deserialize, Serialize};

use crate::effect::{CardItems, HouseholdProblem};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::{Next, Purpose};
use crate::page::PageState;
use crate::pages::card::Card;
use crate::pages::card_offer::CardOffer;
use crate::pages::choose::Choose;
use crate::pages::closed::Closed;
use crate::pages::confirm::Confirm;
use crate::pages::details::Details;
use crate::pages::household::Household;
use crate::pages::leave::Leave;
use crate::pages::offer::Offer;
use crate::pages::paper::Paper;
use crate::pages::plan::Plan;
use crate::pages::preview::Preview;
use crate::pages::question::Question;
use crate::pages::review::Review;
use crate::pages::sign::Sign;
use crate::pages::value::Value;
use crate::pages::welcome::Welcome;
use crate::visit::{NoEvent, Visit};

/// The page before the resident, in the order of a visit.
#[derive(Serialize, Deserialize)]
pub(crate) enum CurrentPage {
    Welcome(Welcome),
    Choose(Choose),
    CardOffer(CardOffer),
    Card(Card),
    Household(Household),
    Details(Details),
    Question(Question),
    Plan(Plan),
    Offer(Offer),
    Value(Value),
    Review(Review),
    Preview(Preview),
    Confirm(Confirm),
    Sign(Sign),
    Paper(Paper),
    Leave(Leave),
    /// No part of a visit, so none that is put aside.
    #[serde(skip)]
    Closed(Closed),
}

impl CurrentPage {
    pub(crate) fn state(&self) -> &dyn PageState {
        match self {
            Self::Welcome(page) => page,
            Self::Choose(page) => page,
            Self::CardOffer(page) => page,
            Self::Card(page) => page,
            Self::Household(page) => page,
            Self::Details(page) => page,
            Self::Question(page) => page,
            Self::Plan(page) => page,
            Self::Offer(page) => page,
            Self::Value(page) => page,
            Self::Review(page) => page,
            Self::Preview(page) => page,
            Self::Confirm(page) => page,
            Self::Sign(page) => page,
            Self::Paper(page) => page,
            Self::Leave(page) => page,
            Self::Closed(page) => page,
        }
    }

    pub(crate) fn state_mut(&mut self) -> &mut dyn PageState {
        match self {
            Self::Welcome(page) => page,
            Self::Choose(page) => page,
            Self::CardOffer(page) => page,
            Self::Card(page) => page,
            Self::Household(page) => page,
            Self::Details(page) => page,
            Self::Question(page) => page,
            Self::Plan(page) => page,
            Self::Offer(page) => page,
            Self::Value(page) => page,
            Self::Review(page) => page,
            Self::Preview(page) => page,
            Self::Confirm(page) => page,
            Self::Sign(page) => page,
            Self::Paper(page) => page,
            Self::Leave(page) => page,
            Self::Closed(page) => page,
        }
    }
}

/// Where a [`Next`] leads.
pub(crate) enum Onward {
    /// Nowhere: the page did not offer it.
    Ignored,
    /// The page stays.
    Stay,
    /// The page stays and shows something else.
    Turned,
    /// Another page.
    To(Box<CurrentPage>),
    /// The page stays, and the resident is asked whether all of it is to be forgotten.
    AskToStartOver,
    /// The visit is over and everything is forgotten.
    EndVisit,
    /// The welcome screen as the next resident finds it.
    NextResident,
}

/// The table of a visit.
pub(crate) fn follow(
    next: Next,
    visit: &mut Visit,
    kiosk: &KioskState,
    effects: &mut Effects,
) -> Onward {
    let page = match next {
        Next::Ignored => return Onward::Ignored,
        Next::Stay => return Onward::Stay,
        Next::Turned => return Onward::Turned,

        Next::Begun => begin(visit, kiosk),
        // A card was read, so the kiosk is no longer free for anybody: the visit ends only when that is meant.
        Next::NotBegun if visit.identity.card().is_some() => return Onward::AskToStartOver,
        Next::NotBegun => not_begun(visit, kiosk),
        Next::EventGivenUp => choose_event(visit),
        Next::EventChosen if visit.identity.card().is_some() => detail_or_question(visit, kiosk),
        Next::EventChosen => CurrentPage::CardOffer(CardOffer),

        Next::CardWanted(purpose) => CurrentPage::Card(Card::begin(purpose, kiosk, effects)),
        Next::CardLeft(Purpose::Identify) => CurrentPage::CardOffer(CardOffer),
        Next::CardDeclined(Purpose::Identify) => detail_or_question(visit, kiosk),
        Next::CardLeft(Purpose::Sign) => sign_or_store(visit, kiosk, effects),
        Next::CardDeclined(Purpose::Sign) => sign_or_store(visit, kiosk, effects),
        Next::Identified(items) => household(*items, visit, effects),
        Next::HouseholdMissing(problem) => household_missing(problem, visit, effects),
        Next::HouseholdDone => detail_or_question(visit, kiosk),

        Next::DetailDone => detail_or_question(visit, kiosk),
        Next::DetailBack => detail_before(visit, kiosk),
        Next::QuestionDone => question_or_plan(visit, kiosk),
        Next::QuestionBack => question_before(visit, kiosk),

        Next::PlanRead => offer_or_forms(visit, kiosk),
        Next::PlanAgain => CurrentPage::Plan(Plan::overview()),
        Next::OfferDone => forms(visit, kiosk),

        Next::ValueDone => value_or_review(visit, kiosk),
        Next::ValueBack => value_before(visit, kiosk),
        Next::ValueChosen(key) => value(key, true, visit, kiosk),
        Next::FormChosen(form) => CurrentPage::Preview(Preview::ask(form, visit, kiosk, effects)),
        Next::ReviewAgain => CurrentPage::Review(Review),
        Next::Reviewed => sign_or_store(visit, kiosk, effects),
        Next::Confirmed => store(visit, kiosk, effects),
        Next::ConfirmBack => offer_or_plan(visit, kiosk),
        Next::FormsAgain => review_or_confirm(visit),

        Next::Signed => store(visit, kiosk, effects),
        Next::SignedByCard => {
            visit.forms.sign(Some(Signature::ByCard));
            store(visit, kiosk, effects)
        }
        Next::StoreAgain => store(visit, kiosk, effects),
        Next::Finished => return Onward::EndVisit,
        Next::Left | Next::Reopened => return Onward::NextResident,
    };
    Onward::To(Box::new(page))
}

/// A visit begins on the day that it is in Japan.
fn begin(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    *visit = Visit::new(date_in_japan(kiosk.now));
    CurrentPage::Choose(Choose::tiles())
}

/// The welcome screen with nothing kept of what was touched.
fn not_begun(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    *visit = Visit::new(date_in_japan(kiosk.now));
    CurrentPage::Welcome(Welcome)
}

/// The tiles again; an event chosen before is given up.
fn choose_event(visit: &mut Visit) -> CurrentPage {
    visit.interview.give_up_event();
    CurrentPage::Choose(Choose::tiles())
}

/// The card was read: the household is asked for where a login was made.
fn household(items: CardItems, visit: &mut Visit, effects: &mut Effects) -> CurrentPage {
    let (proof, genuine) = (items.proof, items.genuine);
    visit.card_read(items);
    if proof {
        return CurrentPage::Household(Household::ask(effects));
    }
    let problem = if genuine {
        HouseholdProblem::Offline
    } else {
        HouseholdProblem::Unverified
    };
    household_missing(problem, visit, effects)
}

fn household_missing(
    problem: HouseholdProblem,
    visit: &mut Visit,
    effects: &mut Effects,
) -> CurrentPage {
    CurrentPage::Household(Household::missing(problem, visit, effects))
}

/// The first question about the event that is still open; after the last one, guidance's questions.
fn detail_or_question(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    let step = visit.interview.open_step(&kiosk.town.catalogue);
    visit.fill_values(&kiosk.town.forms);
    match step {
        Ok(Some(step)) => CurrentPage::Details(Details::show(step, visit, kiosk)),
        Ok(None) => question_or_plan(visit, kiosk),
        Err(NoEvent) => choose_event(visit),
    }
}

/// The question about the event before this one, or the card.
fn detail_before(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    match visit.interview.answers.take_back() {
        Some(step) => CurrentPage::Details(Details::show(step, visit, kiosk)),
        None if visit.identity.card().is_some() => choose_event(visit),
        None => CurrentPage::CardOffer(CardOffer),
    }
}

fn question_or_plan(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    if let Some(question) = Question::next(visit, kiosk) {
        return CurrentPage::Question(question);
    }
    if !visit.make_plan(&kiosk.town) {
        return choose_event(visit);
    }
    visit.fill_values(&kiosk.town.forms);
    CurrentPage::Plan(Plan::overview())
}

/// The last answer is taken back and asked again; before the first one come the questions about the event.
fn question_before(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    if visit.interview.take_back() {
        question_or_plan(visit, kiosk)
    } else {
        detail_before(visit, kiosk)
    }
}

/// What can be left out, where there is anything; else the forms.
fn offer_or_forms(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    match Offer::of(visit, kiosk) {
        Some(offer) => CurrentPage::Offer(offer),
        None => forms(visit, kiosk),
    }
}

fn offer_or_plan(visit: &Visit, kiosk: &KioskState) -> CurrentPage {
    match Offer::of(visit, kiosk) {
        Some(offer) => CurrentPage::Offer(offer),
        None => CurrentPage::Plan(Plan::overview()),
    }
}

/// The first value; without forms the plan itself is confirmed.
fn forms(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    visit.forms.begin();
    if visit.forms.uses().is_empty() {
        return CurrentPage::Confirm(Confirm);
    }
    value_or_review(visit, kiosk)
}

/// The next missing value, or the review.
fn value_or_review(visit: &Visit, kiosk: &KioskState) -> CurrentPage {
    match visit.open_needs(&kiosk.town.forms).into_iter().next() {
        Some(need) => value(need.key, false, visit, kiosk),
        None => CurrentPage::Review(Review),
    }
}

fn value(key: String, from_review: bool, visit: &Visit, kiosk: &KioskState) -> CurrentPage {
    match Value::show(key, from_review, visit, kiosk) {
        Some(value) => CurrentPage::Value(value),
        None => CurrentPage::Review(Review),
    }
}

/// The value before this one; before the first come the offer and the plan.
fn value_before(visit: &mut Visit, kiosk: &KioskState) -> CurrentPage {
    match visit.forms.take_back() {
        Some(key) => value(key, false, visit, kiosk),
        None => offer_or_plan(visit, kiosk),
    }
}

fn review_or_confirm(visit: &Visit) -> CurrentPage {
    if visit.forms.uses().is_empty() {
        CurrentPage::Confirm(Confirm)
    } else {
        CurrentPage::Review(Review)
    }
}

/// The signature; forms without a place for one are stored at once.
fn sign_or_store(visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> CurrentPage {
    if visit.forms.has_signature(&kiosk.town.forms) {
        CurrentPage::Sign(Sign::begin(visit))
    } else {
        store(visit, kiosk, effects)
    }
}

/// Nothing is stored that the resident did not confirm.
fn store(visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> CurrentPage {
    if visit.forms.is_reviewed() {
        CurrentPage::Paper(Paper::store(visit, kiosk, effects))
    } else {
        CurrentPage::Review(Review)
    }
}
