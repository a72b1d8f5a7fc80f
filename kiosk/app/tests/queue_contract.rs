//! What every outbox promises; the disk and the simulator pass the same tests.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kiosk::outbox::simulated_queue::{Fault, SimulatedQueue};
use kiosk::outbox::{DiskQueue, MOST_BYTES, Queue, QueueAlarm, QueueError};
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn open(folder: &Path) -> DiskQueue {
    let opened = DiskQueue::open(folder).unwrap();
    assert_eq!(opened.alarms, []);
    opened.queue
}

fn contract(queue: &dyn Queue) {
    assert!(queue.is_empty());
    assert_eq!(queue.peek().unwrap(), None);
    let first = queue.enqueue(id(1), b"one").unwrap();
    let second = queue.enqueue(id(2), &vec![7; 250_000]).unwrap();
    let third = queue.enqueue(id(3), b"").unwrap();
    assert!(first < second && second < third, "sequence numbers grow");
    assert_eq!(
        queue.enqueue(id(2), b"again").unwrap(),
        second,
        "the same id is one record"
    );
    assert_eq!(queue.len(), 3);

    let head = queue.peek().unwrap().unwrap();
    assert_eq!(
        (head.sequence, head.id, head.sealed.as_slice()),
        (first, id(1), b"one".as_slice())
    );
    assert_eq!(
        queue.peek().unwrap().unwrap(),
        head,
        "peeking takes nothing away"
    );
    queue.acknowledge(first).unwrap();
    queue.acknowledge(first).unwrap();
    let head = queue.peek().unwrap().unwrap();
    assert_eq!(
        (head.id, head.sealed.len()),
        (id(2), 250_000),
        "first in, first out; large ones too"
    );
    queue.acknowledge(second).unwrap();
    queue.acknowledge(third).unwrap();
    assert!(queue.is_empty());

    let aside = queue.enqueue(id(4), b"refused").unwrap();
    queue.put_aside(aside).unwrap();
    assert!(queue.is_empty() && queue.peek().unwrap().is_none());

    let later = queue.enqueue(id(1), b"one").unwrap();
    assert!(later > third, "a number is never given twice");
    queue.acknowledge(later).unwrap();
    let too_large = vec![0; MOST_BYTES + 1];
    assert_eq!(
        queue.enqueue(id(9), &too_large),
        Err(QueueError::TooLarge(MOST_BYTES + 1))
    );
}

#[test]
fn the_disk_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract(&open(&folder.path().join("outbox")));
}

#[test]
fn the_simulator_keeps_the_contract() {
    contract(&SimulatedQueue::new());
}

#[test]
fn many_writers_at_once_each_get_their_own_sequence_number() {
    let folder = tempfile::tempdir().unwrap();
    let queue = Arc::new(open(&folder.path().join("outbox")));
    let writers: Vec<_> = (0..8_u128)
        .map(|writer| {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                (0..25)
                    .map(|n| queue.enqueue(id(writer << 8 | n), b"sealed").unwrap())
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut sequences: Vec<u64> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), 200);
    assert_eq!(queue.len(), 200);
}

#[test]
fn a_restart_finds_everything_and_goes_on_counting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let queue = open(&path);
    let first = queue.enqueue(id(1), b"one").unwrap();
    let second = queue.enqueue(id(2), &vec![1; 150_000]).unwrap();
    queue.acknowledge(first).unwrap();
    drop(queue);
    let queue = open(&path);
    assert_eq!(queue.len(), 1);
    let head = queue.peek().unwrap().unwrap();
    assert_eq!(
        (head.sequence, head.id, head.sealed.len()),
        (second, id(2), 150_000)
    );
    queue.acknowledge(second).unwrap();
    drop(queue);
    assert!(open(&path).enqueue(id(3), b"three").unwrap() > second);
}

