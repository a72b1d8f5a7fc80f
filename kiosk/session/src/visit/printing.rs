//! The application that was put together, and its papers.

use std::sync::Arc;

use application::Application;
use serde::{Deserialize, Serialize};

use crate::screen::StageState;
use crate::visit::wipe::wipe;

/// With more lines than this the plan comes on A4 too: a receipt of so many lines is half a metre long, and nobody finds
/// their way through it by counter.
const LINES_OF_A_RECEIPT: usize = 4;

/// One paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Sheet {
    /// A form, by its place.
    Form(usize),
    /// The plan by counter.
    Plan,
    /// The receipt.
    Receipt,
}

/// What is stored and printed.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Printing {
    #[serde(with = "stored")]
    application: Option<Arc<Application>>,
    /// The papers in the order in which they come out.
    sheets: Vec<(Sheet, StageState)>,
    printed: bool,
}

impl Printing {
    /// The application, once it was put together.
    pub(crate) fn application(&self) -> Option<&Arc<Application>> {
        self.application.as_ref()
    }

    pub(crate) fn reception(&self) -> Option<&str> {
        self.application.as_ref()?.reception.as_deref()
    }

    /// An application is on its way to be stored.
    pub(crate) fn set_application(&mut self, application: Arc<Application>) {
        self.application = Some(application);
    }

    pub(crate) fn not_stored(&mut self) {
        self.application = None;
    }

    /// The application has its reception number; its papers are known now. False when there is no application.
    pub(crate) fn stored(&mut self, reception: String) -> bool {
        let Some(application) = self.application.take() else {
            return false;
        };
        let mut stored = Arc::unwrap_or_clone(application);
        stored.reception = Some(reception);
        self.sheets = sheets(stored.forms.len(), stored.plan.lines.len());
        self.application = Some(Arc::new(stored));
        true
    }

    pub(crate) fn sheets(&self) -> &[(Sheet, StageState)] {
        &self.sheets
    }

    /// A paper lies in a tray.
    pub(crate) fn any_printed(&self) -> bool {
        self.printed
    }

    pub(crate) fn any_skipped(&self) -> bool {
        self.sheets
            .iter()
            .any(|(_, state)| *state == StageState::Skipped)
    }

    /// The next paper, under way from now on.
    pub(crate) fn next_sheet(&mut self) -> Option<Sheet> {
        let mut waiting = self.sheets.iter_mut();
        let (sheet, state) = waiting.find(|(_, state)| *state == StageState::Next)?;
        *state = StageState::Now;
        Some(*sheet)
    }

    pub(crate) fn current_sheet(&self) -> Option<Sheet> {
        let mut sheets = self.sheets.iter();
        sheets
            .find(|(_, state)| *state == StageState::Now)
            .map(|(sheet, _)| *sheet)
    }

    /// The paper under way is out, or left to staff.
    pub(crate) fn end_current(&mut self, end: StageState) {
        let mut sheets = self.sheets.iter_mut();
        if let Some((_, state)) = sheets.find(|(_, state)| *state == StageState::Now) {
            *state = end;
            self.printed |= end == StageState::Done;
        }
    }

    /// Everything is to be printed again.
    pub(crate) fn begin_again(&mut self) {
        self.sheets
            .iter_mut()
            .for_each(|(_, state)| *state = StageState::Next);
    }
}

fn sheets(forms: usize, lines: usize) -> Vec<(Sheet, StageState)> {
    let plan = (lines > LINES_OF_A_RECEIPT).then_some(Sheet::Plan);
    let sheets = (0..forms)
        .map(Sheet::Form)
        .chain(plan)
        .chain([Sheet::Receipt]);
    sheets.map(|sheet| (sheet, StageState::Next)).collect()
}

/// An application behind its pointer.
mod stored {
    use std::sync::Arc;

    use application::Application;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        application: &Option<Arc<Application>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        application.as_deref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<Application>>, D::Error> {
        Ok(Option::<Application>::deserialize(deserializer)?.map(Arc::new))
    }
}

impl Drop for Printing {
    fn drop(&mut self) {
        if let Some(application) = self.application.take().and_then(Arc::into_inner) {
            let mut values = application.values;
            wipe(&mut values);
        }
    }
}
