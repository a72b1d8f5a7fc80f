//! The outbox: a sealed application, on the disk for good before anything is said of it.
//!
//! The peer is SQLite with WAL and `synchronous=FULL`, one transaction a record: what a program would use that did not need
//! to be told that fsync matters. Rounds of ours and theirs take turns on the same disk, because a disk is slower at some
//! times than at others.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Instant;

use kiosk::outbox::{DiskQueue, Queue};
use serde_json::json;
use uuid::Uuid;

use crate::figure::{Figure, Times};
use crate::{Bench, Done};

/// A sealed application of a small household.
const BYTES: usize = 2048;
const TURNS: usize = 4;
const RECORDS: usize = 50;
/// Kiosks have one resident at a time; a group shows what a burst costs, as after staff scan a pile.
const WRITERS: usize = 8;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let parent = tidy::root().join("target/bench");
    fs::create_dir_all(&parent)?;
    let folder = tempfile::tempdir_in(parent)?;
    let queue = DiskQueue::open(&folder.path().join("outbox"))?.queue;
    let base = folder.path().join("peer.sqlite");
    let single = single(bench, &queue, &base)?;
    let group = group(bench, &queue, &base)?;
    Ok([single, group].into_iter().flatten().collect())
}

fn single(bench: &mut Bench, queue: &DiskQueue, base: &Path) -> Done<Vec<Figure>> {
    let (mut ours, mut theirs, mut name) = (Vec::new(), Vec::new(), None);
    let records = bench.rounds(RECORDS);
    for _ in 0..bench.rounds(TURNS) {
        ours.extend(enqueue(queue, records)?);
        if let Some(peers) = &mut bench.peers {
            let answer = peers
                .ask(&json!({"peer": "sqlite", "repeat": records, "bytes": BYTES, "path": base}))?;
            theirs.extend(
                answer["ms"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(serde_json::Value::as_f64),
            );
            name = answer["name"].as_str().map(str::to_owned);
        }
    }
    let (ours, theirs) = (Times::new(ours), Times::new(theirs));
    let figure = |title, share| {
        let peer = name.as_deref().map(|name| (name, theirs.quantile(share)));
        Figure::new(title, ours.quantile(share), "ms").beside(peer)
    };
    Ok(vec![
        figure("enqueue_p50", 0.5),
        figure("enqueue_p95", 0.95),
    ])
}

fn enqueue(queue: &dyn Queue, records: usize) -> Done<Vec<f64>> {
    let sealed = noise();
    let mut times = Vec::with_capacity(records);
    for _ in 0..records {
        let start = Instant::now();
        queue.enqueue(Uuid::new_v4(), &sealed)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}

/// Several at once, each waiting until its own record is safe; records a second.
fn group(bench: &mut Bench, queue: &DiskQueue, base: &Path) -> Done<Vec<Figure>> {
    let records = bench.rounds(RECORDS);
    let start = Instant::now();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| scope.spawn(|| enqueue(queue, records).map_err(|error| error.to_string())))
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| match writer.join() {
                Ok(done) => done.map(drop),
                Err(_) => Err("a writer panicked".to_owned()),
            })
    })?;
    let rate = |ms: f64| (WRITERS * records) as f64 / (ms / 1000.0);
    let figure = Figure::new(
        "enqueue_group_rate",
        rate(start.elapsed().as_secs_f64() * 1000.0),
        "1/s",
    );
    let Some(peers) = &mut bench.peers else {
        return Ok(vec![figure]);
    };
    let answer = peers.ask(&json!({
        "peer": "sqlite_writers", "repeat": records, "writers": WRITERS, "bytes": BYTES, "path": base,
    }))?;
    let peer = (
        answer["name"].as_str().unwrap_or("SQLite"),
        rate(crate::peers::times(&answer).median()),
    );
    Ok(vec![figure.beside(Some(peer))])
}

/// Sealed bytes look like this: they don't compress.
fn noise() -> Vec<u8> {
    (0..BYTES / 16)
        .flat_map(|_| *Uuid::new_v4().as_bytes())
        .collect()
}
