//! Looking through a whole trail for what somebody else than this program did to it. Unlike [`verify`](super::verify) it goes
//! on after a fault and names every one.

use std::collections::BTreeMap;

use thiserror::Error;

use super::chain::{Entry, GENESIS, Hash, link};
use super::event::AuditEvent;
use crate::RealmKeys;

/// Most findings that are named; a trail that was written again has as many as entries.
const MOST: usize = 200;

/// What is wrong with a trail. Numbers are those of entries.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TrailFinding {
    /// Entries are not there.
    #[error("entries {from} to {to} were removed")]
    Removed {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A number stands twice or out of order.
    #[error("entry {seq} stands where entry {expected} must be")]
    Displaced {
        /// The entry.
        seq: i64,
        /// What must be there.
        expected: i64,
    },
    /// Its content does not fit its hash.
    #[error("entry {seq} was changed")]
    Changed {
        /// The entry.
        seq: i64,
    },
    /// It does not follow the entry before it.
    #[error("entry {seq} does not continue entry {}: one of them was written again", seq - 1)]
    Torn {
        /// The entry.
        seq: i64,
    },
    /// It fits the chain, but was not written by this program.
    #[error("entry {seq} was rebuilt by somebody without the key")]
    Rebuilt {
        /// The entry.
        seq: i64,
    },
    /// It has no tag although an entry before it has one.
    #[error("entry {seq} was added by somebody without the key")]
    Added {
        /// The entry.
        seq: i64,
    },
    /// What is in the database got tags, and it had some before: whoever took them away had it authenticated with their changes.
    #[error("entry {seq} gave tags to what had tags before: they had been taken away")]
    TaggedAgain {
        /// The entry.
        seq: i64,
    },
    /// No entry has a tag, although the realm has a key.
    #[error("no entry up to {last} has a tag: the trail was rebuilt by somebody without the key")]
    Untagged {
        /// The last entry.
        last: i64,
    },
    /// What was anchored elsewhere is another entry now.
    #[error("entry {seq} is not the one that was anchored at {at}: the trail was rebuilt")]
    NotAnchored {
        /// The entry.
        seq: i64,
        /// When.
        at: String,
    },
    /// What was anchored elsewhere is not there any more.
    #[error(
        "the trail ends at entry {last}, but entry {anchored} was anchored at {at}: it was cut off"
    )]
    CutOff {
        /// The last entry.
        last: i64,
        /// The last one that was anchored.
        anchored: i64,
        /// When.
        at: String,
    },
}

/// A head that was anchored elsewhere, its signature checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnchoredHead {
    /// The number of its entry.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
    /// When, as it says.
    pub at: String,
}

/// Goes through a realm's entries in order, from the first.
pub struct Inspection<'k> {
    keys: Option<&'k RealmKeys>,
    anchors: BTreeMap<i64, Vec<AnchoredHead>>,
    last: (i64, Hash),
    tagged: bool,
    /// Whether the realm has had its key for sure, by an entry so far: one that gave tags, or one that was anchored.
    keyed: bool,
    findings: Vec<TrailFinding>,
}

impl<'k> Inspection<'k> {
    /// `keys`: of the realm, else tags are not checked. `anchors`: of the realm, in any order.
    #[must_use]
    pub fn new(
        keys: Option<&'k RealmKeys>,
        anchors: impl IntoIterator<Item = AnchoredHead>,
    ) -> Self {
        let mut by_seq: BTreeMap<i64, Vec<AnchoredHead>> = BTreeMap::new();
        for anchor in anchors {
            by_seq.entry(anchor.seq).or_default().push(anchor);
        }
        Self {
            keys,
            anchors: by_seq,
            last: (0, GENESIS),
            tagged: false,
            keyed: false,
            findings: Vec::new(),
        }
    }

    /// The last number and hash so far.
    #[must_use]
    pub fn last(&self) -> (i64, Hash) {
        self.last
    }

    fn find(&mut self, finding: TrailFinding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        }
    }

    /// Looks at the next entry.
    pub fn read(&mut self, entry: &Entry) {
        let seq = entry.seq;
        self.follows(entry);
        if entry.hash != link(entry) {
            self.find(TrailFinding::Changed { seq });
        }
        self.is_tagged(entry);
        self.gives_tags_once(entry);
        for anchor in self.anchors.remove(&seq).unwrap_or_default() {
            self.keyed = true;
            if anchor.hash != entry.hash {
                self.find(TrailFinding::NotAnchored { seq, at: anchor.at });
            }
        }
        self.last = (seq, entry.hash);
    }

    fn follows(&mut self, entry: &Entry) {
        let (seq, expected) = (entry.seq, self.last.0 + 1);
        if seq > expected {
            self.find(TrailFinding::Removed {
                from: expected,
                to: seq - 1,
            });
        } else if seq < expected {
            self.find(TrailFinding::Displaced { seq, expected });
        } else if entry.previous != self.last.1 {
            self.find(TrailFinding::Torn { seq });
        }
    }

    fn is_tagged(&mut self, entry: &Entry) {
        let Some(keys) = self.keys else {
            return;
        };
        let seq = entry.seq;
        match entry.tag {
            Some(tag) if tag.0 == keys.trail_tag(&entry.hash.0) => self.tagged = true,
            Some(_) => self.find(TrailFinding::Rebuilt { seq }),
            None if self.tagged => self.find(TrailFinding::Added { seq }),
            None => {}
        }
    }

    /// Tags are given to what an older program stored, once, by an entry that has a tag itself.
    fn gives_tags_once(&mut self, entry: &Entry) {
        if self.keys.is_none() || entry.event != AuditEvent::Authenticated.as_str() {
            return;
        }
        if self.keyed || entry.tag.is_none() {
            self.find(TrailFinding::TaggedAgain { seq: entry.seq });
        }
        self.keyed = true;
    }

    /// What was found, when the last entry has been read.
    #[must_use]
    pub fn end(mut self) -> Vec<TrailFinding> {
        let last = self.last.0;
        if self.keys.is_some() && !self.tagged && last > 0 {
            self.find(TrailFinding::Untagged { last });
        }
        let beyond = self.anchors.into_values().flatten();
        if let Some(anchor) = beyond
            .filter(|one| one.seq > last)
            .max_by_key(|one| one.seq)
        {
            self.findings.push(TrailFinding::CutOff {
                last,
                anchored: anchor.seq,
                at: anchor.at,
            });
        }
        self.findings
    }
}
