//! Filling the forms: one missing value after another, each once for every form; then review, preview, signature.

use std::sync::Arc;

use application::{Field, FieldKind, Need, Source, StaffNoteKind, needs, person_of};
use guidance::{FactPath, FactValue, Words};
use zeroize::Zeroize;

use crate::details::problem_text;
use crate::effect::{Request, Town};
use crate::pads;
use crate::page::{Explain, Page};
use crate::place::Place;
use crate::plan::PlanStage;
use crate::screen::{Body, Choice, PageImage, Step, Tone};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// Where in the forms.
pub(crate) enum Forms {
    /// Typing one value; from the review it goes back there.
    Entry {
        /// The value was chosen on the review.
        from_review: bool,
    },
    /// Every value, to be confirmed.
    Review,
    /// One page of a form as it will be printed.
    Preview(Preview),
    /// No forms: the plan itself is to be stored and printed.
    Confirm,
    /// The signature.
    Sign,
}

/// A page of a form.
pub(crate) struct Preview {
    /// Which form.
    pub(crate) form: usize,
    /// Which page, from 0.
    pub(crate) page: usize,
    /// How many pages; 1 until the first picture says more.
    pub(crate) pages: usize,
    /// Its picture, once it is drawn.
    pub(crate) image: Option<Arc<PageImage>>,
    /// It can't be drawn.
    pub(crate) failed: bool,
}

impl Session {
    pub(crate) fn begin_forms(&mut self) {
        self.visit.typed.clear();
        if self.visit.uses.is_empty() {
            self.go(Place::Forms(Forms::Confirm));
        } else {
            self.next_value();
        }
    }

    fn all_needs(&self) -> Vec<Need> {
        let asked = self.asked();
        asked
            .map(|asked| {
                needs(
                    &self.town.forms,
                    &asked,
                    &self.visit.uses,
                    &self.visit.values,
                )
            })
            .unwrap_or_default()
    }

    /// What is missing and was not left for the counter.
    pub(crate) fn open_needs(&self) -> Vec<Need> {
        let mut open = self.all_needs();
        open.retain(|need| !self.visit.left_open.contains(&need.key));
        open
    }

    /// The next missing value, or the review.
    pub(crate) fn next_value(&mut self) {
        match self.open_needs().into_iter().next() {
            Some(need) => self.show_value(need.key, false),
            None => self.review(),
        }
    }

    pub(crate) fn show_value(&mut self, key: String, from_review: bool) {
        self.give_up();
        if let Some(field) = self.town.forms.field(&key) {
            let mut entry =
                pads::filled(&field.kind, self.visit.values.text(&key), &self.town.forms);
            entry.key = key;
            self.visit.entry = entry;
            self.go(Place::Forms(Forms::Entry { from_review }));
        }
    }

    pub(crate) fn forms_page(&self, forms: &Forms) -> Page {
        match forms {
            Forms::Entry { .. } => self.value_page(),
            Forms::Review => self.review_page(),
            Forms::Preview(preview) => self.preview_page(preview),
            Forms::Confirm => {
                let page = Explain::new(Tone::Info, "receipt", "forms.confirm.title")
                    .line("forms.confirm.what")
                    .line("forms.confirm.kept");
                Page::new(Step::Paper, page.body())
                    .back()
                    .next("forms.confirm.print", true)
            }
            Forms::Sign => self.sign_page(),
        }
    }

    fn value_page(&self) -> Page {
        let entry = &self.visit.entry;
        let Some(field) = self.town.forms.field(&entry.key) else {
            return self.review_page();
        };
        let kind = &field.kind;
        let body = Body::Entry {
            title: self.value_question(&entry.key, field),
            lead: self.value_lead(field),
            pad: pads::pad(kind, entry, &self.town.forms, &self.look.language),
            problem: entry.problem.clone(),
            choices: value_choices(kind),
        };
        Page::new(Step::Forms, body)
            .back()
            .next("button.next", pads::is_ready(kind, entry))
    }

