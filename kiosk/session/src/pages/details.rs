//! What only this event needs: its date, and who is concerned. Asked before guidance's own questions, because
//! those depend on it.

use guidance::document::{Concern, LifeEvent};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::choice_id::{ChoiceId, NearDay};
use crate::date_pad::DateTyping;
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState, problem_text, toggle, why};
use crate::people::{People, nth, role_key};
use crate::role::{Companion, Role};
use crate::screen::{self, Body, Choice, ChoicesBody, EntryBody, Pad};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::{DetailStep, HOLDER, Visit};

/// Most children who can be named at the kiosk; a larger family goes on at the counter.
const CHILDREN: usize = 7;
/// Nobody living was born earlier.
const OLDEST: i32 = 130;
/// Who may take part with the resident; a larger family goes on at the counter.
const COMPANIONS: [Companion; 10] = [
    Companion::only(Role::Spouse),
    Companion::nth(Role::Child, 1),
    Companion::nth(Role::Child, 2),
    Companion::nth(Role::Child, 3),
    Companion::nth(Role::Child, 4),
    Companion::nth(Role::Child, 5),
    Companion::nth(Role::Parent, 1),
    Companion::nth(Role::Parent, 2),
    Companion::nth(Role::Other, 1),
    Companion::nth(Role::Other, 2),
];
/// What the one here may be to a baby.
const PARENTS: [(Role, &str); 3] = [
    (Role::Mother, "details.parent.mother"),
    (Role::Oneself, "details.parent.father"),
    (Role::Other, "details.parent.other"),
];
/// What another person may be to the one here.
const ROLES: [(Role, &str); 4] = [
    (Role::Spouse, "person.spouse"),
    (Role::Child, "person.child"),
    (Role::Parent, "person.parent"),
    (Role::Other, "person.other"),
];
/// For whom the event is.
const FOR_WHOM: [(Role, &str); 2] = [
    (Role::Oneself, "details.for_whom.self"),
    (Role::Other, "details.for_whom.other"),
];

/// One question about the event, with what is typed or marked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Details {
    step: DetailStep,
    date: DateTyping,
    /// The date was to be taken as it is typed, and could not be.
    refused: bool,
    /// Persons of the known household.
    persons: Vec<String>,
    companions: Vec<Companion>,
}

impl Details {
    /// What was answered before is there again, so that going back does not mean typing again.
    pub(crate) fn show(step: DetailStep, visit: &Visit, kiosk: &KioskState) -> Self {
        let answers = &visit.interview.answers;
        let eras = kiosk.town.forms.eras();
        let filled = |date: Option<&Date>, era: Option<&str>| match date {
            Some(date) => DateTyping::filled(&eras.from_date(*date), eras, false, true),
            None => DateTyping::empty(era, false, true),
        };
        let this_era = eras.of(visit.today).map(|era| era.id.as_str());
        let mut page = Self {
            step,
            date: DateTyping::default(),
            refused: false,
            persons: Vec::new(),
            companions: Vec::new(),
        };
        match &page.step {
            DetailStep::Date => page.date = filled(answers.date.as_ref(), this_era),
            DetailStep::Birth(id) => page.date = filled(answers.births.get(id), None),
            DetailStep::Who => page.persons = first_marks(visit, kiosk),
            DetailStep::Together => page.companions = companions_of(&answers.companions),
            DetailStep::ForWhom
            | DetailStep::Parent
            | DetailStep::HowMany
            | DetailStep::Role(_) => {}
        }
        page
    }

    fn done(&self, visit: &mut Visit) -> Next {
        visit.interview.answers.step_done(self.step.clone());
        Next::DetailDone
    }

    fn choose(&mut self, id: &ChoiceId, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match (&self.step, id) {
            (DetailStep::Date | DetailStep::Birth(_), ChoiceId::Era(era)) => {
                self.date.choose_era(era);
                Next::Stay
            }
            (DetailStep::Date, ChoiceId::Day(day)) => self.near_day(*day, visit, kiosk),
            (DetailStep::Who, ChoiceId::Person(id)) => self.mark(id, visit, kiosk),
            (DetailStep::Who, ChoiceId::Nobody) if !is_plural(visit, kiosk) => {
                visit.interview.answers.chosen.clear();
                self.done(visit)
            }
            (DetailStep::Together, ChoiceId::Companion(one)) if COMPANIONS.contains(one) => {
                toggle(&mut self.companions, *one);
                Next::Stay
            }
            (DetailStep::HowMany, ChoiceId::Count(n)) if *n <= CHILDREN => {
                visit.interview.answers.children = *n;
                self.done(visit)
            }
            (_, ChoiceId::Role(role)) => self.choose_role(*role, visit),
            _ => Next::Ignored,
        }
    }

