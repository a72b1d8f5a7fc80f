//! Guidance's questions: only what is still unknown and would change the plan, each with its reason.

use guidance::{FactPath, FactValue, Question as Asked, QuestionKind, SharedAnswer, Words};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::date_pad::DateTyping;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::pads::press_digit;
use crate::page::{Page, PageState, problem_text, toggle};
use crate::people::People;
use crate::screen::{Body, Choice, ChoicesBody, EntryBody, Pad, Step, Why};
use crate::text::Text;
use crate::touch::{Key, Touch};
use crate::visit::{Asking, Interview, NONE, Visit, others, person_of};

/// Up to this number, a count is picked instead of typed.
const PICKED: i64 = 7;

/// What guidance asks now, with what is typed or marked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    date: DateTyping,
    digits: String,
    /// The date was to be taken as it is typed, and could not be.
    refused: bool,
    /// Persons marked in a question about everybody.
    marked: Vec<String>,
}

impl Question {
    /// The first open question, nothing answered. None when everything that matters is known.
    pub(crate) fn next(visit: &mut Visit, kiosk: &KioskState) -> Option<Self> {
        let catalogue = &kiosk.town.catalogue;
        visit.interview.look_for_questions(catalogue);
        visit.interview.asking()?;
        let era = kiosk.town.forms.eras().of(visit.today);
        let era = era.map(|era| era.id.as_str());
        Some(Self {
            date: DateTyping::empty(era, false, true),
            digits: String::new(),
            refused: false,
            marked: Vec::new(),
        })
    }

    fn is_marked(&self, id: &str) -> bool {
        self.marked.iter().any(|marked| marked == id)
    }

    fn body(&self, visit: &Visit, kiosk: &KioskState) -> Option<Body> {
        match visit.interview.asking()? {
            Asking::One(question) => Some(self.one_body(question, visit, kiosk)),
            Asking::Which(question) => Some(which_body(question, visit, kiosk)),
            Asking::Who(title, group) => self.group_body(title, &group, visit, kiosk),
            Asking::Same(title, answers, group) => same_body(title, answers, &group, visit, kiosk),
            Asking::Split(answer, group) => {
                let (title, _) = answer.rest.as_ref()?;
                self.group_body(title, &group, visit, kiosk)
            }
        }
    }

    fn one_body(&self, question: &Asked, visit: &Visit, kiosk: &KioskState) -> Body {
        let pad = match &question.kind {
            QuestionKind::Date => {
                let (eras, language) = (kiosk.town.forms.eras(), &kiosk.display.language);
                Pad::Date(self.date.pad(eras, language))
            }
            QuestionKind::Number { max } if *max > PICKED => Pad::Digits {
                text: self.digits.clone(),
                most: digits_of(*max),
                hyphen: false,
            },
            kind => {
                let mut choices = answers(kind);
                choices.push(not_known());
                return choices_body(question, choices, visit, kiosk);
            }
        };
        let problem = self.refused.then(|| self.typed_date(visit, kiosk).err());
        Body::Entry(EntryBody {
            title: title(question, visit, kiosk),
            lead: Some(Text::Words(question.why.clone())),
            pad,
            problem: problem.flatten(),
            choices: vec![not_known()],
        })
    }

    /// A page with everybody of the group, to be marked.
    fn group_body(
        &self,
        title: &Words,
        group: &[&Asked],
        visit: &Visit,
        kiosk: &KioskState,
    ) -> Option<Body> {
        let first = group.first()?;
        let people = People::of(visit, &kiosk.town.catalogue);
        let choices = group.iter().filter_map(|one| {
            let id = person_of(&one.fact)?;
            let choice = Choice::new(ChoiceId::Person(id.to_owned()), people.call(id));
            Some(choice.picture("person").chosen(self.is_marked(id)))
        });
        Some(Body::Choices(ChoicesBody {
            title: Text::Words(title.clone()),
            lead: Some(Text::key("question.group_lead")),
            picture: None,
            choices: choices.collect(),
            many: true,
            why: Some(reason(first, kiosk)),
        }))
    }

