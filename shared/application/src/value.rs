//! Values and where they came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a value came from; shown to the resident and to the clerk, printed discreetly on the form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Read from the My Number Card (券面事項入力補助).
    Card,
    /// From the municipality's core system (住民記録等).
    Core,
    /// Entered by the resident at the kiosk; `said` in documents.
    #[serde(rename = "said")]
    Resident,
    /// Corrected by staff.
    Fixed,
}

/// Names one value of a visit: `event.date`, `persons[A].name_kana`, `applicant.phone`.
pub type ValueKey = String;

/// One value as it will be printed, with its source. No Debug: values are people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// The text, as `check` made it regular: dates in era (「令和8年4月27日」), katakana, ASCII digits.
    pub text: String,
    /// Where it came from; it stays so when the value is used again.
    pub source: Source,
}

/// Every value of a visit, in key order, so that the same values give the same bytes.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueSet(pub BTreeMap<ValueKey, Value>);

impl ValueSet {
    /// The value, when there is one that isn't empty.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.text.is_empty())
    }

    /// The text, empty when there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.get(key).map_or("", |value| &value.text)
    }

    /// Sets a value, whether there was one or not.
    pub fn set(&mut self, key: impl Into<ValueKey>, text: impl Into<String>, source: Source) {
        self.0.insert(
            key.into(),
            Value {
                text: text.into(),
                source,
            },
        );
    }

    /// Sets a value where there's none yet.
    pub fn offer(&mut self, key: impl Into<ValueKey>, text: impl Into<String>, source: Source) {
        let (key, text) = (key.into(), text.into());
        if !text.is_empty() && self.get(&key).is_none() {
            self.set(key, text, source);
        }
    }

    /// Removes a value; returns what there was.
    pub fn clear(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Every value in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&ValueKey, &Value)> {
        self.0.iter()
    }
}
