//! An application as JSON: every value with its label and where it came from.

use application::{Application, FormSet, Source, person_of};
use serde::Serialize;
use utoipa::ToSchema;

use crate::casework::card_word;

/// An application as other systems read it. No Debug: it is people.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct Document {
    /// UUID.
    pub application: String,
    /// 受付番号
    pub reception: String,
    /// 全国地方公共団体コード
    pub tenant: String,
    /// The kiosk.
    pub kiosk: String,
    /// Day of the visit, `YYYY-MM-DD`.
    pub as_of: String,
    /// Life event (`move_in`, …).
    pub event: String,
    /// `none`; `unverified` (未確認): read, but face, certificate or its revocation could not be checked; `verified`.
    pub card: String,
    /// Form ids, in the order of printing.
    pub forms: Vec<String>,
    /// Every value that is not empty, by key.
    pub values: Vec<DocumentValue>,
}

/// One value. No Debug: it is people.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct DocumentValue {
    /// Key, e.g. `persons[A].name`.
    pub key: String,
    /// Its Japanese label.
    pub label: String,
    /// Whose it is, where it is one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The text, as it stands on the form.
    pub text: String,
    /// `card`, `core`, `said` or `fixed`.
    pub source: String,
}

impl Document {
    /// The document of an application; `forms` are those that it was made with.
    #[must_use]
    pub fn new(application: &Application, forms: &FormSet) -> Self {
        let values = application.values.iter();
        let values = values
            .filter(|(_, value)| !value.text.is_empty())
            .map(|(key, value)| DocumentValue {
                key: key.clone(),
                label: label(forms, key),
                person: person_of(key).map(str::to_owned),
                text: value.text.clone(),
                source: source(value.source).0.to_owned(),
            });
        Self {
            application: application.id.clone(),
            reception: application.reception.clone().unwrap_or_default(),
            tenant: application.tenant.clone(),
            kiosk: application.kiosk.clone(),
            as_of: application.as_of.to_string(),
            event: application.event.clone(),
            card: card_word(application.card).to_owned(),
            forms: application
                .forms
                .iter()
                .map(|one| one.form.clone())
                .collect(),
            values: values.collect(),
        }
    }
}

/// A field's Japanese label, without the place for a person's name.
fn label(forms: &FormSet, key: &str) -> String {
    let label = forms.field(key).map(|field| field.label.get("ja"));
    label.map_or_else(
        || key.to_owned(),
        |label| {
            let without = label
                .replace("{person}さんの", "")
                .replace("{person}の", "");
            without.replace("{person}", "")
        },
    )
}

/// A source as on the wire, and as it is printed.
pub(super) fn source(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::Card => ("card", "カード"),
        Source::Core => ("core", "住基"),
        Source::Resident => ("said", "申告"),
        Source::Fixed => ("fixed", "職員"),
    }
}
