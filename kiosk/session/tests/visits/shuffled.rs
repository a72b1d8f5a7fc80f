//! The first test that was written: answers that come late, twice and in any order never show one resident another's.

use std::collections::BTreeSet;
use std::sync::Arc;

use application::Application;
use jiff::ToSpan;
use session::effect::{
    Ask, CardItems, CardProblem, Effect, Event, HouseholdProblem, Notice, PostalTown, PrintProblem,
    Reply, Request,
};
use session::screen::{Body, ChoicesBody, EntryBody, Pad, PageImage, PinPadBody, Screen, SignBody};
use session::touch::{ChoiceId, Key, Language, SecretDigit, TextSize, Touch};

use crate::kiosk::{household, items};
use crate::{reading, town};

struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % most.max(1) as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.below(all.len())])
    }
}

/// A name that only this resident has, in katakana so that it can be typed as well.
fn canary(resident: u64) -> String {
    let letters: Vec<char> = "アイウエオカキクケコ".chars().collect();
    let digits = format!("{resident:05}");
    let code: String = digits
        .chars()
        .map(|digit| letters[digit.to_digit(10).unwrap() as usize])
        .collect();
    format!("ザ{code}ゾ")
}

/// Canaries in a text: what stands between the last ザ before a ゾ and that ゾ (half a name may stand before a whole one).
fn canaries(text: &str) -> Vec<String> {
    let ended = text
        .split_inclusive('ゾ')
        .filter(|part| part.ends_with('ゾ'));
    ended
        .filter_map(|part| part.rfind('ザ').map(|at| part[at..].to_owned()))
        .collect()
}

