//! Somebody who plays a visit.

use std::sync::mpsc::Receiver;

use kiosk::running_kiosk::RunningKiosk;
use session::effect::Event;
use session::screen::{
    Body, CardPlaceBody, Choice, ChoicesBody, DoneBody, EntryBody, LeaveBody, NoticeBody, Pad,
    PinPadBody, PlanBody, PreviewBody, ReviewBody, Screen, SignBody, TilesBody, WorkingBody,
};
use session::text::Text;
use session::touch::{Key, SecretDigit, Touch};

use crate::PATIENCE;

/// Somebody before the kiosk: looks at a screen, touches, waits for the next one.
pub(crate) struct Resident {
    running: RunningKiosk,
    screens: Receiver<Screen>,
    pub(crate) screen: Screen,
    with_card: bool,
    /// The choice of the life event.
    event: &'static str,
}

impl Resident {
    pub(crate) fn new(running: RunningKiosk, screens: Receiver<Screen>, with_card: bool) -> Self {
        let screen = screens.recv_timeout(PATIENCE).unwrap();
        Self {
            running,
            screens,
            screen,
            with_card,
            event: "event:move_within",
        }
    }

    /// Comes for another life event, by its choice: `event:move_in`.
    pub(crate) fn comes_for(mut self, event: &'static str) -> Self {
        self.event = event;
        self
    }

    /// The reception number on the last page.
    pub(crate) fn reception(&self) -> String {
        match &self.screen.body {
            Body::Done(DoneBody { reception, .. }) => reception.clone(),
            _ => panic!("not done, at {}", self.title()),
        }
    }

    fn touch(&mut self, touch: Touch) {
        self.running.events.event(Event::Touch(touch));
    }

    pub(crate) fn next_screen(&mut self) {
        self.screen = self
            .screens
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("stuck at {}", self.title()));
    }

    fn offers(&self, id: &str) -> bool {
        choices(&self.screen.body)
            .iter()
            .any(|choice| choice.id.to_string() == id)
    }

    pub(crate) fn choose(&mut self, id: &str) {
        self.touch(Touch::Choose(id.parse().unwrap()));
        self.next_screen();
    }

    fn go_on(&mut self) {
        self.touch(Touch::Next);
        self.next_screen();
    }

    fn ready(&self) -> bool {
        matches!(self.screen.frame.next, Some((_, true)))
    }

    pub(crate) fn title(&self) -> String {
        match title(&self.screen.body) {
            Some(Text::Key(key, _)) => (*key).to_owned(),
            Some(Text::Words(words)) => words.get("ja").to_owned(),
            _ => String::new(),
        }
    }

    /// Plays until the title is reached.
    pub(crate) fn until(&mut self, expected: &str) {
        for _ in 0..2_000 {
            if self.title() == expected {
                return;
            }
            self.act();
        }
        panic!("{expected} was not reached; at {}", self.title());
    }

    /// Waits until such a page is shown.
    pub(crate) fn until_shown(&mut self, expected: &str) {
        while self.title() != expected {
            self.next_screen();
        }
    }

    /// As staff at a closed kiosk.
    pub(crate) fn type_staff_number(&mut self, number: &str) {
        if self.offers("staff") {
            self.choose("staff");
        }
        for digit in number.bytes() {
            self.touch(Touch::Pin(SecretDigit(digit - b'0')));
            self.next_screen();
        }
        self.go_on();
    }

    /// Says the plainest thing that this screen takes; with a card on the reader, uses it.
    pub(crate) fn act(&mut self) {
        let first = [
            if self.with_card { "use" } else { "" },
            "count:0",
            "no",
            "self",
            "without",
            "unknown",
            "later",
            "paper",
        ];
        match &self.screen.body {
            Body::Welcome(_) => {
                self.touch(Touch::Begin);
                self.next_screen();
            }
            Body::Working(_) => self.next_screen(),
            // The card lies there already; its watcher may need a moment to report it.
            Body::CardPlace(_) if self.with_card => self.next_screen(),
            Body::PinPad(_) => {
                for digit in [1, 2, 3, 4] {
                    self.touch(Touch::Pin(SecretDigit(digit)));
                    self.next_screen();
                }
                self.go_on();
            }
            Body::Entry(EntryBody {
                pad: Pad::Date(pad),
                ..
            }) => {
                let era = pad.eras.iter().any(|era| era.chosen);
                if let Some(id) = ["day:today", "unknown"]
                    .into_iter()
                    .find(|id| self.offers(id))
                {
                    self.choose(id);
                } else if self.ready() {
                    self.go_on();
                } else if era {
                    for digit in "50615".chars() {
                        self.touch(Touch::Key(Key::Char(digit)));
                        self.next_screen();
                    }
                } else {
                    self.choose("era:showa");
                }
            }
            Body::Choices(ChoicesBody { many: true, .. }) | Body::Review(_) | Body::Plan(_)
                if self.ready() =>
            {
                self.go_on()
            }
            Body::Tiles(_) if self.offers(self.event) => self.choose(self.event),
            Body::Tiles(_) if self.offers("more") => self.choose("more"),
            body => {
                let plain = first
                    .into_iter()
                    .find(|id| self.offers(id))
                    .map(str::to_owned);
                match plain.or_else(|| choices(body).first().map(|choice| choice.id.to_string())) {
                    Some(id) => self.choose(&id),
                    None if self.ready() => self.go_on(),
                    None => self.next_screen(),
                }
            }
        }
    }
}

fn choices(body: &Body) -> &[Choice] {
    match body {
        Body::Tiles(TilesBody { tiles, extra, .. }) => {
            let is_event = |tile: &Choice| tile.id.to_string().starts_with("event:");
            if tiles.iter().any(is_event) {
                tiles
            } else {
                extra
            }
        }
        Body::Choices(ChoicesBody { choices, .. })
        | Body::CardPlace(CardPlaceBody { choices, .. })
        | Body::PinPad(PinPadBody { choices, .. })
        | Body::Notice(NoticeBody { choices, .. })
        | Body::Entry(EntryBody { choices, .. })
        | Body::Sign(SignBody { choices, .. })
        | Body::Done(DoneBody { choices, .. }) => choices,
        _ => &[],
    }
}

fn title(body: &Body) -> Option<&Text> {
    match body {
        Body::Tiles(TilesBody { title, .. })
        | Body::Choices(ChoicesBody { title, .. })
        | Body::CardPlace(CardPlaceBody { title, .. })
        | Body::PinPad(PinPadBody { title, .. })
        | Body::Working(WorkingBody { title, .. })
        | Body::Notice(NoticeBody { title, .. })
        | Body::Plan(PlanBody { title, .. })
        | Body::Entry(EntryBody { title, .. })
        | Body::Review(ReviewBody { title, .. })
        | Body::Preview(PreviewBody { title, .. })
        | Body::Sign(SignBody { title, .. })
        | Body::Done(DoneBody { title, .. })
        | Body::Leave(LeaveBody { title, .. }) => Some(title),
        _ => None,
    }
}
