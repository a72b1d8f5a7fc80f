//! What a place of the visit puts on the screen: its matter and the buttons of the frame.

use crate::screen::{Body, Choice, Stage, StageState, Step, Tone};
use crate::text::Text;

/// One place's contribution to the screen.
pub(crate) struct Page {
    pub(crate) body: Body,
    pub(crate) step: Option<Step>,
    pub(crate) back: bool,
    pub(crate) next: Option<(Text, bool)>,
    pub(crate) help: bool,
}

impl Page {
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

    pub(crate) fn choice(mut self, id: &str, words: &'static str) -> Self {
        self.choices.push(Choice::new(id, Text::key(words)));
        self
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn body(self) -> Body {
        Body::Notice {
            tone: self.tone,
            picture: self.picture,
            title: self.title,
            lines: self.lines,
            choices: self.choices,
            code: self.code,
        }
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

impl Choice {
    /// A choice with words only.
    #[must_use]
    pub fn new(id: impl Into<String>, title: Text) -> Self {
        Self {
            id: id.into(),
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
