//! No forms: the plan itself is to be stored and printed.

use serde::{Deserialize, Serialize};

use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Explain, Page, PageState};
use crate::screen::{Step, Tone};
use crate::touch::Touch;
use crate::visit::Visit;

/// The last question before a plan without forms is printed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Confirm;

impl PageState for Confirm {
    fn view(&self, _visit: &Visit, _kiosk: &KioskState) -> Page {
        let page = Explain::new(Tone::Info, "receipt", "forms.confirm.title")
            .line("forms.confirm.what")
            .line("forms.confirm.kept");
        Page::new(Step::Paper, page.body())
            .back()
            .next("forms.confirm.print", true)
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        _kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Next => {
                visit.forms.set_reviewed(true);
                Next::Confirmed
            }
            Touch::Back => Next::ConfirmBack,
            _ => Next::Ignored,
        }
    }
}
