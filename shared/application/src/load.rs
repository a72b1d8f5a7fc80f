//! Reading form definitions: every error names file, line and reason.

use std::collections::BTreeMap;

use guidance::Words;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::era::{Era, Eras};
use crate::field::{Field, FieldKind, FieldQuestion, When};
use crate::form::{Entry, Form, FormField, FormSet, Paper, Per, Who};
use crate::value::{Source, ValueKey};

/// A form definition that was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct FormError {
    /// File name as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErasFile {
    eras: Vec<Era>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsFile {
    fields: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    key: Spanned<ValueKey>,
    label: Words,
    #[serde(default)]
    ask: Option<Words>,
    #[serde(default)]
    ask_self: Option<Words>,
    #[serde(default)]
    help: Option<Words>,
    kind: Spanned<String>,
    #[serde(default)]
    unknown: bool,
    #[serde(default)]
    western: bool,
    #[serde(default)]
    fewest: usize,
    #[serde(default)]
    most: Option<usize>,
    #[serde(default)]
    hyphen: bool,
    #[serde(default)]
    vocabulary: Option<Spanned<String>>,
    #[serde(default = "card_then_core")]
    prefer: Vec<Source>,
    #[serde(default)]
    parts: Vec<Spanned<ValueKey>>,
    #[serde(default)]
    same_as: Option<ValueKey>,
    #[serde(default)]
    same_as_in: BTreeMap<String, ValueKey>,
    #[serde(default)]
    by_event: BTreeMap<String, String>,
    #[serde(default = "yes")]
    editable: bool,
    #[serde(default)]
    room: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    id: String,
    title: Words,
    counter: Words,
    procedures: Vec<String>,
    per: Per,
    #[serde(default)]
    who: Who,
    #[serde(default = "a4")]
    paper: Paper,
    #[serde(default)]
    statute: String,
    fields: Vec<RawFormField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFormField {
    key: Spanned<ValueKey>,
    #[serde(default, rename = "box")]
    box_name: Option<String>,
    #[serde(default = "yes")]
    required: bool,
    #[serde(default)]
    when: Option<When>,
}

fn card_then_core() -> Vec<Source> {
    vec![Source::Card, Source::Core]
}

fn yes() -> bool {
    true
}

fn a4() -> Paper {
    Paper::A4
}

/// A text and its name, for errors with a line.
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn error(&self, at: usize, reason: impl Into<String>) -> FormError {
        let line = self.text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
        FormError {
            file: self.name.to_owned(),
            line,
            reason: reason.into(),
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, FormError> {
        toml::from_str(self.text)
            .map_err(|error| self.error(error.span().map_or(0, |span| span.start), error.message()))
    }
}

impl FormSet {
    /// Reads an edition's files, (name, text) each: `eras.toml`, `vocabulary.toml`, `fields.toml` and one file for each form.
    /// Names that don't end in `.toml` (templates) are passed over.
    ///
    /// # Errors
    /// The first file that is refused, with its line and the reason.
    pub fn from_files<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FormError> {
        let mut files: BTreeMap<&str, &str> = files
            .into_iter()
            .filter(|(name, _)| name.ends_with(".toml"))
            .collect();
        let mut take = |name: &'static str| {
            let missing = FormError {
                file: name.to_owned(),
                line: 1,
                reason: "file is missing".to_owned(),
            };
            files
                .remove(name)
                .map(|text| File { name, text })
                .ok_or(missing)
        };
        let eras = take("eras.toml")?.read::<ErasFile>()?.eras;
        let vocabularies: BTreeMap<String, Vec<Entry>> = take("vocabulary.toml")?.read()?;
        let fields = read_fields(&take("fields.toml")?, &vocabularies)?;
        files.remove("receipt.toml"); // words of the receipt, read by `paper`
        let mut set = Self {
            forms: Vec::new(),
            fields,
            vocabularies,
            eras: Eras::new(eras),
        };
        for (name, text) in files {
            let form = read_form(&File { name, text }, &set)?;
            set.forms.push(form);
        }
        set.forms.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(set)
    }
}

fn read_fields(
    file: &File<'_>,
    vocabularies: &BTreeMap<String, Vec<Entry>>,
) -> Result<Vec<Field>, FormError> {
    let raw = file.read::<FieldsFile>()?.fields;
    let keys: Vec<String> = raw
        .iter()
        .map(|field| field.key.get_ref().clone())
        .collect();
    for (index, field) in raw.iter().enumerate() {
        let key = field.key.get_ref();
        if keys.iter().take(index).any(|other| other == key) {
            return Err(file.error(
                field.key.span().start,
                format!("field {key:?} is defined twice"),
            ));
        }
        if let Some(part) = field
            .parts
            .iter()
            .find(|part| !keys.contains(part.get_ref()))
        {
            return Err(file.error(part.span().start, format!("no field {:?}", part.get_ref())));
        }
    }
    raw.into_iter()
        .map(|field| build_field(file, field, vocabularies))
        .collect()
}

fn build_field(
    file: &File<'_>,
    raw: RawField,
    vocabularies: &BTreeMap<String, Vec<Entry>>,
) -> Result<Field, FormError> {
    let kind = field_kind(file, &raw, vocabularies)?;
    let ask = field_question(file, &raw, &kind)?;
    Ok(Field {
        key: raw.key.into_inner(),
        label: raw.label,
        ask,
        help: raw.help,
        kind,
        prefer: raw.prefer,
        parts: raw.parts.into_iter().map(Spanned::into_inner).collect(),
        same_as: raw.same_as,
        same_as_in: raw.same_as_in,
        by_event: raw.by_event,
        editable: raw.editable,
        room: raw.room,
    })
}

/// What a resident can be asked needs a sentence that asks it.
fn field_question(
    file: &File<'_>,
    raw: &RawField,
    kind: &FieldKind,
) -> Result<Option<FieldQuestion>, FormError> {
    let never = matches!(
        kind,
        FieldKind::Seal | FieldKind::Signature | FieldKind::Computed
    );
    match &raw.ask {
        Some(ask) => Ok(Some(FieldQuestion {
            title_self: raw
                .ask_self
                .iter()
                .fold(ask.clone(), |ask, own| ask.replaced_by(own)),
            title: ask.clone(),
        })),
        None if never || !raw.editable => Ok(None),
        None => Err(file.error(
            raw.key.span().start,
            format!("field {:?} can be asked and needs `ask`", raw.key.get_ref()),
        )),
    }
}

fn field_kind(
    file: &File<'_>,
    raw: &RawField,
    vocabularies: &BTreeMap<String, Vec<Entry>>,
) -> Result<FieldKind, FormError> {
    let at = raw.kind.span().start;
    let most = || {
        raw.most
            .ok_or_else(|| file.error(at, "this kind needs `most`"))
    };
    Ok(match raw.kind.get_ref().as_str() {
        "name" => FieldKind::Name,
        "kana" => FieldKind::Kana,
        "date" => FieldKind::Date {
            unknown: raw.unknown,
            western: raw.western,
        },
        "postal_code" => FieldKind::PostalCode,
        "address" => FieldKind::Address,
        "text" => FieldKind::Text { most: most()? },
        "digits" => FieldKind::Digits {
            fewest: raw.fewest,
            most: most()?,
            hyphen: raw.hyphen,
        },
        "phone" => FieldKind::Phone,
        "vocabulary" => {
            let id = raw
                .vocabulary
                .as_ref()
                .ok_or_else(|| file.error(at, "this kind needs `vocabulary`"))?;
            if !vocabularies.contains_key(id.get_ref()) {
                return Err(file.error(
                    id.span().start,
                    format!("no vocabulary {:?} in vocabulary.toml", id.get_ref()),
                ));
            }
            FieldKind::Vocabulary {
                vocabulary: id.get_ref().clone(),
            }
        }
        "relationship" => FieldKind::Relationship,
        "yes_no" => FieldKind::YesNo,
        "seal" => FieldKind::Seal,
        "signature" => FieldKind::Signature,
        "computed" => FieldKind::Computed,
        other => return Err(file.error(at, format!("unknown kind {other:?}"))),
    })
}

fn read_form(file: &File<'_>, set: &FormSet) -> Result<Form, FormError> {
    let raw: RawForm = file.read()?;
    if set.form(&raw.id).is_some() {
        return Err(file.error(0, format!("form {:?} is defined twice", raw.id)));
    }
    if raw.title.exact("ja").is_none() {
        return Err(file.error(0, "title has no Japanese"));
    }
    let mut fields: Vec<FormField> = Vec::new();
    for field in raw.fields {
        let at = field.key.span().start;
        let key = field.key.into_inner();
        if set.field(&key).is_none() {
            return Err(file.error(at, format!("no field {key:?} in fields.toml")));
        }
        if let Some(when) = field
            .when
            .as_ref()
            .filter(|when| set.field(&when.key).is_none())
        {
            return Err(file.error(
                at,
                format!("`when` names no field of fields.toml: {:?}", when.key),
            ));
        }
        let box_name = field
            .box_name
            .unwrap_or_else(|| key.trim_start_matches("persons[{person}].").to_owned());
        if fields.iter().any(|other| other.box_name == box_name) {
            return Err(file.error(at, format!("two fields for box {box_name:?}")));
        }
        fields.push(FormField {
            key,
            box_name,
            required: field.required,
            when: field.when,
        });
    }
    let procedures = raw.procedures.into_iter().collect();
    Ok(Form {
        id: raw.id,
        title: raw.title,
        counter: raw.counter,
        procedures,
        per: raw.per,
        who: raw.who,
        paper: raw.paper,
        statute: raw.statute,
        fields,
    })
}
