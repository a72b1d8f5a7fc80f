//! One whole visit without a window: the real loop, session, outbox, catalogue, forms and paper; simulated printers, and a
//! cloud on loopback. The application arrives sealed, the papers come out, and everything is forgotten.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod cards;
mod closed;
mod declined;
#[path = "../fake_cloud/mod.rs"]
mod fake_cloud;
mod printers;
mod resident;
#[path = "../test_card/mod.rs"]
mod test_card;
mod test_site;

use std::time::Duration;

use application::Source;
use test_site::TestSite;

/// Longest wait for a screen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn an_application_is_sealed_stored_printed_and_delivered() {
    let site = TestSite::new();
    let mut resident = site.open();
    resident.until("done.title");
    let reception = &resident.reception();
    assert!(
        application::parse_reception(reception).is_ok(),
        "{reception}"
    );
    assert!(
        reception.starts_with("07-"),
        "the kiosk's number is its head: {reception}"
    );

    let printed = site.forms.printed();
    assert!(!printed.is_empty());
    for (name, document) in &printed {
        assert_eq!(
            name, reception,
            "staff see the reception number on the printer, no person"
        );
        assert!(document.starts_with(b"%PDF-"));
    }
    assert_eq!(site.receipts.receipts().len(), 1);

    let state = site.wait_for_delivery();
    let opened = state
        .open(&site.town.key)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.reception.as_ref(), Some(reception));
    assert_eq!(
        (opened.event.as_str(), opened.forms.len()),
        ("move_within", printed.len())
    );
    assert!(
        opened
            .values
            .iter()
            .all(|(_, value)| value.source != Source::Card)
    );
}

#[test]
fn with_the_cloud_away_everything_waits_sealed() {
    let site = TestSite::new();
    site.town.state().refuse = Some(kiosk_api::ProblemCode::Busy);
    let mut resident = site.open();
    resident.until("done.title");
    let reception = resident.reception();
    drop(resident);
    let opened =
        kiosk::outbox::DiskQueue::open(&site.outbox()).unwrap_or_else(|error| panic!("{error}"));
    let record = kiosk::outbox::Queue::peek(&opened.queue)
        .unwrap()
        .expect("it waits");
    let text = String::from_utf8(record.sealed.clone()).unwrap();
    assert!(
        !text.contains(&reception) && !text.contains("move_within"),
        "nothing of it can be read"
    );
    let sealed: kiosk_api::SealedApplication = serde_json::from_slice(&record.sealed).unwrap();
    assert_eq!(
        sealed
            .open(&site.town.key)
            .unwrap_or_else(|error| panic!("{error}"))
            .reception,
        Some(reception)
    );
}

#[test]
fn the_cloud_cut_at_any_stage_changes_no_ending() {
    // Screens until the cut: welcome, card, household, questions, forms, and never back before the end.
    for (cut_after, nonsense) in [(0, false), (4, true), (7, false), (9, true), (14, false)] {
        let site = TestSite::new();
        site.lay_card(serde_json::json!({}));
        let mut resident = site.open();
        for _ in 0..cut_after {
            resident.act();
        }
        {
            let mut state = site.town.state();
            state.nonsense = nonsense;
            state.refuse = (!nonsense).then_some(kiosk_api::ProblemCode::Busy);
        }
        resident.until("done.title");
        let reception = resident.reception();
        assert!(site.town.state().applications.is_empty());
        {
            let mut state = site.town.state();
            (state.nonsense, state.refuse) = (false, None);
        }
        let opened = site.wait_for_delivery().open(&site.town.key).ok().unwrap();
        assert_eq!(opened.reception, Some(reception), "cut after {cut_after}");
    }
}
