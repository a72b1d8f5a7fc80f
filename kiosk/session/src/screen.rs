//! What the resident sees, as a value. `ui` draws it and decides nothing.

use std::sync::Arc;

use application::Source;

use crate::text::Text;
use crate::touch::{Contrast, Language, TextSize};

/// One whole screen: the frame that stays in place, the matter, and what lies over it.
#[derive(Clone, PartialEq)]
pub struct Screen {
    /// The parts that stand in the same place on every screen.
    pub frame: Frame,
    /// The matter: one question a screen.
    pub body: Body,
    /// Something that must be answered before the matter (idle warning, staff called, start over?).
    pub overlay: Option<Overlay>,
}

/// Top band and bottom bar.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// The town's name.
    pub town: Text,
    /// Where in the visit; `None` on the welcome screen.
    pub step: Option<Step>,
    /// Language of every word drawn.
    pub language: Language,
    /// Size of every word drawn.
    pub text_size: TextSize,
    /// Colours.
    pub contrast: Contrast,
    /// All targets in the lower half, for a wheelchair user or a child.
    pub low_reach: bool,
    /// Whether "back" can be touched; its place stays.
    pub back: bool,
    /// The one primary action, bottom right: its words and whether it can be touched yet.
    pub next: Option<(Text, bool)>,
    /// Whether "call staff" and "start over" are offered (everywhere but on the welcome and the leave screen).
    pub help: bool,
    /// What this kiosk has to do without now: said quietly, in the top band or on the welcome screen.
    pub without: Option<Without>,
}

/// What is wanting, the gravest first. A visit is possible all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Without {
    /// No paper comes out.
    Printing,
    /// No card can be read.
    Cards,
    /// The cloud cannot be reached.
    Network,
}

/// The dots in the top band, in order, with words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Step {
    /// Which life event (手続きを選ぶ).
    Choose,
    /// My Number Card (カード).
    Card,
    /// Questions (質問).
    Questions,
    /// The plan (必要な手続き).
    Plan,
    /// Forms (書類の記入).
    Forms,
    /// Confirm and print (確認・印刷).
    Paper,
}

