//! Lists: one name a line, `#` begins a comment.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{FileError, at};

/// Why a list is not used.
#[derive(Debug, Error)]
pub enum ListError {
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is no name.
    #[error("{file}:{line}: {what:?} {why}", file = file.display())]
    Line {
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        what: String,
        why: &'static str,
    },
    /// Nothing in it.
    #[error("{file}: the list is empty", file = file.display())]
    Empty { file: PathBuf },
}

/// What the names of a list are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Names {
    /// Debian packages (Debian Policy 5.6.1).
    Packages,
    /// Kernel modules.
    Modules,
    /// Paths without a leading `/`.
    Paths,
}

impl Names {
    fn fault(self, name: &str) -> Option<&'static str> {
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        match self {
            Self::Packages => (name.len() < 2
                || !name.starts_with(lower)
                || !name.chars().all(|c| lower(c) || "+-.".contains(c)))
            .then_some(
                "is no package name: lower-case letters, digits and + - . only, one name a line",
            ),
            Self::Modules => (!name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)))
            .then_some("is no module name: letters, digits, - and _ only, one name a line"),
            Self::Paths => (name.starts_with('/') || name.split('/').any(|part| part == ".."))
                .then_some("is no path within the image: no leading / and no .."),
        }
    }
}

/// Reads a list.
///
/// # Errors
/// [`ListError`] names file and line.
pub fn read(file: &Path, names: Names) -> Result<Vec<String>, ListError> {
    let text = fs::read_to_string(file).map_err(at(file))?;
    parse(&text, file, names)
}

/// Takes a list from its text; `file` is for errors.
///
/// # Errors
/// A line that is no name, a name that comes twice, an empty list.
pub fn parse(text: &str, file: &Path, names: Names) -> Result<Vec<String>, ListError> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let name = line.split('#').next().unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        let twice = (!seen.insert(name.to_owned())).then_some("stands here twice");
        if let Some(why) = names.fault(name.trim_start_matches('!')).or(twice) {
            return Err(ListError::Line {
                file: file.to_owned(),
                line: at + 1,
                what: name.to_owned(),
                why,
            });
        }
        found.push(name.to_owned());
    }
    if found.is_empty() {
        return Err(ListError::Empty {
            file: file.to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(text: &str) -> Result<Vec<String>, String> {
        parse(text, Path::new("packages.list"), Names::Packages).map_err(|error| error.to_string())
    }

    #[test]
    fn names_without_comments_and_blanks() {
        let found = packages("# head\nsystemd\n\n  rauc # updates\nlibtss2-esys-3.0.2-0\n");
        assert_eq!(found.unwrap(), ["systemd", "rauc", "libtss2-esys-3.0.2-0"]);
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = packages("systemd\nLibC6\n").unwrap_err();
        assert!(
            error.starts_with("packages.list:2: \"LibC6\" is no package name"),
            "{error}"
        );
        let error = packages("systemd udev\n").unwrap_err();
        assert!(
            error.starts_with("packages.list:1: \"systemd udev\""),
            "{error}"
        );
        let error = packages("udev\nrauc\nudev\n").unwrap_err();
        assert_eq!(error, "packages.list:3: \"udev\" stands here twice");
        assert_eq!(
            packages("# none\n").unwrap_err(),
            "packages.list: the list is empty"
        );
    }

    #[test]
    fn paths_stay_within_the_image() {
        let paths = |text| parse(text, Path::new("trim.list"), Names::Paths);
        assert_eq!(
            paths("usr/share/doc\n!usr/share/doc/*/copyright\n")
                .unwrap()
                .len(),
            2
        );
        assert!(paths("/etc\n").is_err());
        assert!(paths("usr/../etc\n").is_err());
    }
}
