//! Three replicas behind a TCP balancer, kiosks under load, one replica killed by SIGKILL at a third of it. Every application
//! that was acknowledged must be there, once; the kiosks' own delivery finds the way to the others.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cloud_store::Store;
use kiosk::cloud::Cloud;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::visits::{Reception, Visits};
use super::{Database, line, service, today, wait};
use crate::figure::{Figure, Times};
use crate::house::{House, Replica};
use crate::{Bench, Done};

const TOWNS: usize = 4;
const KIOSKS: usize = 15;
const EACH: u16 = 20;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let (kiosks, each) = if bench.smoke { (2, 3) } else { (KIOSKS, EACH) };
    let (house, visits) = (House::new(TOWNS, kiosks), Visits::of_the_catalogue()?);
    let database = Database::postgresql()?;
    let settings = house.settings(&database.url());
    let program = service()?;
    let replicas: Vec<Replica> = (0..3)
        .map(|_| Replica::start(&program, &settings))
        .collect();
    wait(async {
        let hall = Arc::new(Hall::open(replicas, TOWNS * kiosks * usize::from(each) / 3).await?);
        let start = Instant::now();
        let (ids, waits) = sent(&house, &visits, &hall, (kiosks, each)).await?;
        let seconds = start.elapsed().as_secs_f64();
        once_each(&database, &house, &ids).await?;
        Ok(vec![
            Figure::new("replica_killed_rate", ids.len() as f64 / seconds, "1/s"),
            Figure::new(
                "replica_killed_slowest",
                Times::new(waits).quantile(1.0),
                "ms",
            ),
        ])
    })
}

/// The balancer's address, and the replica that is killed when so many receipts have come.
struct Hall {
    address: String,
    doomed: Mutex<Vec<Replica>>,
    left: AtomicUsize,
}

impl Hall {
    async fn open(replicas: Vec<Replica>, left: usize) -> Done<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let devices = replicas.iter().map(|one| one.device.clone()).collect();
        tokio::spawn(balance(listener, devices));
        Ok(Self {
            address,
            doomed: Mutex::new(replicas),
            left: AtomicUsize::new(left),
        })
    }

    fn acknowledged(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let mut replicas = self.doomed.lock().unwrap_or_else(PoisonError::into_inner);
            replicas[0].kill();
        }
    }
}

/// Connections in turn to each replica, or to the next one that takes them.
async fn balance(listener: TcpListener, devices: Vec<String>) {
    let mut turn = 0;
    while let Ok((mut kiosk, _)) = listener.accept().await {
        turn += 1;
        let devices = devices.clone();
        tokio::spawn(async move {
            for at in 0..devices.len() {
                if let Ok(mut replica) =
                    TcpStream::connect(&devices[(turn + at) % devices.len()]).await
                {
                    // A connection that breaks off is made again by the kiosk.
                    let _ = copy_bidirectional(&mut kiosk, &mut replica).await;
                    return;
                }
            }
        });
    }
}

/// Every kiosk sends what it has, again until it is acknowledged; gives all ids and how long each took.
async fn sent(
    house: &House,
    visits: &Visits,
    hall: &Arc<Hall>,
    (kiosks, each): (usize, u16),
) -> Done<(BTreeSet<String>, Vec<f64>)> {
    let mut senders = JoinSet::new();
    for town in &house.towns {
        for kiosk in 1..=kiosks {
            let name = format!("kiosk-{kiosk}");
            let cloud = line(house, town, &name, &hall.address)?;
            let mut queue = Vec::new();
            for serial in 1..=each {
                let reception = Reception {
                    town,
                    kiosk: u16::try_from(kiosk)?,
                    day: today(),
                    serial,
                };
                let made = visits.application(u64::from(serial), &reception)?;
                queue.push((made.id.clone(), house.sealed(&made)));
            }
            senders.spawn(send_all(cloud, queue, hall.clone()));
        }
    }
    let (mut ids, mut waits) = (BTreeSet::new(), Vec::new());
    while let Some(done) = senders.join_next().await {
        let (own, times) = done??;
        ids.extend(own);
        waits.extend(times);
    }
    Ok((ids, waits))
}

async fn send_all(
    cloud: Cloud,
    queue: Vec<(String, Vec<u8>)>,
    hall: Arc<Hall>,
) -> Result<(Vec<String>, Vec<f64>), kiosk::cloud::CloudError> {
    let (mut ids, mut waits) = (Vec::new(), Vec::new());
    for (id, sealed) in queue {
        let begun = Instant::now();
        loop {
            match cloud.deliver(sealed.clone()).await {
                Ok(_) => break,
                Err(error) if error.retry() => {}
                Err(error) => return Err(error),
            }
        }
        waits.push(begun.elapsed().as_secs_f64() * 1000.0);
        ids.push(id);
        hall.acknowledged();
    }
    Ok((ids, waits))
}

async fn once_each(database: &Database, house: &House, sent: &BTreeSet<String>) -> Done<()> {
    let store = Store::open(&database.url(), None).await?;
    let mut kept = Vec::new();
    for town in &house.towns {
        let rows = store.list_applications(town, i64::MAX).await?;
        kept.extend(rows.iter().map(|row| row.id.to_string()));
    }
    store.close().await;
    let once: BTreeSet<String> = kept.iter().cloned().collect();
    if once == *sent && kept.len() == sent.len() {
        Ok(())
    } else {
        Err(format!(
            "{} acknowledged, {} kept, {} of them once",
            sent.len(),
            kept.len(),
            once.len()
        )
        .into())
    }
}
