//! The anchor file: one signed head a line, only ever appended to. It belongs on a medium that nobody can write again (WORM), or
//! at least on another machine and with the attribute "append only" (`chattr +a`).

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cloud_store::Realm;
use cloud_store::audit::AnchoredHead;

use super::signed_head::SignedHead;

/// The file.
#[derive(Clone, Debug)]
pub struct AnchorFile(PathBuf);

/// What a file says of one realm.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anchors {
    /// Heads whose signature holds.
    pub heads: Vec<SignedHead>,
    /// Lines that are none, or whose signature does not hold.
    pub problems: Vec<String>,
}

impl Anchors {
    /// What a trail is compared with.
    #[must_use]
    pub fn anchored(&self) -> Vec<AnchoredHead> {
        self.heads.iter().map(SignedHead::anchored).collect()
    }

    /// The newest.
    #[must_use]
    pub fn last(&self) -> Option<&SignedHead> {
        self.heads.iter().max_by_key(|head| head.seq)
    }
}

impl AnchorFile {
    /// The file of this name; it need not be there yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds a head; on the disk when this returns.
    ///
    /// # Errors
    /// The disk.
    pub fn append(&self, head: &SignedHead) -> io::Result<()> {
        let mut line = serde_json::to_vec(head)?;
        line.push(b'\n');
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o640)
            .open(&self.0)?;
        file.write_all(&line)?;
        file.sync_data()
    }

    /// What it says of a realm whose heads this key signs. A file that is not there says nothing.
    ///
    /// # Errors
    /// The disk.
    pub fn read(&self, realm: &Realm, key: &[u8; 32]) -> io::Result<Anchors> {
        let text = match std::fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Anchors::default()),
            text => text?,
        };
        let mut anchors = Anchors::default();
        for (line, number) in text.lines().zip(1u64..) {
            let problem = |what: &str| format!("{}:{number}: {what}", self.0.display());
            match serde_json::from_str::<SignedHead>(line) {
                Err(_) => anchors.problems.push(problem("not a signed head")),
                Ok(head) if head.realm != realm.as_str() => {}
                Ok(head) if head.holds(key) => anchors.heads.push(head),
                Ok(_) => anchors
                    .problems
                    .push(problem("the signature does not hold")),
            }
        }
        Ok(anchors)
    }
}