/// The matter of a screen.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Attract screen: languages, text size, contrast, low reach, and one large "begin" (`Touch::Begin`).
    Welcome {
        /// The languages of the word book, in order.
        languages: Vec<Language>,
    },
    /// Tiles of life events, 2 × n, paged; below them search and certificates as `extra` choices.
    Tiles {
        /// Full polite sentence.
        title: Text,
        /// The tiles.
        tiles: Vec<Choice>,
        /// Wide choices under the tiles.
        extra: Vec<Choice>,
    },
    /// 50音 search: typed kana and what was found.
    Search {
        /// Full polite sentence.
        title: Text,
        /// What was typed (hiragana).
        query: String,
        /// What fits, best first.
        found: Vec<Choice>,
    },
    /// One question with its choices (2 to about 8), also "use my card?".
    Choices {
        /// Full polite sentence.
        title: Text,
        /// A line of explanation under the title.
        lead: Option<Text>,
        /// An icon name from assets/icons.
        picture: Option<&'static str>,
        /// The choices; several may be `chosen` where `many`.
        choices: Vec<Choice>,
        /// Whether several may be chosen (then the primary action goes on).
        many: bool,
        /// "Why am I asked", and whether it is open now (`Touch::Why` turns it).
        why: Option<Why>,
    },
    /// Lay the card on the reader: picture with an arrow.
    CardPlace {
        /// Full polite sentence.
        title: Text,
        /// What is being waited for.
        lead: Text,
        /// "Go on without a card".
        choices: Vec<Choice>,
    },
    /// The four-digit pad. The digits themselves never reach a screen.
    PinPad {
        /// Full polite sentence.
        title: Text,
        /// Which PIN, where it was set, how many tries are left: shown before anything is typed.
        lead: Text,
        /// Tries left, for the picture of dots.
        tries_left: u8,
        /// How many digits are typed (0..=4).
        typed: usize,
        /// The order of the keys: ten digits, shuffled where the resident asked for it.
        keys: [u8; 10],
        /// Why the last try failed, when it did.
        problem: Option<Text>,
        /// e.g. shuffle keys, go on without.
        choices: Vec<Choice>,
    },
    /// Real work under way: what is done, what is being done, what comes next.
    Working {
        /// Full polite sentence.
        title: Text,
        /// The stages in order.
        stages: Vec<Stage>,
        /// e.g. "leave the card where it is".
        lead: Option<Text>,
        /// e.g. cancel.
        choices: Vec<Choice>,
    },
    /// A page that explains: success, a hint, a problem. Problems say what happened, that nothing is lost, what to do now.
    Notice {
        /// Colour and shape; never the only sign.
        tone: Tone,
        /// Icon name from assets/icons.
        picture: &'static str,
        /// Full polite sentence.
        title: Text,
        /// Short paragraphs.
        lines: Vec<Text>,
        /// What can be done now.
        choices: Vec<Choice>,
        /// Small at the bottom, for staff.
        code: Option<&'static str>,
    },
    /// The plan: groups by person and household, in a clerk's order.
    Plan {
        /// Full polite sentence.
        title: Text,
        /// How many lines, how many done here, the earliest due day.
        summary: Text,
        /// Lines, each openable by `Touch::Choose(id)`.
        lines: Vec<PlanCard>,
        /// What to bring / may stay at home, over all lines.
        bring: Vec<BringItem>,
    },
    /// One line of the plan, opened.
    PlanDetail(Box<PlanCard>),
    /// One value typed or picked.
    Entry {
        /// Full polite sentence.
        title: Text,
        /// Whose value it is and which papers it goes on.
        lead: Option<Text>,
        /// How it is entered, with what is there now.
        pad: Pad,
        /// What is wrong with it, when something is.
        problem: Option<Text>,
        /// e.g. "I do not know", "same as now".
        choices: Vec<Choice>,
    },
    /// Every value of every form, grouped; each can be edited by `Touch::Choose(id)`.
    Review {
        /// Full polite sentence.
        title: Text,
        /// The papers that will be made.
        papers: Vec<Choice>,
        /// Groups of values.
        groups: Vec<ReviewGroup>,
    },
    /// A page of a form as it will be printed.
    Preview {
        /// The paper's name.
        title: Text,
        /// Page now shown, from 1, and how many.
        page: (usize, usize),
        /// Its picture, when it is ready.
        image: Option<Arc<PageImage>>,
    },
    /// Signature pad.
    Sign {
        /// Full polite sentence.
        title: Text,
        /// What is signed.
        lead: Text,
        /// What is drawn, in thousandths of the pad's width and height.
        strokes: Vec<Vec<(u16, u16)>>,
        /// Clear, sign on paper, confirm by card.
        choices: Vec<Choice>,
    },
    /// Finished: reception number large, what was printed, what happens next.
    Done {
        /// Full polite sentence.
        title: Text,
        /// Reception number (受付番号), large.
        reception: String,
        /// What happens next, where to go.
        lines: Vec<Text>,
        /// Print again, call staff.
        choices: Vec<Choice>,
    },
    /// "Take your card and papers", until the card is seen gone.
    Leave {
        /// Full polite sentence.
        title: Text,
        /// The card still lies on the reader.
        card_here: bool,
        /// Papers were printed.
        papers: bool,
    },
}

/// Something that can be touched; comes back as `Touch::Choose(id)`.
#[derive(Clone, PartialEq)]
pub struct Choice {
    /// Identifies the choice on this screen.
    pub id: String,
    /// Its words.
    pub title: Text,
    /// A second, smaller line.
    pub lead: Option<Text>,
    /// Icon name from assets/icons.
    pub picture: Option<String>,
    /// Chosen now.
    pub chosen: bool,
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    pub id: String,
    /// The procedure.
    pub title: Text,
    /// For whom; empty for the household.
    pub who: Vec<Text>,
    /// Must, should, may: in words.
    pub level: Text,
    /// The due day as people say it, with the weekday.
    pub due: Option<Text>,
    /// Past its day: told kindly, with what to do now.
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
    pub because: Vec<Text>,
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
    /// Eras offered, newest first; `Touch::Choose("era:reiwa")`. The chosen one is marked.
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
    pub id: String,
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

/// What lies over the matter.
#[derive(Clone, PartialEq)]
pub enum Overlay {
    /// "Are you still there?" with the seconds left; `Touch::StillHere` extends.
    Idle {
        /// Seconds until everything is wiped.
        seconds: u32,
    },
    /// Staff were called; `Touch::Close` goes on.
    StaffCalled,
    /// "Really start over?": `Touch::StartOver` again wipes, `Touch::Close` goes on.
    StartOver,
}
