//! The application (申請): everything that is sealed on the kiosk and opened by the town.

use guidance::Plan;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stored::up_to_date;
use crate::value::{ValueKey, ValueSet};

/// Version of [`Application`]'s shape. A reader refuses a newer one and brings an older one up to date.
///
/// 2: the plan in every language. 1: the plan in Japanese only.
pub const APPLICATION_VERSION: u32 = 2;

/// One visit's application. No Debug: it is people.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Application {
    /// Shape of this document, [`APPLICATION_VERSION`].
    pub version: u32,
    /// UUID, given by the app; the same id twice is one application.
    pub id: String,
    /// The town (全国地方公共団体コード, six digits).
    pub tenant: String,
    /// The kiosk's id.
    pub kiosk: String,
    /// Reception number (受付番号), once it was stored.
    pub reception: Option<String>,
    /// The day of the visit.
    pub as_of: Date,
    /// The life event (`move_in`…), as in the guidance interchange.
    pub event: String,
    /// The screen's language (`ja`, `ja-simple`, `en`…); forms stay Japanese.
    pub language: String,
    /// The person (id in `facts`) who stands at the kiosk, when known.
    pub applicant: Option<String>,
    /// The guidance interchange document that led here.
    pub facts: serde_json::Value,
    /// The plan that the resident agreed to: without the optional lines that were left out. Paper, console and hand-off
    /// read it; nothing plans again.
    pub plan: Plan,
    /// The forms to print, in order.
    pub forms: Vec<FormUse>,
    /// Entity tag of the forms edition that they were made with, as the cloud gave it; `None`: the kiosk's shipped forms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forms_edition: Option<String>,
    /// Every value, once.
    pub values: ValueSet,
    /// How it was signed.
    pub signature: Signature,
    /// How far the card was checked.
    pub card: CardCheck,
    /// What a clerk should look at.
    pub notes: Vec<StaffNote>,
}

impl Serialize for Application {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Application {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let document = up_to_date(serde_json::Value::deserialize(from)?);
        Self::deserialize(document).map_err(D::Error::custom)
    }
}

/// One form to be printed, and for whom.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FormUse {
    /// Form id, e.g. `resident_record_change`.
    pub form: String,
    /// Person ids (`A`, `B`…): one for a form per person, all whom it concerns for a form per visit.
    pub persons: Vec<String>,
}

/// How the resident signed. All three ways are equal.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// By pen on the printed form.
    #[default]
    OnPaper,
    /// Drawn on the pad; points in thousandths of the pad's width and height.
    Strokes(Vec<Vec<(u16, u16)>>),
    /// Confirmed by the card (user authentication).
    ByCard,
}

/// How far the card of the visit was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardCheck {
    /// No card was used.
    #[default]
    None,
    /// Read, but chain or revocation could not be checked (未確認): staff look at the card.
    Unverified,
    /// Chain, nonce, signature and revocation hold.
    Verified,
}

/// Something a clerk should look at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct StaffNote {
    /// What.
    pub kind: StaffNoteKind,
    /// Which value, when it is about one.
    pub key: Option<ValueKey>,
}

/// Kinds of staff notes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffNoteKind {
    /// Too long for its box; on the continuation list.
    LongText,
    /// Card or register had a character that this kiosk cannot take (外字); the value was left out.
    SubstitutedGlyph,
    /// Nobody or several matched in the register.
    NoMatch,
    /// The card was not fully checked (未確認).
    CardUnverified,
    /// A date has unknown parts.
    UnknownDate,
    /// A value of card or core was changed by the resident.
    Changed,
    /// Left by the resident to be written at the counter.
    LeftOpen,
    /// A form could not be drawn at the kiosk.
    NotDrawn,
}
