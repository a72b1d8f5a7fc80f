//! Setting forms: a filled form becomes pages, a PDF/A-2a that is PDF/UA-1 too, and grey pictures of its pages.

use application::FilledForm;
use jiff::civil::Date;
use serde::Serialize;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::Source;
use typst::text::FontBook;
use typst::utils::{LazyHash, Scalar};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::error::PaperError;
use crate::fonts::FontSet;
use crate::receipt::{Receipt, ReceiptWords};
use crate::sheet_data::SheetData;
use crate::slip::SlipData;
use crate::world::{SheetWorld, Shop, file_id, library};

/// Sets forms with one edition's templates and a fixed list of fonts. Reads nothing, knows no clock.
pub struct Press {
    fonts: FontSet,
    shop: Shop,
}

/// The pages of one form.
pub struct Sheet {
    document: PagedDocument,
    id: String,
    day: Option<Datetime>,
}

/// A grey picture, one byte a pixel, 255 white.
#[derive(Clone, PartialEq, Eq)]
pub struct PageImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height` bytes.
    pub grey: Vec<u8>,
}

impl PageImage {
    /// The picture as PNG.
    ///
    /// # Errors
    /// [`PaperError::Picture`] when the encoder refuses it.
    pub fn png(&self) -> Result<Vec<u8>, PaperError> {
        let refused = |error: png::EncodingError| PaperError::Picture(error.to_string());
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().map_err(refused)?;
        writer.write_image_data(&self.grey).map_err(refused)?;
        drop(writer);
        Ok(bytes)
    }
}

impl Press {
    /// Takes fonts and the edition's templates, (name, text) each; names that don't end in `.typ` are passed over.
    #[must_use]
    pub fn new<'a>(
        fonts: FontSet,
        templates: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let templates = templates
            .into_iter()
            .filter(|(name, _)| name.ends_with(".typ"));
        let sources = templates.filter_map(|(name, text)| {
            file_id(name).map(|id| (id, Source::new(id, text.to_owned())))
        });
        let shop = Shop {
            library: LazyHash::new(library()),
            book: LazyHash::new(FontBook::from_fonts(&fonts.fonts)),
            fonts: fonts.fonts.clone(),
            sources: sources.collect(),
        };
        Self { fonts, shop }
    }

    /// The fonts, for receipts.
    #[must_use]
    pub fn fonts(&self) -> &FontSet {
        &self.fonts
    }

    /// Sets a form. `tenant` is the town's code, for the two-dimensional code.
    ///
    /// # Errors
    /// A missing glyph (the field is named), a missing template, or what is wrong with it.
    pub fn set(&self, form: &FilledForm, tenant: &str) -> Result<Sheet, PaperError> {
        let data = SheetData::new(form, tenant, &self.fonts)?;
        self.compile(&form.form, &form.application, form.as_of, &data)
    }

    /// Sets the plan slip (受付案内票), the receipt's matter on A4 by counter.
    ///
    /// # Errors
    /// As [`Press::set`].
    pub fn plan_slip(&self, receipt: &Receipt, words: &ReceiptWords) -> Result<Sheet, PaperError> {
        let data = SlipData::new(receipt, words, &self.fonts)?;
        let application = &receipt.code.application;
        self.compile("plan_slip", application, receipt.at.date(), &data)
    }

    fn compile(
        &self,
        template: &str,
        application: &str,
        day: Date,
        data: &impl Serialize,
    ) -> Result<Sheet, PaperError> {
        let no_template = || PaperError::NoTemplate(template.to_owned());
        let main =
            file_id(&format!("{template}.typ")).filter(|id| self.shop.sources.contains_key(id));
        let values =
            serde_json::to_vec(data).map_err(|error| PaperError::Pdf(error.to_string()))?;
        let day = datetime(day);
        let world = SheetWorld {
            shop: &self.shop,
            main: main.ok_or_else(no_template)?,
            values_id: file_id("form.json").ok_or_else(no_template)?,
            values: Bytes::new(values),
            today: day,
        };
        let compiled = typst::compile::<PagedDocument>(&world);
        let document = compiled
            .output
            .map_err(|errors| self.template_error(&world, errors.first(), template))?;
        for page in document.pages() {
            no_tofu(&page.frame, template)?;
        }
        Ok(Sheet {
            document,
            id: format!("{application}/{template}"),
            day,
        })
    }

    /// A form as PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// As [`Press::set`] and [`Sheet::pdf`].
    pub fn form_pdf(&self, form: &FilledForm, tenant: &str) -> Result<Vec<u8>, PaperError> {
        self.set(form, tenant)?.pdf()
    }

    /// A page of a form (from 0) as a picture, and how many pages there are.
    ///
    /// # Errors
    /// As [`Press::set`] and [`Sheet::image`].
    pub fn form_page_image(
        &self,
        form: &FilledForm,
        tenant: &str,
        page: usize,
        dpi: f64,
    ) -> Result<(PageImage, usize), PaperError> {
        let sheet = self.set(form, tenant)?;
        Ok((sheet.image(page, dpi)?, sheet.pages()))
    }

    /// Drops everything that setting remembered of residents' values. Call it when a visit ends.
    pub fn forget(&self) {
        comemo::evict(0);
    }

    fn template_error(
        &self,
        world: &SheetWorld<'_>,
        error: Option<&SourceDiagnostic>,
        form: &str,
    ) -> PaperError {
        let Some(error) = error else {
            return PaperError::NoTemplate(form.to_owned());
        };
        let id = error.span.id();
        let source = id.and_then(|id| self.shop.sources.get(&id));
        let file = id.map_or(format!("{form}.typ"), |id| {
            id.vpath().get_without_slash().to_owned()
        });
        let line = source.and_then(|source| {
            Some(
                source
                    .lines()
                    .byte_to_line(world.range(error.span)?.start)?
                    + 1,
            )
        });
        PaperError::Template {
            file,
            line: line.unwrap_or(0),
            reason: error.message.to_string(),
        }
    }
}

impl Sheet {
    /// How many pages.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.document.pages().len()
    }

    /// The pages, for tests that measure them.
    #[must_use]
    pub fn document(&self) -> &PagedDocument {
        &self.document
    }

    /// PDF/A-2a and PDF/UA-1: tagged, with title and language, fonts embedded. The same form gives the same bytes.
    ///
    /// # Errors
    /// [`PaperError::Pdf`] when a template breaks a rule of either standard.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
            .map_err(|error| PaperError::Pdf(error.message().to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(self.id.clone()),
            timestamp: self.day.map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        };
        let first = |errors: &[SourceDiagnostic]| {
            errors
                .first()
                .map_or(String::new(), |error| error.message.to_string())
        };
        typst_pdf::pdf(&self.document, &options).map_err(|errors| PaperError::Pdf(first(&errors)))
    }

    /// A page (from 0) as a grey picture at `dpi` dots an inch.
    ///
    /// # Errors
    /// [`PaperError::NoPage`].
    pub fn image(&self, page: usize, dpi: f64) -> Result<PageImage, PaperError> {
        let found = self
            .document
            .pages()
            .get(page)
            .ok_or(PaperError::NoPage(page))?;
        let options = RenderOptions {
            pixel_per_pt: Scalar::new(dpi / 72.0),
            ..RenderOptions::default()
        };
        let pixels = typst_render::render(found, &options);
        let grey = pixels
            .data()
            .chunks_exact(4)
            .map(|rgba| luma(rgba[0], rgba[1], rgba[2]));
        Ok(PageImage {
            width: pixels.width(),
            height: pixels.height(),
            grey: grey.collect(),
        })
    }
}

/// ITU-R BT.601 weights.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from((sum + 500) / 1000).unwrap_or(u8::MAX)
}

fn datetime(day: Date) -> Option<Datetime> {
    let (month, date) = (
        u8::try_from(day.month()).ok()?,
        u8::try_from(day.day()).ok()?,
    );
    Datetime::from_ymd_hms(day.year().into(), month, date, 0, 0, 0)
}

/// Glyph 0 is the box that stands for a character a font lacks. Values were checked before; this holds for templates.
fn no_tofu(frame: &Frame, form: &str) -> Result<(), PaperError> {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => no_tofu(&group.frame, form)?,
            FrameItem::Text(text) => {
                if let Some(glyph) = text.glyphs.iter().find(|glyph| glyph.id == 0) {
                    let character = text.text.get(glyph.range()).unwrap_or_default();
                    let codes: Vec<String> = character
                        .chars()
                        .map(|c| format!("U+{:04X}", c as u32))
                        .collect();
                    return Err(PaperError::MissingGlyph {
                        field: format!("{form}.typ"),
                        character: codes.join(" "),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(())
}
