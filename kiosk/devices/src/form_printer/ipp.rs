//! A real printer through IPP Everywhere, without CUPS on the kiosk.

use std::io::Cursor;
use std::time::Duration;

use ::ipp::attribute::IppAttributes;
use ::ipp::client::blocking::IppClient;
use ::ipp::error::IppError;
use ::ipp::model::{DelimiterTag, StatusCode};
use ::ipp::operation::IppOperation;
use ::ipp::operation::builder::IppOperationBuilder;
use ::ipp::payload::IppPayload;
use ::ipp::prelude::Uri;
use ::ipp::value::IppValue;

use super::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
    PrinterState,
};

/// Who prints, as the printer's panel shows it: the kiosk, never a resident.
const USER: &str = "genkan";
const ATTRIBUTES: [&str; 7] = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "printer-make-and-model",
    "pwg-raster-document-resolution-supported",
    "urf-supported",
];

/// A printer at an `ipp://`, `http://` or, where built in, `ipps://` address.
pub struct IppPrinter {
    uri: Uri,
    deadline: Duration,
    formats: Option<Vec<String>>,
}

impl IppPrinter {
    /// A printer that is not contacted yet. `deadline` bounds each request.
    ///
    /// # Errors
    /// [`FormPrinterError::Unreachable`] when the address is no URI.
    pub fn new(uri: &str, deadline: Duration) -> Result<Self, FormPrinterError> {
        let uri: Uri = uri
            .parse()
            .map_err(|_| FormPrinterError::Unreachable(format!("not a URI: {uri}")))?;
        Ok(Self {
            uri,
            deadline,
            formats: None,
        })
    }

    fn ask(
        &self,
        operation: Result<impl IppOperation, impl std::fmt::Display>,
    ) -> Result<IppAttributes, FormPrinterError> {
        let operation = operation.map_err(|error| FormPrinterError::Refused(error.to_string()))?;
        let client = IppClient::builder(self.uri.clone())
            .request_timeout(self.deadline)
            .build();
        let response = client.send(operation).map_err(unreachable)?;
        match response.header().status_code() {
            status if status.is_success() => Ok(response.attributes().clone()),
            StatusCode::ClientErrorDocumentFormatNotSupported => {
                Err(FormPrinterError::UnsupportedFormat("this format"))
            }
            status => Err(FormPrinterError::Refused(status.to_string())),
        }
    }

    fn formats(&mut self) -> Result<&[String], FormPrinterError> {
        if self.formats.is_none() {
            self.formats = Some(self.status()?.formats);
        }
        Ok(self.formats.as_deref().unwrap_or_default())
    }
}

