//! Several editions, one in force on any day.

use jiff::civil::Date;

use crate::Catalogue;

/// Editions that follow each other: the last good one, the one in force, and those staged for later.
#[derive(Clone, Debug, Default)]
pub struct Editions(Vec<Catalogue>);

impl Editions {
    /// Adds an edition; one that begins on the same day replaces the earlier one.
    pub fn insert(&mut self, catalogue: Catalogue) {
        let from = catalogue.edition().in_force_from;
        self.0.retain(|other| other.edition().in_force_from != from);
        self.0.push(catalogue);
        self.0
            .sort_by_key(|catalogue| catalogue.edition().in_force_from);
    }

    /// The edition in force on `day`: the latest that has begun, else the earliest there is.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&Catalogue> {
        let begun = |catalogue: &&Catalogue| catalogue.edition().in_force_from <= day;
        self.0.iter().rev().find(begun).or_else(|| self.0.first())
    }

    /// Every edition, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = &Catalogue> {
        self.0.iter()
    }
}
