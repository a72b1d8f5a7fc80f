//! A kiosk in a test: a session, its clock, and the questions that wait for an answer.

use application::{Application, Source, ValueSet};
use guidance::Facts;
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use session::effect::{
    Ask, CardItems, Effect, Event, Household, Notice, Reply, Request, StaffReason,
};
use session::screen::{Body, ChoicesBody, EntryBody, Pad, Screen};
use session::touch::{Key, SecretDigit, Touch};
use session::{Session, TownContext};

use crate::{reading, town};

pub struct Kiosk {
    pub session: Session,
    pub now: Timestamp,
    /// Questions not answered yet, the newest last.
    pub asked: Vec<(Ask, Request)>,
    pub staff: Vec<StaffReason>,
    pub forgotten: usize,
    /// Every application handed out for storing.
    pub stored: Vec<std::sync::Arc<Application>>,
}

impl Kiosk {
    pub fn new() -> Self {
        Self::in_town(town::town())
    }

    pub fn in_town(town: TownContext) -> Self {
        let now: Timestamp = "2026-04-27T01:00:00Z".parse().unwrap();
        Self {
            session: Session::new(town, now),
            now,
            asked: Vec::new(),
            staff: Vec::new(),
            forgotten: 0,
            stored: Vec::new(),
        }
    }

    pub fn step(&mut self, event: Event) {
        for effect in self.session.step(event, self.now) {
            match effect {
                Effect::Ask(ask, request) => {
                    if let Request::Store(application) = &request {
                        self.stored.push(application.clone());
                    }
                    self.asked.push((ask, request));
                }
                Effect::Drop(ask) => self.asked.retain(|(other, _)| *other != ask),
                Effect::CallStaff(reason) => self.staff.push(reason),
                Effect::Forget => self.forgotten += 1,
                Effect::Indicate(_) => {}
            }
        }
    }

    /// A touch as a hand makes it: the page is looked at first.
    pub fn touch(&mut self, touch: Touch) -> &mut Self {
        self.now = self.now.checked_add(300.milliseconds()).unwrap();
        self.step(Event::Touch(touch));
        self
    }

    pub fn choose(&mut self, id: &str) -> &mut Self {
        let offered = reading::offered(&self.screen());
        assert!(
            offered.iter().any(|other| other == id),
            "{id} is not among {offered:?} on {}",
            self.title()
        );
        self.touch(Touch::Choose(id.parse().unwrap()))
    }

    pub fn next(&mut self) -> &mut Self {
        let screen = self.screen();
        assert!(
            matches!(screen.frame.next, Some((_, true))),
            "nothing to go on to on {}",
            self.title()
        );
        self.touch(Touch::Next)
    }

    pub fn back(&mut self) -> &mut Self {
        self.touch(Touch::Back)
    }

    pub fn keys(&mut self, text: &str) -> &mut Self {
        for key in text.chars() {
            self.touch(Touch::Key(Key::Char(key)));
        }
        self
    }

    pub fn pin(&mut self, digits: [u8; 4]) -> &mut Self {
        for digit in digits {
            self.touch(Touch::Pin(SecretDigit(digit)));
        }
        self
    }

    pub fn notice(&mut self, notice: Notice) -> &mut Self {
        self.step(Event::Notice(notice));
        self
    }

    /// Answers the newest question.
    pub fn reply(&mut self, reply: Reply) -> &mut Self {
        let (ask, _) = self.asked.pop().expect("a question that waits");
        self.step(Event::Reply(ask, reply));
        self
    }

