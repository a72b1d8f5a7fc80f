//! What a kiosk knows about its town before anybody comes.

use std::sync::Arc;

use application::FormSet;
use guidance::{Catalogue, Words};
use serde::Deserialize;

use crate::touch::Language;

/// Everything that stays the same from visit to visit. A new catalogue edition comes in as a new one.
#[derive(Clone)]
pub struct TownContext {
    /// The town's name as residents say it.
    pub name: Words,
    /// Tenant id in the cloud's paths.
    pub tenant: String,
    /// This kiosk's id, printed on every paper.
    pub kiosk: String,
    /// Languages of the word book, in the order of the buttons; the first is the one after every visit.
    pub languages: Vec<Language>,
    /// The rules in force.
    pub catalogue: Arc<Catalogue>,
    /// The forms that this kiosk can make.
    pub forms: Arc<FormSet>,
    /// Their edition's entity tag at the cloud; none for the shipped ones.
    pub forms_edition: Option<String>,
    /// Times and limits.
    pub policy: Policy,
}

/// Times and limits of a visit, in whole seconds where nothing else is said; `[visit]` of the kiosk's settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Quiet seconds before "are you still there?".
    pub warn_after: u32,
    /// Seconds that the warning stands before everything is wiped.
    pub grace: u32,
    /// Quiet seconds while staff are on their way.
    pub staff_after: u32,
    /// Seconds that "take your papers" stands when no card is on the reader.
    pub papers: u32,
    /// Seconds after which a card left on the reader calls staff.
    pub card_left: u32,
    /// Longest wait for card or cloud before the page says so.
    pub patience: u32,
    /// Longest wait for one paper before the page says so.
    pub print_patience: u32,
    /// Milliseconds after a page came in which a touch is not meant for it: nobody can have seen it yet.
    pub unseen_ms: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            warn_after: 60,
            grace: 30,
            staff_after: 300,
            papers: 15,
            card_left: 60,
            patience: 60,
            print_patience: 180,
            unseen_ms: 300,
        }
    }
}
