//! Draws the forms of an application with the town's templates, when a clerk asks for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use application::{Application, FormSet, fill};
use kiosk_api::{EditionFile, Problem, ProblemCode, TenantCode};
use paper::{FontSet, Press};

use crate::editions::Published;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// Fonts and presses. Fonts are tens of megabytes: they are read when the first paper is drawn.
pub struct PaperRoom {
    folders: Vec<PathBuf>,
    fonts: OnceLock<Result<FontSet, String>>,
    /// One press for each town, with the entity tag of the forms that it was made from.
    presses: Mutex<BTreeMap<TenantCode, (String, Arc<Press>)>>,
}

impl PaperRoom {
    /// Looks for fonts in these folders; of a file, in the folder that it lies in.
    #[must_use]
    pub fn new(places: Vec<PathBuf>) -> Self {
        let folder = |place: PathBuf| match place.parent() {
            Some(parent) if place.is_file() => parent.to_owned(),
            _ => place,
        };
        let folders = places.into_iter().map(folder).collect();
        Self {
            folders,
            fonts: OnceLock::new(),
            presses: Mutex::new(BTreeMap::new()),
        }
    }

    /// One form of an application (from 0) as PDF. Works for some 10 to 100 ms: call it off the async threads.
    ///
    /// # Errors
    /// No such form, no forms published, a character without a glyph, fonts that are missing.
    pub fn pdf(
        &self,
        tenant: &Tenant,
        application: &Application,
        index: usize,
    ) -> Result<Vec<u8>, Refusal> {
        let one = application.forms.get(index).ok_or(ProblemCode::NotFound)?;
        let forms = tenant.forms().ok_or(ProblemCode::EditionMissing)?;
        let press = self.press(tenant, &forms)?;
        let filled = fill(&forms.value, one, application, &tenant.name).map_err(|error| {
            Refusal::from(Problem::new(ProblemCode::NotFound).detail(error.to_string()))
        })?;
        let pdf = press.form_pdf(&filled, tenant.code.as_str());
        press.forget();
        pdf.map_err(|error| {
            tracing::error!(form = %one.form, %error, "paper");
            Problem::new(ProblemCode::InvalidDocument)
                .detail(error.to_string())
                .into()
        })
    }

    fn press(&self, tenant: &Tenant, forms: &Published<FormSet>) -> Result<Arc<Press>, Refusal> {
        let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, press)) = presses
            .get(&tenant.code)
            .filter(|(etag, _)| *etag == forms.etag)
        {
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
        presses.insert(
            tenant.code.clone(),
            (forms.etag.clone(), Arc::clone(&press)),
        );
        Ok(press)
    }
}
