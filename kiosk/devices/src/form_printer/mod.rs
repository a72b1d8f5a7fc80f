//! A4 forms over IPP: any driverless network or USB printer.

pub mod ipp;
pub mod raster;
#[cfg(feature = "simulated")]
pub mod simulated;

use thiserror::Error;

/// A page printer. Calls block until answered or until the deadline passes.
pub trait FormPrinter: Send {
    /// State, faults and accepted formats now.
    ///
    /// # Errors
    /// [`FormPrinterError::Unreachable`] when nobody answers.
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError>;

    /// Hands over a document. `job_name` is seen by staff on the printer's panel, so it must not name a person.
    ///
    /// # Errors
    /// [`FormPrinterError::UnsupportedFormat`] before anything is sent if the printer does not list the format.
    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        job_name: &str,
    ) -> Result<JobId, FormPrinterError>;

    /// How far a job is. Poll [`FormPrinter::status`] too: during paper-out a job merely stays [`JobState::Printing`].
    ///
    /// # Errors
    /// When the printer does not know the job or does not answer.
    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError>;

    /// Withdraws a job; one that is finished already stays finished.
    ///
    /// # Errors
    /// When the printer does not know the job or does not answer.
    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError>;
}

/// A job's number on its printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub i32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentFormat {
    /// `application/pdf`.
    Pdf,
    /// `image/pwg-raster`, for driverless printers without PDF; see [`raster`].
    PwgRaster,
    /// `image/urf`, for those that have only that.
    Urf,
}

impl DocumentFormat {
    /// Every one, the best first: PDF is small and sharp on any printer.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::PwgRaster, Self::Urf];

    /// Its MIME media type as in `document-format-supported`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::PwgRaster => "image/pwg-raster",
            Self::Urf => "image/urf",
        }
    }
}

/// `printer-state` (RFC 8011, 5.4.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    /// 3.
    Idle,
    /// 4.
    Processing,
    /// 5.
    Stopped,
}

/// `job-state` (RFC 8011, 5.3.7), as far as the kiosk tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// 3 pending, 4 held.
    Waiting,
    /// 5 processing.
    Printing,
    /// 6 stopped in the middle.
    Stopped,
    /// 7 canceled.
    Canceled,
    /// 8 aborted by the printer.
    Aborted,
    /// 9 completed.
    Completed,
}

impl JobState {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::Aborted | Self::Completed)
    }
}

/// A state of paper, cover or ink that somebody should look after, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// `media-jam`.
    Jam,
    /// `cover-open`, `door-open`, `interlock-open`.
    CoverOpen,
    /// `media-empty`, `media-needed`.
    PaperOut,
    /// `marker-supply-empty`, `toner-empty`.
    InkOut,
    /// `paused`, `shutdown`, `offline`, `moving-to-paused`.
    Offline,
    /// `output-area-full`.
    OutputFull,
    /// `marker-supply-low`, `toner-low`: still printing.
    InkLow,
    /// `media-low`: still printing.
    PaperLow,
}

impl Fault {
    /// Reads one keyword of `printer-state-reasons`. Matching is by prefix: the severity at its end (`-error`, `-warning`,
    /// `-report`) differs between printers for the same fault.
    #[must_use]
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        const PREFIXES: [(&str, Fault); 17] = [
            ("media-jam", Fault::Jam),
            ("cover-open", Fault::CoverOpen),
            ("door-open", Fault::CoverOpen),
            ("interlock-open", Fault::CoverOpen),
            ("media-empty", Fault::PaperOut),
            ("media-needed", Fault::PaperOut),
            ("marker-supply-empty", Fault::InkOut),
            ("toner-empty", Fault::InkOut),
            ("paused", Fault::Offline),
            ("moving-to-paused", Fault::Offline),
            ("shutdown", Fault::Offline),
            ("offline", Fault::Offline),
            ("output-area-full", Fault::OutputFull),
            ("marker-supply-low", Fault::InkLow),
            ("marker-supply", Fault::InkLow),
            ("toner-low", Fault::InkLow),
            ("media-low", Fault::PaperLow),
        ];
        PREFIXES
            .iter()
            .find(|(prefix, _)| keyword.starts_with(prefix))
            .map(|(_, fault)| *fault)
    }

    /// Whether pages still come out.
    #[must_use]
    pub fn still_prints(self) -> bool {
        matches!(self, Self::InkLow | Self::PaperLow)
    }
}

/// What a printer says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPrinterStatus {
    pub state: PrinterState,
    /// `printer-is-accepting-jobs`.
    pub accepting: bool,
    /// Recognised faults, worst first, each once.
    pub faults: Vec<Fault>,
    /// `document-format-supported`, as listed.
    pub formats: Vec<String>,
    /// Dots an inch that it takes rasters in (`pwg-raster-document-resolution-supported`, and RS of `urf-supported`), as
    /// listed; empty where it does not say.
    pub raster_dpi: Vec<u32>,
    /// `printer-make-and-model`, for staff.
    pub model: String,
}

impl FormPrinterStatus {
    /// Whether the printer lists a format.
    #[must_use]
    pub fn accepts(&self, format: DocumentFormat) -> bool {
        self.formats
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(format.media_type()))
    }

    /// The best format that the kiosk can make and the printer takes.
    #[must_use]
    pub fn best_format(&self) -> Option<DocumentFormat> {
        DocumentFormat::ALL
            .into_iter()
            .find(|format| self.accepts(*format))
    }

    /// Dots an inch to draw a raster in: 300 where it may be, else what is listed next above, else the finest listed.
    #[must_use]
    pub fn raster_resolution(&self) -> u32 {
        const PREFERRED_DPI: u32 = 300;
        let above = self
            .raster_dpi
            .iter()
            .filter(|dpi| **dpi >= PREFERRED_DPI)
            .min();
        let finest = self.raster_dpi.iter().max();
        above.or(finest).copied().unwrap_or(PREFERRED_DPI)
    }

    /// The worst fault that stops pages, or `None`.
    #[must_use]
    pub fn trouble(&self) -> Option<Fault> {
        self.faults
            .iter()
            .copied()
            .find(|fault| !fault.still_prints())
    }
}

/// Why a form did not get to the printer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormPrinterError {
    /// No connection, or it broke, or the deadline passed.
    #[error("form printer unreachable: {0}")]
    Unreachable(String),
    /// The printer does not list this format.
    #[error("form printer does not take {0}")]
    UnsupportedFormat(&'static str),
    /// The printer refused; the text is IPP's status code.
    #[error("form printer refused: {0}")]
    Refused(String),
    /// The printer does not know this job.
    #[error("form printer does not know job {0}")]
    UnknownJob(i32),
    /// The answer lacks what IPP requires.
    #[error("form printer's answer lacks {0}")]
    Malformed(&'static str),
}
