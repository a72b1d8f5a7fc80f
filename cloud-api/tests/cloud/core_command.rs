//! `cloud-api core import` and `core export`: the real program.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use serde_json::Value;

use crate::imported::{HEADING, code, row};
use crate::secrets::write_secret;
use crate::town::sign_assets;

fn settings(folder: &Path) {
    cloud_api::signing::new_edition_key(&folder.join("edition.key"), &folder.join("edition.pub"))
        .unwrap();
    sign_assets(folder, &code());
    let key = base64::engine::general_purpose::STANDARD.encode([7; 32]);
    write_secret(&folder.join("sealing.key"), key);
    let text = "database = \"sqlite:cloud.sqlite\"\n[[tenant]]\ncode = \"990019\"\nname = \"玄関町\"\n\
                sealing_key_id = \"2026-1\"\nsealing_key_file = \"sealing.key\"\nforms = \"forms\"\n\
                edition_keys = [{ id = \"k1\", file = \"edition.pub\" }]\n\
                [tenant.core_system]\nkind = \"imported\"\n";
    std::fs::write(folder.join("s.toml"), text).unwrap();
}

fn core(folder: &Path, what: &str, rest: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cloud-api"))
        .args(["core", what, "--settings", "s.toml", "--tenant", "990019"])
        .args(rest)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

#[test]
fn imports_reports_and_exports() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settings(folder);
    let mut text = HEADING.to_owned();
    (1..=10_001).for_each(|number| text.push_str(&row(number, "見本　花子")));
    std::fs::write(folder.join("full.csv"), &text).unwrap();
    let full = ["--kind", "full", "--format", "csv", "full.csv"];
    let done = core(folder, "import", &full);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{told}");
    assert!(
        told.contains("10000 rows") || told.contains("10001 rows"),
        "{told}"
    );
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["accepted"], 10_001);
    assert_eq!(report["rejected"], serde_json::json!([]));

    let delta = format!(
        "異動区分,{HEADING}delete,R2,,,,,,,,,\r\nupsert,{}",
        row(3, "")
    );
    std::fs::write(folder.join("delta.csv"), delta).unwrap();
    let done = core(
        folder,
        "import",
        &["--kind", "delta", "--format", "csv", "delta.csv"],
    );
    assert_eq!(done.status.code(), Some(2), "a row was left out");
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["rejected"][0]["row"], 3);
    assert_eq!(report["rejected"][0]["column"], "name");

    let done = core(folder, "export", &["--format", "json", "out.json"]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let written = std::fs::read_to_string(folder.join("out.json")).unwrap();
    assert_eq!(written.lines().count(), 10_000);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(folder.join("out.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "its owner alone reads it");
    assert_eq!(
        core(folder, "export", &["--format", "json", "out.json"])
            .status
            .code(),
        Some(1)
    );

    // Nothing of what cannot be: all rows wrong, no such file, a town that is not there.
    std::fs::write(folder.join("bad.csv"), format!("{HEADING}x\r\ny\r\n")).unwrap();
    for file in ["bad.csv", "none.csv"] {
        let done = core(
            folder,
            "import",
            &["--kind", "full", "--format", "csv", file],
        );
        assert_eq!(done.status.code(), Some(1), "{file}");
    }
    let again = core(folder, "export", &["--format", "csv", "again.csv"]);
    assert_eq!(again.status.code(), Some(0));
}
