//! The kiosk is killed at random moments; every record that was acknowledged is there exactly once.
//!
//! The child is this test program itself, started with an environment variable. What it says on its standard output it
//! says after the queue has answered, so whatever the parent reads was promised.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kiosk::outbox::{DiskQueue, Queue};
use uuid::Uuid;

const FOLDER: &str = "GENKAN_TEST_OUTBOX";
const FROM: &str = "GENKAN_TEST_FROM";
const ROUNDS: u32 = 12;

/// Runs only as the child: fills the queue and takes every third record out again, until it is killed.
#[test]
fn child_process() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let from: u128 = std::env::var(FROM).unwrap().parse().unwrap();
    let queue = DiskQueue::open(Path::new(&folder)).unwrap().queue;
    for n in from.. {
        let size = if n % 10 == 9 { 120_000 } else { 500 };
        queue
            .enqueue(Uuid::from_u128(n), &vec![(n % 251) as u8; size])
            .unwrap();
        say(&format!("kept {n}"));
        if n % 3 == 0 {
            let head = queue.peek().unwrap().unwrap();
            say(&format!("taking {}", head.id.as_u128()));
            queue.acknowledge(head.sequence).unwrap();
            say(&format!("taken {}", head.id.as_u128()));
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

#[derive(Default)]
struct Reported {
    kept: BTreeSet<u128>,
    taking: BTreeSet<u128>,
    taken: BTreeSet<u128>,
}

#[test]
fn every_acknowledged_record_survives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let mut reported = Reported::default();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..ROUNDS {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(u64::from(round) | 1);
        let lines = 5 + (random >> 33) % 90;
        let child = start(&path, reported.kept.last().map_or(0, |last| last + 1_000));
        read_and_kill(child, lines, &mut reported);
        check(&path, &reported);
    }
    assert!(
        reported.kept.len() > 100,
        "the children did something: {}",
        reported.kept.len()
    );
}

fn start(path: &Path, from: u128) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_process",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, path)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills after so many lines, then reads what was printed before the end.
fn read_and_kill(mut child: Child, lines: u64, reported: &mut Reported) {
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut count = 0;
    while let Some(Ok(line)) = output.next() {
        note(&line, reported);
        count += 1;
        if count == lines {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
}

fn note(line: &str, reported: &mut Reported) {
    let Some((word, number)) = line.split_once(' ') else {
        return;
    };
    // The last line may be cut by the kill: then it was not reported.
    let Ok(number) = number.parse() else { return };
    match word {
        "kept" => reported.kept.insert(number),
        "taking" => reported.taking.insert(number),
        "taken" => reported.taken.insert(number),
        _ => false,
    };
}

fn check(path: &Path, reported: &Reported) {
    let opened = DiskQueue::open(path).unwrap();
    assert_eq!(opened.alarms, []);
    let queue = opened.queue;
    let mut found = BTreeMap::<u128, u32>::new();
    let mut all = Vec::new();
    while let Some(record) = queue.peek().unwrap() {
        let n = record.id.as_u128();
        assert!(record.sealed.iter().all(|byte| *byte == (n % 251) as u8));
        *found.entry(n).or_default() += 1;
        queue.acknowledge(record.sequence).unwrap();
        all.push(record);
    }
    for record in all {
        queue.enqueue(record.id, &record.sealed).unwrap();
    }
    assert!(found.values().all(|times| *times == 1), "a record twice");
    for n in reported.kept.difference(&reported.taking) {
        assert!(found.contains_key(n), "acknowledged record {n} lost");
    }
    for n in &reported.taken {
        assert!(!found.contains_key(n), "record {n} came back");
    }
}
