//! Icons of assets/icons by name, as path commands on the 960 grid.

use std::cell::RefCell;
use std::collections::BTreeSet;

static ICONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/icons.in"));

/// Drawn for a name that has no file.
const FALLBACK: &str = "unknown";

thread_local! {
    static UNKNOWN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Whether `name` has an icon of its own; `_` and `-` are the same.
#[must_use]
pub fn known(name: &str) -> bool {
    find(&name.replace('_', "-")).is_some()
}

/// Names of all icons, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    ICONS.iter().map(|(name, _)| *name)
}

/// Path commands of the icon; an unknown name gets the fallback and is logged once.
pub(crate) fn path(name: &str) -> &'static str {
    if name.is_empty() {
        return "";
    }
    find(&name.replace('_', "-")).unwrap_or_else(|| {
        UNKNOWN.with_borrow_mut(|seen| {
            if seen.insert(name.to_owned()) {
                tracing::warn!(icon = name, "no such icon");
            }
        });
        find(FALLBACK).unwrap_or_default()
    })
}

fn find(name: &str) -> Option<&'static str> {
    let at = ICONS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(ICONS[at].1)
}
