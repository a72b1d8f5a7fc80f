//! Everything that belongs to one resident. Dropped whole when the visit ends; no field outlives it.

mod asking;
mod event_answers;
mod form_filling;
mod identity;
mod interview;
mod plan_choice;
mod printing;
mod saved;
mod wipe;

use application::{
    APPLICATION_VERSION, Application, FormSet, Need, Source, StaffNote, StaffNoteKind,
};
use guidance::{Facts, Plan};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::effect::{CardItems, Household, StaffReason};
use crate::touch::Language;
use crate::town::TownContext;

pub(crate) use asking::{Asking, NONE, others, person_of};
pub(crate) use event_answers::DetailStep;
pub(crate) use form_filling::FormFilling;
pub(crate) use identity::{HOLDER, Identity};
pub(crate) use interview::{Interview, NoEvent};
pub(crate) use plan_choice::{Offered, PlanChoice, has_form};
pub(crate) use printing::{Printing, Sheet};

/// One resident's visit. Each part keeps its own order; what one part means for another is written here. A visit can be
/// written down and put aside; whoever keeps it seals it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Visit {
    /// The day, in Japan, on which the visit began.
    pub(crate) today: Date,
    /// Who is here.
    pub(crate) identity: Identity,
    /// Questions and answers.
    pub(crate) interview: Interview,
    /// The plan, and what of it is wanted.
    pub(crate) plan: PlanChoice,
    /// The forms and their values.
    pub(crate) forms: FormFilling,
    /// The application and its papers.
    pub(crate) printing: Printing,
    /// What a clerk should look at.
    notes: Vec<StaffNote>,
    /// Staff were already called for this.
    called: Vec<StaffReason>,
}

impl Visit {
    pub(crate) fn new(today: Date) -> Self {
        Self {
            today,
            identity: Identity::default(),
            interview: Interview::default(),
            plan: PlanChoice::default(),
            forms: FormFilling::default(),
            printing: Printing::default(),
            notes: Vec::new(),
            called: Vec::new(),
        }
    }

    /// Notes something for a clerk, once.
    pub(crate) fn note(&mut self, kind: StaffNoteKind, key: Option<&str>) {
        let note = StaffNote {
            kind,
            key: key.map(str::to_owned),
        };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(crate) fn notes(&self) -> &[StaffNote] {
        &self.notes
    }

    /// True for the first call of staff for this reason, so that a lamp does not blink for every retry.
    pub(crate) fn is_first_call(&mut self, reason: StaffReason) -> bool {
        let first = !self.called.contains(&reason);
        if first {
            self.called.push(reason);
        }
        first
    }

    /// The card was read: its items are values from now on. Nothing is verified before the cloud answers.
    pub(crate) fn card_read(&mut self, items: CardItems) {
        self.interview.card_read(Some(&items));
        self.identity.card_read(items);
        self.card_unverified();
    }

    pub(crate) fn card_unverified(&mut self) {
        self.identity.card_unverified();
        self.note(StaffNoteKind::CardUnverified, None);
    }

    pub(crate) fn household_found(&mut self, household: Household) {
        if household.revocation_checked {
            self.notes
                .retain(|note| note.kind != StaffNoteKind::CardUnverified);
        }
        self.interview.household_found(&household.facts);
        self.identity.household_found(household);
    }

    /// A revoked or forged certificate: neither card nor what followed from it is used.
    pub(crate) fn distrust_card(&mut self) {
        self.identity.distrust_card();
        self.interview.card_read(None);
    }

    /// Begins an event with everything known about the household.
    pub(crate) fn begin_event(&mut self, facts: Facts) {
        let (household, card) = (self.identity.household(), self.identity.card());
        self.interview.begin(facts, household, card);
    }

    /// The person (id in the facts) who stands here, when the facts know one.
    pub(crate) fn applicant(&self) -> Option<&'static str> {
        let mut persons = self.interview.facts()?.persons();
        persons.any(|id| id == HOLDER).then_some(HOLDER)
    }

