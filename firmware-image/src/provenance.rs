//! Where an artefact comes from: an in-toto statement (in-toto Attestation Framework, Statement v1) with the provenance of SLSA v1.0
//! (slsa.dev/spec/v1.0/provenance), beside the file that it is about. It is not signed: it tells, it does not prove (SLSA build level 1).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use crate::file::{FileError, at};
use crate::manifest::sha256_of;
use crate::sbom::Bill;
use crate::tool::{self, tool};

/// Who builds, as a URI, where the environment does not say it: somebody at a workstation.
const BUILDER: &str = "urn:genkan:builder:workstation";
/// The variable that says it.
const BUILDER_VARIABLE: &str = "GENKAN_BUILDER";

/// Something that went into a build.
#[derive(Debug, Clone)]
pub struct Material {
    /// A package URL, or a file's name in the source.
    pub uri: String,
    pub sha256: String,
}

/// One build, of which every artefact tells.
pub struct Build {
    /// What kind of build: the last part of its URN.
    pub kind: &'static str,
    /// What was asked for, by whoever started it.
    pub parameters: Value,
    pub materials: Vec<Material>,
    pub source: Source,
    pub started: Timestamp,
}

/// The commit that was built.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Its hash; `None` where the source has no history, as in an archive.
    pub commit: Option<String>,
    /// Whether files differ from that commit.
    pub changed: bool,
}

impl Source {
    /// What git says of a folder.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        let git = |arguments: &[&str]| {
            let said = tool::run(tool("git").args(arguments).current_dir(workspace)).ok()?;
            Some(String::from_utf8_lossy(&said).trim().to_owned())
        };
        let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
        Self {
            commit: git(&["rev-parse", "HEAD"]),
            changed: changes.is_some_and(|changes| !changes.is_empty()),
        }
    }
}

/// Every part of a bill, and the files of the source that name them.
///
/// # Errors
/// A file cannot be read.
pub fn materials(
    bill: &Bill,
    workspace: &Path,
    locks: &[&str],
) -> Result<Vec<Material>, FileError> {
    let mut found = Vec::new();
    for name in locks {
        let file = workspace.join(name);
        found.push(Material {
            uri: format!("file:{name}"),
            sha256: sha256_of(&file).map_err(at(&file))?,
        });
    }
    let published = bill.parts().filter_map(|part| {
        Some(Material {
            uri: part.purl.clone()?,
            sha256: part.sha256.clone(),
        })
    });
    found.extend(published);
    Ok(found)
}

impl Build {
    /// Writes a statement beside each file; `FILE.provenance.json`.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn tell(&self, files: &[PathBuf]) -> Result<(), FileError> {
        for file in files {
            let sha256 = sha256_of(file).map_err(at(file))?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let statement = self.statement(&name, &sha256, Timestamp::now());
            let to = file.with_file_name(format!("{name}.provenance.json"));
            fs::write(&to, format!("{statement:#}\n")).map_err(at(&to))?;
        }
        Ok(())
    }

    fn statement(&self, name: &str, sha256: &str, finished: Timestamp) -> Value {
        let source = self
            .source
            .commit
            .iter()
            .map(|commit| json!({ "name": "source", "digest": { "gitCommit": commit } }));
        let materials = self
            .materials
            .iter()
            .map(|Material { uri, sha256 }| json!({ "uri": uri, "digest": { "sha256": sha256 } }));
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": name, "digest": { "sha256": sha256 } }],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": format!("urn:genkan:build:{}:v1", self.kind),
                    "externalParameters": self.parameters,
                    "internalParameters": {
                        "sourceChanged": self.source.changed,
                        "compiler": compiler(),
                    },
                    "resolvedDependencies": source.chain(materials).collect::<Vec<_>>(),
                },
                "runDetails": {
                    "builder": { "id": builder() },
                    "metadata": {
                        "startedOn": second(self.started),
                        "finishedOn": second(finished),
                    },
                },
            },
        })
    }
}

fn builder() -> String {
    let named = env::var(BUILDER_VARIABLE).ok();
    named
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| BUILDER.to_owned())
}

/// `rustc 1.95.0 (…)`; empty where the programs were compiled elsewhere.
fn compiler() -> String {
    let said = tool::run(tool("rustc").arg("--version")).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// RFC 3339 in whole seconds.
fn second(time: Timestamp) -> String {
    time.round(Unit::Second).unwrap_or(time).to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::manifest::sha256;
    use crate::sbom::tests::component;

    fn build() -> Build {
        let mut bill = Bill::of(component("image", None));
        let whole = bill.whole();
        bill.add(component("kiosk", None), &whole);
        bill.add(component("a", Some("pkg:cargo/a@1")), &whole);
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Build {
            kind: "image",
            parameters: json!({ "version": "1.0.0" }),
            materials: materials(&bill, &workspace, &["Cargo.lock"]).unwrap(),
            source: Source {
                commit: Some("ab".repeat(20)),
                changed: true,
            },
            started: Timestamp::UNIX_EPOCH,
        }
    }

    /// What in-toto's Statement v1 and SLSA's provenance v1 demand.
    pub(crate) fn complete(statement: &Value, name: &str, content: &[u8]) {
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
        assert_eq!(statement["subject"][0]["name"], name);
        assert_eq!(statement["subject"][0]["digest"]["sha256"], sha256(content));
        let definition = &statement["predicate"]["buildDefinition"];
        let is_uri = |value: &Value| value.as_str().is_some_and(|text| text.contains(':'));
        assert!(is_uri(&definition["buildType"]), "{definition}");
        assert!(definition["externalParameters"].is_object(), "{definition}");
        for one in definition["resolvedDependencies"].as_array().unwrap() {
            let digest = one["digest"].as_object().unwrap();
            assert_eq!(digest.len(), 1, "{one}");
        }
        let run = &statement["predicate"]["runDetails"];
        assert!(is_uri(&run["builder"]["id"]), "{run}");
        for time in ["startedOn", "finishedOn"] {
            let text = run["metadata"][time].as_str().unwrap();
            text.parse::<Timestamp>().unwrap();
        }
    }

    #[test]
    fn each_file_gets_a_statement_of_what_it_was_made_from() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = ["a.img", "b.raucb"]
            .map(|name| folder.path().join(name))
            .into();
        for file in &files {
            fs::write(file, file.to_string_lossy().as_bytes()).unwrap();
        }
        build().tell(&files).unwrap();
        for file in &files {
            let name = file.file_name().unwrap().to_string_lossy();
            let beside = file.with_file_name(format!("{name}.provenance.json"));
            let text = fs::read_to_string(beside).unwrap();
            let statement: Value = serde_json::from_str(&text).unwrap();
            complete(&statement, &name, file.to_string_lossy().as_bytes());
            let definition = &statement["predicate"]["buildDefinition"];
            assert_eq!(definition["externalParameters"]["version"], "1.0.0");
            assert_eq!(definition["internalParameters"]["sourceChanged"], true);
            let made_from = definition["resolvedDependencies"].as_array().unwrap();
            assert_eq!(made_from[0]["digest"]["gitCommit"], "ab".repeat(20));
            assert_eq!(made_from[1]["uri"], "file:Cargo.lock");
            assert_eq!(made_from[2]["uri"], "pkg:cargo/a@1");
            assert_eq!(made_from[2]["digest"]["sha256"], sha256(b"a"));
            assert_eq!(made_from.len(), 3);
        }
    }

    #[test]
    fn a_folder_without_history_has_no_commit() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::of(folder.path());
        assert_eq!(source.commit, None);
        assert!(!source.changed);
    }
}
