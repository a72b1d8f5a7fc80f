//! What only this event needs: its date, and who is concerned. Asked before guidance's own questions, because
//! those depend on it.

use application::Problem;
use guidance::document::{Concern, LifeEvent};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::companions::{is_companion, marked_companions, roles_of};
use crate::date_pad::{DateTyping, era_text};
use crate::entry::Entry;
use crate::household::HOLDER;
use crate::page::Page;
use crate::place::Place;
use crate::question::toggle;
use crate::roster::{MOTHER, OTHER, Step};
use crate::screen::{self, Body, Choice, Pad};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// Most children who can be named at the kiosk; a larger family goes on at the counter.
const CHILDREN: usize = 7;
/// Nobody living was born earlier.
const OLDEST: i32 = 130;

/// The step now on the screen.
pub(crate) type Details = Step;

impl Session {
    pub(crate) fn era_text(&self, date: Date) -> String {
        era_text(&self.town.forms, date)
    }

    /// The life event of this visit.
    pub(crate) fn life_event(&self) -> Option<&LifeEvent> {
        let base = self.visit.base.as_ref()?;
        self.town.catalogue.life_event(base.event_kind())
    }

    pub(crate) fn concern(&self) -> Concern {
        self.life_event()
            .map_or(Concern::Nobody, |event| event.concern)
    }

    /// Most events are reported afterwards; some can be reported before.
    fn may_be_future(&self) -> bool {
        let date = self.life_event().and_then(|event| event.date.as_ref());
        date.is_some_and(|date| date.may_be_future)
    }

    /// The first step that is still open; after the last one, guidance's questions.
    pub(crate) fn begin_details(&mut self) {
        let (Some(base), Some(event)) = (&self.visit.base, self.life_event()) else {
            return self.choose_event();
        };
        let facts = self.visit.roster.apply(event, base);
        let steps = self.visit.roster.steps(event, base);
        self.visit.facts = Some(facts);
        self.fill_values();
        match steps
            .into_iter()
            .find(|step| !self.visit.roster.done.contains(step))
        {
            Some(step) => self.show_step(step),
            None => self.begin_questions(),
        }
    }

    fn show_step(&mut self, step: Step) {
        self.visit.entry = self.entry_for(&step);
        self.go(Place::Details(step));
    }

    /// What was said before is there again, so that going back does not mean typing again.
    fn entry_for(&self, step: &Step) -> Entry {
        let roster = &self.visit.roster;
        let eras = self.town.forms.eras();
        let filled = |date: Option<&Date>, era: Option<&str>| match date {
            Some(date) => DateTyping::filled(&eras.from_date(*date), eras, false, true),
            None => DateTyping::empty(era, false, true),
        };
        let this_era = eras.of(self.visit.today).map(|era| era.id.as_str());
        let mut entry = Entry::default();
        match step {
            Step::Date => entry.date = filled(roster.date.as_ref(), this_era),
            Step::Birth(id) => entry.date = filled(roster.births.get(id), None),
            Step::Who => entry.marked = self.first_choice(),
            Step::Together => entry.marked = marked_companions(&roster.companions),
            _ => {}
        }
        entry
    }

