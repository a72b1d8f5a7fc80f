//! What pages may know of the kiosk besides the visit.

use std::sync::Arc;

use jiff::Timestamp;

use crate::display::Display;
use crate::screen::Degraded;
use crate::town::TownContext;

/// The kiosk as it is now.
pub(crate) struct KioskState {
    pub(crate) town: Arc<TownContext>,
    pub(crate) display: Display,
    pub(crate) now: Timestamp,
    /// A card lies on the reader.
    pub(crate) card_present: bool,
    /// The cloud answers.
    pub(crate) online: bool,
    /// Paper can come out.
    pub(crate) printing: bool,
    /// Cards can be read.
    pub(crate) cards: bool,
    /// The housing is open.
    pub(crate) housing_open: bool,
    /// "Why am I asked" is open; closed by every new page.
    pub(crate) why_open: bool,
}

impl KioskState {
    /// A kiosk about which nothing bad is known yet.
    pub(crate) fn new(town: TownContext, now: Timestamp) -> Self {
        Self {
            display: Display::first(&town.languages),
            town: Arc::new(town),
            now,
            card_present: false,
            online: true,
            printing: true,
            cards: true,
            housing_open: false,
            why_open: false,
        }
    }

    /// The screen as the next resident finds it.
    pub(crate) fn reset_display(&mut self) {
        self.display = Display::first(&self.town.languages);
    }

    /// The most serious thing that the kiosk cannot do now. A network that nobody needs yet is not worth a word.
    pub(crate) fn degraded(&self, needs_network: bool) -> Option<Degraded> {
        if !self.printing {
            Some(Degraded::Printing)
        } else if !self.cards {
            Some(Degraded::Cards)
        } else if !self.online && needs_network {
            Some(Degraded::Network)
        } else {
            None
        }
    }
}
