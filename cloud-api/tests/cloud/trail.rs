//! The audit trail: written with what it tells of, and verifiable.

use cloud_store::audit::{
    Actor, AuditEvent, AuditRecord, BrokenChain, Entry, Hash, TrailFilter, link, verify,
};
use cloud_store::{Realm, Store};
use proptest::prelude::*;
use serde_json::json;

use crate::card::now;
use crate::postgres::Cluster;
use crate::town::{OTHER, TOWN};

fn note(n: usize) -> AuditRecord {
    AuditRecord::new(
        now(),
        Actor::Staff(format!("s{n}")),
        AuditEvent::ALL[n % AuditEvent::ALL.len()],
    )
    .about(n)
    .with(json!({ "n": n }))
}

async fn conforms(store: &Store) {
    let (town, other): (Realm, Realm) = (TOWN.parse().unwrap(), OTHER.parse().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let (store, town) = (store.clone(), town.clone());
        tasks.spawn(async move { store.record(&town, &note(n)).await.unwrap() });
    }
    tasks.join_all().await;
    store.record(&other, &note(1)).await.unwrap();

    let entries = store.trail(&town, 1, 1000).await.unwrap();
    assert_eq!(
        verify(&entries).unwrap().0,
        60,
        "writers at once, one chain"
    );
    let elsewhere = store.trail(&other, 1, 1000).await.unwrap();
    assert_eq!(verify(&elsewhere).unwrap().0, 1, "a chain for each realm");
    let one = TrailFilter {
        actor: Some("s7".to_owned()),
        ..TrailFilter::default()
    };
    let found = store.search_trail(&town, &one, 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].object.as_str(), found[0].detail.as_str()),
        ("7", "{\"n\":7}")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_a_chain_that_nobody_changes() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    let store = Store::open(&url, None).await.unwrap();
    conforms(&store).await;
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    for change in [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit WHERE seq = 60",
    ] {
        let refused = sqlx::query(change).execute(&pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{change}");
    }
    pool.close().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_a_chain_that_nobody_changes() {
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    conforms(&store).await;
    let pool = sqlx::PgPool::connect(&cluster.url()).await.unwrap();
    for change in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        let mut tx = pool.begin().await.unwrap();
        sqlx::query("SET LOCAL genkan.tenant = '990019'")
            .execute(&mut *tx)
            .await
            .unwrap();
        let refused = sqlx::query(change).execute(&mut *tx).await.unwrap_err();
        assert!(
            refused.to_string().contains("permission denied"),
            "{change}: {refused}"
        );
    }
    pool.close().await;
    store.close().await;
}

fn chain(length: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for n in 0..length {
        let made = note(n);
        let (kind, actor) = made.actor.words();
        let mut entry = Entry {
            tenant: TOWN.to_owned(),
            seq: i64::try_from(n).unwrap() + 1,
            at: made.at.as_millisecond(),
            actor_kind: kind.to_owned(),
            actor: actor.to_owned(),
            event: made.event.as_str().to_owned(),
            object: made.object.clone(),
            detail: made.detail.to_string(),
            previous: entries.last().map_or(Hash([0; 32]), |last| last.hash),
            hash: Hash([0; 32]),
            tag: None,
        };
        entry.hash = link(&entry);
        entries.push(entry);
    }
    entries
}

proptest! {
    /// Whatever byte of whatever field is changed, that entry is named.
    #[test]
    fn a_flipped_byte_is_named(at in 0usize..12, field in 0usize..7, bit in 0u8..7, place in 0usize..40) {
        let mut entries = chain(12);
        let entry = &mut entries[at];
        let flip = |text: &mut String| {
            let mut bytes = text.clone().into_bytes();
            let index = place % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(index) { *byte ^= 1 << bit; } else { bytes.push(b'x'); }
            *text = String::from_utf8_lossy(&bytes).into_owned();
        };
        match field {
            0 => flip(&mut entry.actor),
            1 => flip(&mut entry.event),
            2 => flip(&mut entry.object),
            3 => flip(&mut entry.detail),
            4 => entry.at ^= 1 << bit,
            5 => entry.hash.0[place % 32] ^= 1 << bit,
            _ => entry.previous.0[place % 32] ^= 1 << bit,
        }
        let seq = i64::try_from(at).unwrap() + 1;
        let broken = verify(&entries).unwrap_err();
        prop_assert_eq!(broken, BrokenChain::Changed { tenant: TOWN.to_owned(), seq });
    }

    /// An entry that was taken out or put elsewhere is missed, even if hashes were made again for it.
    #[test]
    fn a_missing_entry_is_missed(at in 0usize..11) {
        let mut entries = chain(12);
        entries.remove(at);
        let found = i64::try_from(at).unwrap() + 2;
        let broken = verify(&entries).unwrap_err();
        prop_assert_eq!(broken, BrokenChain::Gap { tenant: TOWN.to_owned(), expected: found - 1, found });
    }
}

#[test]
fn a_rewritten_entry_no_longer_fits_the_next() {
    let mut entries = chain(5);
    entries[2].actor = "somebody else".to_owned();
    entries[2].hash = link(&entries[2]);
    let broken = verify(&entries).unwrap_err();
    assert_eq!(
        broken,
        BrokenChain::Torn {
            tenant: TOWN.to_owned(),
            seq: 4
        }
    );
}

#[test]
fn the_command_line_verifies_a_file_offline() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trail.jsonl");
    let run = |entries: &[Entry], head: Option<&str>| {
        let lines: Vec<String> = entries
            .iter()
            .map(|entry| serde_json::to_string(entry).unwrap())
            .collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cloud-api"));
        command.args(["audit", "verify"]);
        command.args(head.map(|head| ["--head", head]).iter().flatten());
        let done = command.arg(&file).output().unwrap();
        (
            done.status.success(),
            String::from_utf8(done.stderr).unwrap(),
        )
    };
    let entries = chain(4);
    let head = String::from(entries[3].hash);
    assert!(run(&entries, Some(&head)).0);
    let (held, said) = run(&entries[..3], Some(&head));
    assert!(!held && said.contains("missing or replaced"), "{said}");
    let mut changed = entries;
    changed[1].object = "9".to_owned();
    let (held, said) = run(&changed, None);
    assert!(!held && said.contains("entry 2 was changed"), "{said}");
}
