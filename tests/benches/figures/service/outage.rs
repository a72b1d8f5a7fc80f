//! The network comes back and every kiosk delivers at once: a thousand of them, each with its own certificate, its own
//! connection and its own queue, with the kiosk's own delivery. Nothing may fail, not even to be tried again.

use std::sync::Arc;
use std::time::Instant;

use kiosk::cloud::{Delivery, Step};
use kiosk::outbox::Queue as _;
use kiosk::outbox::simulated_queue::SimulatedQueue;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::visits::{Reception, Visits};
use super::{Database, line, service, today, wait};
use crate::figure::{Figure, Times};
use crate::house::{House, Replica};
use crate::{Bench, Done};

const TOWNS: usize = 10;
const KIOSKS: usize = 100;
/// What came together during the outage at each kiosk.
const WAITING: u16 = 3;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let kiosks = if bench.smoke { 2 } else { KIOSKS };
    let (house, visits) = (House::new(TOWNS, kiosks), Visits::of_the_catalogue()?);
    let database = Database::postgresql()?;
    let replica = Replica::start(service()?, &house.settings(&database.url()));
    let hall = hall(&house, &visits, &replica, kiosks)?;
    let (total, slowest) = wait(back_again(hall))?;
    Ok(vec![
        Figure::new("outage_sync_total", total, "ms"),
        Figure::new("outage_sync_slowest", slowest, "ms"),
    ])
}

/// Every kiosk with its queue and its client.
fn hall(house: &House, visits: &Visits, replica: &Replica, kiosks: usize) -> Done<Vec<Delivery>> {
    let mut hall = Vec::new();
    for (n, town) in house.towns.iter().enumerate() {
        for kiosk in 1..=kiosks {
            let name = format!("kiosk-{kiosk}");
            let queue = SimulatedQueue::new();
            for serial in 1..=WAITING {
                // A reception number has two digits for its kiosk; a hall of a hundred has more than one number 1.
                let reception = Reception {
                    town,
                    kiosk: u16::try_from(kiosk % 99 + 1)?,
                    day: today(),
                    serial,
                };
                let mut made = visits.application((n * kiosks + kiosk) as u64, &reception)?;
                made.kiosk.clone_from(&name);
                queue.enqueue(made.id.parse()?, &house.sealed(&made))?;
            }
            hall.push(Delivery {
                queue: Arc::new(queue),
                cloud: line(house, town, &name, &replica.device)?,
                stored: Arc::new(Notify::new()),
            });
        }
    }
    Ok(hall)
}

/// All at once until every queue is empty; gives the whole time and the longest wait for one receipt.
async fn back_again(hall: Vec<Delivery>) -> Done<(f64, f64)> {
    let start = Instant::now();
    let mut kiosks = JoinSet::new();
    for delivery in hall {
        kiosks.spawn(async move {
            let mut waits = Vec::new();
            loop {
                let begun = Instant::now();
                match delivery.step().await {
                    Step::Delivered => waits.push(begun.elapsed().as_secs_f64() * 1000.0),
                    Step::Empty => return Ok(waits),
                    failed => return Err(format!("{failed:?} after {:?}", begun.elapsed())),
                }
            }
        });
    }
    let (mut waits, mut failed) = (Vec::new(), Vec::new());
    while let Some(kiosk) = kiosks.join_next().await {
        match kiosk? {
            Ok(own) => waits.extend(own),
            Err(problem) => failed.push(problem),
        }
    }
    let total = start.elapsed().as_secs_f64() * 1000.0;
    match failed.first() {
        None => Ok((total, Times::new(waits).quantile(1.0))),
        Some(first) => {
            Err(format!("{} kiosks met an error; the first: {first}", failed.len()).into())
        }
    }
}
