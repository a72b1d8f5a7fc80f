//! The parts that pages are made of.

use application::Source;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::text::Text;

/// Something that can be touched; comes back as `Touch::Choose(id)`.
#[derive(Clone, PartialEq)]
pub struct Choice {
    /// Identifies the choice on this screen.
    pub id: ChoiceId,
    /// Its words.
    pub title: Text,
    /// A second, smaller line.
    pub lead: Option<Text>,
    /// Icon name from assets/icons.
    pub picture: Option<String>,
    /// Chosen now.
    pub chosen: bool,
}

impl Choice {
    /// A choice with words only.
    #[must_use]
    pub fn new(id: ChoiceId, title: Text) -> Self {
        Self {
            id,
            title,
            lead: None,
            picture: None,
            chosen: false,
        }
    }

    /// With a second, smaller line.
    #[must_use]
    pub fn lead(mut self, lead: Text) -> Self {
        self.lead = Some(lead);
        self
    }

    /// With an icon of assets/icons.
    #[must_use]
    pub fn picture(mut self, picture: impl Into<String>) -> Self {
        self.picture = Some(picture.into());
        self
    }

    /// Chosen now, or not.
    #[must_use]
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }
}

/// The reason for a question.
#[derive(Clone, PartialEq)]
pub struct Why {
    /// The reason.
    pub text: Text,
    /// Procedures it could change.
    pub procedures: Vec<Text>,
    /// Shown now.
    pub open: bool,
}

/// One stage of real work.
#[derive(Clone, PartialEq)]
pub struct Stage {
    /// What it is.
    pub title: Text,
    /// How far it is.
    pub state: StageState,
}

/// How far a stage is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum StageState {
    /// Comes later.
    Next,
    /// Under way.
    Now,
    /// Finished.
    Done,
    /// Left out or failed; the page says why.
    Skipped,
}

/// Tone of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Plain information.
    Info,
    /// It went well.
    Success,
    /// Needs attention; nothing is lost.
    Warning,
    /// It did not work.
    Problem,
}

/// One procedure of the plan as a resident reads it.
#[derive(Clone, PartialEq)]
pub struct PlanCard {
    /// For `Touch::Choose`.
    pub id: ChoiceId,
    /// The procedure.
    pub title: Text,
    /// For whom; empty for the household.
    pub who: Vec<Text>,
    /// Must, should, may: in words.
    pub level: Text,
    /// The due day as people say it, with the weekday.
    pub due: Option<Text>,
    /// Past its day: said kindly, with what to do now.
    pub overdue: Option<Text>,
    /// The counter.
    pub counter: Text,
    /// This kiosk makes its form.
    pub here: bool,
    /// The fee, in words.
    pub fee: Option<Text>,
    /// What to bring for this line.
    pub bring: Vec<BringItem>,
    /// Statute, small.
    pub statute: String,
    /// "The law text was not verified; the municipality confirms."
    pub unverified: bool,
    /// Reasons: the facts and conditions that brought the line.
    pub reasons: Vec<Text>,
}

/// Something to bring, or to leave at home.
#[derive(Clone, PartialEq)]
pub struct BringItem {
    /// The thing.
    pub item: Text,
    /// False: the card or the town already knows it.
    pub needed: bool,
    /// Why not needed.
    pub why: Option<Text>,
}

/// How a value is entered; each holds what is there now.
#[derive(Clone, PartialEq)]
pub enum Pad {
    /// 50音 keyboard; katakana shown.
    Kana(String),
    /// Digits (telephone, house number…) with an optional hyphen key.
    Digits {
        /// Typed so far.
        text: String,
        /// Most digits.
        most: usize,
        /// Offer "-".
        hyphen: bool,
    },
    /// Era and numbers; `None` is not entered yet, unknown parts are `Unknown`.
    Date(DatePad),
    /// Postal code, then the towns that have it.
    Postal {
        /// Digits typed (0..=7).
        digits: String,
        /// Towns found, each a choice.
        found: Vec<Choice>,
        /// Looked up and nothing found.
        none: bool,
    },
    /// Free text by kana keyboard with digits and Latin letters (building names).
    Text(String),
    /// Closed vocabulary.
    Vocabulary(Vec<Choice>),
}

/// The era-date pad.
#[derive(Clone, PartialEq, Default)]
pub struct DatePad {
    /// Eras offered, newest first; [`ChoiceId::Era`]. The chosen one is marked.
    pub eras: Vec<Choice>,
    /// Which part the digits go to now (0 year, 1 month, 2 day).
    pub part: usize,
    /// Year, month, day as typed; "不詳" kept as such.
    pub parts: [String; 3],
    /// Unknown days may be entered (年月日不詳).
    pub unknown_allowed: bool,
    /// The date in words (「令和8年4月27日(月)」), when it is whole.
    pub spoken: Option<String>,
}

/// A group of values in the review.
#[derive(Clone, PartialEq)]
pub struct ReviewGroup {
    /// Whose or what.
    pub title: Text,
    /// The values.
    pub rows: Vec<ReviewRow>,
}

/// One value in the review.
#[derive(Clone, PartialEq)]
pub struct ReviewRow {
    /// For `Touch::Choose`.
    pub id: ChoiceId,
    /// The field's name.
    pub label: Text,
    /// The value as it will be printed.
    pub value: String,
    /// Where it came from; `None` when empty.
    pub source: Option<Source>,
    /// Must be filled before going on.
    pub missing: bool,
    /// Staff will look at it (long name, substituted character…).
    pub staff: Option<Text>,
    /// Whether the resident may change it here.
    pub editable: bool,
}

/// A grey page picture (one byte a pixel, 255 white).
#[derive(PartialEq, Eq)]
pub struct PageImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height` bytes.
    pub grey: Vec<u8>,
}
