//! Calling staff on the console: sent again and again until it has arrived or is too old.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiosk_api::{StaffCall, StaffCallId, StaffCallReason};
use session::effect::StaffReason;
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::cloud::backoff::{Backoff, random};
use crate::housing::Housing;

/// A call older than this would send somebody to an empty kiosk.
const OLD: Duration = Duration::from_secs(600);

/// Sends the call; returns once it has arrived, was refused or is too old.
pub(super) async fn call(cloud: Cloud, reason: StaffReason) {
    let call = StaffCall {
        id: StaffCallId(Uuid::now_v7()),
        at: Timestamp::now(),
        reason: on_the_wire(reason),
    };
    let started = Instant::now();
    deliver(&cloud, &call, || started.elapsed() < OLD).await;
}

/// Sends the call to the opened housing, one for each closure however often the kiosk starts; it is never too old while the kiosk is closed.
pub(super) async fn call_to_housing(cloud: Cloud, housing: Housing) {
    let Some((id, at)) = housing.call() else {
        return;
    };
    let reason = StaffCallReason::Housing;
    let call = StaffCall { id, at, reason };
    deliver(&cloud, &call, || housing.call() == Some((id, at))).await;
}

async fn deliver(cloud: &Cloud, call: &StaffCall, wanted: impl Fn() -> bool) {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));
    while wanted() {
        match cloud.call_staff(call).await {
            Ok(()) => return tracing::info!(kind = "staff-called"),
            Err(error) if error.retry() => tokio::time::sleep(backoff.next(random())).await,
            Err(error) => return tracing::error!(kind = "staff-not-called", %error),
        }
    }
    tracing::error!(kind = "staff-not-called", "the cloud was away");
}

fn on_the_wire(reason: StaffReason) -> StaffCallReason {
    match reason {
        StaffReason::Asked => StaffCallReason::Asked,
        StaffReason::Printer => StaffCallReason::Printer,
        StaffReason::Storage => StaffCallReason::Storage,
        StaffReason::Card => StaffCallReason::Card,
        StaffReason::NoMatch => StaffCallReason::NoMatch,
        StaffReason::Housing => StaffCallReason::Housing,
    }
}
