//! One value of the forms, typed or picked once for every form that needs it.

use application::{Field, FieldKind, person_of};
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effect::{PostalTown, Reply, Request};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::pads::{self, Picked, Typing};
use crate::page::{Page, PageState, problem_text};
use crate::people::People;
use crate::screen::{Body, Choice, EntryBody, Step};
use crate::text::Text;
use crate::touch::{Key, Touch};
use crate::visit::Visit;

/// A value with what is typed of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Value {
    key: String,
    typing: Typing,
    /// The value was to be taken as it is typed, and could not be.
    refused: bool,
    /// It was chosen on the review, and "back" leads there.
    from_review: bool,
}

impl Value {
    /// The value with what is there. None when no form has it.
    pub(crate) fn show(
        key: String,
        from_review: bool,
        visit: &Visit,
        kiosk: &KioskState,
    ) -> Option<Self> {
        let field = kiosk.town.forms.field(&key)?;
        let typing = pads::filled(
            &field.kind,
            visit.forms.values().text(&key),
            &kiosk.town.forms,
        );
        Some(Self {
            key,
            typing,
            refused: false,
            from_review,
        })
    }

    fn key(&mut self, kind: &FieldKind, key: Key, effects: &mut Effects) -> Next {
        self.refused = false;
        let before = self.typing.text.len();
        if !pads::press(kind, &mut self.typing, key) {
            return Next::Ignored;
        }
        if *kind == FieldKind::PostalCode && self.typing.text.len() != before {
            self.look_up_postal_code(effects);
        }
        Next::Stay
    }

    fn look_up_postal_code(&self, effects: &mut Effects) {
        if self.typing.text.len() == pads::POSTAL {
            effects.ask(Request::PostalCode(self.typing.text.clone()));
        } else {
            effects.give_up();
        }
    }

    fn choose(
        &mut self,
        kind: &FieldKind,
        id: &ChoiceId,
        visit: &mut Visit,
        kiosk: &KioskState,
    ) -> Next {
        self.refused = false;
        let forms = &kiosk.town.forms;
        match (kind, id) {
            (kind, ChoiceId::AtCounter) if may_be_later(kind) => {
                visit.leave_open(forms, &self.key);
                self.done(visit)
            }
            (FieldKind::PostalCode, ChoiceId::FoundTown(index)) => {
                let Some(town) = self.typing.town(*index).cloned() else {
                    return Next::Ignored;
                };
                self.take_town(&town, visit, kiosk);
                self.take(kind, visit, kiosk)
            }
            (kind, id) => match pads::pick(kind, &mut self.typing, forms, id) {
                Picked::Whole => self.take(kind, visit, kiosk),
                Picked::Part => Next::Stay,
                Picked::NotOffered => Next::Ignored,
            },
        }
    }

    /// The town goes into the address that the postal code belongs to: the address part beside it.
    fn take_town(&self, town: &PostalTown, visit: &mut Visit, kiosk: &KioskState) {
        let forms = &kiosk.town.forms;
        let person = person_of(&self.key);
        let own_key = |field: &Field| match person {
            Some(id) => application::key_for(&field.key, Some(id)),
            None => field.key.clone(),
        };
        let group = |key: &str| key.rsplit_once('.').map(|(group, _)| group.to_owned());
        let Some(own) = group(&self.key) else { return };
        let beside = forms.fields().find(|field| {
            let is_address = field.kind == FieldKind::Address && field.parts.is_empty();
            is_address && group(&own_key(field)) == Some(own.clone())
        });
        if let Some(field) = beside {
            let key = application::key_for(&field.key, person);
            let text = format!("{}{}{}", town.prefecture, town.city, town.town);
            visit.say_value(forms, &key, text);
        }
    }

    fn take(&mut self, kind: &FieldKind, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match self.checked(kind, kiosk) {
            Ok(text) => {
                visit.set_value(&kiosk.town, &self.key, text);
                self.done(visit)
            }
            Err(_) => {
                self.refused = true;
                Next::Stay
            }
        }
    }