pub struct World {
    pub session: session::Session,
    pub now: jiff::Timestamp,
    dice: Dice,
    /// Answers on their way; each knows whose it is only by what it says.
    late: Vec<(Ask, Reply)>,
    resident: u64,
    pub card_here: bool,
    pub online: bool,
    stores: usize,
    titles: BTreeSet<&'static str>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let now = "2026-04-27T01:00:00Z".parse().unwrap();
        Self {
            session: session::Session::new(town::town(), now),
            now,
            dice: Dice(seed | 1),
            late: Vec::new(),
            resident: 1,
            card_here: false,
            online: true,
            stores: 0,
            titles: BTreeSet::new(),
        }
    }

    fn step(&mut self, event: Event) {
        let effects = self.session.step(event, self.now);
        for effect in effects {
            match effect {
                Effect::Ask(ask, request) => self.asked(ask, &request),
                Effect::Forget => self.resident += 1,
                Effect::Drop(_) | Effect::Indicate(_) | Effect::CallStaff(_) => {}
            }
        }
        let screen = self.session.screen();
        self.titles.insert(reading::title(&screen));
        for text in reading::strings(&screen) {
            self.only_mine(&text);
        }
    }

    #[track_caller]
    fn only_mine(&self, text: &str) {
        // A half-typed name is nobody's.
        for found in canaries(text)
            .into_iter()
            .filter(|found| found.chars().count() == 7)
        {
            assert_eq!(
                found,
                canary(self.resident),
                "another resident's value on {}",
                reading::title(&self.session.screen())
            );
        }
    }

    /// The world works out its answer now, for who is here now; it arrives whenever it arrives.
    fn asked(&mut self, ask: Ask, request: &Request) {
        if let Request::Preview { application, .. }
        | Request::Store(application)
        | Request::PrintForm { application, .. }
        | Request::PrintPlan(application)
        | Request::PrintReceipt(application) = request
        {
            self.application_is_mine(application);
        }
        if matches!(
            request,
            Request::PrintForm { .. } | Request::PrintPlan(_) | Request::PrintReceipt(_)
        ) {
            assert!(self.stores > 0, "paper moved before anything was stored");
        }
        let reply = self.answer(request);
        if self.dice.chance(10) {
            return;
        }
        if self.dice.chance(40) {
            let again = self.answer(request);
            self.late.push((ask, again));
        }
        self.late.push((ask, reply));
    }

    fn application_is_mine(&self, application: &Arc<Application>) {
        for (_, value) in application.values.iter() {
            self.only_mine(&value.text);
        }
        self.only_mine(&application.facts.to_string());
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let name = canary(self.resident);
        match request {
            Request::CardTries => match self.dice.below(20) {
                0 => Reply::CardTries(Some(0)),
                1 => Reply::CardTries(Some(1)),
                2 => Reply::CardTries(None),
                3 => Reply::CardFailed(CardProblem::Silent),
                _ => Reply::CardTries(Some(3)),
            },
            Request::ReadCard { .. } => match self.dice.below(12) {
                0 => Reply::CardFailed(CardProblem::WrongPin { left: 2 }),
                1 => Reply::CardFailed(CardProblem::WrongPin { left: 1 }),
                2 => Reply::CardFailed(CardProblem::Removed),
                n => {
                    let mut read: CardItems = items(&name);
                    read.proof = n > 3;
                    Reply::CardRead(read)
                }
            },
            Request::Household => match self.dice.below(12) {
                0 => Reply::NoHousehold(HouseholdProblem::NoMatch),
                1 => Reply::NoHousehold(HouseholdProblem::Revoked),
                2 => Reply::NoHousehold(HouseholdProblem::Offline),
                _ => Reply::Household(Box::new(household(&name))),
            },
            Request::PostalCode(_) => Reply::Towns(vec![PostalTown {
                prefecture: "東京都".to_owned(),
                city: "玄関町".to_owned(),
                town: name,
                kana: "ゲンカンチョウ".to_owned(),
            }]),
            Request::Preview { .. } if self.dice.chance(20) => Reply::PreviewFailed,
            Request::Preview { .. } => Reply::Preview(
                Arc::new(PageImage {
                    width: 1,
                    height: 1,
                    grey: vec![255],
                }),
                1 + self.dice.below(3),
            ),
            Request::Store(_) if self.dice.chance(20) => Reply::StoreFailed,
            Request::Store(_) => {
                self.stores += 1;
                Reply::Stored {
                    reception: format!("受付{name}"),
                }
            }
            Request::PrintForm { .. } | Request::PrintPlan(_) | Request::PrintReceipt(_)
                if self.dice.chance(20) =>
            {
                Reply::PrintFailed(PrintProblem::PaperOut)
            }
            Request::PrintForm { .. } | Request::PrintPlan(_) | Request::PrintReceipt(_) => {
                Reply::Printed
            }
            Request::Reopen { .. } => Reply::Reopened,
        }
    }

    /// One thing happens: mostly a touch that makes sense, now and then anything at all.
    pub fn something(&mut self) {
        let waits = matches!(self.session.screen().body, Body::Working(_));
        match self.dice.below(20) {
            0..=9 if waits && !self.late.is_empty() => self.answer_comes(),
            0..=1 if !self.late.is_empty() => self.answer_comes(),
            5 => {
                let seconds = if self.dice.chance(10) { 40 } else { 1 };
                self.now = self.now.checked_add(seconds.seconds()).unwrap();
                self.step(Event::Tick);
            }
            6 => self.card(),
            8..=12 if matches!(self.session.screen().body, Body::CardPlace(_)) => self.card(),
            7 => {
                let touch = self.wild();
                self.touch(touch);
            }
            _ => {
                let touch = self.sensible();
                self.touch(touch);
            }
        }
    }

    /// Mostly after a look at the page, now and then at once.
    fn touch(&mut self, touch: Touch) {
        if !self.dice.chance(5) {
            self.now = self.now.checked_add(300.milliseconds()).unwrap();
        }
        self.step(Event::Touch(touch));
    }

    /// Any of those on their way: the newest, an older one that happens to carry the same number, or whichever.
    fn answer_comes(&mut self) {
        let newest = self.late.len() - 1;
        let number = self.late[newest].0.number;
        let alike: Vec<usize> = (0..newest)
            .filter(|index| self.late[*index].0.number == number)
            .collect();
        let index = match self.dice.below(6) {
            0 | 1 => newest,
            2..=4 => self.dice.pick(&alike).copied().unwrap_or(newest),
            _ => self.dice.below(self.late.len()),
        };
        let (ask, reply) = self.late.remove(index);
        self.step(Event::Reply(ask, reply));
    }

    fn card(&mut self) {
        let wanted = matches!(self.session.screen().body, Body::CardPlace(_));
        if wanted || self.dice.chance(8) {
            self.card_here = !self.card_here;
            let notice = if self.card_here {
                Notice::CardHere
            } else {
                Notice::CardGone
            };
            self.step(Event::Notice(notice));
        } else if self.dice.chance(20) {
            let online = self.dice.chance(50);
            self.online = online;
            self.step(Event::Notice(Notice::Online(online)));
        }
    }

    fn wild(&mut self) -> Touch {
        match self.dice.below(14) {
            0 | 1 => Touch::Back,
            2 => Touch::Next,
            3 => Touch::Why,
            4 => Touch::Language(Language("en".to_owned())),
            5 => Touch::TextSize(TextSize::Largest),
            6 => Touch::CallStaff,
            7 => Touch::Close,
            8 if self.dice.chance(20) => Touch::StartOver,
            9 => Touch::Key(Key::Dakuten),
            10 => Touch::Key(Key::Unknown),
            11 => Touch::Choose(ChoiceId::Count(self.dice.below(99))),
            12 => Touch::Choose(ChoiceId::Person("Z".to_owned())),
            13 => Touch::Pin(SecretDigit(200)),
            _ => Touch::Activity,
        }
    }

    fn sensible(&mut self) -> Touch {
        let screen = self.session.screen();
        if screen.overlay.is_some() {
            return Touch::Close;
        }
        let offered = reading::offered(&screen);
        let ready = screen.frame.next.as_ref().is_some_and(|(_, ready)| *ready);
        match &screen.body {
            Body::Welcome(_) => Touch::Begin,
            Body::CardPlace(_) if self.dice.chance(80) => Touch::Activity,
            Body::Working(_) => Touch::Activity,
            _ if offered.iter().any(|id| id == "use") && self.dice.chance(85) => {
                Touch::Choose(ChoiceId::UseCard)
            }
            Body::PinPad(PinPadBody { typed, .. }) if *typed < 4 => Touch::Pin(SecretDigit(1)),
            Body::Entry(EntryBody { pad, .. }) if !self.dice.chance(5) => {
                self.entry(&screen, pad, ready)
            }
            Body::Sign(SignBody { strokes, .. }) if strokes.is_empty() && self.dice.chance(50) => {
                Touch::Stroke(vec![(1, 1), (2000, 500)])
            }
            Body::Choices(ChoicesBody { many: true, .. }) if self.dice.chance(50) => Touch::Next,
            _ if ready && (offered.is_empty() || self.dice.chance(70)) => Touch::Next,
            _ => match self.dice.pick(&offered) {
                Some(id) => Touch::Choose(id.parse().unwrap()),
                None => Touch::Activity,
            },
        }
    }

    fn entry(&mut self, screen: &Screen, pad: &Pad, ready: bool) -> Touch {
        if ready && self.dice.chance(70) {
            return Touch::Next;
        }
        let offered = reading::offered(screen);
        match pad {
            Pad::Kana(text) | Pad::Text(text) => {
                let mine: Vec<char> = canary(self.resident).chars().collect();
                let at = text.chars().count();
                match mine.get(at) {
                    Some(letter) => Touch::Key(Key::Char(*letter)),
                    None => Touch::Next,
                }
            }
            Pad::Digits { .. } | Pad::Postal { .. } => Touch::Key(Key::Char('0')),
            Pad::Date(date) if date.eras.iter().any(|era| era.chosen) && self.dice.chance(80) => {
                Touch::Key(Key::Char(*self.dice.pick(&['1', '2', '3', '4']).unwrap()))
            }
            _ => match self.dice.pick(&offered) {
                Some(id) => Touch::Choose(id.parse().unwrap()),
                None => Touch::Next,
            },
        }
    }

    /// The resident goes away in the middle: start over, and if something lies there, take it.
    pub fn end(&mut self) {
        for _ in 0..12 {
            match self.session.screen().body {
                Body::Welcome(_) => return,
                Body::Leave(_) => {
                    if self.card_here {
                        self.card_here = false;
                        self.step(Event::Notice(Notice::CardGone));
                    } else {
                        self.touch(Touch::Next);
                    }
                }
                _ => {
                    self.touch(Touch::Close);
                    self.touch(Touch::StartOver);
                    self.touch(Touch::StartOver);
                }
            }
        }
        panic!(
            "a visit could not be ended at {}",
            reading::title(&self.session.screen())
        );
    }
}

fn play(seed: u64, visits: u64, most: usize) -> World {
    let mut world = World::new(seed);
    for _ in 0..visits {
        let events = 20 + world.dice.below(most);
        for _ in 0..events {
            world.something();
            // Many walk away while something is still under way: its answer is what the next one must not get.
            if matches!(world.session.screen().body, Body::Working(_)) && world.dice.chance(20) {
                break;
            }
        }
        world.end();
    }
    world
}

#[test]
fn late_answers_in_any_order_never_mix_residents() {
    let mut titles = BTreeSet::new();
    let mut stores = 0;
    for seed in 1..=40 {
        let world = play(seed * 7919, 80, 160);
        titles.extend(world.titles);
        stores += world.stores;
    }
    // The loop is worth something only when it goes everywhere.
    for title in [
        "move_in.who",
        "household.no_match.title",
        "plan.title.lines",
        "review.title",
        "done.title",
    ] {
        assert!(
            titles.contains(title),
            "{title} was never reached: {titles:?}"
        );
    }
    assert!(stores > 15, "only {stores} applications were stored");
}