    fn choose_role(&self, role: Role, visit: &mut Visit) -> Next {
        let answers = &mut visit.interview.answers;
        let offers = |offered: &[(Role, &str)]| offered.iter().any(|(one, _)| *one == role);
        match &self.step {
            DetailStep::ForWhom if offers(&FOR_WHOM) => answers.for_other = role == Role::Other,
            DetailStep::Parent if offers(&PARENTS) => {
                answers.roles.insert(HOLDER.to_owned(), role);
            }
            DetailStep::Role(id) if offers(&ROLES) => {
                answers.roles.insert(id.clone(), role);
            }
            _ => return Next::Ignored,
        }
        self.done(visit)
    }

    fn near_day(&self, day: NearDay, visit: &mut Visit, kiosk: &KioskState) -> Next {
        if day == NearDay::Tomorrow && !may_be_future(visit, kiosk) {
            return Next::Ignored;
        }
        let Ok(date) = visit.today.checked_add(day.days().days()) else {
            return Next::Ignored;
        };
        visit.interview.answers.date = Some(date);
        self.done(visit)
    }

    fn mark(&mut self, person: &str, visit: &mut Visit, kiosk: &KioskState) -> Next {
        if !choosable(visit, kiosk).contains(&person) {
            return Next::Ignored;
        }
        if is_plural(visit, kiosk) {
            toggle(&mut self.persons, person.to_owned());
            return Next::Stay;
        }
        visit.interview.answers.chosen = std::iter::once(person.to_owned()).collect();
        self.done(visit)
    }

    fn go_on(&mut self, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match &self.step {
            DetailStep::Date | DetailStep::Birth(_) if self.date.is_whole() => {
                self.take_date(visit, kiosk)
            }
            DetailStep::Who if is_plural(visit, kiosk) && !self.persons.is_empty() => {
                visit.interview.answers.chosen = self.persons.drain(..).collect();
                self.done(visit)
            }
            DetailStep::Together => {
                let marked = COMPANIONS
                    .iter()
                    .filter(|one| self.companions.contains(one));
                visit.interview.answers.companions = marked.map(|one| one.role).collect();
                self.done(visit)
            }
            _ => Next::Ignored,
        }
    }

    fn take_date(&mut self, visit: &mut Visit, kiosk: &KioskState) -> Next {
        match self.typed_date(visit, kiosk) {
            Ok(date) => {
                let answers = &mut visit.interview.answers;
                match &self.step {
                    DetailStep::Birth(id) => {
                        answers.births.insert(id.clone(), date);
                    }
                    _ => answers.date = Some(date),
                }
                self.done(visit)
            }
            Err(_) => {
                self.refused = true;
                Next::Stay
            }
        }
    }

    /// The date as typed, or what is wrong with it.
    fn typed_date(&self, visit: &Visit, kiosk: &KioskState) -> Result<Date, Text> {
        let eras = kiosk.town.forms.eras();
        let typed = self.date.date(eras).and_then(|date| eras.to_date(&date));
        let date = typed.map_err(|problem| problem_text(&problem))?;
        let today = visit.today;
        let birth = matches!(self.step, DetailStep::Birth(_));
        let oldest = today.checked_sub(OLDEST.years()).unwrap_or(Date::MIN);
        let latest = today.checked_add(2.years()).unwrap_or(Date::MAX);
        match () {
            () if birth && date > today => Err(Text::key("date.problem.born_later")),
            () if !birth && date > today && !may_be_future(visit, kiosk) => {
                Err(Text::key("date.problem.future"))
            }
            () if date > latest => Err(Text::key("date.problem.far")),
            () if date < oldest => Err(Text::key("date.problem.old")),
            () => Ok(date),
        }
    }

