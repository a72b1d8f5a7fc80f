//! What a person is to the resident, as far as a page offers it.

use serde::{Deserialize, Serialize};

/// What a person is to the one who stands here, or to the baby.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one who stands here; of a baby: the father.
    Oneself,
    /// Wife or husband.
    Spouse,
    /// Son or daughter.
    Child,
    /// Mother or father of the one who stands here.
    Parent,
    /// Of a baby: the mother.
    Mother,
    /// Anybody else.
    Other,
}

impl Role {
    /// The word of guidance's vocabulary.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Parent => "parent",
            Self::Mother => "mother",
            Self::Other => "other",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let all = [
            Self::Oneself,
            Self::Spouse,
            Self::Child,
            Self::Parent,
            Self::Mother,
            Self::Other,
        ];
        all.into_iter().find(|role| role.word() == word)
    }
}

/// Somebody who may take part with the resident: the spouse, the second child.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Companion {
    /// What they are to the resident.
    pub role: Role,
    /// Which of several, from 1; none for whoever there can be only one of.
    pub number: Option<u8>,
}

impl Companion {
    pub(crate) const fn only(role: Role) -> Self {
        Self { role, number: None }
    }

    pub(crate) const fn nth(role: Role, number: u8) -> Self {
        Self {
            role,
            number: Some(number),
        }
    }
}