    /// The value as it is typed, made regular, or what is wrong with it.
    fn checked(&self, kind: &FieldKind, kiosk: &KioskState) -> Result<String, Text> {
        let forms = &kiosk.town.forms;
        let checked =
            pads::text(kind, &self.typing, forms).and_then(|text| forms.check(kind, &text));
        checked.map_err(|problem| problem_text(&problem))
    }

    fn done(&self, visit: &mut Visit) -> Next {
        visit.forms.value_done(&self.key);
        Next::ValueDone
    }

    /// The question that asks for the value.
    fn question(&self, field: &Field, people: &People<'_>) -> Text {
        let words = match (&field.ask, person_of(&self.key)) {
            (Some(ask), Some(id)) if people.is_unnamed_self(id) => &ask.title_self,
            (Some(ask), _) => &ask.title,
            (None, _) => &field.label,
        };
        people.label(&self.key, words)
    }

    /// The field's help, else on which papers the value goes.
    fn lead(
        &self,
        field: &Field,
        people: &People<'_>,
        visit: &Visit,
        kiosk: &KioskState,
    ) -> Option<Text> {
        if let Some(help) = &field.help {
            return Some(people.label(&self.key, help));
        }
        let forms = &kiosk.town.forms;
        let needed = visit.all_needs(forms);
        let need = needed.iter().find(|need| need.key == self.key)?;
        let titles = need.forms.iter().filter_map(|id| forms.form(id));
        let list = titles.map(|form| Text::Words(form.title.clone())).collect();
        let papers = ("papers", Text::List(list));
        Some(Text::Key("entry.papers", vec![papers]))
    }
}

impl PageState for Value {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let forms = &kiosk.town.forms;
        let Some(field) = forms.field(&self.key) else {
            return Page::nothing(Step::Forms);
        };
        let kind = &field.kind;
        let people = People::of(visit, &kiosk.town.catalogue);
        let problem = self.refused.then(|| self.checked(kind, kiosk).err());
        let body = Body::Entry(EntryBody {
            title: self.question(field, &people),
            lead: self.lead(field, &people, visit, kiosk),
            pad: pads::pad(kind, &self.typing, forms, &kiosk.display.language),
            problem: problem.flatten(),
            choices: later_choice(kind),
        });
        Page::new(Step::Forms, body)
            .back()
            .next("button.next", pads::is_ready(kind, &self.typing))
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        let Some(field) = kiosk.town.forms.field(&self.key) else {
            return Next::ReviewAgain;
        };
        let kind = &field.kind;
        let next = match touch {
            Touch::Key(key) => self.key(kind, *key, effects),
            Touch::Choose(id) => self.choose(kind, id, visit, kiosk),
            Touch::Next if pads::is_ready(kind, &self.typing) => self.take(kind, visit, kiosk),
            Touch::Back if self.from_review => Next::ReviewAgain,
            Touch::Back => Next::ValueBack,
            _ => Next::Ignored,
        };
        if !matches!(next, Next::Stay | Next::Ignored) {
            // Nobody waits for towns any more.
            effects.give_up();
        }
        next
    }

    fn reply(
        &mut self,
        reply: Reply,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match reply {
            Reply::Towns(towns) => {
                self.typing.found(towns);
                Next::Stay
            }
            _ => self.no_reply(visit, kiosk, effects),
        }
    }
}

/// What is typed may be left for the counter, and so may what is picked; a seal or a computed value is no question.
fn may_be_later(kind: &FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Seal | FieldKind::Signature | FieldKind::Computed
    )
}

fn later_choice(kind: &FieldKind) -> Vec<Choice> {
    let words = match kind {
        FieldKind::Name => "entry.later.name",
        _ => "entry.later.counter",
    };
    if may_be_later(kind) {
        vec![Choice::new(ChoiceId::AtCounter, Text::key(words))]
    } else {
        Vec::new()
    }
}
