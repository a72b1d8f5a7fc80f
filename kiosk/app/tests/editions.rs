//! Editions: only good ones are used, the last good one is kept.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

use std::fs;
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::Timestamp;
use kiosk::editions::{Content, EditionProblem, EditionStore, TrustedKeys};
use kiosk_api::{
    Bytes, Edition, EditionError, EditionFile, EditionKind, SignedEdition, TenantCode,
};

/// The smallest content: one file that must say "good".
struct Notice(String);

impl Content for Notice {
    const KIND: EditionKind = EditionKind::Catalogue;

    fn load(files: Vec<EditionFile>) -> Result<Self, String> {
        match files.as_slice() {
            [file] if file.text.starts_with("good") => Ok(Self(file.text.clone())),
            [file] => Err(format!("{}:1: not good", file.path)),
            _ => Err("one file is needed".into()),
        }
    }

    fn name(&self) -> String {
        "shipped".into()
    }
}

struct Town {
    folder: tempfile::TempDir,
    key: Ed25519KeyPair,
}

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("assets/catalogue")).unwrap();
        fs::write(
            folder.path().join("assets/catalogue/rules.toml"),
            "good as shipped",
        )
        .unwrap();
        Self {
            folder,
            key: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
        }
    }

    fn edition_store(&self) -> EditionStore {
        let keys = TrustedKeys::from(vec![(
            "town-1".to_owned(),
            self.key.public_key().as_ref().to_vec(),
        )]);
        EditionStore::new(
            &self.kept(),
            &self.folder.path().join("assets"),
            tenant("990019"),
            keys,
        )
    }

    fn kept(&self) -> std::path::PathBuf {
        self.folder.path().join("editions")
    }

    fn signed(&self, name: &str, day: u8, text: &str) -> SignedEdition {
        let content = Edition {
            kind: EditionKind::Catalogue,
            tenant: tenant("990019"),
            edition: name.into(),
            signed_at: at(day),
            files: vec![EditionFile {
                path: "rules.toml".into(),
                text: text.into(),
            }],
        };
        self.sign(content)
    }

    fn sign(&self, content: Edition) -> SignedEdition {
        let signature = Bytes(self.key.sign(&content.canonical_bytes()).as_ref().to_vec());
        SignedEdition {
            content,
            key_id: "town-1".into(),
            signature,
        }
    }
}

fn tenant(code: &str) -> TenantCode {
    code.parse().unwrap()
}

fn at(day: u8) -> Timestamp {
    format!("2026-04-{day:02}T00:00:00Z").parse().unwrap()
}

#[test]
fn the_shipped_edition_is_the_first() {
    let town = Town::new();
    let (edition, problem) = town.edition_store().load::<Notice>().unwrap();
    assert_eq!(
        (edition.content.0.as_str(), edition.name.as_str()),
        ("good as shipped", "shipped")
    );
    assert!(problem.is_none() && edition.etag.is_none());
}

#[test]
fn an_accepted_edition_is_kept_over_a_restart() {
    let town = Town::new();
    let signed = town.signed("2026-04-02.1", 2, "good news");
    let etag = signed.etag();
    let edition = town
        .edition_store()
        .accept::<Notice>(signed, Some(at(1)), at(2))
        .unwrap();
    assert_eq!(edition.content.0, "good news");
    let (edition, problem) = town.edition_store().load::<Notice>().unwrap();
    assert_eq!(
        (edition.content.0.as_str(), edition.name.as_str()),
        ("good news", "2026-04-02.1")
    );
    assert_eq!((edition.etag, edition.signed_at), (Some(etag), Some(at(2))));
    assert!(problem.is_none());
}

#[test]
fn a_malformed_edition_changes_nothing_and_names_file_and_line() {
    let town = Town::new();
    let edition_store = town.edition_store();
    edition_store
        .accept::<Notice>(town.signed("1", 2, "good news"), None, at(2))
        .unwrap();
    let problem = edition_store
        .accept::<Notice>(town.signed("2", 3, "bad"), Some(at(2)), at(3))
        .err()
        .unwrap();
    assert_eq!(
        problem.to_string(),
        "catalogue edition 2: rules.toml:1: not good"
    );
    assert_eq!(
        edition_store.load::<Notice>().unwrap().0.content.0,
        "good news"
    );
}

