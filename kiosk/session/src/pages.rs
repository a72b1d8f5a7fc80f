//! The pages of a visit. Each owns what is typed or marked on it; none knows another, nor what comes next.

pub(crate) mod card;
pub(crate) mod card_offer;
pub(crate) mod choose;
pub(crate) mod closed;
pub(crate) mod confirm;
pub(crate) mod details;
pub(crate) mod household;
pub(crate) mod leave;
pub(crate) mod offer;
pub(crate) mod paper;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod question;
pub(crate) mod review;
pub(crate) mod sign;
pub(crate) mod value;
pub(crate) mod welcome;