    /// Everybody moves unless the resident says otherwise; of the rest nobody is marked beforehand.
    fn first_choice(&self) -> Vec<String> {
        let roster = &self.visit.roster;
        if !roster.chosen.is_empty() {
            return roster.chosen.iter().cloned().collect();
        }
        match (&self.visit.base, self.concern()) {
            (Some(base), Concern::Movers) => base.persons().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// The last step again, or the card.
    pub(crate) fn back_to_details(&mut self) {
        match self.visit.roster.done.pop() {
            Some(step) => self.show_step(step),
            None if self.visit.card.is_some() => self.choose_event(),
            None => self.offer_card(),
        }
    }

    pub(crate) fn details_page(&self, step: &Details) -> Page {
        let entry = &self.visit.entry;
        let page = Page::new(screen::Step::Questions, self.step_body(step)).back();
        match step {
            Step::Date | Step::Birth(_) => page.next("button.next", entry.date.is_whole()),
            Step::Who if self.many() => page.next("button.next", !entry.marked.is_empty()),
            Step::Together if entry.marked.is_empty() => page.next("details.together.alone", true),
            Step::Together => page.next("button.next", true),
            _ => page,
        }
    }

    fn step_body(&self, step: &Step) -> Body {
        match step {
            Step::Date => self.date_body(self.date_title(), self.date_lead(), self.near_days()),
            Step::Birth(id) => {
                let title = Text::Key("details.birth.title", vec![("person", self.person(id))]);
                self.date_body(title, "details.birth.lead", Vec::new())
            }
            Step::Who => self.who_body(),
            Step::ForWhom => choices(
                Text::key("details.for_whom.title"),
                &[
                    ("self", "details.for_whom.self"),
                    ("other", "details.for_whom.other"),
                ],
            ),
            Step::Parent => choices(
                Text::key("details.parent.title"),
                &[
                    ("mother", "details.parent.mother"),
                    ("self", "details.parent.father"),
                    ("other", "details.parent.other"),
                ],
            ),
            Step::Together => self.companions_body(),
            Step::HowMany => self.how_many_body(),
            Step::Role(id) => {
                let title = Text::Key(
                    "details.role.title",
                    vec![("n", Text::Plain(self.other_number(id).to_string()))],
                );
                choices(
                    title,
                    &[
                        ("spouse", "person.spouse"),
                        ("child", "person.child"),
                        ("parent", "person.parent"),
                        ("other", "person.other"),
                    ],
                )
            }
        }
    }

    fn date_title(&self) -> Text {
        let date = self.life_event().and_then(|event| event.date.as_ref());
        Text::Words(date.map(|date| date.title.clone()).unwrap_or_default())
    }

    fn date_lead(&self) -> &'static str {
        if self.may_be_future() {
            "details.date.lead_future"
        } else {
            "details.date.lead"
        }
    }

    fn who_title(&self) -> Text {
        let title = self.life_event().map(|event| event.who_title.clone());
        Text::Words(title.unwrap_or_default())
    }

    fn date_body(&self, title: Text, lead: &'static str, choices: Vec<Choice>) -> Body {
        let entry = &self.visit.entry;
        Body::Entry {
            title,
            lead: Some(Text::key(lead)),
            pad: Pad::Date(entry.date.pad(self.town.forms.eras(), &self.look.language)),
            problem: entry.problem.clone(),
            choices,
        }
    }

    /// Most people come within days: the last ones, by one touch.
    fn near_days(&self) -> Vec<Choice> {
        let today = self.visit.today;
        let near = [
            ("today", "date.today", 0),
            ("yesterday", "date.yesterday", -1),
            ("tomorrow", "date.tomorrow", 1),
        ];
        let future = self.may_be_future();
        near.iter()
            .filter(|(_, _, days)| *days <= 0 || future)
            .filter_map(|(id, words, days)| {
                let day = today.checked_add(days.days()).ok()?;
                Some(Choice::new(format!("day:{id}"), Text::key(words)).lead(Text::Date(day)))
            })
            .collect()
    }

    fn many(&self) -> bool {
        self.concern().is_plural()
    }

    fn who_body(&self) -> Body {
        let concern = self.concern();
        let persons: Vec<&str> = self
            .visit
            .base
            .iter()
            .flat_map(guidance::Facts::persons)
            .collect();
        let mut offered: Vec<Choice> = persons
            .into_iter()
            .filter(|id| concern != Concern::Deceased || *id != HOLDER)
            .map(|id| {
                let chosen = self.visit.entry.marked.iter().any(|marked| marked == id);
                Choice::new(format!("person:{id}"), self.person(id))
                    .picture("person")
                    .chosen(chosen)
            })
            .collect();
        if matches!(concern, Concern::Deceased | Concern::Newborn) {
            offered.push(Choice::new("nobody", Text::key("details.who.not_here")));
        }
        Body::Choices {
            title: self.who_title(),
            lead: self.many().then(|| Text::key("details.who.many")),
            picture: None,
            choices: offered,
            many: self.many(),
            why: Some(self.why("details.who.why", Vec::new())),
        }
    }

    fn how_many_body(&self) -> Body {
        let count = |n: usize| match n {
            0 => Text::key("count.none"),
            _ => Text::Key("count.persons", vec![("n", Text::Plain(n.to_string()))]),
        };
        Body::Choices {
            title: Text::key("details.how_many.children"),
            lead: Some(Text::key("details.how_many.lead")),
            picture: None,
            choices: (0..=CHILDREN)
                .map(|n| Choice::new(format!("count:{n}"), count(n)))
                .collect(),
            many: false,
            why: Some(self.why("details.how_many.why", Vec::new())),
        }
    }

    /// Which of the others this is, from 1.
    fn other_number(&self, id: &str) -> usize {
        let base = self.visit.base.as_ref();
        let members = base
            .map(|base| self.visit.roster.members(self.concern(), base))
            .unwrap_or_default();
        members
            .iter()
            .filter(|member| member.role.is_none())
            .position(|member| member.id == id)
            .unwrap_or(0)
            + 1
    }

    pub(crate) fn details_touch(&mut self, touch: &Touch) {
        let Place::Details(step) = &self.place else {
            return;
        };
        let step = step.clone();
        match (&step, touch) {
            (_, Touch::Back) => self.back_to_details(),
            (Step::Date | Step::Birth(_), Touch::Key(key)) => {
                self.visit.entry.problem = None;
                self.visit.entry.date.press(*key);
            }
            (Step::Date | Step::Birth(_), Touch::Next) if self.visit.entry.date.is_whole() => {
                self.take_typed_date(step)
            }
            (Step::Who, Touch::Next) if self.many() && !self.visit.entry.marked.is_empty() => {
                self.visit.roster.chosen = self.visit.entry.marked.drain(..).collect();
                self.step_done(step);
            }
            (Step::Together, Touch::Next) => {
                let marked = std::mem::take(&mut self.visit.entry.marked);
                self.visit.roster.companions = roles_of(&marked);
                self.step_done(step);
            }
            (_, Touch::Choose(id)) => self.details_choice(step, id),
            _ => {}
        }
    }

    fn details_choice(&mut self, step: Step, id: &str) {
        match (&step, id.split_once(':').unwrap_or((id, ""))) {
            (Step::Date | Step::Birth(_), ("era", era)) => self.visit.entry.date.choose_era(era),
            (Step::Date, ("day", day)) => self.near_day(day),
            (Step::Who, ("person", person)) => self.mark(step.clone(), person),
            (Step::Who, ("nobody", _)) if !self.many() => {
                self.visit.roster.chosen.clear();
                self.step_done(step);
            }
            (Step::Together, ("with", with)) if is_companion(with) => {
                toggle(&mut self.visit.entry.marked, with);
            }
            (Step::ForWhom, (whom @ ("self" | "other"), _)) => {
                self.visit.roster.for_other = whom == "other";
                self.step_done(step);
            }
            (Step::Parent, (role, _)) => {
                if let Some(role) = [MOTHER, "self", OTHER]
                    .into_iter()
                    .find(|known| *known == role)
                {
                    self.visit.roster.roles.insert(HOLDER.to_owned(), role);
                    self.step_done(step);
                }
            }
            (Step::HowMany, ("count", n)) => {
                if let Some(n) = n.parse().ok().filter(|n| *n <= CHILDREN) {
                    self.visit.roster.children = n;
                    self.step_done(step);
                }
            }
            (Step::Role(person), (role, _)) => {
                if let Some(role) = ["spouse", "child", "parent", "other"]
                    .into_iter()
                    .find(|known| *known == role)
                {
                    self.visit.roster.roles.insert(person.clone(), role);
                    self.step_done(step);
                }
            }
            _ => {}
        }
    }

    fn near_day(&mut self, day: &str) {
        let days = match day {
            "today" => 0,
            "yesterday" => -1,
            "tomorrow" if self.may_be_future() => 1,
            _ => return,
        };
        if let Ok(date) = self.visit.today.checked_add(days.days()) {
            self.visit.roster.date = Some(date);
            self.step_done(Step::Date);
        }
    }

    fn mark(&mut self, step: Step, person: &str) {
        let known = self
            .visit
            .base
            .as_ref()
            .is_some_and(|base| base.persons().any(|id| id == person));
        let holder_died = self.concern() == Concern::Deceased && person == HOLDER;
        if !known || holder_died {
            return;
        }
        if self.many() {
            toggle(&mut self.visit.entry.marked, person);
        } else {
            self.visit.roster.chosen = std::iter::once(person.to_owned()).collect();
            self.step_done(step);
        }
    }

    fn take_typed_date(&mut self, step: Step) {
        let eras = self.town.forms.eras();
        match self
            .visit
            .entry
            .date
            .date(eras)
            .and_then(|date| eras.to_date(&date))
        {
            Ok(date) => match self.date_trouble(&step, date) {
                Some(problem) => self.visit.entry.problem = Some(Text::key(problem)),
                None => {
                    match &step {
                        Step::Birth(id) => {
                            self.visit.roster.births.insert(id.clone(), date);
                        }
                        _ => self.visit.roster.date = Some(date),
                    }
                    self.step_done(step);
                }
            },
            Err(problem) => self.visit.entry.problem = Some(problem_text(&problem)),
        }
    }

    fn date_trouble(&self, step: &Step, date: Date) -> Option<&'static str> {
        let today = self.visit.today;
        let birth = matches!(step, Step::Birth(_));
        let oldest = today.checked_sub(OLDEST.years()).unwrap_or(Date::MIN);
        let latest = today.checked_add(2.years()).unwrap_or(Date::MAX);
        match () {
            () if birth && date > today => Some("date.problem.born_later"),
            () if !birth && date > today && !self.may_be_future() => Some("date.problem.future"),
            () if date > latest => Some("date.problem.far"),
            () if date < oldest => Some("date.problem.old"),
            () => None,
        }
    }

    /// A step was answered. Answers after it belong to another question than before and are asked again.
    fn step_done(&mut self, step: Step) {
        self.visit.roster.done.retain(|done| *done != step);
        self.visit.roster.done.push(step);
        self.begin_details();
    }
}

fn choices(title: Text, offered: &[(&str, &'static str)]) -> Body {
    Body::Choices {
        title,
        lead: None,
        picture: None,
        choices: offered
            .iter()
            .map(|(id, words)| Choice::new(*id, Text::key(words)))
            .collect(),
        many: false,
        why: None,
    }
}

/// A problem of a value as words.
pub(crate) fn problem_text(problem: &Problem) -> Text {
    let details = problem
        .details
        .iter()
        .map(|(name, text)| (*name, Text::Plain(text.clone())))
        .collect();
    Text::Key(problem.key, details)
}
