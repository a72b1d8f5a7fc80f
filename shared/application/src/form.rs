//! Forms as data: what a form asks, for which procedures, and the set of all of them.

use std::collections::{BTreeMap, BTreeSet};

use guidance::{FactId, FactPath, FactValue, Facts, Line, Plan, Scope, Subject, Words};
use serde::Deserialize;

use crate::era::Eras;
use crate::field::{Field, PERSON, When, person_of};
use crate::sealed::FormUse;
use crate::value::ValueKey;

/// Whether there is one form for the visit or one for each person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One form, a row for each person.
    Visit,
    /// One form for each person.
    Person,
}

/// Whose rows a form has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The persons of the plan's line; for a line of the household, everybody who moves.
    #[default]
    Named,
    /// The children of the household, whoever claims for them.
    Children,
    /// The newborn.
    Newborn,
    /// The deceased.
    Deceased,
    /// The resident and the spouse.
    Couple,
}

/// Paper sizes that a kiosk's form printer holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// A4 portrait, 210 × 297 mm.
    A4,
}

/// One field of a form.
#[derive(Clone, PartialEq, Debug)]
pub struct FormField {
    /// Key of the value, maybe with `{person}`.
    pub key: ValueKey,
    /// Name of the printed box in the template.
    pub box_name: String,
    /// Whether the form is incomplete without it.
    pub required: bool,
    /// Needed only when this holds.
    pub when: Option<When>,
}

impl FormField {
    /// Whether there's one value for each person.
    #[must_use]
    pub fn per_person(&self) -> bool {
        self.key.contains(PERSON)
    }
}

/// A form (申請書・届書).
#[derive(Clone, PartialEq, Debug)]
pub struct Form {
    /// Id, e.g. `resident_record_change`.
    pub id: String,
    /// Title, as printed.
    pub title: Words,
    /// The counter that takes it.
    pub counter: Words,
    /// Procedure ids of the catalogue that it serves.
    pub procedures: BTreeSet<String>,
    /// One for the visit or one for each person.
    pub per: Per,
    /// Whose rows it has.
    pub who: Who,
    /// Paper size.
    pub paper: Paper,
    /// Statute that asks for it, as printed at the foot.
    pub statute: String,
    /// Its fields, in the order of the paper.
    pub fields: Vec<FormField>,
}

impl Form {
    /// Whether this form is made for a line of the plan: it names the line's procedure, or the line names it.
    #[must_use]
    pub fn serves(&self, line: &Line) -> bool {
        self.procedures.contains(&line.procedure) || line.form.as_ref() == Some(&self.id)
    }
}

/// One entry of a closed vocabulary.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// As it is stored and printed: 「妻」.
    pub value: String,
    /// As it is offered.
    pub words: Words,
}

/// Every form of an edition with the fields, vocabularies and eras they use.
#[derive(Clone, PartialEq, Debug)]
pub struct FormSet {
    pub(crate) forms: Vec<Form>,
    pub(crate) fields: Vec<Field>,
    pub(crate) vocabularies: BTreeMap<String, Vec<Entry>>,
    pub(crate) eras: Eras,
}

impl FormSet {
    /// Every form, by id.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.iter()
    }

    /// A form by its id.
    #[must_use]
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }

    /// Every field, in the order in which people would speak of them.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// The field of a key, with (`persons[A].name`) or without (`persons[{person}].name`) a person's id.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        let pattern =
            person_of(key).map_or_else(|| key.to_owned(), |id| key.replacen(id, PERSON, 1));
        self.fields.iter().find(|field| field.key == pattern)
    }

    /// The entries of a closed vocabulary; empty when there is no such.
    #[must_use]
    pub fn vocabulary(&self, id: &str) -> &[Entry] {
        self.vocabularies.get(id).map_or(&[], Vec::as_slice)
    }

    /// The eras in which dates are written.
    #[must_use]
    pub fn eras(&self) -> &Eras {
        &self.eras
    }

    /// Which forms of this set a plan needs, in the plan's order, each once. A line of the household concerns everybody who
    /// moves, or everybody when nobody does.
    #[must_use]
    pub fn uses(&self, plan: &Plan, facts: &Facts) -> Vec<FormUse> {
        let household = concerned(facts);
        let mut uses: Vec<FormUse> = Vec::new();
        for line in &plan.lines {
            let persons = if line.persons.is_empty() {
                &household
            } else {
                &line.persons
            };
            for form in self.forms.iter().filter(|form| form.serves(line)) {
                let persons = &rows(form.who, persons, facts);
                match form.per {
                    Per::Visit => add_visit_form(&mut uses, form, persons, &household),
                    Per::Person => persons
                        .iter()
                        .for_each(|person| add_person_form(&mut uses, form, person)),
                }
            }
        }
        uses
    }
}

fn concerned(facts: &Facts) -> Vec<String> {
    let moves = |id: &&str| matches!(fact(facts, id, "moves"), Some(FactValue::Flag(true)));
    let moving: Vec<String> = facts.persons().filter(moves).map(str::to_owned).collect();
    if moving.is_empty() {
        facts.persons().map(str::to_owned).collect()
    } else {
        moving
    }
}

/// The persons of a form's rows; those of the line where the household has none of the kind.
fn rows(who: Who, named: &[String], facts: &Facts) -> Vec<String> {
    let role = |id: &str| match fact(facts, id, "role") {
        Some(FactValue::Choice(role)) => role,
        _ => "other",
    };
    let fits = |id: &&str| match who {
        Who::Named => false,
        Who::Children => matches!(role(id), "child" | "newborn") && is_minor(facts, id),
        Who::Newborn => role(id) == "newborn",
        Who::Deceased => role(id) == "deceased",
        Who::Couple => matches!(role(id), "self" | "spouse"),
    };
    let found: Vec<String> = facts.persons().filter(fits).map(str::to_owned).collect();
    if found.is_empty() {
        named.to_vec()
    } else {
        found
    }
}

/// 十八歳に達する日以後の最初の三月三十一日まで, generously: nobody older than 19 is on a child's form.
fn is_minor(facts: &Facts, id: &str) -> bool {
    match fact(facts, id, "birth_date") {
        Some(FactValue::Date(birth)) => facts.as_of().year() - birth.year() <= 19,
        _ => true,
    }
}

/// A person's fact by its long name, when it was given.
pub(crate) fn fact(facts: &Facts, person: &str, name: &str) -> Option<FactValue> {
    let fact = FactId::find(Scope::Person, name)?;
    facts.given(&FactPath {
        subject: Subject::Person(person.to_owned()),
        fact,
    })
}

fn add_person_form(uses: &mut Vec<FormUse>, form: &Form, person: &str) {
    let new = FormUse {
        form: form.id.clone(),
        persons: vec![person.to_owned()],
    };
    if !uses.contains(&new) {
        uses.push(new);
    }
}

/// Persons keep the household's order, whichever procedure named them first.
fn add_visit_form(uses: &mut Vec<FormUse>, form: &Form, persons: &[String], household: &[String]) {
    let index = uses
        .iter()
        .position(|one| one.form == form.id)
        .unwrap_or_else(|| {
            uses.push(FormUse {
                form: form.id.clone(),
                persons: Vec::new(),
            });
            uses.len() - 1
        });
    let Some(one) = uses.get_mut(index) else {
        return;
    };
    for person in persons {
        if !one.persons.contains(person) {
            one.persons.push(person.clone());
        }
    }
    one.persons.sort_by_key(|id| {
        household
            .iter()
            .position(|other| other == id)
            .unwrap_or(usize::MAX)
    });
}
