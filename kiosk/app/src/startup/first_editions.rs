//! The editions that a kiosk starts with; what is wrong with a kept one is logged, for staff.

use crate::editions::{Content, Edition, EditionProblem, EditionStore, TownRules};

/// The edition to start with.
pub(crate) fn load_edition<T: Content>(store: &EditionStore) -> Result<Edition<T>, EditionProblem> {
    let (edition, problem) = store.load::<T>()?;
    if let Some(problem) = problem {
        tracing::error!(kind = "edition-kept", %problem, "the shipped one is used");
    }
    Ok(edition)
}

/// The catalogue to start with, masters over it.
pub(crate) fn load_rules(store: &EditionStore) -> Result<TownRules, EditionProblem> {
    let (rules, problems) = store.load_rules()?;
    for problem in problems {
        tracing::error!(kind = "edition-kept", %problem, "the shipped one is used");
    }
    Ok(rules)
}
