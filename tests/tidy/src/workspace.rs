//! The workspace as cargo sees it, and its source files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root folder.
///
/// # Panics
/// If this package was moved out of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("tests/tidy lies in the workspace root")
        .to_path_buf()
}

/// One package of the workspace.
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// Direct dependencies that ship with it, by package name (build and dev dependencies left out).
    pub depends_on: BTreeSet<String>,
}

/// The workspace's packages by name, from `cargo metadata`.
///
/// # Panics
/// If cargo cannot read the workspace.
#[must_use]
pub fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo metadata starts");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(read_package).collect()
}

fn read_package(package: &serde_json::Value) -> (String, Package) {
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    let depends_on = package["dependencies"]
        .as_array()
        .expect("dependencies")
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| text(&dependency["name"]))
        .collect();
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let folder = manifest
        .parent()
        .expect("a manifest has a folder")
        .to_path_buf();
    (text(&package["name"]), Package { folder, depends_on })
}

/// Every `.rs` file below a folder, with its text.
///
/// # Panics
/// If the folder cannot be read.
#[must_use]
pub fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("source is UTF-8");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// The `.rs` files below a package's `src/`, by their path in it.
///
/// # Panics
/// If the folder cannot be read.
#[must_use]
pub fn files_below(src: &Path) -> BTreeMap<String, String> {
    let below = |path: &Path| {
        let path = path.strip_prefix(src).expect("a file below src");
        path.to_string_lossy().into_owned()
    };
    sources(src)
        .into_iter()
        .map(|(path, text)| (below(&path), text))
        .collect()
}

/// A source text without comments and without its `#[cfg(test)]` modules at the end, so that only shipped code is judged.
#[must_use]
pub fn shipped(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("#[cfg(test)]") {
            break;
        }
        if !code.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}
