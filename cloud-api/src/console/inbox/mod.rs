//! The inbox (受付箱): the list of applications, and the search.

mod choices;
mod line;
pub(super) mod page;
pub(super) mod search;
mod search_term;
