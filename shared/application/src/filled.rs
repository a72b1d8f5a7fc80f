//! A form with its values: every box of the template resolved to text, with its source.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::era::EraDate;
use crate::field::{FieldKind, NO, PERSON, YES, key_for};
use crate::form::{Form, FormField, FormSet};
use crate::sealed::{Application, CardCheck, FormUse, Signature};
use crate::value::{Source, ValueKey};

/// Why a form could not be filled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FillError {
    /// The edition has no such form.
    #[error("no form {0:?} in this edition")]
    NoForm(String),
}

/// A filled form, ready to be typeset. No Debug: it is people.
#[derive(Clone, PartialEq, Serialize)]
pub struct FilledForm {
    /// Form id; the template is `<id>.typ`.
    pub form: String,
    /// Title, Japanese.
    pub title: String,
    /// The counter that takes it, Japanese.
    pub counter: String,
    /// Statute at the foot.
    pub statute: String,
    /// The town's name: 「玄関町」.
    pub town: String,
    /// Application id (UUID).
    pub application: String,
    /// Reception number; `None` on a preview.
    pub reception: Option<String>,
    /// Day of the visit; the date of the PDF.
    pub as_of: Date,
    /// Id of the life event.
    pub event: String,
    /// Boxes of the visit by name.
    pub boxes: BTreeMap<String, FilledBox>,
    /// A row for each person.
    pub persons: Vec<FilledPerson>,
    /// How it was signed.
    pub signature: Signature,
    /// How far the card was checked.
    pub card: CardCheck,
}

/// One person's boxes.
#[derive(Clone, PartialEq, Serialize)]
pub struct FilledPerson {
    /// Id of the person in the application's facts.
    pub id: String,
    /// Boxes by name.
    pub boxes: BTreeMap<String, FilledBox>,
}

/// One box of the paper.
#[derive(Clone, PartialEq, Serialize)]
pub struct FilledBox {
    /// Key of the value, with the person's id.
    pub key: ValueKey,
    /// Name of the value, Japanese; printed on the continuation list.
    pub label: String,
    /// What is printed; empty when there is no value.
    pub text: String,
    /// Where it came from.
    pub source: Option<Source>,
    /// Era, year, month, day of a date.
    pub date: Option<[String; 4]>,
    /// What can be ticked, for a closed vocabulary.
    pub options: Vec<String>,
}

/// Resolves every box of one form of an application. `town` is the municipality's name (「玄関町」).
///
/// # Errors
/// [`FillError::NoForm`] when the edition does not have the form.
pub fn fill(
    set: &FormSet,
    one: &FormUse,
    application: &Application,
    town: &str,
) -> Result<FilledForm, FillError> {
    let form = set
        .form(&one.form)
        .ok_or_else(|| FillError::NoForm(one.form.clone()))?;
    let boxes = boxes(set, form, application, None);
    let persons = one.persons.iter().enumerate().map(|(at, id)| FilledPerson {
        id: id.clone(),
        boxes: self::boxes(set, form, application, Some((at, id))),
    });
    Ok(FilledForm {
        form: form.id.clone(),
        title: form.title.get("ja").to_owned(),
        counter: form.counter.get("ja").to_owned(),
        statute: form.statute.clone(),
        town: town.to_owned(),
        application: application.id.clone(),
        reception: application.reception.clone(),
        as_of: application.as_of,
        event: application.event.clone(),
        boxes,
        persons: persons.collect(),
        signature: application.signature.clone(),
        card: application.card,
    })
}

fn boxes(
    set: &FormSet,
    form: &Form,
    application: &Application,
    person: Option<(usize, &String)>,
) -> BTreeMap<String, FilledBox> {
    let fields = form
        .fields
        .iter()
        .filter(|field| field.per_person() == person.is_some());
    fields
        .map(|field| {
            (
                field.box_name.clone(),
                filled_box(set, field, application, person),
            )
        })
        .collect()
}

fn filled_box(
    set: &FormSet,
    field: &FormField,
    application: &Application,
    row: Option<(usize, &String)>,
) -> FilledBox {
    let person = row.map(|(_, id)| id.as_str());
    let key = key_for(&field.key, person);
    let printed = field
        .when
        .as_ref()
        .is_none_or(|when| when.holds(&application.values, person));
    let value = application.values.get(&key).filter(|_| printed);
    let text = value.map_or(String::new(), |value| value.text.clone());
    let known = set.field(&field.key);
    let is_date = known.is_some_and(|known| matches!(known.kind, FieldKind::Date { .. }));
    let date = if is_date && !text.is_empty() {
        set.eras().parse(&text).ok()
    } else {
        None
    };
    FilledBox {
        label: known.map_or(String::new(), |known| {
            let label = known.label.get("ja");
            // By the row and not by the name: the name itself may be what is too long.
            row.map_or_else(
                || label.to_owned(),
                |(at, _)| label.replace(PERSON, &format!("{}人目のかた", at + 1)),
            )
        }),
        source: value.map(|value| value.source),
        date: date.as_ref().map(EraDate::boxes),
        options: known.map_or(Vec::new(), |known| options(set, &known.kind)),
        key,
        text,
    }
}

fn options(set: &FormSet, kind: &FieldKind) -> Vec<String> {
    match kind {
        FieldKind::Vocabulary { vocabulary } => set
            .vocabulary(vocabulary)
            .iter()
            .map(|entry| entry.value.clone())
            .collect(),
        FieldKind::YesNo => vec![YES.to_owned(), NO.to_owned()],
        _ => Vec::new(),
    }
}
