//! Whether a slot is well: what the kiosk reports of itself, compared with what has answered before.
//!
//! The kiosk reports to systemd with each change `screen=drawn outbox=ready receipt_printer=missing …`; see `kiosk run`. A part that
//! never answered on this machine may be missing: not every town hall has every part. One that answered under another version
//! and is missing now speaks against this one, as long as this one was never found well. After that nothing the health check
//! sees restarts the machine: a broken printer is for staff to repair, not for the boot loader.

use std::collections::{BTreeMap, BTreeSet};

/// Parts that must be there whatever was before.
const NEEDED: [&str; 2] = ["screen", "outbox"];

/// Parts and states in the kiosk's status text.
#[must_use]
pub fn parts(status: &str) -> BTreeMap<String, String> {
    let words = status
        .split_whitespace()
        .filter_map(|word| word.split_once('='));
    words
        .map(|(part, state)| (part.to_owned(), state.to_owned()))
        .collect()
}

/// What is known from earlier starts.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Parts that have ever answered.
    pub answered: BTreeSet<String>,
    /// This version was found well before.
    pub confirmed: bool,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Mark the slot good.
    Well,
    /// Not yet: these parts do not answer.
    Wait(BTreeSet<String>),
}

/// Decides from the parts that answer now and those that answered before.
#[must_use]
pub fn judge(parts: &BTreeMap<String, String>, memory: &Memory) -> Verdict {
    let answers = |part: &str| parts.get(part).is_some_and(|state| state != "missing");
    let expected = NEEDED.iter().copied().map(str::to_owned);
    let mut silent: BTreeSet<String> = expected.filter(|part| !answers(part)).collect();
    if !memory.confirmed {
        silent.extend(
            memory
                .answered
                .iter()
                .filter(|part| !answers(part))
                .cloned(),
        );
    }
    if silent.is_empty() {
        Verdict::Well
    } else {
        Verdict::Wait(silent)
    }
}

/// The parts that answer.
#[must_use]
pub fn answering(parts: &BTreeMap<String, String>) -> BTreeSet<String> {
    parts
        .iter()
        .filter(|(_, state)| *state != "missing")
        .map(|(part, _)| part.clone())
        .collect()
}

/// Whether the other slot may still have its turn: GRUB's `grubenv` says that this slot's try was counted and that the tries are
/// not those which are given again when both slots have used up theirs. A disk that takes no writes counts none.
#[must_use]
pub fn other_slot_has_a_turn(grubenv: &str, slot: &str) -> bool {
    let value = |name: &str| {
        let mut words = grubenv.lines().filter_map(|line| line.split_once('='));
        words.find_map(|(key, value)| (key == name).then_some(value))
    };
    let counted = value(&format!("{slot}_TRY")).is_some_and(|tries| tries != "0");
    counted && value("AGAIN") == Some("0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str =
        "screen=drawn outbox=ready card_reader=ready receipt_printer=ready form_printer=attention";

    fn memory(answered: &[&str], confirmed: bool) -> Memory {
        Memory {
            answered: answered.iter().map(|part| (*part).to_owned()).collect(),
            confirmed,
        }
    }

    fn silent(status: &str, memory: &Memory) -> Vec<String> {
        match judge(&parts(status), memory) {
            Verdict::Well => Vec::new(),
            Verdict::Wait(parts) => parts.into_iter().collect(),
        }
    }

    #[test]
    fn everything_there_is_well() {
        assert!(silent(ALL, &memory(&[], false)).is_empty());
        assert_eq!(answering(&parts(ALL)).len(), 5);
    }

    #[test]
    fn a_kiosk_without_screen_or_queue_is_never_well() {
        for confirmed in [false, true] {
            assert_eq!(silent("", &memory(&[], confirmed)), ["outbox", "screen"]);
            assert_eq!(
                silent("screen=drawn outbox=missing", &memory(&[], confirmed)),
                ["outbox"]
            );
        }
    }

    #[test]
    fn a_part_that_never_answered_may_be_missing() {
        let status = "screen=drawn outbox=ready card_reader=ready receipt_printer=missing";
        assert!(silent(status, &memory(&["card_reader"], false)).is_empty());
    }

    #[test]
    fn a_part_that_answered_before_speaks_against_a_new_version_only() {
        let status = "screen=drawn outbox=ready form_printer=missing";
        assert_eq!(
            silent(status, &memory(&["form_printer"], false)),
            ["form_printer"]
        );
        assert!(silent(status, &memory(&["form_printer"], true)).is_empty());
    }

    #[test]
    fn a_printer_without_paper_answers() {
        let status = "screen=drawn outbox=attention receipt_printer=stopped";
        assert!(silent(status, &memory(&["receipt_printer"], false)).is_empty());
    }

    #[test]
    fn the_other_slot_has_a_turn_only_while_tries_are_counted() {
        let grubenv = |tries: &str, again: &str| {
            format!(
                "# GRUB Environment Block\nORDER=A B\nA_OK=1\nA_TRY={tries}\nB_OK=1\nB_TRY=0\nAGAIN={again}\n####"
            )
        };
        assert!(other_slot_has_a_turn(&grubenv("1", "0"), "A"));
        assert!(!other_slot_has_a_turn(&grubenv("0", "0"), "A"));
        assert!(!other_slot_has_a_turn(&grubenv("2", "1"), "A"));
        assert!(!other_slot_has_a_turn(&grubenv("1", "0"), "B"));
        assert!(!other_slot_has_a_turn("", "A"));
    }
}
