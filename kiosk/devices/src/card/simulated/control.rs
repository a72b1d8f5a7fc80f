//! The box of test cards beside a reader, and the words that move them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Card, CardProfile, FaultPlan, Slot};
use crate::control::Control;

/// Cards by name, one of which may lie in the slot. Counters stay with a card while it is in the card_box.
///
/// Requests: `list`, `insert NAME`, `remove`, `reset NAME` (factory state), `status`, `fault …` (see [`FaultPlan::parse`]),
/// `fault none`.
pub struct CardBox {
    folder: PathBuf,
    slot: Slot,
    resting: BTreeMap<String, Card>,
    inserted: Option<String>,
}

impl CardBox {
    /// A card_box over a folder of `NAME.json` profiles; files are read when a card is first inserted.
    #[must_use]
    pub fn new(folder: &Path, slot: Slot) -> Self {
        Self {
            folder: folder.to_owned(),
            slot,
            resting: BTreeMap::new(),
            inserted: None,
        }
    }

    /// Names of all profiles, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
                && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
            {
                names.push(stem.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Puts a card into the slot; one that lies there goes back first.
    ///
    /// # Errors
    /// For an unknown name or a bad profile.
    pub fn insert(&mut self, name: &str) -> Result<(), String> {
        let card = match self.resting.remove(name) {
            Some(card) => card,
            None if self.inserted.as_deref() == Some(name) && self.slot.insertion().is_some() => {
                return Ok(());
            }
            None => self.load(name)?,
        };
        self.remove();
        self.slot.insert(card);
        self.inserted = Some(name.to_owned());
        Ok(())
    }

    /// Takes the card out of the slot, if one is there.
    pub fn remove(&mut self) {
        if let (Some(card), Some(name)) = (self.slot.remove(), self.inserted.take()) {
            self.resting.insert(name, card);
        }
    }

    fn load(&self, name: &str) -> Result<Card, String> {
        // Names come from whoever reaches the socket: never a path.
        if !self
            .names()
            .map_err(|error| error.to_string())?
            .iter()
            .any(|known| known == name)
        {
            return Err(format!("no card named {name}"));
        }
        let path = self.folder.join(format!("{name}.json"));
        let json = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let profile = CardProfile::from_json(&json).map_err(|error| format!("{name}: {error}"))?;
        Card::new(&profile).map_err(|error| format!("{name}: {error}"))
    }

    fn status(&self) -> String {
        match (&self.inserted, self.slot.tries_left()) {
            (Some(name), Some((text, auth))) => format!("inserted {name} text {text} auth {auth}"),
            _ => "empty".to_owned(),
        }
    }
}

impl Control for CardBox {
    fn request(&mut self, line: &str) -> Result<Vec<String>, String> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["list"] => self.names().map_err(|error| error.to_string()),
            ["status"] => Ok(vec![self.status()]),
            ["insert", name] => self.insert(name).map(|()| Vec::new()),
            ["remove"] => {
                self.remove();
                Ok(Vec::new())
            }
            ["reset", name] => {
                let fresh = self.load(name)?;
                if self.inserted.as_deref() == Some(*name) {
                    self.slot.remove();
                    self.inserted = None;
                }
                self.resting.insert((*name).to_owned(), fresh);
                Ok(Vec::new())
            }
            ["fault", "none"] => {
                self.slot.set_fault(None);
                Ok(Vec::new())
            }
            ["fault", rest @ ..] => {
                let plan = FaultPlan::parse(rest)
                    .ok_or("fault mute|garbage|truncated|pulled|slow MS|status HHHH [after N]")?;
                self.slot.set_fault(Some(plan));
                Ok(Vec::new())
            }
            _ => Err("list, status, insert NAME, remove, reset NAME or fault …".to_owned()),
        }
    }
}
