//! The values of the visit's forms, made from what card, core system, facts and the resident said.

use application::{CardFour, Source, StaffNoteKind, prefill};

use crate::household::HOLDER;
use crate::session::Session;

impl Session {
    /// Who stands here, when the plan knows this person.
    pub(crate) fn applicant(&self) -> Option<&'static str> {
        let facts = self.visit.facts.as_ref()?;
        facts.persons().any(|id| id == HOLDER).then_some(HOLDER)
    }

    /// What `application` has to know of the visit.
    pub(crate) fn asked(&self) -> Option<application::Visit<'_>> {
        Some(application::Visit {
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
            let _ = forms.say(&asked, key, text, &mut values);
        }
        crate::visit::wipe(&mut self.visit.values);
        self.visit.values = values;
        for one in refused {
            self.visit
                .note(StaffNoteKind::SubstitutedGlyph, Some(&one.key));
        }
    }
}
