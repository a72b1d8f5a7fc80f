//! Who is here: what the card said, and what the town's register says of the household.

use application::{CardCheck, CardFour, ValueSet};
use guidance::{Facts, Subject};
use serde::{Deserialize, Serialize};

use crate::effect::{CardItems, Household};
use crate::visit::saved;
use crate::visit::wipe::wipe;

/// The person of the card in the facts.
pub(crate) const HOLDER: &str = "A";

/// Who is here, as far as it is known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Identity {
    #[serde(with = "saved::card")]
    card: Option<CardItems>,
    check: CardCheck,
    #[serde(with = "saved::facts")]
    household: Option<Facts>,
    /// Values of the core system.
    core: Option<ValueSet>,
}

impl Identity {
    /// The four items, when the card was read.
    pub(crate) fn card(&self) -> Option<&CardItems> {
        self.card.as_ref()
    }

    pub(crate) fn check(&self) -> CardCheck {
        self.check
    }

    /// The household as the core system knows it.
    pub(crate) fn household(&self) -> Option<&Facts> {
        self.household.as_ref()
    }

    pub(crate) fn core(&self) -> Option<&ValueSet> {
        self.core.as_ref()
    }

    /// The four items as forms take them.
    pub(crate) fn four_items(&self) -> Option<CardFour<'_>> {
        self.card.as_ref().map(|card| CardFour {
            name: &card.name,
            address: &card.address,
            birth_date: card.birth_date,
            sex: card.sex,
        })
    }

    pub(crate) fn card_read(&mut self, items: CardItems) {
        self.card = Some(items);
    }

    pub(crate) fn card_unverified(&mut self) {
        self.check = CardCheck::Unverified;
    }

    pub(crate) fn household_found(&mut self, household: Household) {
        if household.revocation_checked {
            self.check = CardCheck::Verified;
        }
        self.household = Some(household.facts);
        self.core = Some(household.values);
    }

    /// A revoked or forged certificate: what the card said is not used either.
    pub(crate) fn distrust_card(&mut self) {
        self.card = None;
    }

    /// Whether the card now read is the one that began the visit. Three of the four items are compared as a whole: a
    /// different person in the same household differs in name or birth date.
    pub(crate) fn is_holder(&self, items: &CardItems) -> bool {
        self.card.as_ref().is_some_and(|first| {
            first.name == items.name
                && first.birth_date == items.birth_date
                && first.address == items.address
        })
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.core.iter_mut().for_each(wipe);
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
