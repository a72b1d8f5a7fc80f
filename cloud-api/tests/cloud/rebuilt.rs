//! Trails that somebody wrote again: every way is named, with the numbers of the entries.

use cloud_store::audit::{
    Actor, AnchoredHead, AuditEvent, AuditRecord, Entry, GENESIS, TrailFinding, link, verify,
};
use cloud_store::{Realm, Store};
use kiosk_api::{Entropy, TenantPrivateKey};

use crate::card::now;
use crate::dba::Dba;
use crate::town::{TOWN, keyed};

fn realm() -> Realm {
    TOWN.parse().unwrap()
}

fn sealing() -> TenantPrivateKey {
    TenantPrivateKey::derive(&Entropy::new([1; 32]))
}

async fn write(store: &Store, count: usize) {
    for n in 0..count {
        let event = [AuditEvent::Opened, AuditEvent::Listed][n % 2];
        let record = AuditRecord::new(now(), Actor::Staff("s1".to_owned()), event).about(n);
        store.record(&realm(), &record).await.unwrap();
    }
}

async fn entries(store: &Store) -> Vec<Entry> {
    store.trail(&realm(), 1, 1000).await.unwrap()
}

/// Puts these entries in place of all.
async fn replace(dba: &Dba, entries: &[Entry]) {
    dba.run("DELETE FROM audit").await;
    for entry in entries {
        let tag = entry.tag.map_or("NULL".to_owned(), |tag| dba.bytes(&tag.0));
        dba.run(&format!(
            "INSERT INTO audit (tenant, seq, at, actor_kind, actor, deed, object, detail, previous, hash, tag) \
             VALUES ('{}', {}, {}, '{}', '{}', '{}', '{}', '{}', {}, {}, {tag})",
            entry.tenant, entry.seq, entry.at, entry.actor_kind, entry.actor, entry.event, entry.object, entry.detail,
            dba.bytes(&entry.previous.0), dba.bytes(&entry.hash.0),
        ))
        .await;
    }
    if let Some(last) = entries.last() {
        let head = format!(
            "UPDATE audit_heads SET seq = {}, hash = {}",
            last.seq,
            dba.bytes(&last.hash.0)
        );
        dba.run(&head).await;
    }
}

/// As whoever knows how the chain is made would make it again.
fn rebuilt(entries: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
    let (mut seq, mut previous) = (0, GENESIS);
    let again = entries.into_iter().map(|mut entry| {
        seq += 1;
        (entry.seq, entry.previous) = (seq, previous);
        entry.hash = link(&entry);
        previous = entry.hash;
        entry
    });
    again.collect()
}

async fn found(store: &Store) -> Vec<TrailFinding> {
    store.inspect(&realm(), Vec::new()).await.unwrap().trail
}

async fn every_way_is_named((store, dba): (Store, Dba)) {
    let store = keyed(store, &sealing());
    write(&store, 10).await;
    let genuine = entries(&store).await;
    assert_eq!(found(&store).await, []);

    let mut changed = genuine.clone();
    changed[3].actor = "somebody".to_owned();
    replace(&dba, &changed).await;
    assert_eq!(found(&store).await, [TrailFinding::Changed { seq: 4 }]);

    let mut removed = genuine.clone();
    removed.drain(4..6);
    replace(&dba, &removed).await;
    assert_eq!(
        found(&store).await,
        [TrailFinding::Removed { from: 5, to: 6 }]
    );

    // Without the entries that say that something was opened, made again so that the chain itself holds.
    let without = genuine.iter().filter(|one| one.event != "opened").cloned();
    let without = rebuilt(without);
    replace(&dba, &without).await;
    assert_eq!(
        verify(&entries(&store).await).unwrap().0,
        5,
        "the chain holds"
    );
    let named: Vec<TrailFinding> = (1..=5).map(|seq| TrailFinding::Rebuilt { seq }).collect();
    assert_eq!(found(&store).await[..5], named[..]);

    let untagged = without
        .iter()
        .cloned()
        .map(|entry| Entry { tag: None, ..entry });
    replace(&dba, &untagged.collect::<Vec<_>>()).await;
    assert_eq!(found(&store).await, [TrailFinding::Untagged { last: 5 }]);

    // One that never was, in front of a genuine end.
    let mut added = genuine.clone();
    added.push(Entry {
        seq: 11,
        previous: genuine[9].hash,
        object: "77".to_owned(),
        tag: None,
        ..genuine[9].clone()
    });
    added[10].hash = link(&added[10]);
    replace(&dba, &added).await;
    assert_eq!(found(&store).await, [TrailFinding::Added { seq: 11 }]);
    added[10].tag = genuine[9].tag;
    replace(&dba, &added).await;
    assert_eq!(found(&store).await, [TrailFinding::Rebuilt { seq: 11 }]);

    // What is written after a rebuilt beginning does not make it genuine.
    replace(&dba, &without).await;
    write(&store, 2).await;
    assert!(
        found(&store)
            .await
            .contains(&TrailFinding::Rebuilt { seq: 3 })
    );

    replace(&dba, &genuine).await;
    assert_eq!(found(&store).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_every_way_to_change_a_trail_is_named() {
    every_way_is_named(Dba::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_every_way_to_change_a_trail_is_named() {
    every_way_is_named(Dba::postgres().await).await;
}

/// Where no entry gave tags, since the database began with its key, an anchored head says that there was one.
#[tokio::test(flavor = "multi_thread")]
async fn tags_given_after_a_head_was_anchored_are_named() {
    let (store, dba) = Dba::sqlite().await;
    let store = keyed(store, &sealing());
    write(&store, 3).await;
    let anchored = entries(&store).await.pop().unwrap();
    dba.run("UPDATE audit SET tag = NULL").await;
    assert!(store.adopt(&realm(), now()).await.unwrap().is_some());
    let head = AnchoredHead {
        seq: anchored.seq,
        hash: anchored.hash,
        at: String::new(),
    };
    let findings = store.inspect(&realm(), vec![head]).await.unwrap();
    assert_eq!(findings.trail, [TrailFinding::TaggedAgain { seq: 4 }]);
}

/// A trail from before there was a key goes on, and its beginning is held by the first entry with a tag.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_chain_stays_verifiable() {
    let (store, dba) = Dba::sqlite().await;
    write(&store, 4).await;
    let store = keyed(store, &sealing());
    let adopted = store.adopt(&realm(), now()).await.unwrap().unwrap();
    assert_eq!(adopted.entries, 4);
    write(&store, 2).await;
    let all = entries(&store).await;
    assert_eq!(verify(&all).unwrap().0, 7, "one chain");
    assert!(all[..4].iter().all(|one| one.tag.is_none()) && all[4].event == "authenticated");
    assert_eq!(found(&store).await, []);

    let mut forged = all.clone();
    forged[1].actor = "somebody".to_owned();
    let beginning = rebuilt(forged[..4].iter().cloned());
    forged[..4].clone_from_slice(&beginning);
    replace(&dba, &forged).await;
    assert_eq!(found(&store).await, [TrailFinding::Torn { seq: 5 }]);
}
