//! The switch of the housing, from its sensor to the screen, the disk and the cloud.

use devices::indicator::Senses;
use devices::indicator::simulated::SimulatedIndicator;
use kiosk::hardware::Hardware;
use kiosk::staff_number::StaffNumber;
use kiosk_api::{EventKind, StaffCallReason};

use crate::test_site::TestSite;

const NUMBER: &str = "40219375";

/// A kiosk whose housing is watched by this sensor.
fn hardware(site: &TestSite, sensor: &SimulatedIndicator) -> Hardware {
    Hardware {
        indicator: Box::new(sensor.clone()),
        ..site.hardware()
    }
}

fn set(sensor: &SimulatedIndicator, tampered: bool) {
    let present = false;
    sensor.set_senses(Senses { present, tampered });
}

fn counted(site: &TestSite, kind: EventKind) {
    site.wait_for(|state| {
        let events = state.heartbeats.iter().flat_map(|one| &one.events);
        events.filter(|event| event.kind == kind).count() == 1
    });
}

/// Opened in the middle of a visit, cut off, started again: closed all the time, until staff have acted.
#[test]
fn an_opened_housing_closes_the_kiosk_through_a_power_cut_until_staff_open_it() {
    let site = TestSite::new();
    site.write_staff_number(&StaffNumber::line(NUMBER).unwrap());
    let sensor = SimulatedIndicator::new();
    let mut resident = site.open_with(hardware(&site, &sensor));
    resident.until("plan.title.lines");
    set(&sensor, true);
    resident.until_shown("closed.title");
    let reason = StaffCallReason::Housing;
    site.wait_for(|state| state.calls.iter().any(|call| call.reason == reason));
    counted(&site, EventKind::Tampered);
    assert!(site.forms.printed().is_empty() && site.receipts.receipts().is_empty());

    // The power goes; meanwhile the housing is shut.
    site.power_cut(resident);
    set(&sensor, false);
    let mut resident = site.open_with(hardware(&site, &sensor));
    assert_eq!(resident.title(), "closed.title", "the first screen");
    site.wait_for(|state| {
        let mut ids: Vec<_> = state.calls.iter().map(|call| call.id).collect();
        let sent = ids.len();
        ids.dedup();
        sent >= 2 && ids.len() == 1
    });
    resident.type_staff_number("40219376");
    resident.until_shown("closed.number.title");
    resident.type_staff_number(NUMBER);
    resident.until_shown("");
    counted(&site, EventKind::Reopened);

    // Open for the next one, also after a restart.
    drop(resident);
    let mut resident = site.open_with(hardware(&site, &sensor));
    resident.until("done.title");
}

/// Opened while the power was off, and still open at the start.
#[test]
fn a_housing_that_is_open_at_the_start_is_closed_on_the_first_screen() {
    let site = TestSite::new();
    let sensor = SimulatedIndicator::new();
    set(&sensor, true);
    let resident = site.open_with(hardware(&site, &sensor));
    assert_eq!(resident.title(), "closed.title");
    site.power_cut(resident);
    set(&sensor, false);
    let resident = site.open_with(hardware(&site, &sensor));
    assert_eq!(resident.title(), "closed.title");
}
