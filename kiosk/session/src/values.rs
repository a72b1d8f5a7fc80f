//! The values of the visit's forms, made from what card, core system, facts and the resident said.

use application::{CardFour, FieldKind, Source, StaffNoteKind, prefill};

use crate::household::HOLDER;
use crate::session::Session;

impl Session {
    /// Who stands here, when the plan knows this person.
    pub(crate) fn applicant(&self) -> Option<&'static str> {
        let facts = self.visit.facts.as_ref()?;
        facts.persons().any(|id| id == HOLDER).then_some(HOLDER)
    }

    /// What `application` has to know of the visit.
    pub(crate) fn asked(&self) -> Option<application::FormContext<'_>> {
        Some(application::FormContext {
            facts: self.visit.facts.as_ref()?,
            applicant: self.applicant(),
        })
    }

    /// Makes every value anew. Nothing of an answer that was taken back can stay on a form, because nothing is kept
    /// but what was said, and by whom.
    pub(crate) fn fill_values(&mut self) {
        let mut values = application::ValueSet::default();
        let Some(asked) = self.asked() else { return };
        let forms = &self.town.forms;
        let card = self.visit.card.as_ref().map(|card| CardFour {
            name: &card.name,
            address: &card.address,
            birth_date: card.birth_date,
            sex: card.sex,
        });
        let refused = prefill(forms, &asked, card, self.visit.core.as_ref(), &mut values);
        if let (Some(card), None) = (&self.visit.card, asked.applicant) {
            values.offer("applicant.name", card.name.clone(), Source::Card);
            values.offer(
                "applicant.birth_date",
                self.era_text(card.birth_date),
                Source::Card,
            );
            values.offer("applicant.address", card.address.clone(), Source::Card);
        }
        for (key, text) in &self.visit.said_values {
            // Said values were accepted when they were said; one that a new edition of facts makes impossible falls away.
            let _ = forms.enter(&asked, key, text, &mut values);
        }
        crate::visit::wipe(&mut self.visit.values);
        self.visit.values = values;
        for one in refused {
            self.visit
                .note(StaffNoteKind::SubstitutedGlyph, Some(&one.key));
        }
        self.note_values();
    }

    /// What of the values staff look at: what stands on a continuation list instead of in its box, dates with unknown
    /// parts whoever said them, and what was left to be written at the counter. Anew each time, since a value may
    /// have been mended or its form left out.
    fn note_values(&mut self) {
        let own = [
            StaffNoteKind::LongText,
            StaffNoteKind::UnknownDate,
            StaffNoteKind::LeftOpen,
        ];
        self.visit.notes.retain(|note| !own.contains(&note.kind));
        let printed =
            application::printed_keys(&self.town.forms, &self.visit.uses, &self.visit.values);
        for key in printed {
            for kind in self.worth_a_look(&key) {
                self.visit.note(kind, Some(&key));
            }
        }
    }

    fn worth_a_look(&self, key: &str) -> Vec<StaffNoteKind> {
        let text = self.visit.values.text(key);
        let Some(field) = self.town.forms.field(key) else {
            return Vec::new();
        };
        let is_date = matches!(field.kind, FieldKind::Date { .. });
        let vague = is_date && (text.contains("不詳") || text.ends_with('頃'));
        let found = [
            (field.may_overflow(text), StaffNoteKind::LongText),
            (vague, StaffNoteKind::UnknownDate),
            (
                text.is_empty() && self.visit.left_open.contains(key),
                StaffNoteKind::LeftOpen,
            ),
        ];
        let kinds = found.into_iter().filter(|(is, _)| *is);
        kinds.map(|(_, kind)| kind).collect()
    }
}
