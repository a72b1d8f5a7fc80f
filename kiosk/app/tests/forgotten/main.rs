//! Nothing of the last resident is in the kiosk's memory: the real program plays whole visits with words that occur nowhere else,
//! and then every page of its memory is searched for them.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

#[path = "../fake_cloud/mod.rs"]
mod fake_cloud;
mod memory;
mod resident;
#[path = "../started_kiosk/mod.rs"]
mod started_kiosk;
#[path = "../test_card/mod.rs"]
mod test_card;

use application::{Source, ValueSet};
use devices::control;
use jiff::Timestamp;
use kiosk_api::{FactsDocument, HouseholdReply, Revocation, Verification};
use memory::{Found, Memory};
use resident::Resident;
use serde_json::json;
use started_kiosk::{Program, TestKiosk};

/// On the card.
const NAME: &str = "鷗野　縫之介";
const ADDRESS: &str = "架空県鷗町字縫ヶ淵７７７番地";
/// From the core system.
const PARTNER: &str = "鷗野　綾瀬子";
const PARTNER_KANA: &str = "ヌヱノ　アヤセコ";

fn household() -> HouseholdReply {
    let mut values = ValueSet::default();
    values.set("persons[A].name", NAME, Source::Core);
    values.set("persons[B].name", PARTNER, Source::Core);
    values.set("persons[B].name_kana", PARTNER_KANA, Source::Core);
    values.set("home.address", ADDRESS, Source::Core);
    HouseholdReply {
        facts: FactsDocument(json!({
            "as_of": "2026-04-27", "household": {},
            "persons": [
                {"id": "A", "birth_date": "1980-02-17", "role": "self"},
                {"id": "B", "birth_date": "1983-06-01", "role": "spouse"},
            ],
        })),
        values,
        verification: Verification {
            checked_at: Timestamp::now(),
            revocation: Revocation::Checked,
            certificate_until: Timestamp::now(),
        },
    }
}

/// What a visit leaves behind beyond what was there before it, once its threads have come to rest.
fn left_behind(memory: &Memory, before: &[Found]) -> Vec<(String, usize)> {
    let mut left = Vec::new();
    // Parts on other threads forget a moment after the screen does.
    for _ in 0..40 {
        let counted = memory.search();
        left = counted
            .iter()
            .zip(before)
            .filter(|(now, then)| now.count > then.count)
            .map(|(now, then)| (now.what.clone(), now.count - then.count))
            .collect();
        if left.is_empty() {
            break;
        }
    }
    left
}

#[test]
fn after_each_visit_no_word_of_it_is_in_the_memory() {
    let kiosk = TestKiosk::new(json!({"name": NAME, "address": ADDRESS}));
    kiosk.town.state().household = Some(household());
    let program = Program::start(&kiosk.settings());
    let words = [NAME, ADDRESS, PARTNER, PARTNER_KANA];
    let typed = resident::TYPED.iter().map(|(_, text)| *text);
    let memory = Memory::of(program.child.id(), words.into_iter().chain(typed));
    let card = kiosk.folder.path().join("card-control");
    // The simulated reader keeps the card that was taken from it, as a wallet does.
    for hand in ["remove", "insert card", "remove"] {
        control::ask(&card, hand).unwrap();
    }
    let before = memory.search();
    let mut seen = vec![0; before.len()];
    for visit in 1..=3 {
        control::ask(&card, "insert card").unwrap();
        let mut resident = Resident::at(program.screen());
        resident.until("受け付けました", |title| {
            if visit == 1 && title.contains("お確かめ") {
                for (most, now) in seen.iter_mut().zip(memory.search()) {
                    *most = now.count.max(*most);
                }
            }
        });
        resident.presses("終わる");
        control::ask(&card, "remove").unwrap();
        resident.until("届け出や証明書", |_| {});
        drop(resident);
        let left = left_behind(&memory, &before);
        assert!(left.is_empty(), "after visit {visit}: {left:?}");
    }
    // The search finds what is there: otherwise it proves nothing. Not every visit asks for what the resident would type.
    for (most, then) in seen.iter().zip(&before).take(words.len()) {
        assert!(*most > then.count, "{} was never there", then.what);
    }
}
