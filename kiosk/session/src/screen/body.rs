//! What each kind of page shows.

use std::sync::Arc;

use super::parts::{BringItem, Choice, Pad, PageImage, PlanCard, ReviewGroup, Stage, Tone, Why};
use crate::text::Text;
use crate::touch::Language;

/// Attract screen: languages, text size, contrast, low reach, and one large "begin" (`Touch::Begin`).
#[derive(Clone, PartialEq)]
pub struct WelcomeBody {
    /// The languages of the word book, in order.
    pub languages: Vec<Language>,
}

/// Tiles of life events, 2 × n, paged; below them search and certificates as `extra` choices.
#[derive(Clone, PartialEq)]
pub struct TilesBody {
    /// Full polite sentence.
    pub title: Text,
    /// The tiles.
    pub tiles: Vec<Choice>,
    /// Wide choices under the tiles.
    pub extra: Vec<Choice>,
}

/// 50音 search: typed kana and what was found.
#[derive(Clone, PartialEq)]
pub struct SearchBody {
    /// Full polite sentence.
    pub title: Text,
    /// What was typed (hiragana).
    pub query: String,
    /// What fits, best first.
    pub found: Vec<Choice>,
}

/// One question with its choices (2 to about 8), also "use my card?".
#[derive(Clone, PartialEq)]
pub struct ChoicesBody {
    /// Full polite sentence.
    pub title: Text,
    /// A line of explanation under the title.
    pub lead: Option<Text>,
    /// An icon name from assets/icons.
    pub picture: Option<&'static str>,
    /// The choices; several may be `chosen` where `many`.
    pub choices: Vec<Choice>,
    /// Whether several may be chosen (then the primary action goes on).
    pub many: bool,
    /// "Why am I asked", and whether it is open now (`Touch::Why` turns it).
    pub why: Option<Why>,
}

/// Lay the card on the reader: picture with an arrow.
#[derive(Clone, PartialEq)]
pub struct CardPlaceBody {
    /// Full polite sentence.
    pub title: Text,
    /// What is being waited for.
    pub lead: Text,
    /// "Go on without a card".
    pub choices: Vec<Choice>,
}

/// The pad for a PIN. The digits themselves never reach a screen.
#[derive(Clone, PartialEq)]
pub struct PinPadBody {
    /// Full polite sentence.
    pub title: Text,
    /// Which PIN, where it was set, how many tries are left: shown before anything is typed.
    pub lead: Text,
    /// Tries left, for the picture of dots; not shown where there is nothing to say of them.
    pub tries_left: Option<u8>,
    /// How many digits the PIN has.
    pub digits: usize,
    /// How many of them are typed.
    pub typed: usize,
    /// The order of the keys: ten digits, shuffled where the resident asked for it.
    pub keys: [u8; 10],
    /// Why the last try failed, when it did.
    pub problem: Option<Text>,
    /// e.g. shuffle keys, go on without.
    pub choices: Vec<Choice>,
}

/// Real work under way: what is done, what is being done, what comes next.
#[derive(Clone, PartialEq)]
pub struct WorkingBody {
    /// Full polite sentence.
    pub title: Text,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// e.g. "leave the card where it is".
    pub lead: Option<Text>,
    /// e.g. cancel.
    pub choices: Vec<Choice>,
}

/// A page that explains: success, a hint, a problem. Problems say what happened, that nothing is lost, what to do now.
#[derive(Clone, PartialEq)]
pub struct NoticeBody {
    /// Colour and shape; never the only sign.
    pub tone: Tone,
    /// Icon name from assets/icons.
    pub picture: &'static str,
    /// Full polite sentence.
    pub title: Text,
    /// Short paragraphs.
    pub lines: Vec<Text>,
    /// What can be done now.
    pub choices: Vec<Choice>,
    /// Small at the bottom, for staff.
    pub code: Option<&'static str>,
}

/// The plan: groups by person and household, in a clerk's order.
#[derive(Clone, PartialEq)]
pub struct PlanBody {
    /// Full polite sentence.
    pub title: Text,
    /// How many lines, how many done here, the earliest due day.
    pub summary: Text,
    /// Lines, each openable by `Touch::Choose(id)`.
    pub lines: Vec<PlanCard>,
    /// What to bring / may stay at home, over all lines.
    pub bring: Vec<BringItem>,
}

/// One value typed or picked.
#[derive(Clone, PartialEq)]
pub struct EntryBody {
    /// Full polite sentence.
    pub title: Text,
    /// Whose value it is and which papers it goes on.
    pub lead: Option<Text>,
    /// How it is entered, with what is there now.
    pub pad: Pad,
    /// What is wrong with it, when something is.
    pub problem: Option<Text>,
    /// e.g. "I do not know", "same as now".
    pub choices: Vec<Choice>,
}

/// Every value of every form, grouped; each can be edited by `Touch::Choose(id)`.
#[derive(Clone, PartialEq)]
pub struct ReviewBody {
    /// Full polite sentence.
    pub title: Text,
    /// The papers that will be made.
    pub papers: Vec<Choice>,
    /// Groups of values.
    pub groups: Vec<ReviewGroup>,
}

/// A page of a form as it will be printed.
#[derive(Clone, PartialEq)]
pub struct PreviewBody {
    /// The paper's name.
    pub title: Text,
    /// Page now shown, from 1, and how many.
    pub page: (usize, usize),
    /// Its picture, when it is ready.
    pub image: Option<Arc<PageImage>>,
}

/// Signature pad.
#[derive(Clone, PartialEq)]
pub struct SignBody {
    /// Full polite sentence.
    pub title: Text,
    /// What is signed.
    pub lead: Text,
    /// What is drawn, in thousandths of the pad's width and height.
    pub strokes: Vec<Vec<(u16, u16)>>,
    /// Clear, sign on paper, confirm by card.
    pub choices: Vec<Choice>,
}

/// Finished: reception number large, what was printed, what happens next.
#[derive(Clone, PartialEq)]
pub struct DoneBody {
    /// Full polite sentence.
    pub title: Text,
    /// Reception number (受付番号), large.
    pub reception: String,
    /// What happens next, where to go.
    pub lines: Vec<Text>,
    /// Print again, call staff.
    pub choices: Vec<Choice>,
}

/// "Take your card and papers", until the card is seen gone.
#[derive(Clone, PartialEq)]
pub struct LeaveBody {
    /// Full polite sentence.
    pub title: Text,
    /// The card still lies on the reader.
    pub card_here: bool,
    /// Papers were printed.
    pub papers: bool,
}
