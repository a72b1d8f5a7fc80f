//! The edition that came with the program, as plain files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kiosk_api::EditionFile;

use super::EditionProblem;

/// Files of an edition by their ending; anything else in the folder (pictures, notes) is ignored.
const TEXTS: [&str; 3] = ["toml", "csv", "typ"];

/// Every file below `folder`, in the order of their paths.
pub(super) fn files(folder: &Path) -> Result<Vec<EditionFile>, EditionProblem> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    paths.iter().map(|path| read(folder, path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), EditionProblem> {
    let unreadable = |error: io::Error| problem(folder, &error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .and_then(|end| end.to_str())
            .is_some_and(|end| TEXTS.contains(&end))
        {
            paths.push(path);
        }
    }
    Ok(())
}

fn read(folder: &Path, path: &Path) -> Result<EditionFile, EditionProblem> {
    let text = fs::read_to_string(path).map_err(|error| problem(path, &error))?;
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    Ok(EditionFile {
        path: parts.join("/"),
        text,
    })
}

fn problem(path: &Path, error: &io::Error) -> EditionProblem {
    EditionProblem::Disk {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