    /// What `application` has to know of the visit.
    fn form_context(&self) -> Option<application::FormContext<'_>> {
        Some(application::FormContext {
            facts: self.interview.facts()?,
            applicant: self.applicant(),
        })
    }

    /// Makes every value again, and the notes about them: a value may have been corrected or its form left out.
    pub(crate) fn fill_values(&mut self, forms: &FormSet) {
        let Some(facts) = self.interview.facts() else {
            return;
        };
        let context = application::FormContext {
            facts,
            applicant: self.applicant(),
        };
        let refused = self.forms.fill(forms, &context, &self.identity);
        for key in refused {
            self.note(StaffNoteKind::SubstitutedGlyph, Some(&key));
        }
        let own = [
            StaffNoteKind::LongText,
            StaffNoteKind::UnknownDate,
            StaffNoteKind::LeftOpen,
        ];
        self.notes.retain(|note| !own.contains(&note.kind));
        for (kind, key) in self.forms.notes(forms) {
            self.note(kind, Some(&key));
        }
    }

    /// Every value that the forms need and that is missing.
    pub(crate) fn all_needs(&self, forms: &FormSet) -> Vec<Need> {
        let context = self.form_context();
        let needs = context.map(|context| self.forms.all_needs(forms, &context));
        needs.unwrap_or_default()
    }

    /// What is missing and was not left for the counter.
    pub(crate) fn open_needs(&self, forms: &FormSet) -> Vec<Need> {
        let mut open = self.all_needs(forms);
        open.retain(|need| !self.forms.is_left_open(&need.key));
        open
    }

    /// A value said by the resident. One that card or core had said otherwise is marked for staff, and a date that the plan
    /// was computed from changes the plan.
    pub(crate) fn set_value(&mut self, town: &TownContext, key: &str, text: String) {
        let before = self.forms.values().get(key);
        if before.is_some_and(|value| value.text == text) {
            return;
        }
        if before.is_some_and(|value| matches!(value.source, Source::Card | Source::Core)) {
            self.note(StaffNoteKind::Changed, Some(key));
        }
        self.forms.no_longer_open(key);
        let eras = town.forms.eras();
        let date = eras.parse(&text).and_then(|date| eras.to_date(&date));
        if date.is_ok_and(|date| self.interview.correct_date(key, date)) {
            self.make_plan(town);
        }
        self.say_value(&town.forms, key, text);
    }

    /// Remembers what was said and makes the values again.
    pub(crate) fn say_value(&mut self, forms: &FormSet, key: &str, text: String) {
        self.forms.say(key, text);
        self.fill_values(forms);
    }

    pub(crate) fn leave_open(&mut self, forms: &FormSet, key: &str) {
        self.forms.leave_open(key);
        self.fill_values(forms);
    }

    /// Makes the plan for the facts as they are, with the forms of what is wanted of it. False without an event.
    pub(crate) fn make_plan(&mut self, town: &TownContext) -> bool {
        let Some(facts) = self.interview.facts() else {
            return false;
        };
        self.plan.keep(town.catalogue.plan(facts));
        self.choose_forms(&town.forms);
        true
    }

    /// The forms of what is wanted of the plan.
    pub(crate) fn choose_forms(&mut self, forms: &FormSet) {
        if let (Some(facts), Some(wanted)) = (self.interview.facts(), self.plan.for_forms(forms)) {
            self.forms.set_uses(forms.uses(&wanted, facts));
        }
    }

    /// Everything said, as it is now. The app gives it an id; the reception number comes with
    /// [`Reply::Stored`](crate::effect::Reply::Stored).
    pub(crate) fn application(&self, town: &TownContext, language: &Language) -> Application {
        let facts = self.interview.facts();
        let plan = self.plan.agreed(&town.forms);
        Application {
            version: APPLICATION_VERSION,
            id: String::new(),
            tenant: town.tenant.clone(),
            kiosk: town.kiosk.clone(),
            reception: None,
            as_of: self.today,
            event: facts.map_or("", Facts::event_kind).to_owned(),
            language: language.0.clone(),
            applicant: self.applicant().map(str::to_owned),
            facts: facts.map(Facts::to_value).unwrap_or_default(),
            plan: plan.unwrap_or_else(|| Plan::empty(self.today)),
            forms: self.forms.uses().to_vec(),
            forms_edition: town.forms_edition.clone(),
            values: self.forms.values().clone(),
            signature: self.forms.signature().cloned().unwrap_or_default(),
            card: self.identity.check(),
            notes: self.notes.clone(),
        }
    }
}
