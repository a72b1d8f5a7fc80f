//! Small files that survive a power cut: whole old content or whole new content, never a mixture.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces `path` by `bytes` and returns once that is on the disk.
///
/// The order matters: content, then name, then the folder that holds the name. Without the last step the file is there
/// today and gone after a power cut.
///
/// # Errors
/// Whatever the file system reports; the old content is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let temporary = temporary_name(path);
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_folder(folder)
}

/// Makes names made, renamed or removed in `folder` durable.
///
/// # Errors
/// Whatever the file system reports.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes `folder` (and what is missing above it), durably.
///
/// # Errors
/// Whatever the file system reports.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    sync_folder(folder)?;
    sync_folder(folder_of(folder))
}

/// The folder that `path` is in; `.` for a bare name.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

fn temporary_name(path: &Path) -> std::path::PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_content_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        replace(&path, b"first and longer").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn reports_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(replace(&folder.path().join("missing/state"), b"x").is_err());
    }
}
