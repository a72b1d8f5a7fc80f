//! Draws the forms of an application with the town's templates, when a clerk asks for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use application::{Application, FormSet, fill};
use kiosk_api::{EditionFile, Problem, ProblemCode, TenantCode};
use paper::{FontSet, PaperError, Press, Sheet};

use crate::editions::Published;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// Fonts and presses. Fonts are tens of megabytes: they are read when the first paper is drawn.
pub struct FormRenderer {
    folders: Vec<PathBuf>,
    fonts: OnceLock<Result<FontSet, String>>,
    /// One press for each edition of a town's forms that was asked for, by town and entity tag.
    presses: Mutex<BTreeMap<(TenantCode, String), Arc<Press>>>,
}

/// An application with the forms that it was made with.
pub struct ApplicationWithForms {
    /// Whose it is.
    pub tenant: Arc<Tenant>,
    /// What came.
    pub application: Application,
    /// [`Tenant::forms_of`] it.
    pub forms: Arc<Published<FormSet>>,
}

/// Dots an inch of a page on a clerk's screen: 794 across for A4, sharp where the page is 600 wide.
const SCREEN_DPI: f64 = 96.0;

impl FormRenderer {
    /// Looks for fonts in these folders; of a file, in the folder that it lies in.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let folder = |path: PathBuf| match path.parent() {
            Some(parent) if path.is_file() => parent.to_owned(),
            _ => path,
        };
        let folders = paths.into_iter().map(folder).collect();
        Self {
            folders,
            fonts: OnceLock::new(),
            presses: Mutex::new(BTreeMap::new()),
        }
    }

    /// One form of an application (from 0) as PDF. Works for some 10 to 100 ms: call it off the async threads.
    ///
    /// # Errors
    /// No such form, a character without a glyph, fonts that are missing.
    pub fn pdf(&self, drawn: &ApplicationWithForms, index: usize) -> Result<Vec<u8>, Refusal> {
        self.draw(drawn, index, Sheet::pdf)
    }

    /// One page (from 0) of a form (from 0) as PNG, for the screen. As long as [`FormRenderer::pdf`].
    ///
    /// # Errors
    /// As [`FormRenderer::pdf`]; no such page.
    pub fn png(
        &self,
        drawn: &ApplicationWithForms,
        index: usize,
        page: usize,
    ) -> Result<Vec<u8>, Refusal> {
        self.draw(drawn, index, |sheet| sheet.image(page, SCREEN_DPI)?.png())
    }

    /// How many pages a form (from 0) has.
    ///
    /// # Errors
    /// As [`FormRenderer::pdf`].
    pub fn pages(&self, drawn: &ApplicationWithForms, index: usize) -> Result<usize, Refusal> {
        self.draw(drawn, index, |sheet| Ok(sheet.pages()))
    }

    fn draw<T>(
        &self,
        drawn: &ApplicationWithForms,
        index: usize,
        take: impl FnOnce(&Sheet) -> Result<T, PaperError>,
    ) -> Result<T, Refusal> {
        let ApplicationWithForms {
            tenant,
            application,
            forms,
        } = drawn;
        let one = application.forms.get(index).ok_or(ProblemCode::NotFound)?;
        let press = self.press(&tenant.code, forms)?;
        let filled = fill(&forms.value, one, application, &tenant.name).map_err(|error| {
            Refusal::from(Problem::new(ProblemCode::NotFound).detail(error.to_string()))
        })?;
        let drawn = press
            .set(&filled, tenant.code.as_str())
            .and_then(|sheet| take(&sheet));
        press.forget();
        drawn.map_err(|error| match error {
            PaperError::NoPage(_) => ProblemCode::NotFound.into(),
            error => {
                tracing::error!(form = %one.form, reason = error.for_log(), "paper");
                Problem::new(ProblemCode::InvalidDocument)
                    .detail(error.to_string())
                    .into()
            }
        })
    }

    fn press(&self, town: &TenantCode, forms: &Published<FormSet>) -> Result<Arc<Press>, Refusal> {
        let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (town.clone(), forms.etag.clone());
        if let Some(press) = presses.get(&key) {
            return Ok(Arc::clone(press));
        }
        let fonts = self
            .fonts
            .get_or_init(|| FontSet::load(&self.folders).map_err(|error| error.to_string()));
        let fonts = fonts.clone().map_err(|error| {
            tracing::error!(%error, "fonts");
            Refusal::from(Problem::new(ProblemCode::Internal).detail(error))
        })?;
        let files = forms.edition.files.iter().map(EditionFile::pair);
        let press = Arc::new(Press::new(fonts, files));
        presses.insert(key, Arc::clone(&press));
        Ok(press)
    }
}