#[test]
fn what_the_cloud_refuses_is_kept_and_waits_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let queue = open(&path);
    let first = queue.enqueue(id(1), &vec![3; 120_000]).unwrap();
    queue.enqueue(id(2), b"two").unwrap();
    queue.put_aside(first).unwrap();
    assert_eq!(queue.peek().unwrap().unwrap().id, id(2));
    assert_eq!(queue.len(), 1);
    drop(queue);
    let queue = open(&path);
    assert_eq!(queue.len(), 2);
    let head = queue.peek().unwrap().unwrap();
    assert_eq!(
        (head.sequence, head.id, head.sealed),
        (first, id(1), vec![3; 120_000])
    );
}

#[test]
fn files_that_no_record_names_are_cleared_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let queue = open(&path);
    queue.enqueue(id(2), &vec![1; 150_000]).unwrap();
    drop(queue);
    fs::write(
        path.join("large/0000000000000063-stray.sealed"),
        b"never acknowledged",
    )
    .unwrap();
    let queue = open(&path);
    assert_eq!(fs::read_dir(path.join("large")).unwrap().count(), 1);
    assert_eq!(queue.peek().unwrap().unwrap().sealed.len(), 150_000);
}

#[test]
fn a_damaged_record_is_put_aside_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let queue = open(&path);
    queue.enqueue(id(1), &vec![1; 150_000]).unwrap();
    queue.enqueue(id(2), b"whole").unwrap();
    drop(queue);
    let large = fs::read_dir(path.join("large"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = fs::read(&large).unwrap();
    bytes[77_777] ^= 1;
    fs::write(&large, bytes).unwrap();

    let opened = DiskQueue::open(&path).unwrap();
    assert_eq!(opened.alarms, [QueueAlarm::RecordsDamaged { count: 1 }]);
    assert_eq!(opened.queue.len(), 1);
    assert_eq!(opened.queue.peek().unwrap().unwrap().id, id(2));
    assert!(large.exists(), "what is damaged is kept");
    drop(opened);
    assert_eq!(open(&path).len(), 1, "and is reported once");
}

#[test]
fn a_store_that_will_not_open_is_kept_aside_and_rebuilt_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let queue = open(&path);
    let left = queue.enqueue(id(0), b"delivered").unwrap();
    queue.enqueue(id(1), b"one").unwrap();
    queue.enqueue(id(2), &vec![2; 150_000]).unwrap();
    let aside = queue.enqueue(id(3), b"refused").unwrap();
    queue.acknowledge(left).unwrap();
    queue.put_aside(aside).unwrap();
    drop(queue);
    drop(open(&path));
    let store = path.join("store/db");
    let mut bytes = fs::read(&store).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0x5A);
    fs::write(&store, bytes).unwrap();

    let opened = DiskQueue::open(&path).unwrap();
    let [QueueAlarm::StoreDamaged { kept, .. }] = opened.alarms.as_slice() else {
        panic!("no alarm: {:?}", opened.alarms);
    };
    assert!(kept.join("db").exists());
    let queue = opened.queue;
    let mut found = Vec::new();
    while let Some(record) = queue.peek().unwrap() {
        found.push((record.id, record.sealed.len()));
        queue.acknowledge(record.sequence).unwrap();
    }
    assert_eq!(found, [(id(1), 3), (id(2), 150_000), (id(3), 7)]);
    assert!(queue.enqueue(id(4), b"four").unwrap() > aside);
}

#[test]
fn after_a_failed_write_the_simulator_stays_stopped_until_opened_again() {
    let queue = SimulatedQueue::new();
    queue.enqueue(id(1), b"one").unwrap();
    queue.inject(Fault::DiskFull);
    assert!(matches!(
        queue.enqueue(id(2), b"two"),
        Err(QueueError::Disk(_))
    ));
    assert_eq!(queue.enqueue(id(3), b"three"), Err(QueueError::Stopped));
    queue.reopen();
    assert_eq!(queue.peek().unwrap().unwrap().id, id(1));
    queue.inject(Fault::BrokenHead);
    assert!(matches!(queue.peek(), Err(QueueError::Broken { .. })));
    assert_eq!((queue.peek().unwrap(), queue.put_aside()), (None, 1));
}
