//! Somebody who plays a visit.

use std::sync::mpsc::Receiver;

use kiosk::running_kiosk::RunningKiosk;
use session::effect::Event;
use session::screen::{Body, Choice, Pad, Screen};
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
            Body::Done { reception, .. } => reception.clone(),
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
            .any(|choice| choice.id == id)
    }

    pub(crate) fn choose(&mut self, id: &str) {
        self.touch(Touch::Choose(id.to_owned()));
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
            Body::Welcome { .. } => {
                self.touch(Touch::Begin);
                self.next_screen();
            }
            Body::Working { .. } => self.next_screen(),
            // The card lies there already; its watcher may need a moment to report it.
            Body::CardPlace { .. } if self.with_card => self.next_screen(),
            Body::PinPad { .. } => {
                for digit in [1, 2, 3, 4] {
                    self.touch(Touch::Pin(SecretDigit(digit)));
                    self.next_screen();
                }
                self.go_on();
            }
            Body::Entry {
                pad: Pad::Date(pad),
                ..
            } => {
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
            Body::Choices { many: true, .. } | Body::Review { .. } | Body::Plan { .. }
                if self.ready() =>
            {
                self.go_on()
            }
            Body::Tiles { .. } if self.offers(self.event) => self.choose(self.event),
            Body::Tiles { .. } if self.offers("more") => self.choose("more"),
            body => {
                let plain = first
                    .into_iter()
                    .find(|id| self.offers(id))
                    .map(str::to_owned);
                match plain.or_else(|| choices(body).first().map(|choice| choice.id.clone())) {
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
        Body::Tiles { tiles, extra, .. } => {
            if tiles.iter().any(|tile| tile.id.starts_with("event:")) {
                tiles
            } else {
                extra
            }
        }
        Body::Choices { choices, .. }
        | Body::CardPlace { choices, .. }
        | Body::PinPad { choices, .. }
        | Body::Notice { choices, .. }
        | Body::Entry { choices, .. }
        | Body::Sign { choices, .. }
        | Body::Done { choices, .. } => choices,
        _ => &[],
    }
}

fn title(body: &Body) -> Option<&Text> {
    match body {
        Body::Tiles { title, .. }
        | Body::Choices { title, .. }
        | Body::CardPlace { title, .. }
        | Body::Working { title, .. }
        | Body::Notice { title, .. }
        | Body::Plan { title, .. }
        | Body::Entry { title, .. }
        | Body::Review { title, .. }
        | Body::Preview { title, .. }
        | Body::Sign { title, .. }
        | Body::Done { title, .. }
        | Body::Leave { title, .. } => Some(title),
        _ => None,
    }
}
