//! What the check says.

/// What the check says about the four items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Signed by an issuer that a trusted authority certified, unchanged, and on the card itself.
    Genuine,
    /// Nothing is wrong, but a link is missing.
    Unverified(MissingLink),
    /// A signature or digest does not fit.
    Forged(Forgery),
}

/// Why the four items could not be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingLink {
    /// No authority is trusted: the card was not asked.
    NoAuthority,
    /// No trusted authority certified the issuer.
    UnknownAuthority,
    /// The card has no record or no certificate.
    NoRecord,
    /// The card has no key of its own, or does not sign with it.
    NoProof,
}

impl MissingLink {
    /// A word for logs and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoAuthority => "no-authority",
            Self::UnknownAuthority => "unknown-authority",
            Self::NoRecord => "no-record",
            Self::NoProof => "no-proof",
        }
    }
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The items are not those that the record was made for.
    Items,
    /// The issuer did not sign the record.
    Record,
    /// The issuer did not sign the card's key.
    CardKey,
    /// The card does not have the key that the issuer signed: a copy.
    Copy,
}

impl Forgery {
    /// A word for logs and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Record => "record",
            Self::CardKey => "card-key",
            Self::Copy => "copy",
        }
    }
}
