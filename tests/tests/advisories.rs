//! The gate of `make test` over dependencies: a known vulnerability stops it, and so does an exception that is no longer needed.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// An advisory of RustSec's form against every version of `serde`, which every program here contains.
const MADE_UP: &str = r#"```toml
[advisory]
id = "RUSTSEC-2099-0001"
package = "serde"
date = "2020-01-01"

[versions]
patched = []
```

# A vulnerability made up for this test

It says nothing of serde.
"#;

/// A database of advisories as it was on a day in 2020.
fn database(folder: &Path) {
    // One that deny.toml excepts, against a crate that nothing here contains.
    let unused = MADE_UP
        .replace("RUSTSEC-2099-0001", "RUSTSEC-2025-0057")
        .replace("\"serde\"", "\"nowhere\"");
    for (krate, id, text) in [
        ("serde", "RUSTSEC-2099-0001", MADE_UP),
        ("nowhere", "RUSTSEC-2025-0057", &unused),
    ] {
        let folder = folder.join("crates").join(krate);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{id}.md")), text).unwrap();
    }
    let who = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "made up"],
    ] {
        let status = Command::new("git")
            .current_dir(folder)
            .args(who)
            .args(arguments)
            .env("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
            .status();
        assert!(status.unwrap().success());
    }
}

fn check(database: &Path) -> (Output, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(root.join(".ci/advisories"))
        .arg("check")
        .env("GENKAN_ADVISORY_DB", database)
        .output()
        .unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    (output, String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_known_vulnerability_and_an_exception_without_use_stop_it() {
    let folder = tempfile::tempdir().unwrap();
    database(folder.path());
    let (output, said) = check(folder.path());
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("ID: RUSTSEC-2099-0001"), "{said}");
    assert!(said.contains("error[advisory-not-detected]"), "{said}");
    // The other exceptions are of advisories that this database has never had.
    assert!(said.contains("error[unknown-advisory]"), "{said}");
    assert!(said.contains("advisories: of 2020-01-01"), "{said}");
    assert!(said.contains("days old"), "{said}");
}

#[test]
fn a_database_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (output, said) = check(&folder.path().join("nothing"));
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("is no git folder"), "{said}");
}
