//! Files with secrets in them, as the service takes them.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Writes a file that its owner alone may read.
pub(crate) fn write_secret(path: &Path, text: impl AsRef<[u8]>) {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).unwrap();
    file.write_all(text.as_ref()).unwrap();
}
