//! The forms of the visit and their values: each entered once for every form.

use std::collections::BTreeSet;

use application::{
    FieldKind, FormSet, FormUse, Need, Signature, Source, StaffNoteKind, ValueSet, needs, prefill,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::visit::identity::Identity;
use crate::visit::wipe::wipe;

/// Most strokes and most points of a stroke: more than any name needs, and a bound for memory.
const STROKES: usize = 200;
/// Most points of one stroke.
const POINTS: usize = 2_000;
/// Coordinates are thousandths of the pad.
const EDGE: u16 = 1_000;

/// The forms, what is written on them, and how they are signed.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct FormFilling {
    /// The forms that the plan needs.
    uses: Vec<FormUse>,
    /// Every value, once; made again from card, register, facts and `said` after every change.
    values: ValueSet,
    /// Values that the resident said, in order.
    said: Vec<(String, String)>,
    /// Keys of the values asked so far, in order, for "back".
    asked: Vec<String>,
    /// Values to be written at the counter.
    left_open: BTreeSet<String>,
    /// The signature pad. It outlives its page: the resident may look at the review once more.
    strokes: Vec<Vec<(u16, u16)>>,
    signature: Option<Signature>,
    /// The resident read and confirmed every value.
    reviewed: bool,
}

impl FormFilling {
    pub(crate) fn uses(&self) -> &[FormUse] {
        &self.uses
    }

    pub(crate) fn set_uses(&mut self, uses: Vec<FormUse>) {
        self.uses = uses;
    }

    pub(crate) fn values(&self) -> &ValueSet {
        &self.values
    }

    /// Makes every value again. Nothing of an answer that was taken back can stay on a form, because nothing is kept
    /// but what was said and where it comes from. Gives the keys of what card or register said and this kiosk cannot take.
    pub(crate) fn fill(
        &mut self,
        forms: &FormSet,
        context: &application::FormContext<'_>,
        identity: &Identity,
    ) -> Vec<String> {
        let mut values = ValueSet::default();
        let card = identity.four_items();
        let refused = prefill(forms, context, card, identity.core(), &mut values);
        if let (Some(card), None) = (identity.card(), context.applicant) {
            let born = forms.eras().from_date(card.birth_date).to_string();
            values.offer("applicant.name", card.name.clone(), Source::Card);
            values.offer("applicant.birth_date", born, Source::Card);
            values.offer("applicant.address", card.address.clone(), Source::Card);
        }
        for (key, text) in &self.said {
            // Said values were accepted when they were said; one that a new edition of facts makes impossible falls away.
            let _ = forms.enter(context, key, text, &mut values);
        }
        wipe(&mut self.values);
        self.values = values;
        refused.into_iter().map(|one| one.key).collect()
    }

    /// What of the printed values staff look at: what is on a continuation list instead of in its box, dates with unknown
    /// parts whoever said them, and what was left to be written at the counter.
    pub(crate) fn notes(&self, forms: &FormSet) -> Vec<(StaffNoteKind, String)> {
        let printed = application::printed_keys(forms, &self.uses, &self.values);
        let of = |key: String| {
            let kinds = self.notes_of(forms, &key);
            kinds.into_iter().map(move |kind| (kind, key.clone()))
        };
        printed.into_iter().flat_map(of).collect()
    }

    fn notes_of(&self, forms: &FormSet, key: &str) -> Vec<StaffNoteKind> {
        let text = self.values.text(key);
        let Some(field) = forms.field(key) else {
            return Vec::new();
        };
        let is_date = matches!(field.kind, FieldKind::Date { .. });
        let vague = is_date && (text.contains("不詳") || text.ends_with('頃'));
        let open = text.is_empty() && self.is_left_open(key);
        let found = [
            (field.may_overflow(text), StaffNoteKind::LongText),
            (vague, StaffNoteKind::UnknownDate),
            (open, StaffNoteKind::LeftOpen),
        ];
        let kinds = found.into_iter().filter(|(is, _)| *is);
        kinds.map(|(_, kind)| kind).collect()
    }

    pub(crate) fn all_needs(
        &self,
        forms: &FormSet,
        context: &application::FormContext<'_>,
    ) -> Vec<Need> {
        needs(forms, context, &self.uses, &self.values)
    }

    /// Remembers what was said of a value; what was said of it before is overwritten.
    pub(crate) fn say(&mut self, key: &str, text: String) {
        self.unsay(key);
        self.said.push((key.to_owned(), text));
    }

    fn unsay(&mut self, key: &str) {
        self.said.retain_mut(|(other, text)| {
            let stays = other != key;
            if !stays {
                text.zeroize();
            }
            stays
        });
    }

    pub(crate) fn is_left_open(&self, key: &str) -> bool {
        self.left_open.contains(key)
    }

    /// The value is to be written at the counter.
    pub(crate) fn leave_open(&mut self, key: &str) {
        self.unsay(key);
        self.left_open.insert(key.to_owned());
    }

    pub(crate) fn no_longer_open(&mut self, key: &str) {
        self.left_open.remove(key);
    }

    /// Begins with the first value: "back" from it leads out of the forms.
    pub(crate) fn begin(&mut self) {
        self.asked.clear();
    }

    /// The value was asked and answered.
    pub(crate) fn value_done(&mut self, key: &str) {
        self.asked.retain(|other| other != key);
        self.asked.push(key.to_owned());
    }

    /// The value asked last, to be asked again.
    pub(crate) fn take_back(&mut self) -> Option<String> {
        let key = self.asked.pop()?;
        self.no_longer_open(&key);
        Some(key)
    }

    pub(crate) fn is_reviewed(&self) -> bool {
        self.reviewed
    }

    pub(crate) fn set_reviewed(&mut self, reviewed: bool) {
        self.reviewed = reviewed;
    }

    /// Whether any form of the visit has a place for a signature.
    pub(crate) fn has_signature(&self, forms: &FormSet) -> bool {
        let used = self.uses.iter().filter_map(|one| forms.form(&one.form));
        let mut fields = used.flat_map(|form| &form.fields);
        fields.any(|field| {
            let field = forms.field(&field.key);
            field.is_some_and(|field| field.kind == FieldKind::Signature)
        })
    }

    pub(crate) fn strokes(&self) -> &[Vec<(u16, u16)>] {
        &self.strokes
    }

    /// One stroke more; whether it was taken.
    pub(crate) fn add_stroke(&mut self, points: &[(u16, u16)]) -> bool {
        if points.is_empty() || self.strokes.len() >= STROKES {
            return false;
        }
        let points = points.iter().take(POINTS);
        let inside = points.map(|(x, y)| ((*x).min(EDGE), (*y).min(EDGE)));
        self.strokes.push(inside.collect());
        true
    }

    pub(crate) fn clear_strokes(&mut self) {
        self.strokes.clear();
    }

    pub(crate) fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }

    pub(crate) fn sign(&mut self, signature: Option<Signature>) {
        self.signature = signature;
    }
}

impl Drop for FormFilling {
    /// Overwrites every text before its memory goes back. Keys and flags say nothing about a person.
    fn drop(&mut self) {
        wipe(&mut self.values);
        self.said.iter_mut().for_each(|(_, text)| text.zeroize());
        let points = self.strokes.iter_mut().flatten();
        points.for_each(|point| *point = (0, 0));
    }
}