    /// The field's help, else on which papers the value goes.
    fn value_lead(&self, field: &Field) -> Option<Text> {
        if let Some(help) = &field.help {
            return Some(self.label(&self.visit.entry.key, help));
        }
        let needed = self.all_needs();
        let need = needed
            .iter()
            .find(|need| need.key == self.visit.entry.key)?;
        let titles = need.forms.iter().filter_map(|id| self.town.forms.form(id));
        let list = titles.map(|form| Text::Words(form.title.clone())).collect();
        Some(Text::Key(
            "entry.papers",
            vec![("papers", Text::List(list))],
        ))
    }

    /// The question that asks for a value.
    fn value_question(&self, key: &str, field: &Field) -> Text {
        let words = match (&field.ask, person_of(key)) {
            (Some(ask), Some(id)) if self.is_unnamed_self(id) => &ask.title_self,
            (Some(ask), _) => &ask.title,
            (None, _) => &field.label,
        };
        self.label(key, words)
    }

    /// A field's words with the person's name in them.
    pub(crate) fn label(&self, key: &str, words: &Words) -> Text {
        match person_of(key) {
            Some(id) => Text::WordsWith(words.clone(), vec![("person", self.person(id))]),
            None => Text::Words(words.clone()),
        }
    }

    pub(crate) fn forms_touch(&mut self, touch: &Touch) {
        let Place::Forms(forms) = &self.place else {
            return;
        };
        match forms {
            Forms::Entry { from_review } => self.value_touch(touch, *from_review),
            Forms::Review => self.review_touch(touch),
            Forms::Preview(_) => self.preview_touch(touch),
            Forms::Sign => self.sign_touch(touch),
            Forms::Confirm => match touch {
                Touch::Next => {
                    self.visit.reviewed = true;
                    self.store();
                }
                Touch::Back => self.back_from_forms(),
                _ => {}
            },
        }
    }

    fn value_touch(&mut self, touch: &Touch, from_review: bool) {
        let Some(kind) = self
            .town
            .forms
            .field(&self.visit.entry.key)
            .map(|field| field.kind.clone())
        else {
            return self.review();
        };
        match touch {
            Touch::Key(key) => {
                self.visit.entry.problem = None;
                let before = self.visit.entry.text.len();
                pads::press(&kind, &mut self.visit.entry, *key);
                let typed = self.visit.entry.text.len();
                if kind == FieldKind::PostalCode && typed != before {
                    self.look_up_postal_code();
                }
            }
            Touch::Choose(id) => self.value_choice(&kind, id, from_review),
            Touch::Next if pads::is_ready(&kind, &self.visit.entry) => {
                self.take_value(&kind, from_review)
            }
            Touch::Back => self.back_from_value(from_review),
            _ => {}
        }
    }

    fn value_choice(&mut self, kind: &FieldKind, id: &str, from_review: bool) {
        self.visit.entry.problem = None;
        if id == "later" && may_be_later(kind) {
            self.leave_for_counter(from_review);
        } else if let (FieldKind::PostalCode, Some(index)) = (kind, id.strip_prefix("town:")) {
            let town = index
                .parse()
                .ok()
                .and_then(|index: usize| self.visit.entry.towns.get(index).cloned());
            if let Some(town) = town {
                self.take_town(&town);
                self.take_value(kind, from_review);
            }
        } else if pads::pick(kind, &mut self.visit.entry, &self.town.forms, id) {
            self.take_value(kind, from_review);
        }
    }

    fn look_up_postal_code(&mut self) {
        if self.visit.entry.text.len() == pads::POSTAL {
            self.ask(Request::PostalCode(self.visit.entry.text.clone()));
        } else {
            self.give_up();
        }
    }

    pub(crate) fn towns_found(&mut self, towns: &[Town]) {
        if matches!(self.place, Place::Forms(Forms::Entry { .. })) {
            self.visit.entry.no_town = towns.is_empty();
            self.visit.entry.towns = towns.to_vec();
        }
    }

