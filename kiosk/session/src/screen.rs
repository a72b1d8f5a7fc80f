//! What the resident sees, as a value. `ui` draws it and decides nothing.

mod body;
mod parts;

use crate::text::Text;
use crate::touch::{Contrast, Language, TextSize};

pub use body::{
    CardPlaceBody, ChoicesBody, DoneBody, EntryBody, LeaveBody, NoticeBody, PinPadBody, PlanBody,
    PreviewBody, ReviewBody, SearchBody, SignBody, TilesBody, WelcomeBody, WorkingBody,
};
pub use parts::{
    BringItem, Choice, DatePad, Pad, PageImage, PlanCard, ReviewGroup, ReviewRow, Stage,
    StageState, Tone, Why,
};

/// One whole screen: the frame that stays in place, the body, and what lies over it.
#[derive(Clone, PartialEq)]
pub struct Screen {
    /// The parts that stand in the same place on every screen.
    pub frame: Frame,
    /// What the page shows: one question a screen.
    pub body: Body,
    /// Something that must be answered before the page goes on (idle warning, staff called, start over?).
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
    /// What this kiosk cannot do now: said quietly, in the top band or on the welcome screen.
    pub degraded: Option<Degraded>,
}

/// What a kiosk cannot do now, the most serious first. A visit is possible all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Degraded {
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

/// What a page shows: one question a screen. Each kind is a struct, which `ui` draws with the adapter of that struct.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// The attract screen.
    Welcome(WelcomeBody),
    /// The life events.
    Tiles(TilesBody),
    /// The search by reading.
    Search(SearchBody),
    /// A question with choices.
    Choices(ChoicesBody),
    /// A card is to be laid on the reader.
    CardPlace(CardPlaceBody),
    /// The PIN of the card.
    PinPad(PinPadBody),
    /// The resident waits.
    Working(WorkingBody),
    /// A page that explains.
    Notice(NoticeBody),
    /// Every line of the plan.
    Plan(PlanBody),
    /// One line of the plan, opened.
    PlanDetail(Box<PlanCard>),
    /// One value, typed or picked.
    Entry(EntryBody),
    /// Every value of every form.
    Review(ReviewBody),
    /// A page as it will be printed.
    Preview(PreviewBody),
    /// The signature.
    Sign(SignBody),
    /// The reception number.
    Done(DoneBody),
    /// Card and papers are to be taken.
    Leave(LeaveBody),
}

/// What lies over the page.
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
