//! Nobody is here, or somebody chooses a language.

use serde::{Deserialize, Serialize};

use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState};
use crate::screen::{Body, WelcomeBody};
use crate::touch::Touch;
use crate::visit::Visit;

/// The screen that waits for somebody.
#[derive(Serialize, Deserialize)]
pub(crate) struct Welcome;

impl PageState for Welcome {
    fn view(&self, _visit: &Visit, kiosk: &KioskState) -> Page {
        Page::outside(Body::Welcome(WelcomeBody {
            languages: kiosk.town.languages.clone(),
        }))
    }

    fn touch(
        &mut self,
        touch: &Touch,
        _visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Begin => Next::Begun,
            _ => Next::Ignored,
        }
    }
}
