//! What every page is: something that is drawn, that takes touches and replies, and that knows what it waits for.

use crate::choice_id::ChoiceId;
use crate::effect::Reply;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::screen::{Body, Choice, NoticeBody, Stage, StageState, Step, Tone, Why};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// One page of a visit with what is typed or marked on it. What it asks of the world goes to `effects`; what happened comes
/// back as [`Next`].
pub(crate) trait PageState {
    /// The page as it is drawn.
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page;

    /// The resident touched.
    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next;

    /// The world answered what this page asked. An answer of another kind than was asked ends the wait.
    fn reply(
        &mut self,
        _reply: Reply,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        self.no_reply(visit, kiosk, effects)
    }

    /// No answer in time, or one that makes no sense: the page says so, with what to do now.
    fn no_reply(
        &mut self,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        Next::Ignored
    }

    /// A card was laid on the reader, or taken from it; see [`KioskState::card_present`].
    fn card_moved(
        &mut self,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        Next::Ignored
    }

    /// The visit was put aside on this page and is taken up again, perhaps at another kiosk.
    fn taken_up(
        &mut self,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        Next::Stay
    }

    /// A second went by.
    fn tick(&mut self, _kiosk: &KioskState, _effects: &mut Effects) -> Next {
        Next::Ignored
    }

    /// The work under way where the page has nothing for the resident to do; the idle clock is stopped meanwhile.
    fn work(&self) -> Option<Work> {
        None
    }
}

/// Work of the world that the resident waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// Card or cloud: as long as `patience`.
    Online,
    /// A paper: as long as `print_patience`.
    Printing,
}

/// What a page puts on the screen: its body and the buttons of the frame.
pub(crate) struct Page {
    pub(crate) body: Body,
    pub(crate) step: Option<Step>,
    pub(crate) back: bool,
    pub(crate) next: Option<(Text, bool)>,
    pub(crate) help: bool,
}

impl Page {
    /// A page before or after a visit: nobody has to be helped.
    pub(crate) fn outside(body: Body) -> Self {
        Self {
            body,
            step: None,
            back: false,
            next: None,
            help: false,
        }
    }

    /// A page inside the visit, with help offered.
    pub(crate) fn new(step: Step, body: Body) -> Self {
        Self {
            body,
            step: Some(step),
            back: false,
            next: None,
            help: true,
        }
    }

    /// A page that has lost what it asks about; "back" leads out of it.
    pub(crate) fn nothing(step: Step) -> Self {
        let body = Explain::new(Tone::Info, "info", "question.none").body();
        Self::new(step, body).back()
    }

    pub(crate) fn back(mut self) -> Self {
        self.back = true;
        self
    }

    pub(crate) fn next(mut self, words: &'static str, ready: bool) -> Self {
        self.next = Some((Text::key(words), ready));
        self
    }
}

/// A page that explains. Built up by parts, since every problem page needs the same four.
pub(crate) struct Explain {
    tone: Tone,
    picture: &'static str,
    title: Text,
    lines: Vec<Text>,
    choices: Vec<Choice>,
    code: Option<&'static str>,
}

impl Explain {
    pub(crate) fn new(tone: Tone, picture: &'static str, title: &'static str) -> Self {
        Self {
            tone,
            picture,
            title: Text::key(title),
            lines: Vec::new(),
            choices: Vec::new(),
            code: None,
        }
    }

    pub(crate) fn line(self, words: &'static str) -> Self {
        self.text(Text::key(words))
    }

    pub(crate) fn text(mut self, line: Text) -> Self {
        self.lines.push(line);
        self
    }

    pub(crate) fn choice(mut self, id: ChoiceId, words: &'static str) -> Self {
        self.choices.push(Choice::new(id, Text::key(words)));
        self
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn body(self) -> Body {
        Body::Notice(NoticeBody {
            tone: self.tone,
            picture: self.picture,
            title: self.title,
            lines: self.lines,
            choices: self.choices,
            code: self.code,
        })
    }
}

/// Stages of work: those before `now` are done, those after come next.
pub(crate) fn stages(titles: &[&'static str], now: usize) -> Vec<Stage> {
    let state = |index: usize| match index.cmp(&now) {
        std::cmp::Ordering::Less => StageState::Done,
        std::cmp::Ordering::Equal => StageState::Now,
        std::cmp::Ordering::Greater => StageState::Next,
    };
    titles
        .iter()
        .enumerate()
        .map(|(index, title)| Stage {
            title: Text::key(title),
            state: state(index),
        })
        .collect()
}

/// Why something is asked, where it can be said in one sentence of the word book.
pub(crate) fn why(words: &'static str, kiosk: &KioskState) -> Why {
    Why {
        text: Text::key(words),
        procedures: Vec::new(),
        open: kiosk.why_open,
    }
}

/// A problem of a value as words.
pub(crate) fn problem_text(problem: &application::Problem) -> Text {
    let details = problem.details.iter();
    let details = details.map(|(name, text)| (*name, Text::Plain(text.clone())));
    Text::Key(problem.key, details.collect())
}

/// Marks or unmarks.
pub(crate) fn toggle<T: PartialEq>(marked: &mut Vec<T>, one: T) {
    match marked.iter().position(|other| *other == one) {
        Some(at) => {
            marked.remove(at);
        }
        None => marked.push(one),
    }
}