    fn body(&self, visit: &Visit, kiosk: &KioskState) -> Body {
        match &self.step {
            DetailStep::Date => {
                let lead = if may_be_future(visit, kiosk) {
                    "details.date.lead_future"
                } else {
                    "details.date.lead"
                };
                let title = date_title(visit, kiosk);
                self.date_body(title, lead, near_days(visit, kiosk), visit, kiosk)
            }
            DetailStep::Birth(id) => {
                let person = People::of(visit, &kiosk.town.catalogue).call(id);
                let title = Text::Key("details.birth.title", vec![("person", person)]);
                self.date_body(title, "details.birth.lead", Vec::new(), visit, kiosk)
            }
            DetailStep::Who => self.who_body(visit, kiosk),
            DetailStep::ForWhom => roles_body(Text::key("details.for_whom.title"), &FOR_WHOM),
            DetailStep::Parent => roles_body(Text::key("details.parent.title"), &PARENTS),
            DetailStep::Together => self.companions_body(visit, kiosk),
            DetailStep::HowMany => how_many_body(kiosk),
            DetailStep::Role(id) => {
                let number = other_number(id, visit, kiosk).to_string();
                let title = Text::Key("details.role.title", vec![("n", Text::Plain(number))]);
                roles_body(title, &ROLES)
            }
        }
    }

    fn date_body(
        &self,
        title: Text,
        lead: &'static str,
        choices: Vec<Choice>,
        visit: &Visit,
        kiosk: &KioskState,
    ) -> Body {
        let problem = self.refused.then(|| self.typed_date(visit, kiosk).err());
        let (eras, language) = (kiosk.town.forms.eras(), &kiosk.display.language);
        Body::Entry(EntryBody {
            title,
            lead: Some(Text::key(lead)),
            pad: Pad::Date(self.date.pad(eras, language)),
            problem: problem.flatten(),
            choices,
        })
    }

    fn who_body(&self, visit: &Visit, kiosk: &KioskState) -> Body {
        let people = People::of(visit, &kiosk.town.catalogue);
        let choice = |id: &str| {
            let chosen = self.persons.iter().any(|marked| marked == id);
            Choice::new(ChoiceId::Person(id.to_owned()), people.call(id))
                .picture("person")
                .chosen(chosen)
        };
        let offered = choosable(visit, kiosk).into_iter();
        let mut offered: Vec<Choice> = offered.map(choice).collect();
        if matches!(concern(visit, kiosk), Concern::Deceased | Concern::Newborn) {
            let nobody = Text::key("details.who.not_here");
            offered.push(Choice::new(ChoiceId::Nobody, nobody));
        }
        let many = is_plural(visit, kiosk);
        let title = life_event(visit, kiosk).map(|event| event.who_title.clone());
        Body::Choices(ChoicesBody {
            title: Text::Words(title.unwrap_or_default()),
            lead: many.then(|| Text::key("details.who.many")),
            picture: None,
            choices: offered,
            many,
            why: Some(why("details.who.why", kiosk)),
        })
    }

    /// Everybody who may take part on one page, instead of how many and then one by one.
    fn companions_body(&self, visit: &Visit, kiosk: &KioskState) -> Body {
        let title = match concern(visit, kiosk) {
            Concern::Movers => "details.together.movers",
            Concern::Deceased => "details.together.left",
            _ => "details.together.some",
        };
        let choice = |one: &Companion| {
            let role = one.role.word();
            let title = match one.number {
                Some(number) => nth(role, &number.to_string()),
                None => Text::key(role_key(role)),
            };
            let chosen = self.companions.contains(one);
            Choice::new(ChoiceId::Companion(*one), title).chosen(chosen)
        };
        Body::Choices(ChoicesBody {
            title: Text::key(title),
            lead: Some(Text::key("details.together.lead")),
            picture: None,
            choices: COMPANIONS.iter().map(choice).collect(),
            many: true,
            why: Some(why("details.who.why", kiosk)),
        })
    }
}

impl PageState for Details {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let page = Page::new(screen::Step::Questions, self.body(visit, kiosk)).back();
        match &self.step {
            DetailStep::Date | DetailStep::Birth(_) => {
                page.next("button.next", self.date.is_whole())
            }
            DetailStep::Who if is_plural(visit, kiosk) => {
                page.next("button.next", !self.persons.is_empty())
            }
            DetailStep::Together if self.companions.is_empty() => {
                page.next("details.together.alone", true)
            }
            DetailStep::Together => page.next("button.next", true),
            _ => page,
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match (&self.step, touch) {
            (_, Touch::Back) => Next::DetailBack,
            (DetailStep::Date | DetailStep::Birth(_), Touch::Key(key)) => {
                self.refused = false;
                self.date.press(*key);
                Next::Stay
            }
            (_, Touch::Next) => self.go_on(visit, kiosk),
            (_, Touch::Choose(id)) => self.choose(id, visit, kiosk),
            _ => Next::Ignored,
        }
    }
}

