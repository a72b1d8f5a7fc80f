//! Everything that belongs to one resident. Dropped whole when the visit ends; no field outlives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use application::{Application, CardCheck, FormUse, Signature, StaffNote, StaffNoteKind, ValueSet};
use guidance::{FactPath, Facts, Plan, Question};
use jiff::civil::Date;
use zeroize::Zeroize;

use crate::effect::CardItems;
use crate::entry::Entry;
use crate::paper::PrintQueue;
use crate::pin::{PLAIN_KEYS, Pin};
use crate::together::Turns;

/// One answer, to be taken back by "back".
pub(crate) struct Said {
    /// The facts that it gave.
    pub(crate) paths: Vec<FactPath>,
    /// How the interview stood before it.
    pub(crate) before: Turns,
}

/// One resident's visit.
pub(crate) struct Visit {
    /// The day, in Japan, on which the visit began.
    pub(crate) today: Date,
    /// Event and household before anything was said about them.
    pub(crate) base: Option<Facts>,
    /// Facts for guidance: the base with everything said.
    pub(crate) facts: Option<Facts>,
    /// Facts that the resident said, in order, so that "back" can take the last one back.
    pub(crate) said: Vec<Said>,
    /// How the interview stands, besides the facts.
    pub(crate) turns: Turns,
    /// Where in the event's own details.
    pub(crate) roster: crate::roster::Roster,
    /// Guidance's open questions for the facts as they stand.
    pub(crate) questions: Vec<Question>,
    /// The plan for the facts as they stand.
    pub(crate) plan: Option<Plan>,
    /// What of the plan the resident wants done or left out, by procedure and persons.
    pub(crate) decided: BTreeMap<String, bool>,
    /// The forms that the plan needs.
    pub(crate) uses: Vec<FormUse>,
    /// Values that the resident said, in order.
    pub(crate) said_values: Vec<(String, String)>,
    /// Values that the core system said.
    pub(crate) core: Option<ValueSet>,
    /// Keys of values typed, in order, for "back".
    pub(crate) typed: Vec<String>,
    /// Every value, once.
    pub(crate) values: ValueSet,
    /// The four items, when the card was read.
    pub(crate) card: Option<CardItems>,
    /// How far the card was checked.
    pub(crate) card_check: CardCheck,
    /// The household as the core system knows it.
    pub(crate) household: Option<Facts>,
    /// PIN digits on their way to the card.
    pub(crate) pin: Pin,
    /// Order of the PIN keys.
    pub(crate) keys: [u8; 10],
    /// "Why am I asked" is open.
    pub(crate) why_open: bool,
    /// What is being typed.
    pub(crate) entry: Entry,
    /// Values the resident said to leave for the counter.
    pub(crate) left_open: BTreeSet<String>,
    /// How it is signed.
    pub(crate) signature: Option<Signature>,
    /// Strokes on the pad, not yet confirmed.
    pub(crate) strokes: Vec<Vec<(u16, u16)>>,
    /// The resident read and confirmed every value.
    pub(crate) reviewed: bool,
    /// What a clerk should look at.
    pub(crate) notes: Vec<StaffNote>,
    /// The application, once it was put together.
    pub(crate) application: Option<Arc<Application>>,
    /// Papers to print.
    pub(crate) queue: PrintQueue,
    /// Staff were already called for this.
    pub(crate) called: Vec<crate::effect::StaffReason>,
}

impl Visit {
    pub(crate) fn new(today: Date) -> Self {
        Self {
            today,
            base: None,
            facts: None,
            said: Vec::new(),
            turns: Turns::default(),
            roster: crate::roster::Roster::default(),
            questions: Vec::new(),
            plan: None,
            decided: BTreeMap::new(),
            uses: Vec::new(),
            said_values: Vec::new(),
            core: None,
            typed: Vec::new(),
            values: ValueSet::default(),
            card: None,
            card_check: CardCheck::None,
            household: None,
            pin: Pin::new(),
            keys: PLAIN_KEYS,
            why_open: false,
            entry: Entry::default(),
            left_open: BTreeSet::new(),
            signature: None,
            strokes: Vec::new(),
            reviewed: false,
            notes: Vec::new(),
            application: None,
            queue: PrintQueue::default(),
            called: Vec::new(),
        }
    }

    /// Whether the card now read is the one that began the visit. The four items are compared as a whole: a
    /// different person in the same household differs in name or birth date.
    pub(crate) fn same_person(&self, items: &CardItems) -> bool {
        self.card.as_ref().is_some_and(|first| {
            first.name == items.name
                && first.birth_date == items.birth_date
                && first.address == items.address
        })
    }

    pub(crate) fn note(&mut self, kind: StaffNoteKind, key: Option<&str>) {
        let note = StaffNote {
            kind,
            key: key.map(str::to_owned),
        };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl Drop for Visit {
    /// Overwrites every text before its memory goes back. Dates, flags and stroke points are plain numbers inside
    /// collections of other crates; they are freed with them.
    fn drop(&mut self) {
        wipe(&mut self.values);
        self.core.iter_mut().for_each(wipe);
        self.said_values
            .iter_mut()
            .for_each(|(_, text)| text.zeroize());
        if let Some(application) = self.application.take().and_then(Arc::into_inner) {
            let mut values = application.values;
            wipe(&mut values);
        }
        self.strokes
            .iter_mut()
            .flatten()
            .for_each(|point| *point = (0, 0));
    }
}

/// Overwrites every text.
pub(crate) fn wipe(values: &mut ValueSet) {
    values.0.values_mut().for_each(|value| value.text.zeroize());
}
