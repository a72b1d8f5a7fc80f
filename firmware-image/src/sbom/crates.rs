//! The crates in a program of ours, as cargo resolves them for its features, with the checksums of `Cargo.lock`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use thiserror::Error;

use crate::file::{FileError, at};
use crate::sbom::{Bill, Component, Kind};
use crate::tool::{self, ToolError, tool};

/// Why the crates of a program are not known.
#[derive(Debug, Error)]
pub enum CratesError {
    /// A crate that comes from no registry has no checksum.
    #[error(
        "Cargo.lock has no checksum of {name} {version}: only crates of a registry go into a program that is shipped"
    )]
    NoChecksum { name: String, version: String },
    #[error("Cargo.lock: {0}")]
    Malformed(#[from] toml::de::Error),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// A package of the workspace, and how it was built.
pub struct Program<'a> {
    pub package: &'a str,
    /// cargo's arguments that choose its features.
    pub features: &'a [&'a str],
}

/// SHA-256 by name and version.
type Checksums = BTreeMap<(String, String), String>;

/// Puts the crates of a program into the bill; `part` is what the program is called there.
///
/// # Errors
/// [`CratesError`].
pub fn add(
    bill: &mut Bill,
    part: &str,
    program: &Program<'_>,
    workspace: &Path,
) -> Result<(), CratesError> {
    let file = workspace.join("Cargo.lock");
    let lock = fs::read_to_string(&file).map_err(at(&file))?;
    add_tree(bill, part, &tree(program, workspace)?, &checksums(&lock)?)
}

/// cargo's word on what a program is linked from.
fn tree(program: &Program<'_>, workspace: &Path) -> Result<String, ToolError> {
    let mut cargo = tool("cargo");
    cargo
        .args(["tree", "--locked", "--offline", "-p", program.package])
        .args(program.features)
        .args(["--edges", "normal", "--prefix", "depth"])
        .args(["--format", " {p}|{l}"])
        .current_dir(workspace);
    Ok(String::from_utf8_lossy(&tool::run(&mut cargo)?).into_owned())
}

fn checksums(lock: &str) -> Result<Checksums, CratesError> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock: Lock = toml::from_str(lock)?;
    let known = lock
        .package
        .into_iter()
        .filter_map(|one| Some(((one.name, one.version), one.checksum?)));
    Ok(known.collect())
}

/// `cargo tree` with the depth before each line. What is ours (with a path) is part of the program itself, so its crates are the program's.
fn add_tree(
    bill: &mut Bill,
    part: &str,
    tree: &str,
    checksums: &Checksums,
) -> Result<(), CratesError> {
    let mut above: Vec<String> = Vec::new();
    for line in tree.lines() {
        let Some((depth, found)) = read(line) else {
            continue;
        };
        above.truncate(depth);
        let by = above.last().map_or(part, |name| name).to_owned();
        if found.ours {
            above.push(part.to_owned());
            continue;
        }
        let key = (found.name.to_owned(), found.version.to_owned());
        let sha256 = checksums.get(&key).ok_or_else(|| CratesError::NoChecksum {
            name: key.0.clone(),
            version: key.1.clone(),
        })?;
        let component = found.component(sha256);
        above.push(component.reference());
        bill.add(component, &by);
    }
    Ok(())
}

/// A line of the tree.
struct Found<'a> {
    name: &'a str,
    version: &'a str,
    licence: &'a str,
    /// It lies in this workspace.
    ours: bool,
}

impl Found<'_> {
    fn component(&self, sha256: &str) -> Component {
        let (name, version) = (self.name, self.version);
        Component {
            kind: Kind::Library,
            name: name.to_owned(),
            version: version.to_owned(),
            purl: Some(format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))),
            licence: (!self.licence.is_empty()).then(|| self.licence.replace('/', " OR ")),
            supplier: None,
            sha256: sha256.to_owned(),
        }
    }
}

/// `3 serde v1.0.2 (proc-macro)|MIT OR Apache-2.0 (*)`
fn read(line: &str) -> Option<(usize, Found<'_>)> {
    let (depth, rest) = line.split_once(' ')?;
    let (package, licence) = rest.split_once('|')?;
    let mut words = package.split_whitespace();
    let found = Found {
        name: words.next()?,
        version: words.next()?.strip_prefix('v')?,
        licence: licence.trim_end_matches("(*)").trim(),
        ours: package.contains("(/"),
    };
    Some((depth.parse().ok()?, found))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sbom::tests::{complete, component as whole};

    const TREE: &str = "0 kiosk v0.1.0 (/src/kiosk/app)|MIT OR Apache-2.0\n\
        1 paper v0.1.0 (/src/shared/paper)|MIT OR Apache-2.0\n\
        2 typst v1.0.0+x|Apache-2.0\n\
        3 serde v1.0.2|MIT/Apache-2.0\n\
        4 serde_derive v1.0.2 (proc-macro)|MIT/Apache-2.0\n\
        1 serde v1.0.2|MIT/Apache-2.0 (*)\n";
    const LOCK: &str = "version = 4\n\
        [[package]]\nname = \"serde\"\nversion = \"1.0.2\"\nchecksum = \"aa\"\n\
        [[package]]\nname = \"serde_derive\"\nversion = \"1.0.2\"\nchecksum = \"bb\"\n\
        [[package]]\nname = \"typst\"\nversion = \"1.0.0+x\"\nchecksum = \"cc\"\n\
        [[package]]\nname = \"kiosk\"\nversion = \"0.1.0\"\n";

    fn needs<'a>(document: &'a Value, part: &str) -> Vec<&'a str> {
        let all = document["dependencies"].as_array().unwrap();
        let one = all.iter().find(|one| one["ref"] == part).unwrap();
        let needs = one["dependsOn"].as_array().unwrap();
        needs.iter().map(|need| need.as_str().unwrap()).collect()
    }

    #[test]
    fn crates_stand_below_the_program_with_licence_and_checksum() {
        let mut bill = Bill::of(whole("kiosk", None));
        let program = bill.whole();
        add_tree(&mut bill, &program, TREE, &checksums(LOCK).unwrap()).unwrap();
        let document = bill.document(0);
        let typst = "pkg:cargo/typst@1.0.0%2Bx";
        let serde = "pkg:cargo/serde@1.0.2";
        assert_eq!(needs(&document, &program), [serde, typst]);
        assert_eq!(needs(&document, typst), [serde]);
        assert_eq!(needs(&document, serde), ["pkg:cargo/serde_derive@1.0.2"]);
        let first = &document["components"][0];
        assert_eq!(first["hashes"][0]["content"], "aa");
        assert_eq!(first["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(document["components"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_crate_without_a_checksum_is_refused() {
        let mut bill = Bill::of(whole("kiosk", None));
        let error = add_tree(&mut bill, "x", TREE, &Checksums::new()).unwrap_err();
        assert!(error.to_string().contains("typst 1.0.0+x"), "{error}");
    }

    #[test]
    fn the_bills_of_our_own_programs_are_complete() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (package, features, expected) in [
            (
                "kiosk",
                &["--no-default-features", "--features", "kms"][..],
                "slint",
            ),
            ("cloud-api", &[], "sqlx"),
            ("firmware-image", &[], "clap"),
        ] {
            let mut bill = Bill::of(whole(package, None));
            let part = bill.whole();
            let program = Program { package, features };
            add(&mut bill, &part, &program, &workspace).unwrap();
            let names: Vec<_> = bill.parts().map(|one| &*one.name).collect();
            assert!(names.contains(&expected), "{package}: {names:?}");
            assert!(!names.contains(&package));
            complete(&bill.document(0));
        }
    }
}