#[test]
fn forged_foreign_and_older_editions_are_refused() {
    let town = Town::new();
    let edition_store = town.edition_store();
    let mut forged = town.signed("2", 3, "good news");
    forged.content.files[0].text = "good but changed".into();
    assert!(matches!(
        refused(&edition_store, forged),
        EditionError::Signature { .. }
    ));
    let mut stranger = town.signed("2", 3, "good news");
    stranger.key_id = "somebody".into();
    assert!(matches!(
        refused(&edition_store, stranger),
        EditionError::UnknownKey { .. }
    ));
    let mut foreign = town.signed("2", 3, "good news").content;
    foreign.tenant = tenant("131016");
    assert!(matches!(
        refused(&edition_store, town.sign(foreign)),
        EditionError::Other { .. }
    ));
    assert!(matches!(
        refused(&edition_store, town.signed("0", 1, "good old")),
        EditionError::Older { .. }
    ));
    assert!(!town.kept().join("catalogue.json").exists());
}

fn refused(edition_store: &EditionStore, signed: SignedEdition) -> EditionError {
    match edition_store.accept::<Notice>(signed, Some(at(2)), at(3)) {
        Err(EditionProblem::Refused(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn an_edition_dated_ahead_waits_and_keeps_nobody_out() {
    let town = Town::new();
    let store = town.edition_store();
    let accept = |signed, in_use, now| store.accept::<Notice>(signed, in_use, now);
    let ahead = accept(town.signed("9", 20, "good in time"), Some(at(2)), at(3));
    assert!(matches!(ahead, Err(EditionProblem::Ahead { .. })));
    assert!(!town.kept().join("catalogue.json").exists());
    let next = accept(town.signed("2", 3, "good news"), Some(at(2)), at(3));
    assert_eq!(next.unwrap().content.0, "good news");
    // One that came into use before such dates were refused.
    let successor = accept(town.signed("3", 4, "good order"), Some(at(20)), at(4));
    assert_eq!(successor.unwrap().content.0, "good order");
    // Its day has come; a clock of the signer that is some hours ahead is no reason to wait.
    let in_time = accept(town.signed("9", 20, "good in time"), Some(at(4)), at(19));
    assert_eq!(in_time.unwrap().content.0, "good in time");
}

#[test]
fn a_damaged_kept_file_falls_back_to_the_shipped_edition_and_is_reported() {
    let town = Town::new();
    town.edition_store()
        .accept::<Notice>(town.signed("1", 2, "good news"), None, at(2))
        .unwrap();
    damage(&town.kept().join("catalogue.json"));
    let (edition, problem) = town.edition_store().load::<Notice>().unwrap();
    assert_eq!(edition.content.0, "good as shipped");
    assert!(problem.is_some());
}

fn damage(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace("good news", "good nuts")).unwrap();
}

#[test]
fn without_any_good_edition_the_error_names_the_file() {
    let town = Town::new();
    fs::write(
        town.folder.path().join("assets/catalogue/rules.toml"),
        "bad",
    )
    .unwrap();
    let problem = town.edition_store().load::<Notice>().err().unwrap();
    assert_eq!(
        problem.to_string(),
        "catalogue edition shipped: rules.toml:1: not good"
    );
}

#[test]
fn key_files_that_are_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        TrustedKeys::read(folder.path())
            .err()
            .unwrap()
            .to_string()
            .contains("no NAME.pub")
    );
    fs::write(folder.path().join("town.pub"), "bm90IGEga2V5").unwrap();
    let message = TrustedKeys::read(folder.path()).err().unwrap().to_string();
    assert!(message.contains("town.pub: not 32 bytes"), "{message}");
}
