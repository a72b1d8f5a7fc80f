//! The interview: the event with its own details, then guidance's questions; every answer can be taken back.

use guidance::document::{Concern, LifeEvent};
use guidance::{Catalogue, FactPath, FactValue, Facts, Question};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::effect::CardItems;
use crate::visit::asking::{Asking, InterviewState};
use crate::visit::event_answers::{DetailStep, EventAnswers};
use crate::visit::identity::with_household;
use crate::visit::saved;

/// The answers of one page, to be taken back by "back".
#[derive(Serialize, Deserialize)]
struct Answered {
    /// The facts that they gave.
    #[serde(with = "saved::paths")]
    paths: Vec<FactPath>,
    /// The interview before them.
    before: InterviewState,
}

/// Everything asked so far, and what is to be asked.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Interview {
    /// Event and household before anything was answered about them.
    #[serde(with = "saved::facts")]
    base: Option<Facts>,
    /// The base with every answer.
    #[serde(with = "saved::facts")]
    facts: Option<Facts>,
    /// Answers about the event itself.
    pub(crate) answers: EventAnswers,
    /// Answers to guidance's questions, in order.
    answered: Vec<Answered>,
    state: InterviewState,
    /// Guidance's open questions for the facts as they are; made again from the facts, never kept beside them.
    #[serde(skip)]
    questions: Vec<Question>,
}

impl Interview {
    /// Begins with an event; answers about another one are gone.
    pub(crate) fn begin(
        &mut self,
        facts: Facts,
        household: Option<&Facts>,
        card: Option<&CardItems>,
    ) {
        let base = match household {
            Some(household) => with_household(facts, household),
            None => facts,
        };
        *self = Self {
            facts: Some(base.clone()),
            base: Some(base),
            answers: EventAnswers::after_card(card),
            ..Self::default()
        };
    }

    /// The event is given up; what the card said is kept.
    pub(crate) fn give_up_event(&mut self) {
        self.base = None;
        self.facts = None;
    }

    /// The card says who the holder is and when they were born; nothing else was answered before.
    pub(crate) fn card_read(&mut self, card: Option<&CardItems>) {
        self.answers = EventAnswers::after_card(card);
    }

    pub(crate) fn household_found(&mut self, household: &Facts) {
        if let Some(base) = self.base.take() {
            self.base = Some(with_household(base, household));
        }
    }

    pub(crate) fn base(&self) -> Option<&Facts> {
        self.base.as_ref()
    }

    pub(crate) fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    /// The life event of this visit.
    pub(crate) fn life_event<'a>(&self, catalogue: &'a Catalogue) -> Option<&'a LifeEvent> {
        catalogue.life_event(self.base.as_ref()?.event_kind())
    }

    pub(crate) fn concern(&self, catalogue: &Catalogue) -> Concern {
        let event = self.life_event(catalogue);
        event.map_or(Concern::Nobody, |event| event.concern)
    }

    /// Makes the facts from the answers about the event and gives the first step that is still open.
    ///
    /// # Errors
    /// There is no event.
    pub(crate) fn open_step(
        &mut self,
        catalogue: &Catalogue,
    ) -> Result<Option<DetailStep>, NoEvent> {
        let event = self.life_event(catalogue).ok_or(NoEvent)?;
        let base = self.base.as_ref().ok_or(NoEvent)?;
        self.facts = Some(self.answers.apply(event, base));
        let mut steps = self.answers.steps(event, base).into_iter();
        Ok(steps.find(|step| !self.answers.is_done(step)))
    }

    /// Looks which questions are open for the facts as they are.
    pub(crate) fn look_for_questions(&mut self, catalogue: &Catalogue) {
        let facts = self.facts.as_ref();
        let mut open = facts
            .map(|facts| catalogue.questions(facts))
            .unwrap_or_default();
        open.retain(|question| !self.state.is_skipped(&question.fact));
        self.questions = open;
    }

    /// What to ask now.
    pub(crate) fn asking(&self) -> Option<Asking<'_>> {
        self.state.asking(&self.questions)
    }

    /// Takes the answers of one page, and what else changes in the interview. A value that the fact does not take leaves it
    /// unasked rather than asking forever.
    pub(crate) fn answer(
        &mut self,
        answers: Vec<(FactPath, FactValue)>,
        change: impl FnOnce(&mut InterviewState),
    ) {
        let before = self.state.clone();
        let mut paths = Vec::new();
        for (path, value) in answers {
            if let Some(facts) = &mut self.facts
                && facts.set(&path.to_string(), value).is_err()
            {
                self.state.skip([path.clone()]);
            }
            paths.push(path);
        }
        change(&mut self.state);
        self.answered.push(Answered { paths, before });
    }

    /// Takes the last page's answers back; false when there are none.
    pub(crate) fn take_back(&mut self) -> bool {
        let Some(last) = self.answered.pop() else {
            return false;
        };
        self.state = last.before;
        if let Some(facts) = &mut self.facts {
            for path in &last.paths {
                facts.unset(path);
            }
        }
        true
    }

    /// A date that the plan was computed from was changed on a form. False when no fact is written there.
    pub(crate) fn correct_date(&mut self, key: &str, date: Date) -> bool {
        let known = |facts: &Facts| {
            key.parse::<FactPath>()
                .is_ok_and(|path| facts.given(&path).is_some())
        };
        let facts = self.facts.as_mut().filter(|facts| known(facts));
        facts.is_some_and(|facts| facts.set(key, FactValue::Date(date)).is_ok())
    }
}

/// A question about an event was asked when there is none.
pub(crate) struct NoEvent;
