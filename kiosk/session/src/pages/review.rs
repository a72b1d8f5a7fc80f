//! Every value of every form, and where it came from.

use application::{StaffNoteKind, person_of, printed_keys};
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState};
use crate::people::People;
use crate::screen::{Body, Choice, ReviewBody, ReviewGroup, ReviewRow, Step};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The review; it holds nothing of its own.
#[derive(Serialize, Deserialize)]
pub(crate) struct Review;

impl PageState for Review {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let missing = visit.open_needs(&kiosk.town.forms);
        let missing: Vec<&str> = missing.iter().map(|need| need.key.as_str()).collect();
        let body = Body::Review(ReviewBody {
            title: Text::key("review.title"),
            papers: papers(visit, kiosk),
            groups: groups(&missing, visit, kiosk),
        });
        Page::new(Step::Forms, body)
            .back()
            .next("review.right", missing.is_empty())
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        let forms = &kiosk.town.forms;
        match touch {
            Touch::Choose(ChoiceId::Field(key)) => {
                let editable = forms.field(key).is_some_and(|field| field.editable);
                let offered = printed_keys(forms, visit.forms.uses(), visit.forms.values());
                if editable && offered.contains(key) {
                    Next::ValueChosen(key.clone())
                } else {
                    Next::Ignored
                }
            }
            Touch::Choose(ChoiceId::Form(form)) if *form < visit.forms.uses().len() => {
                Next::FormChosen(*form)
            }
            Touch::Next if visit.open_needs(forms).is_empty() => {
                visit.forms.set_reviewed(true);
                Next::Reviewed
            }
            Touch::Back => Next::PlanAgain,
            _ => Next::Ignored,
        }
    }
}

/// The papers that will be made.
fn papers(visit: &Visit, kiosk: &KioskState) -> Vec<Choice> {
    let uses = visit.forms.uses().iter().enumerate();
    let paper = |(index, one): (usize, &application::FormUse)| {
        let form = kiosk.town.forms.form(&one.form)?;
        let title = Text::Words(form.title.clone());
        let choice = Choice::new(ChoiceId::Form(index), title).picture("form");
        Some(choice.lead(Text::key("review.look")))
    };
    uses.filter_map(paper).collect()
}

/// The values by person, in the order in which the forms have them.
fn groups(missing: &[&str], visit: &Visit, kiosk: &KioskState) -> Vec<ReviewGroup> {
    let people = People::of(visit, &kiosk.town.catalogue);
    let keys = printed_keys(&kiosk.town.forms, visit.forms.uses(), visit.forms.values());
    let mut groups: Vec<(Option<String>, ReviewGroup)> = Vec::new();
    for key in keys {
        let is_missing = missing.contains(&key.as_str());
        let Some(row) = row(&key, is_missing, &people, visit, kiosk) else {
            continue;
        };
        let person = person_of(&key).map(str::to_owned);
        if let Some((_, group)) = groups.iter_mut().find(|(whose, _)| *whose == person) {
            group.rows.push(row);
            continue;
        }
        let title = match &person {
            Some(id) => people.call(id),
            None => Text::key("review.visit"),
        };
        let rows = vec![row];
        groups.push((person, ReviewGroup { title, rows }));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn row(
    key: &str,
    missing: bool,
    people: &People<'_>,
    visit: &Visit,
    kiosk: &KioskState,
) -> Option<ReviewRow> {
    let field = kiosk.town.forms.field(key)?;
    let value = visit.forms.values().get(key);
    if value.is_none() && !missing && !visit.forms.is_left_open(key) {
        return None;
    }
    Some(ReviewRow {
        id: ChoiceId::Field(key.to_owned()),
        label: people.label(key, &field.label),
        value: value.map(|value| value.text.clone()).unwrap_or_default(),
        source: value.map(|value| value.source),
        missing,
        staff: staff_note(key, visit),
        editable: field.editable,
    })
}

/// Why staff will look at the value.
fn staff_note(key: &str, visit: &Visit) -> Option<Text> {
    if visit.forms.is_left_open(key) {
        return Some(Text::key("review.later"));
    }
    let mut notes = visit.notes().iter();
    let note = notes.find(|note| note.key.as_deref() == Some(key))?;
    let words = match note.kind {
        StaffNoteKind::LongText => "review.staff.long",
        StaffNoteKind::SubstitutedGlyph => "review.staff.glyph",
        StaffNoteKind::UnknownDate => "review.staff.date",
        StaffNoteKind::Changed => "review.staff.changed",
        StaffNoteKind::LeftOpen => "review.later",
        StaffNoteKind::NoMatch | StaffNoteKind::CardUnverified | StaffNoteKind::NotDrawn => {
            return None;
        }
    };
    Some(Text::key(words))
}
