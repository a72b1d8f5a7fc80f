//! What every card reader must do, simulated or real: the same visits are played on both.

#[path = "card/cards.rs"]
pub mod cards;
#[path = "card/faults.rs"]
mod faults;
#[path = "card/genuine.rs"]
mod genuine;
#[path = "card/pins.rs"]
mod pins;
#[path = "card/reading.rs"]
mod reading;

use std::time::{Duration, Instant};

use cards::Known;
use devices::card::{CardReader, MyNumberCard, Pin, Presence};

/// The deadline readers under test are made with.
pub const DEADLINE: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_secs(20);

/// The reader under test and the hand that moves cards on it.
pub struct Bench<'a> {
    pub reader: &'a mut dyn CardReader,
    pub hand: &'a mut dyn FnMut(&str) -> Vec<String>,
    pub known: Known,
}

impl Bench<'_> {
    fn empty(&mut self) {
        (self.hand)("remove");
        let end = Instant::now() + PATIENCE;
        let mut seen = self.reader.presence().unwrap();
        while matches!(seen, Presence::Card { .. } | Presence::Mute) {
            assert!(Instant::now() < end, "removal was never seen");
            seen = self
                .reader
                .wait_for_change(seen, Duration::from_secs(2))
                .unwrap();
        }
    }

    /// Puts a fresh card down and opens it.
    fn open(&mut self, name: &str) -> MyNumberCard {
        self.empty();
        (self.hand)(&format!("reset {name}"));
        (self.hand)(&format!("insert {name}"));
        self.connect()
    }

    fn connect(&mut self) -> MyNumberCard {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.reader.presence().unwrap();
        while !matches!(seen, Presence::Card { .. }) {
            assert!(
                Instant::now() < end,
                "insertion was never seen, only {seen:?}"
            );
            seen = self
                .reader
                .wait_for_change(seen, Duration::from_secs(2))
                .unwrap();
        }
        let channel = self.reader.connect().unwrap();
        MyNumberCard::new(channel, self.reader.memory())
    }

    fn tries(&mut self) -> String {
        (self.hand)("status").remove(0)
    }
}

fn pin(digits: &str) -> Pin {
    Pin::four_digits(digits).unwrap()
}

/// Plays everything.
pub fn play_all(bench: &mut Bench<'_>) {
    reading::four_items_take_five_commands(bench);
    reading::a_login_takes_six_commands(bench);
    // Before a card teaches the reader that it has no extended length.
    genuine::a_genuine_card_face_takes_four_commands_then_three(bench);
    reading::every_kind_of_card_is_read(bench);
    pins::wrong_pins_are_counted_and_the_last_try_is_kept(bench);
    pins::a_blocked_pin_is_not_tried(bench);
    reading::leaving_clears_the_verified_state(bench);
    reading::a_second_program_is_kept_out(bench);
    reading::cards_are_told_apart(bench);
    reading::the_card_tells_when_it_expires(bench);
    genuine::a_missing_link_is_told_apart_from_a_forgery(bench);
    genuine::anothers_items_are_forged(bench);
    reading::deceptive_texts_are_refused(bench);
    faults::faults_become_errors(bench);
    bench.empty();
}