    fn key(&mut self, key: Key, interview: &Interview) -> Next {
        let Some(Asking::One(question)) = interview.asking() else {
            return Next::Ignored;
        };
        match &question.kind {
            QuestionKind::Date => self.date.press(key),
            QuestionKind::Number { max } if *max > PICKED => {
                press_digit(&mut self.digits, key, digits_of(*max), false);
            }
            _ => return Next::Ignored,
        }
        self.refused = false;
        Next::Stay
    }

    fn choose(&mut self, id: &ChoiceId, interview: &mut Interview) -> Next {
        match interview.asking() {
            None => Next::Ignored,
            Some(Asking::One(question)) => {
                let (fact, kind) = (question.fact.clone(), question.kind.clone());
                self.choose_one(fact, &kind, id, interview)
            }
            Some(Asking::Which(question)) => {
                let value = value_of(&question.kind, id).filter(|value| *value != NONE);
                let fact = question.fact.clone();
                match value {
                    Some(value) => answer_one(interview, fact, value),
                    None => Next::Ignored,
                }
            }
            Some(Asking::Who(_, group) | Asking::Split(_, group)) => match id {
                ChoiceId::Person(person)
                    if group.iter().any(|one| person_of(&one.fact) == Some(person)) =>
                {
                    toggle(&mut self.marked, person.clone());
                    Next::Stay
                }
                _ => Next::Ignored,
            },
            Some(Asking::Same(..)) => choose_same(id, interview),
        }
    }

    fn choose_one(
        &mut self,
        fact: FactPath,
        kind: &QuestionKind,
        id: &ChoiceId,
        interview: &mut Interview,
    ) -> Next {
        match (kind, id) {
            (_, ChoiceId::NotKnown) => {
                interview.answer(Vec::new(), |state| state.skip([fact]));
                Next::QuestionDone
            }
            (QuestionKind::Date, ChoiceId::Era(era)) => {
                self.date.choose_era(era);
                Next::Stay
            }
            (kind, id) => match value_of(kind, id) {
                Some(value) => answer_one(interview, fact, value),
                None => Next::Ignored,
            },
        }
    }

    fn go_on(&mut self, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match visit.interview.asking() {
            Some(Asking::Who(..)) => self.take_who(&mut visit.interview),
            Some(Asking::Split(..)) => self.take_split(&mut visit.interview),
            Some(Asking::One(question)) => {
                let (fact, kind) = (question.fact.clone(), question.kind.clone());
                self.take_typed(fact, &kind, visit, kiosk)
            }
            Some(Asking::Which(_) | Asking::Same(..)) | None => Next::Ignored,
        }
    }

    /// Takes the marks of a who-question. Somebody marked who can give several answers is asked for theirs next.
    fn take_who(&self, interview: &mut Interview) -> Next {
        let Some(Asking::Who(_, group)) = interview.asking() else {
            return Next::Ignored;
        };
        let (mut answers, mut open) = (Vec::new(), Vec::new());
        for one in group {
            let marked = person_of(&one.fact).is_some_and(|id| self.is_marked(id));
            match (marked, &one.kind) {
                (_, QuestionKind::YesNo) => {
                    answers.push((one.fact.clone(), FactValue::Flag(marked)));
                }
                (false, _) => answers.push((one.fact.clone(), NONE)),
                (true, kind) => match others(kind).as_slice() {
                    [only] => answers.push((one.fact.clone(), *only)),
                    _ => open.push(one.fact.clone()),
                },
            }
        }
        interview.answer(answers, |state| state.ask_next(open));
        Next::QuestionDone
    }

    /// Takes the marks of a split: the one answer for those marked, the other for the rest.
    fn take_split(&self, interview: &mut Interview) -> Next {
        let Some(Asking::Split(answer, group)) = interview.asking() else {
            return Next::Ignored;
        };
        let Some((_, rest)) = answer.rest else {
            return Next::Ignored;
        };
        let value = |one: &&Asked| {
            let marked = person_of(&one.fact).is_some_and(|id| self.is_marked(id));
            let value = if marked { answer.value } else { rest };
            (one.fact.clone(), value)
        };
        let answers = group.iter().map(value).collect();
        interview.answer(answers, |state| state.end_split());
        Next::QuestionDone
    }

