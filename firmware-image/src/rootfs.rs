//! Debian's packages as one archive, made by mmdebstrap in a user namespace and kept by the hash of what was asked for.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{FileError, at};
use crate::lock;
use crate::manifest::sha256;
use crate::recipe::Recipe;
use crate::tool::{self, ToolError, tool};

/// Why there is no root archive.
#[derive(Debug, Error)]
pub enum RootfsError {
    /// A package that Debian does not have.
    #[error(
        "packages.list: {suite} has no package {name}: look for the new name with `apt-cache search`, or drop the line"
    )]
    UnknownPackage {
        /// What was asked for.
        name: String,
        /// Of which release.
        suite: String,
    },
    /// mmdebstrap.
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Where the archive says what apt took for it: what `apt-cache show` knows of each package. Left out of the image with the rest of dpkg's.
pub const TAKEN: &str = "var/lib/dpkg/taken";
/// Writes [`TAKEN`] from the very index that apt has compared each package with.
const SHOW: &str = r#"dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package}:${Architecture}=${Version}\n' | APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" xargs apt-cache show --no-all-versions > "$1/var/lib/dpkg/taken""#;

/// The archive in the cache, made if it is not there. Packages of another day under the same list are not fetched by
/// themselves: [`fresh`] takes Debian's present versions.
///
/// # Errors
/// [`RootfsError`].
pub fn archive(recipe: &Recipe, cache: &Path) -> Result<PathBuf, RootfsError> {
    let file = file(recipe, cache);
    if file.exists() {
        Ok(file)
    } else {
        fresh(recipe, cache)
    }
}

/// The archive, made again.
///
/// # Errors
/// [`RootfsError`].
pub fn fresh(recipe: &Recipe, cache: &Path) -> Result<PathBuf, RootfsError> {
    let file = file(recipe, cache);
    let half = file.with_extension("tar.half");
    make(recipe, &half).map_err(|error| explained(error, &recipe.image.suite))?;
    fs::rename(&half, &file).map_err(at(&file))?;
    Ok(file)
}

/// Its place in the cache, by what was asked for and by the lock: after a change of either, the archive of before is not taken.
#[must_use]
pub fn file(recipe: &Recipe, cache: &Path) -> PathBuf {
    let lock = recipe.text(lock::NAME).unwrap_or_default();
    let asked = [
        &recipe.image.suite,
        SHOW,
        &recipe.packages.join("\n"),
        &lock,
    ]
    .join("\n");
    cache.join(format!("rootfs-{}.tar", &sha256(asked.as_bytes())[..16]))
}

fn make(recipe: &Recipe, to: &Path) -> Result<(), ToolError> {
    let mut command = tool("mmdebstrap");
    command
        .args(["--mode=unshare", "--variant=minbase", "--format=tar"])
        .arg("--aptopt=APT::Install-Recommends \"false\"")
        .arg(format!("--include={}", recipe.packages.join(",")))
        .arg(format!("--customize-hook={SHOW}"))
        .arg(&recipe.image.suite)
        .arg(to)
        .env("SOURCE_DATE_EPOCH", recipe.image.epoch.to_string());
    tool::run(&mut command).map(|_| ())
}

/// apt's words for a name that it does not know, turned into ours.
fn explained(error: ToolError, suite: &str) -> RootfsError {
    if let ToolError::Failed { errors, .. } = &error {
        let name = errors
            .lines()
            .find_map(|line| line.split("Unable to locate package ").nth(1));
        if let Some(name) = name {
            return RootfsError::UnknownPackage {
                name: name.trim().to_owned(),
                suite: suite.to_owned(),
            };
        }
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_package_is_named() {
        let error = ToolError::Failed {
            program: "mmdebstrap".into(),
            status: "exit status: 25".into(),
            errors: "Reading package lists...\nE: Unable to locate package no-such\nE: run_progress failed".into(),
        };
        let text = explained(error, "bookworm").to_string();
        assert!(
            text.starts_with("packages.list: bookworm has no package no-such"),
            "{text}"
        );
    }
}
