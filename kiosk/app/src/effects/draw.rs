//! Drawing: previews, forms as PDF, receipts as rasters. On a thread of its own, since a page takes some 10 ms.

use std::sync::Arc;

use application::{Application, fill};
use devices::form_printer::DocumentFormat;
use devices::form_printer::raster::{self, GreyPage};
use devices::receipt_printer;
use guidance::{Catalogue, datetime_in_japan};
use jiff::Timestamp;
use kiosk_api::EditionFile;
use paper::receipt::Pen;
use paper::{FontSet, PaperError, Press, Sheet};
use session::effect::Reply;
use session::screen::PageImage;
use thiserror::Error;
use zeroize::Zeroize as _;

use super::print::PrintFormat;
use super::receipt;
use crate::editions::Forms;

/// Dots an inch of a preview: an A4 page then is 992 dots wide, near the screen's 1080.
const PREVIEW_DPI: f64 = 120.0;

/// Why something was not drawn. Names forms and fields, never their content.
#[derive(Debug, Error)]
pub enum DrawError {
    /// The application has no such form.
    #[error("no form number {0}")]
    NoForm(usize),
    /// The edition has no such form.
    #[error(transparent)]
    Fill(#[from] application::FillError),
    /// Glyph, template or PDF.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The receipt does not fit its printer.
    #[error(transparent)]
    Job(#[from] receipt_printer::JobError),
}

impl DrawError {
    /// What a log may say: nothing that a person entered.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self {
            Self::Paper(error) => error.for_log(),
            other => other.to_string(),
        }
    }
}

/// What drawing knows of the town; another edition comes as another `Designs`.
#[derive(Clone)]
pub struct Designs {
    /// The forms with their templates and the words of the receipt.
    pub forms: Arc<Forms>,
    /// The rules, for the plan on the receipt.
    pub catalogue: Arc<Catalogue>,
    /// The municipality's Japanese name.
    pub town: String,
    /// Its code.
    pub tenant: String,
    /// Where the kiosk stands, as printed on receipts.
    pub place: String,
}

/// The press.
pub struct Drawing {
    press: Press,
    pen: Pen,
    designs: Designs,
    /// The stored application's id, which the session does not know but the codes on the paper carry.
    id: String,
}

impl Drawing {
    /// A press with these fonts and designs.
    #[must_use]
    pub fn new(fonts: FontSet, designs: Designs) -> Self {
        Self {
            pen: Pen::new(&fonts),
            press: press(fonts, &designs.forms),
            designs,
            id: String::new(),
        }
    }

    /// Draws with other editions. Only between visits: one visit sees one edition.
    pub fn use_designs(&mut self, designs: Designs) {
        self.press = press(self.press.fonts().clone(), &designs.forms);
        self.designs = designs;
    }

    /// The application was stored under this id.
    pub fn stored(&mut self, id: String) {
        self.id = id;
    }

    /// The visit is over: nothing of its values stays in the press.
    pub fn forget(&mut self) {
        self.id.zeroize();
        self.press.forget();
    }

    /// The answer with a page of a form (from 0).
    pub fn preview(&self, application: &Application, form: usize, page: usize) -> Reply {
        match self.page(application, form, page) {
            Ok((image, pages)) => Reply::Preview(Arc::new(image), pages),
            Err(error) => {
                tracing::error!(kind = "preview", reason = error.for_log());
                Reply::PreviewFailed
            }
        }
    }

    /// A form as its printer wants it: PDF/A, or a raster of its pages.
    ///
    /// # Errors
    /// [`DrawError`].
    pub fn form(
        &self,
        application: &Application,
        form: usize,
        format: PrintFormat,
    ) -> Result<Vec<u8>, DrawError> {
        let filled = self.filled(application, form)?;
        document(&self.press.set(&filled, &self.designs.tenant)?, format)
    }

    /// The plan by counter, likewise.
    ///
    /// # Errors
    /// [`DrawError`].
    pub fn plan_slip(
        &self,
        application: &Application,
        format: PrintFormat,
    ) -> Result<Vec<u8>, DrawError> {
        let words = &self.designs.forms.receipt_words;
        let slip = self.press.plan_slip(&self.composed(application), words)?;
        document(&slip, format)
    }

    /// The receipt.
    ///
    /// # Errors
    /// [`DrawError`].
    pub fn receipt(
        &mut self,
        application: &Application,
    ) -> Result<receipt_printer::Job, DrawError> {
        let composed = self.composed(application);
        let words = &self.designs.forms.receipt_words;
        let drawn = paper::receipt::draw(&composed, words, &mut self.pen)?;
        Ok(receipt::job(&drawn)?)
    }

    fn composed(&self, application: &Application) -> paper::receipt::Receipt {
        let designs = &self.designs;
        let head = receipt::Head {
            town: &designs.town,
            place: &designs.place,
            id: &self.id,
            at: datetime_in_japan(Timestamp::now()),
            forms: &designs.forms.set,
        };
        receipt::compose(application, &designs.catalogue, &head)
    }

    fn page(
        &self,
        application: &Application,
        form: usize,
        page: usize,
    ) -> Result<(PageImage, usize), DrawError> {
        let filled = self.filled(application, form)?;
        let (image, pages) =
            self.press
                .form_page_image(&filled, &self.designs.tenant, page, PREVIEW_DPI)?;
        Ok((
            PageImage {
                width: image.width,
                height: image.height,
                grey: image.grey,
            },
            pages,
        ))
    }

    fn filled(
        &self,
        application: &Application,
        form: usize,
    ) -> Result<application::FilledForm, DrawError> {
        let one = application.forms.get(form).ok_or(DrawError::NoForm(form))?;
        let mut filled = fill(
            &self.designs.forms.set,
            one,
            application,
            &self.designs.town,
        )?;
        filled.application.clone_from(&self.id);
        Ok(filled)
    }
}

fn document(sheet: &Sheet, format: PrintFormat) -> Result<Vec<u8>, DrawError> {
    let raster = match format.document {
        DocumentFormat::Pdf => return Ok(sheet.pdf()?),
        DocumentFormat::PwgRaster => raster::pwg,
        DocumentFormat::Urf => raster::urf,
    };
    let pages = (0..sheet.pages())
        .map(|page| sheet.image(page, f64::from(format.dpi)))
        .collect::<Result<Vec<_>, _>>()?;
    let pages: Vec<GreyPage<'_>> = pages
        .iter()
        .map(|page| GreyPage {
            width: page.width as usize,
            grey: &page.grey,
        })
        .collect();
    Ok(raster(&pages, format.dpi))
}

fn press(fonts: FontSet, forms: &Forms) -> Press {
    Press::new(fonts, forms.files.iter().map(EditionFile::pair))
}