    fn take_typed(
        &mut self,
        fact: FactPath,
        kind: &QuestionKind,
        visit: &mut Visit,
        kiosk: &KioskState,
    ) -> Next {
        match kind {
            QuestionKind::Date if self.date.is_whole() => match self.typed_date(visit, kiosk) {
                Ok(date) => answer_one(&mut visit.interview, fact, FactValue::Date(date)),
                Err(_) => {
                    self.refused = true;
                    Next::Stay
                }
            },
            QuestionKind::Number { max } => match self.count(*max) {
                Some(count) => answer_one(&mut visit.interview, fact, FactValue::Count(count)),
                None => Next::Ignored,
            },
            _ => Next::Ignored,
        }
    }

    fn count(&self, max: i64) -> Option<i64> {
        let count: i64 = self.digits.parse().ok()?;
        (0..=max).contains(&count).then_some(count)
    }

    /// The date as typed, or what is wrong with it.
    fn typed_date(&self, visit: &Visit, kiosk: &KioskState) -> Result<Date, Text> {
        let eras = kiosk.town.forms.eras();
        let typed = self.date.date(eras).and_then(|date| eras.to_date(&date));
        let date = typed.map_err(|problem| problem_text(&problem))?;
        let latest = visit.today.checked_add(2.years()).unwrap_or(Date::MAX);
        if date > latest {
            return Err(Text::key("date.problem.far"));
        }
        Ok(date)
    }

    /// What is typed needs a touch to go on; what is chosen goes on by itself.
    fn next_button(&self, page: Page, asking: Option<Asking<'_>>) -> Page {
        match asking {
            Some(Asking::Who(..) | Asking::Split(..)) if self.marked.is_empty() => {
                page.next("question.nobody", true)
            }
            Some(Asking::Who(..) | Asking::Split(..)) => page.next("button.next", true),
            Some(Asking::One(question)) => match &question.kind {
                QuestionKind::Date => page.next("button.next", self.date.is_whole()),
                QuestionKind::Number { max } if *max > PICKED => {
                    page.next("button.next", self.count(*max).is_some())
                }
                _ => page,
            },
            Some(Asking::Which(_) | Asking::Same(..)) | None => page,
        }
    }
}

impl PageState for Question {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        match self.body(visit, kiosk) {
            Some(body) => {
                let page = Page::new(Step::Questions, body).back();
                self.next_button(page, visit.interview.asking())
            }
            None => Page::nothing(Step::Questions),
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Back => Next::QuestionBack,
            Touch::Choose(id) => self.choose(id, &mut visit.interview),
            Touch::Key(key) => self.key(*key, &visit.interview),
            Touch::Next => self.go_on(visit, kiosk),
            _ => Next::Ignored,
        }
    }
}

fn answer_one(interview: &mut Interview, fact: FactPath, value: FactValue) -> Next {
    interview.answer(vec![(fact, value)], |_| {});
    Next::QuestionDone
}

/// Takes an answer for everybody, or notes that the persons differ.
fn choose_same(id: &ChoiceId, interview: &mut Interview) -> Next {
    let Some(Asking::Same(_, shared, group)) = interview.asking() else {
        return Next::Ignored;
    };
    let paths: Vec<FactPath> = group.iter().map(|one| one.fact.clone()).collect();
    match id {
        ChoiceId::Differs => interview.answer(Vec::new(), |state| state.ask_one_by_one(paths)),
        ChoiceId::NotKnown => interview.answer(Vec::new(), |state| state.skip(paths)),
        ChoiceId::SameForAll(index) => match shared.get(*index) {
            Some(answer) if answer.rest.is_some() => {
                interview.answer(Vec::new(), |state| state.split(paths, *index));
            }
            Some(answer) => {
                let value = answer.value;
                let answers = paths.into_iter().map(|path| (path, value)).collect();
                interview.answer(answers, |_| {});
            }
            None => return Next::Ignored,
        },
        _ => return Next::Ignored,
    }
    Next::QuestionDone
}

fn title(question: &Asked, visit: &Visit, kiosk: &KioskState) -> Text {
    let Some(id) = person_of(&question.fact) else {
        return Text::Words(question.title.clone());
    };
    let people = People::of(visit, &kiosk.town.catalogue);
    let words = if people.is_unnamed_self(id) {
        &question.title_self
    } else {
        &question.title
    };
    Text::WordsWith(words.clone(), vec![("person", people.call(id))])
}

