//! What the small display shows.

/// What staff sees at a glance. Nothing of it concerns a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The kiosk's number or name, ASCII or half-width katakana.
    pub kiosk: String,
    /// The machine's address, or empty without one.
    pub address: String,
    /// Whether the cloud answers.
    pub cloud: bool,
    /// Applications that wait to be sent.
    pub queue: usize,
    pub receipt_paper: Supply,
    pub form_paper: Supply,
}

/// How much is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    Enough,
    /// Soon empty.
    Low,
    /// Empty or out of order.
    Out,
    /// Nobody answers.
    Unknown,
}
