//! What a town hall gets of `cloud-api`: the program, its bill of materials, and where both come from.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;

use crate::file::{FileError, at};
use crate::manifest::sha256_of;
use crate::provenance::{self, Build, Source};
use crate::sbom::crates::{self, CratesError, Program};
use crate::sbom::{Bill, Component, Kind};
use crate::tool::{self, ToolError, tool};

/// The program's name, which is its package's.
pub const PROGRAM: &str = "cloud-api";
/// The bill of materials' in the output folder.
pub const SBOM: &str = "cloud-api.cdx.json";

/// Why there is no release of the service.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// It is not built.
    #[error("{0} is not there: `make service` builds it first")]
    NotBuilt(PathBuf),
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Writes program, bill and provenance; gives their files.
///
/// # Errors
/// [`ServiceError`].
pub fn release(
    built: &Path,
    workspace: &Path,
    version: &str,
    out: &Path,
) -> Result<Vec<PathBuf>, ServiceError> {
    let started = Timestamp::now();
    if !built.exists() {
        return Err(ServiceError::NotBuilt(built.to_owned()));
    }
    fs::create_dir_all(out).map_err(at(out))?;
    let program = out.join(PROGRAM);
    tool::run(tool("strip").arg("-o").arg(&program).arg(built))?;
    let source = Source::of(workspace);
    let bill = bill(&program, workspace, version)?;
    let written = out.join(SBOM);
    let document = bill.document(committed(workspace));
    fs::write(&written, format!("{document:#}\n")).map_err(at(&written))?;
    let build = Build {
        kind: "service",
        parameters: json!({ "package": PROGRAM, "version": version }),
        materials: provenance::materials(&bill, workspace, &["Cargo.lock"])?,
        source,
        started,
    };
    let files = vec![program, written];
    build.tell(&files)?;
    Ok(files)
}

fn bill(program: &Path, workspace: &Path, version: &str) -> Result<Bill, ServiceError> {
    let mut bill = Bill::of(Component {
        kind: Kind::Application,
        name: PROGRAM.to_owned(),
        version: version.to_owned(),
        purl: None,
        licence: Some("MIT OR Apache-2.0".to_owned()),
        supplier: None,
        sha256: sha256_of(program).map_err(at(program))?,
    });
    let whole = bill.whole();
    let package = Program {
        package: PROGRAM,
        features: &[],
    };
    crates::add(&mut bill, &whole, &package, workspace)?;
    Ok(bill)
}

/// The commit's time, seconds since 1970, so that the same commit gives the same bill; 0 where there is none.
fn committed(workspace: &Path) -> u64 {
    let mut git = tool("git");
    git.args(["log", "-1", "--format=%ct"])
        .current_dir(workspace);
    let said = tool::run(&mut git).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::provenance::tests::complete;

    #[test]
    fn the_service_comes_with_bill_and_provenance() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        // Any program does: this test itself.
        let built = std::env::current_exe().unwrap();
        let files = release(&built, &workspace, "1.2.3", folder.path()).unwrap();
        assert_eq!(files.len(), 2);
        for file in &files {
            let name = file.file_name().unwrap().to_string_lossy();
            let beside = file.with_file_name(format!("{name}.provenance.json"));
            let statement: Value = serde_json::from_slice(&fs::read(beside).unwrap()).unwrap();
            complete(&statement, &name, &fs::read(file).unwrap());
        }
        let bill: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
        crate::sbom::tests::complete(&bill);
        let whole = &bill["metadata"]["component"];
        assert_eq!(whole["name"], "cloud-api");
        assert_eq!(
            whole["hashes"][0]["content"].as_str(),
            sha256_of(&files[0]).ok().as_deref()
        );
        let parts = bill["components"].as_array().unwrap();
        assert!(parts.iter().any(|part| part["name"] == "rustls"));
    }

    #[test]
    fn a_program_that_is_not_built_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = release(&folder.path().join("x"), folder.path(), "1", folder.path());
        assert!(error.unwrap_err().to_string().contains("make service"));
    }
}
