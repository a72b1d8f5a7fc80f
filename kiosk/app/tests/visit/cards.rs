//! Cards: a genuine one, a copied one, one of an unknown authority, and a reader that breaks.

use std::sync::Arc;
use std::time::Duration;

use application::Source;
use devices::card::simulated::SimulatedReader;
use devices::card::{CardChannel, CardError, CardReader, Presence, ReaderMemory};

use crate::hall::Hall;
use crate::test_card::TestCard;

#[test]
fn a_card_is_verified_and_what_it_says_is_in_the_application() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({}));
    let mut resident = hall.open();
    resident.until("done.title");
    assert_eq!(hall.town.desk().proofs.len(), 1, "a login was made");
    let opened = hall.wait_for_delivery().open(&hall.town.key).ok().unwrap();
    assert!(
        opened
            .values
            .iter()
            .any(|(_, value)| value.source == Source::Card && value.text.contains("玄関"))
    );
}

#[test]
fn a_copied_card_is_refused_and_one_of_an_unknown_authority_is_for_staff() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({"issuer": {"forgery": "copy"}}));
    let mut resident = hall.open();
    resident.until("card.forged.title");
    drop(resident);
    let stranger: serde_json::Value =
        serde_json::from_str(&TestCard::new().profile(serde_json::json!({}))).unwrap();
    hall.lay_card(serde_json::json!({ "issuer": stranger["issuer"] }));
    let mut resident = hall.open();
    resident.until("household.unverified.title");
    resident.until("done.title");
    assert!(
        hall.town.desk().proofs.is_empty(),
        "no household was asked for"
    );
    let opened = hall.wait_for_delivery().open(&hall.town.key).ok().unwrap();
    assert_eq!(opened.card, application::CardCheck::Unverified);
    assert!(
        opened
            .notes
            .iter()
            .any(|note| note.kind == application::StaffNoteKind::CardUnverified)
    );
}

/// A reader whose driver breaks when it is asked to connect.
struct BreakingReader(SimulatedReader);

impl CardReader for BreakingReader {
    fn name(&self) -> String {
        self.0.name()
    }

    fn presence(&mut self) -> Result<Presence, CardError> {
        self.0.presence()
    }

    fn wait_for_change(
        &mut self,
        seen: Presence,
        timeout: Duration,
    ) -> Result<Presence, CardError> {
        self.0.wait_for_change(seen, timeout)
    }

    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError> {
        panic!("broken on purpose")
    }

    fn memory(&self) -> ReaderMemory {
        self.0.memory()
    }
}

#[test]
fn a_reader_that_panics_is_a_page_and_the_visit_goes_on_without_a_card() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({}));
    let slot = hall.slot.clone();
    let mut hardware = hall.hardware();
    hardware.card = Arc::new(move || {
        Box::new(BreakingReader(SimulatedReader::new(
            slot.clone(),
            Duration::from_secs(1),
        )))
    });
    let mut resident = hall.open_with(hardware);
    resident.until("card.reader.title");
    resident.until("done.title");
    hall.wait_for_delivery();
}