    /// The town goes into the address that the postal code belongs to: the address part beside it.
    fn take_town(&mut self, town: &Town) {
        let key = self.visit.entry.key.clone();
        let Some((group, _)) = key.rsplit_once('.') else {
            return;
        };
        let beside = self.town.forms.fields().find(|field| {
            let own = person_of(&key).map_or_else(
                || field.key.clone(),
                |id| application::key_for(&field.key, Some(id)),
            );
            field.kind == FieldKind::Address
                && field.parts.is_empty()
                && own
                    .rsplit_once('.')
                    .is_some_and(|(other, _)| other == group)
        });
        if let Some(field) = beside {
            let own = application::key_for(&field.key, person_of(&key));
            self.say_value(
                &own,
                format!("{}{}{}", town.prefecture, town.city, town.town),
            );
        }
    }

    fn take_value(&mut self, kind: &FieldKind, from_review: bool) {
        let checked = pads::text(kind, &self.visit.entry, &self.town.forms)
            .and_then(|text| self.town.forms.check(kind, &text));
        match checked {
            Ok(text) => {
                let key = self.visit.entry.key.clone();
                self.set_value(&key, text);
                self.value_done(key, from_review);
            }
            Err(problem) => self.visit.entry.problem = Some(problem_text(&problem)),
        }
    }

    /// A value said by the resident. One that card or core had said otherwise is marked for staff.
    fn set_value(&mut self, key: &str, text: String) {
        let before = self.visit.values.get(key);
        if before.is_some_and(|value| value.text == text) {
            return;
        }
        if before.is_some_and(|value| matches!(value.source, Source::Card | Source::Core)) {
            self.visit.note(StaffNoteKind::Changed, Some(key));
        }
        self.visit.left_open.remove(key);
        self.tell_guidance(key, &text);
        self.say_value(key, text);
    }

    /// Remembers what was said and makes the values anew.
    fn say_value(&mut self, key: &str, text: String) {
        self.unsay_value(key);
        self.visit.said_values.push((key.to_owned(), text));
        self.fill_values();
    }

    fn unsay_value(&mut self, key: &str) {
        self.visit.said_values.retain_mut(|(other, text)| {
            let stays = other != key;
            if !stays {
                text.zeroize();
            }
            stays
        });
    }

    /// A date that the plan was computed from was changed on the form: the plan changes with it.
    fn tell_guidance(&mut self, key: &str, text: &str) {
        let eras = self.town.forms.eras();
        let date = eras.parse(text).and_then(|date| eras.to_date(&date));
        let known = |facts: &guidance::Facts| {
            key.parse::<FactPath>()
                .is_ok_and(|path| facts.given(&path).is_some())
        };
        let Some(facts) = self.visit.facts.as_mut().filter(|facts| known(facts)) else {
            return;
        };
        if let Ok(date) = date
            && facts.set(key, FactValue::Date(date)).is_ok()
        {
            let plan = self.town.catalogue.plan(facts);
            self.take_plan(plan);
        }
    }

    fn leave_for_counter(&mut self, from_review: bool) {
        let key = self.visit.entry.key.clone();
        self.unsay_value(&key);
        self.visit.left_open.insert(key.clone());
        self.fill_values();
        self.value_done(key, from_review);
    }

    fn value_done(&mut self, key: String, from_review: bool) {
        self.give_up();
        if from_review && self.open_needs().is_empty() {
            self.review();
        } else {
            self.visit.typed.retain(|other| *other != key);
            self.visit.typed.push(key);
            self.next_value();
        }
    }

    /// The offer again, or the plan where nothing was offered.
    fn back_from_forms(&mut self) {
        if !self.offer() {
            self.go(Place::Plan(PlanStage::Overview));
        }
    }

    fn back_from_value(&mut self, from_review: bool) {
        self.give_up();
        if from_review {
            return self.review();
        }
        match self.visit.typed.pop() {
            Some(key) => {
                self.visit.left_open.remove(&key);
                self.show_value(key, false);
            }
            None => self.back_from_forms(),
        }
    }
}

/// Closed lists and yes/no can be answered by everybody; what is typed may be left for the counter.
fn may_be_later(kind: &FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Seal | FieldKind::Signature | FieldKind::Computed
    )
}

fn value_choices(kind: &FieldKind) -> Vec<Choice> {
    let words = match kind {
        FieldKind::Name => "entry.later.name",
        _ => "entry.later.counter",
    };
    if may_be_later(kind) {
        vec![Choice::new("later", Text::key(words))]
    } else {
        Vec::new()
    }
}
