//! A form as it will be printed, page by page.

use std::sync::Arc;

use application::StaffNoteKind;
use serde::{Deserialize, Serialize};

use crate::effect::{Reply, Request};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Explain, Page, PageState};
use crate::screen::{Body, PageImage, PreviewBody, Step, Tone};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// A page of a form.
#[derive(Serialize, Deserialize)]
pub(crate) struct Preview {
    /// Which form.
    form: usize,
    /// Which page, from 0.
    page: usize,
    /// How many pages; 1 until the first picture says more.
    pages: usize,
    /// Its picture, once it is drawn. Asked for again where the page was put aside.
    #[serde(skip)]
    image: Option<Arc<PageImage>>,
    /// It can't be drawn.
    failed: bool,
}

impl Preview {
    /// Asks for the first page of a form.
    pub(crate) fn ask(
        form: usize,
        visit: &Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Self {
        let preview = Self {
            form,
            page: 0,
            pages: 1,
            image: None,
            failed: false,
        };
        preview.ask_for_picture(visit, kiosk, effects);
        preview
    }

    fn ask_for_picture(&self, visit: &Visit, kiosk: &KioskState, effects: &mut Effects) {
        let application = visit.application(&kiosk.town, &kiosk.display.language);
        effects.ask(Request::Preview {
            application: Arc::new(application),
            form: self.form,
            page: self.page,
        });
    }

    fn turn(
        &mut self,
        page: usize,
        visit: &Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        self.page = page;
        self.image = None;
        self.failed = false;
        self.ask_for_picture(visit, kiosk, effects);
        Next::Turned
    }

    fn is_last(&self) -> bool {
        self.page + 1 >= self.pages
    }

    fn title(&self, visit: &Visit, kiosk: &KioskState) -> Text {
        let used = visit.forms.uses().get(self.form);
        match used.and_then(|one| kiosk.town.forms.form(&one.form)) {
            Some(form) => Text::Words(form.title.clone()),
            None => Text::key("review.paper"),
        }
    }
}

impl PageState for Preview {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        let title = self.title(visit, kiosk);
        if self.failed {
            let page = Explain::new(Tone::Warning, "printer-error", "preview.failed.title")
                .text(title)
                .line("preview.failed.lost")
                .line("preview.failed.do")
                .code("F-31");
            return Page::new(Step::Forms, page.body()).back();
        }
        let body = Body::Preview(PreviewBody {
            title,
            page: (self.page + 1, self.pages),
            image: self.image.clone(),
        });
        let page = Page::new(Step::Forms, body).back();
        if self.is_last() {
            page.next("preview.close", true)
        } else {
            page.next("preview.next", self.image.is_some())
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Next if self.failed => Next::Ignored,
            Touch::Next if !self.is_last() && self.image.is_none() => Next::Ignored,
            Touch::Next if !self.is_last() => self.turn(self.page + 1, visit, kiosk, effects),
            Touch::Back if self.page > 0 => self.turn(self.page - 1, visit, kiosk, effects),
            Touch::Next | Touch::Back => {
                effects.give_up();
                Next::ReviewAgain
            }
            _ => Next::Ignored,
        }
    }

    fn reply(
        &mut self,
        reply: Reply,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match reply {
            Reply::Preview(image, pages) => {
                self.image = Some(image);
                self.pages = pages.max(1);
                Next::Stay
            }
            _ => self.no_reply(visit, kiosk, effects),
        }
    }

    /// The picture was not put aside.
    fn taken_up(&mut self, visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> Next {
        if !self.failed {
            self.ask_for_picture(visit, kiosk, effects);
        }
        Next::Stay
    }

    /// The page says that staff will look at the paper, so it is noted for them.
    fn no_reply(&mut self, visit: &mut Visit, _kiosk: &KioskState, _effects: &mut Effects) -> Next {
        self.failed = true;
        visit.note(StaffNoteKind::NotDrawn, None);
        Next::Stay
    }
}