fn life_event<'a>(visit: &Visit, kiosk: &'a KioskState) -> Option<&'a LifeEvent> {
    visit.interview.life_event(&kiosk.town.catalogue)
}

fn concern(visit: &Visit, kiosk: &KioskState) -> Concern {
    visit.interview.concern(&kiosk.town.catalogue)
}

/// Several persons can be marked.
fn is_plural(visit: &Visit, kiosk: &KioskState) -> bool {
    concern(visit, kiosk).is_plural()
}

fn date_title(visit: &Visit, kiosk: &KioskState) -> Text {
    let date = life_event(visit, kiosk).and_then(|event| event.date.as_ref());
    Text::Words(date.map(|date| date.title.clone()).unwrap_or_default())
}

/// Most events are reported afterwards; some can be reported before.
fn may_be_future(visit: &Visit, kiosk: &KioskState) -> bool {
    let date = life_event(visit, kiosk).and_then(|event| event.date.as_ref());
    date.is_some_and(|date| date.may_be_future)
}

/// Most people come within days: the last ones, by one touch.
fn near_days(visit: &Visit, kiosk: &KioskState) -> Vec<Choice> {
    let near = [
        (NearDay::Today, "date.today"),
        (NearDay::Yesterday, "date.yesterday"),
        (NearDay::Tomorrow, "date.tomorrow"),
    ];
    let future = may_be_future(visit, kiosk);
    let offered = near.iter().filter(|(day, _)| day.days() <= 0 || future);
    let choice = |(day, words): &(NearDay, &'static str)| {
        let date = visit.today.checked_add(day.days().days()).ok()?;
        Some(Choice::new(ChoiceId::Day(*day), Text::key(words)).lead(Text::Date(date)))
    };
    offered.filter_map(choice).collect()
}

/// Persons of the known household whom the event can concern: whoever stands here has not died.
fn choosable<'a>(visit: &'a Visit, kiosk: &KioskState) -> Vec<&'a str> {
    let died = concern(visit, kiosk) == Concern::Deceased;
    let persons = visit.interview.base().into_iter();
    let persons = persons.flat_map(guidance::Facts::persons);
    persons.filter(|id| !died || *id != HOLDER).collect()
}

/// Everybody moves unless the resident says otherwise; of the rest nobody is marked beforehand.
fn first_marks(visit: &Visit, kiosk: &KioskState) -> Vec<String> {
    let chosen = &visit.interview.answers.chosen;
    if !chosen.is_empty() {
        return chosen.iter().cloned().collect();
    }
    match (visit.interview.base(), concern(visit, kiosk)) {
        (Some(base), Concern::Movers) => base.persons().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The first companions with these roles; which child is the second is not said by a role.
fn companions_of(roles: &[Role]) -> Vec<Companion> {
    let mut left = roles.to_vec();
    let mut marked = Vec::new();
    for one in COMPANIONS {
        if let Some(at) = left.iter().position(|role| *role == one.role) {
            left.remove(at);
            marked.push(one);
        }
    }
    marked
}

fn how_many_body(kiosk: &KioskState) -> Body {
    let count = |n: usize| match n {
        0 => Text::key("count.none"),
        _ => Text::Key("count.persons", vec![("n", Text::Plain(n.to_string()))]),
    };
    Body::Choices(ChoicesBody {
        title: Text::key("details.how_many.children"),
        lead: Some(Text::key("details.how_many.lead")),
        picture: None,
        choices: (0..=CHILDREN)
            .map(|n| Choice::new(ChoiceId::Count(n), count(n)))
            .collect(),
        many: false,
        why: Some(why("details.how_many.why", kiosk)),
    })
}

/// Which of the others this is, from 1.
fn other_number(id: &str, visit: &Visit, kiosk: &KioskState) -> usize {
    let (answers, concern) = (&visit.interview.answers, concern(visit, kiosk));
    let base = visit.interview.base();
    let members = base.map(|base| answers.members(concern, base));
    let members = members.unwrap_or_default();
    let mut others = members.iter().filter(|member| member.role.is_none());
    others.position(|member| member.id == id).unwrap_or(0) + 1
}

fn roles_body(title: Text, offered: &[(Role, &'static str)]) -> Body {
    let choice =
        |(role, words): &(Role, &'static str)| Choice::new(ChoiceId::Role(*role), Text::key(words));
    Body::Choices(ChoicesBody {
        title,
        lead: None,
        picture: None,
        choices: offered.iter().map(choice).collect(),
        many: false,
        why: None,
    })
}