    /// Time goes on, second by second.
    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds {
            self.now = self.now.checked_add(1.seconds()).unwrap();
            self.step(Event::Tick);
        }
        self
    }

    pub fn screen(&self) -> Screen {
        self.session.screen()
    }

    pub fn title(&self) -> &'static str {
        reading::title(&self.screen())
    }

    #[track_caller]
    pub fn is_at(&mut self, title: &str) -> &mut Self {
        assert_eq!(self.title(), title);
        self
    }

    /// Begins a visit for this event and stops at the card's offer.
    pub fn begin(&mut self, event: &str) -> &mut Self {
        self.touch(Touch::Begin);
        self.choose(&format!("event:{event}"))
    }

    /// As far as the PIN pad.
    pub fn pin_pad(&mut self, left: u8) -> &mut Self {
        self.begin("move_in")
            .choose("use")
            .notice(Notice::CardHere)
            .reply(Reply::CardTries(Some(left)))
    }

    /// As far as the first question, with the household of [`household`].
    pub fn with_household(&mut self, event: &str) -> &mut Self {
        self.begin(event).hand_over_card()
    }

    /// From the card's offer to the first question, with the household of [`household`].
    pub fn hand_over_card(&mut self) -> &mut Self {
        self.choose("use")
            .notice(Notice::CardHere)
            .reply(Reply::CardTries(Some(3)));
        self.pin([1, 2, 3, 4])
            .next()
            .reply(Reply::CardRead(items("山田　太郎")));
        self.reply(Reply::Household(Box::new(household("山田"))))
    }

    /// Answers whatever is on the screen in the plainest way until the title is reached; at most 200 touches.
    pub fn until(&mut self, title: &str) -> &mut Self {
        for _ in 0..200 {
            if self.title() == title {
                return self;
            }
            self.answer_plainly();
        }
        panic!("{title} was not reached; at {}", self.title());
    }

    pub fn answer_plainly(&mut self) {
        let screen = self.screen();
        let offered = reading::offered(&screen);
        let first = |wanted: &'static [&'static str]| {
            wanted
                .iter()
                .copied()
                .find(|id| offered.iter().any(|other| other == id))
        };
        match &screen.body {
            Body::Entry(EntryBody {
                pad: Pad::Date(pad),
                ..
            }) => {
                if let Some(id) = first(&["day:today", "unknown"]) {
                    self.choose(id);
                } else if screen.frame.next.as_ref().is_some_and(|(_, ready)| *ready) {
                    self.next();
                } else if !pad.eras.iter().any(|era| era.chosen) {
                    self.choose("era:showa");
                } else {
                    self.keys("50").keys("6").keys("15");
                }
            }
            Body::Entry(_) if offered.iter().any(|id| id == "later") => {
                self.choose("later");
            }
            Body::Review(_) | Body::Plan(_) => {
                self.next();
            }
            Body::Choices(ChoicesBody { many: true, .. })
                if screen.frame.next.as_ref().is_some_and(|(_, ready)| *ready) =>
            {
                self.next();
            }
            Body::Sign(_) => {
                self.choose("paper");
            }
            _ => match first(&["count:0", "no", "self", "without", "unknown"])
                .or(offered.first().map(String::as_str))
            {
                Some(id) => {
                    let id = id.to_owned();
                    self.choose(&id);
                }
                None => {
                    self.next();
                }
            },
        }
    }
}

pub fn items(name: &str) -> CardItems {
    CardItems {
        name: name.to_owned(),
        address: "東京都千代田区一丁目1番1号".to_owned(),
        birth_date: date(1987, 6, 15),
        sex: 1,
        proof: true,
        genuine: true,
    }
}

/// A family of four: two parents, two children.
pub fn household(family: &str) -> Household {
    let facts = Facts::from_json(
        r#"{"as_of":"2026-04-27","event":{"kind":"certificate"},"household":{"dogs":0,"mopeds":0},"persons":[
        {"id":"A","role":"self","head_of_household":true,"birth_date":"1987-06-15","my_number_card":true,
         "health_insurance":"national","pension_category":"first"},
        {"id":"B","role":"spouse","birth_date":"1989-02-01","health_insurance":"national","pension_category":"first"},
        {"id":"C","role":"child","birth_date":"2017-09-20","health_insurance":"national"},
        {"id":"D","role":"child","birth_date":"2021-04-02","health_insurance":"national"}]}"#,
    )
    .unwrap();
    let mut values = ValueSet::default();
    for (id, name) in [("A", "太郎"), ("B", "花子"), ("C", "一郎"), ("D", "さくら")] {
        values.set(
            format!("persons[{id}].name"),
            format!("{family}　{name}"),
            Source::Core,
        );
    }
    Household {
        facts,
        values,
        revocation_checked: true,
    }
}
