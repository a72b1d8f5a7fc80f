//! Applications on their way to the town hall.

use ::application::ValueSet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::facts::FactsDocument;
use crate::id::ApplicationId;
use crate::login::Revocation;

/// The tenant's public key for sealing; the kiosk keeps the last one, so that it can seal without a network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealingKey {
    /// Names the key; comes back in the envelope.
    pub key_id: String,
    /// X25519, 32 bytes.
    pub public_key: Bytes,
}

/// What a sealed envelope holds. No Debug: it is people.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Reception number (受付番号) as printed on the receipt.
    pub reception: String,
    /// Life event (`move_in`, `birth`…, as in guidance).
    pub event: String,
    /// When the resident confirmed it.
    pub made_at: Timestamp,
    /// Language in which the resident read the screen (`ja`, `ja-simple`, `en`…).
    pub language: String,
    /// The catalogue edition by which the plan was made.
    pub catalogue: String,
    /// The facts of the plan; the same facts give staff the same plan.
    pub facts: FactsDocument,
    /// Ids of the plan's procedures, in its order.
    pub procedures: Vec<String>,
    /// The forms that were made, in the order of printing.
    pub forms: Vec<FormUse>,
    /// Every value, each with its source.
    pub values: ValueSet,
    /// Whether a card stood for the resident.
    pub login: LoginState,
    /// Points that staff must look at, as machine-readable marks (`overflow:persons[A].name`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff_marks: Vec<String>,
}

/// One form of an application.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormUse {
    /// The form's id.
    pub form: String,
    /// Edition of the forms.
    pub edition: String,
    /// The persons whom this copy is about, as ids of the facts (`A`…); empty: the household.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
}

/// How the resident was identified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LoginState {
    /// No card, or no answer: staff identify the resident at the counter.
    None,
    /// The four items were read from a card, but the cloud did not check the login.
    CardUnverified,
    /// The cloud checked the login.
    Verified {
        /// Whether revocation was checked.
        revocation: Revocation,
    },
}

/// The cloud's answer to an application: it is stored durably.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The application.
    pub id: ApplicationId,
    /// When it was stored first.
    pub received_at: Timestamp,
    /// It had been stored before; nothing was changed now.
    pub repeated: bool,
}
