//! Cards: a genuine one, a copied one, one of an unknown authority, and a reader that breaks.

use std::sync::Arc;
use std::time::Duration;

use application::Source;
use devices::card::simulated::SimulatedReader;
use devices::card::{CardChannel, CardError, CardReader, Presence, ReaderMemory};

use crate::test_card::TestCard;
use crate::test_site::TestSite;

#[test]
fn a_card_is_verified_and_what_it_says_is_in_the_application() {
    let site = TestSite::new();
    site.lay_card(serde_json::json!({}));
    let mut resident = site.open();
    resident.until("done.title");
    assert_eq!(site.town.state().proofs.len(), 1, "a login was made");
    let opened = site.wait_for_delivery().open(&site.town.key).ok().unwrap();
    assert!(
        opened
            .values
            .iter()
            .any(|(_, value)| value.source == Source::Card && value.text.contains("玄関"))
    );
}

#[test]
fn a_copied_card_is_refused_and_one_of_an_unknown_authority_is_for_staff() {
    let site = TestSite::new();
    site.lay_card(serde_json::json!({"issuer": {"forgery": "copy"}}));
    let mut resident = site.open();
    resident.until("card.forged.title");
    drop(resident);
    let stranger: serde_json::Value =
        serde_json::from_str(&TestCard::new().profile(serde_json::json!({}))).unwrap();
    site.lay_card(serde_json::json!({ "issuer": stranger["issuer"] }));
    // The cloud checks what the kiosk could not, and does not know the authority either.
    site.town.state().refuse_household = Some(kiosk_api::ProblemCode::CardUnverified);
    let mut resident = site.open();
    resident.until("household.unverified.title");
    resident.until("done.title");
    assert_eq!(
        site.town.state().proofs.len(),
        1,
        "the cloud was asked once"
    );
    let opened = site.wait_for_delivery().open(&site.town.key).ok().unwrap();
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
    let site = TestSite::new();
    site.lay_card(serde_json::json!({}));
    let slot = site.slot.clone();
    let mut hardware = site.hardware();
    hardware.card = Arc::new(move || {
        Box::new(BreakingReader(SimulatedReader::new(
            slot.clone(),
            Duration::from_secs(1),
        )))
    });
    let mut resident = site.open_with(hardware);
    resident.until("card.reader.title");
    resident.until("done.title");
    site.wait_for_delivery();
}