impl FormPrinter for IppPrinter {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        let operation = IppOperationBuilder::get_printer_attributes(self.uri.clone())
            .attributes(ATTRIBUTES)
            .build();
        let attributes = self.ask(operation)?;
        let value = |name: &'static str| {
            find(&attributes, DelimiterTag::PrinterAttributes, name)
                .ok_or(FormPrinterError::Malformed(name))
        };
        let state = match number(value("printer-state")?) {
            Some(3) => PrinterState::Idle,
            Some(4) => PrinterState::Processing,
            Some(5) => PrinterState::Stopped,
            _ => return Err(FormPrinterError::Malformed("printer-state")),
        };
        let mut faults: Vec<Fault> = words(value("printer-state-reasons")?)
            .iter()
            .filter_map(|word| Fault::from_keyword(word))
            .collect();
        faults.sort_unstable();
        faults.dedup();
        Ok(FormPrinterStatus {
            state,
            accepting: value("printer-is-accepting-jobs")?
                .as_boolean()
                .copied()
                .unwrap_or(false),
            faults,
            formats: words(value("document-format-supported")?),
            raster_dpi: raster_dpi(&attributes),
            model: value("printer-make-and-model")
                .map(|value| words(value).concat())
                .unwrap_or_default(),
        })
    }

    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        job_name: &str,
    ) -> Result<JobId, FormPrinterError> {
        if !self
            .formats()?
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(format.media_type()))
        {
            // Asked again next time: another printer may stand there by then.
            self.formats = None;
            return Err(FormPrinterError::UnsupportedFormat(format.media_type()));
        }
        let operation = IppOperationBuilder::print_job(
            self.uri.clone(),
            IppPayload::new(Cursor::new(document.to_vec())),
        )
        .user_name(USER)
        .job_title(job_name)
        .document_format(format.media_type())
        .build();
        let attributes = self.ask(operation)?;
        let id = find(&attributes, DelimiterTag::JobAttributes, "job-id").and_then(number);
        id.map(JobId).ok_or(FormPrinterError::Malformed("job-id"))
    }

    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError> {
        let operation = IppOperationBuilder::get_job_attributes(self.uri.clone(), job.0)
            .user_name(USER)
            .build();
        let attributes = known_job(self.ask(operation), job)?;
        let state = find(&attributes, DelimiterTag::JobAttributes, "job-state").and_then(number);
        match state {
            Some(3 | 4) => Ok(JobState::Waiting),
            Some(5) => Ok(JobState::Printing),
            Some(6) => Ok(JobState::Stopped),
            Some(7) => Ok(JobState::Canceled),
            Some(8) => Ok(JobState::Aborted),
            Some(9) => Ok(JobState::Completed),
            _ => Err(FormPrinterError::Malformed("job-state")),
        }
    }

    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError> {
        let operation = IppOperationBuilder::cancel_job(self.uri.clone(), job.0)
            .user_name(USER)
            .build();
        match known_job(self.ask(operation), job) {
            // A job that ended meanwhile cannot be cancelled and need not be.
            Err(FormPrinterError::Refused(_)) if self.job_state(job)?.is_final() => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

fn known_job(
    answer: Result<IppAttributes, FormPrinterError>,
    job: JobId,
) -> Result<IppAttributes, FormPrinterError> {
    let not_found = StatusCode::ClientErrorNotFound.to_string();
    match answer {
        Err(FormPrinterError::Refused(status)) if status == not_found => {
            Err(FormPrinterError::UnknownJob(job.0))
        }
        other => other,
    }
}

fn unreachable(error: IppError) -> FormPrinterError {
    match error {
        IppError::StatusError(status) => FormPrinterError::Refused(status.to_string()),
        other => FormPrinterError::Unreachable(other.to_string()),
    }
}

fn find<'a>(
    attributes: &'a IppAttributes,
    group: DelimiterTag,
    name: &str,
) -> Option<&'a IppValue> {
    attributes
        .groups_of(group)
        .find_map(|group| group.get(name))
        .map(|attribute| attribute.value())
}

fn number(value: &IppValue) -> Option<i32> {
    match value {
        IppValue::Enum(number) | IppValue::Integer(number) => Some(*number),
        _ => None,
    }
}

/// One keyword or a set of them, as text.
fn words(value: &IppValue) -> Vec<String> {
    each(value).into_iter().map(ToString::to_string).collect()
}

/// Square resolutions, in dots an inch, that rasters may have.
fn raster_dpi(attributes: &IppAttributes) -> Vec<u32> {
    let value = |name| find(attributes, DelimiterTag::PrinterAttributes, name);
    let pwg = value("pwg-raster-document-resolution-supported")
        .map(each)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|one| match one {
            IppValue::Resolution {
                cross_feed,
                feed,
                units: 3,
            } if cross_feed == feed => u32::try_from(*feed).ok(),
            _ => None,
        });
    // "RS300-600" among other words.
    let urf = value("urf-supported").map(words).unwrap_or_default();
    let urf: Vec<u32> = urf
        .iter()
        .filter_map(|word| word.strip_prefix("RS"))
        .flat_map(|list| list.split('-').filter_map(|dpi| dpi.parse().ok()))
        .collect();
    let pwg: Vec<u32> = pwg.collect();
    if pwg.is_empty() { urf } else { pwg }
}

fn each(value: &IppValue) -> Vec<&IppValue> {
    match value {
        IppValue::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}
