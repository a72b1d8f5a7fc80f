//! What a receipt printer can say about itself.

/// Paper on the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// Enough.
    #[default]
    Adequate,
    /// The near-end sensor fires: still printing, staff should bring a roll.
    NearEnd,
    /// None.
    Out,
}

/// A state that stops printing until a person acts, worst first when several hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Broken: power-cycle or repair.
    Broken,
    /// The cutter is stuck, usually by paper.
    Jam,
    CoverOpen,
    /// No paper.
    PaperOut,
    /// Offline for another reason (feed button, overheated head).
    Offline,
}

/// Everything at once, from DLE EOT or an automatic status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReceiptPrinterStatus {
    /// The printer says it is offline.
    pub offline: bool,
    pub cover_open: bool,
    pub paper: Paper,
    pub cutter_error: bool,
    /// A fault that needs power off or repair.
    pub unrecoverable: bool,
    /// A fault that ends by itself or by a command, such as an overheated head.
    pub recoverable: bool,
}

impl ReceiptPrinterStatus {
    /// What hinders printing, or `None`. Near end does not.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        if self.unrecoverable {
            Some(Trouble::Broken)
        } else if self.cutter_error {
            Some(Trouble::Jam)
        } else if self.cover_open {
            Some(Trouble::CoverOpen)
        } else if self.paper == Paper::Out {
            Some(Trouble::PaperOut)
        } else if self.offline || self.recoverable {
            Some(Trouble::Offline)
        } else {
            None
        }
    }
}
