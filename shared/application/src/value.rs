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
    /// Said by the resident at the kiosk.
    Said,
    /// Fixed by staff.
    Fixed,
}

/// Names one value of a visit: `move.date`, `persons[A].name_kana`, `applicant.phone`.
pub type ValueKey = String;

/// One value as it will be printed, with its source. No Debug: values are people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// The text.
    pub text: String,
    /// Where it came from.
    pub source: Source,
}

/// Every value of a visit, in key order, so that the same values give the same bytes.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValueSet(pub BTreeMap<ValueKey, Value>);