fn not_known() -> Choice {
    Choice::new(ChoiceId::NotKnown, Text::key("question.unknown"))
}

/// Which of the answers it is, of somebody who was marked: "none" and "I do not know" are no answers to that.
fn which_body(question: &Asked, visit: &Visit, kiosk: &KioskState) -> Body {
    let mut choices = answers(&question.kind);
    choices.retain(|choice| choice.id != ChoiceId::Answer(NONE.to_string()));
    choices_body(question, choices, visit, kiosk)
}

fn choices_body(question: &Asked, choices: Vec<Choice>, visit: &Visit, kiosk: &KioskState) -> Body {
    Body::Choices(ChoicesBody {
        title: title(question, visit, kiosk),
        lead: None,
        picture: None,
        choices,
        many: false,
        why: Some(reason(question, kiosk)),
    })
}

/// A page with the answers that can hold for everybody of the group.
fn same_body(
    title: &Words,
    answers: &[SharedAnswer],
    group: &[&Asked],
    visit: &Visit,
    kiosk: &KioskState,
) -> Option<Body> {
    let first = group.first()?;
    let offered = answers.iter().enumerate();
    let mut choices: Vec<Choice> = offered
        .map(|(index, answer)| {
            let label = Text::Words(answer.label.clone());
            Choice::new(ChoiceId::SameForAll(index), label)
        })
        .collect();
    choices.push(Choice::new(ChoiceId::Differs, Text::key("question.apart")));
    choices.push(not_known());
    let people = People::of(visit, &kiosk.town.catalogue);
    let ids = group.iter().filter_map(|one| person_of(&one.fact));
    let names = Text::List(ids.map(|id| people.call(id)).collect());
    Some(Body::Choices(ChoicesBody {
        title: Text::Words(title.clone()),
        lead: Some(Text::Key("question.shared_lead", vec![("who", names)])),
        picture: None,
        choices,
        many: false,
        why: Some(reason(first, kiosk)),
    }))
}

fn reason(question: &Asked, kiosk: &KioskState) -> Why {
    let catalogue = &kiosk.town.catalogue;
    let procedures = question.changes.iter();
    let procedures = procedures.filter_map(|id| catalogue.procedure(id));
    Why {
        text: Text::Words(question.why.clone()),
        procedures: procedures
            .map(|procedure| Text::Words(procedure.title.clone()))
            .collect(),
        open: kiosk.why_open,
    }
}

fn digits_of(max: i64) -> usize {
    max.to_string().len()
}

fn answers(kind: &QuestionKind) -> Vec<Choice> {
    match kind {
        QuestionKind::YesNo => vec![
            Choice::new(ChoiceId::Yes, Text::key("answer.yes")),
            Choice::new(ChoiceId::No, Text::key("answer.no")),
        ],
        QuestionKind::Choice(offered) => offered
            .iter()
            .map(|answer| {
                let id = ChoiceId::Answer(answer.value.to_string());
                Choice::new(id, Text::Words(answer.label.clone()))
            })
            .collect(),
        QuestionKind::Number { max } => (0..=*max)
            .map(|n| Choice::new(ChoiceId::Answer(n.to_string()), Text::Plain(n.to_string())))
            .collect(),
        QuestionKind::Date => Vec::new(),
    }
}

fn value_of(kind: &QuestionKind, id: &ChoiceId) -> Option<FactValue> {
    match (kind, id) {
        (QuestionKind::YesNo, ChoiceId::Yes) => Some(FactValue::Flag(true)),
        (QuestionKind::YesNo, ChoiceId::No) => Some(FactValue::Flag(false)),
        (QuestionKind::Choice(offered), ChoiceId::Answer(word)) => offered
            .iter()
            .map(|answer| answer.value)
            .find(|value| value.to_string() == *word),
        (QuestionKind::Number { max }, ChoiceId::Answer(number)) => {
            let count = number.parse().ok()?;
            (0..=*max)
                .contains(&count)
                .then_some(FactValue::Count(count))
        }
        _ => None,
    }
}
