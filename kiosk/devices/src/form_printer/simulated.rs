//! A page printer in memory, for tests and the demo in one process. Keeps every document.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
    PrinterState,
};

/// A printer in memory. Clones are the same machine: one drives it, another gives it trouble.
#[derive(Clone)]
pub struct SimulatedFormPrinter(Arc<Mutex<Machine>>);

struct Machine {
    on: bool,
    fault: Option<Fault>,
    formats: Vec<DocumentFormat>,
    jobs: Vec<Job>,
}

struct Job {
    document: Vec<u8>,
    name: String,
    state: JobState,
}

impl SimulatedFormPrinter {
    /// An idle printer that takes these formats.
    #[must_use]
    pub fn new(formats: &[DocumentFormat]) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            on: true,
            fault: None,
            formats: formats.to_vec(),
            jobs: Vec::new(),
        })))
    }

    /// Gives it trouble, or ends it; jobs that waited for the end are printed then.
    pub fn set_fault(&self, fault: Option<Fault>) {
        let mut machine = self.lock();
        machine.fault = fault;
        machine.work();
    }

    /// Switches it on or off; off loses jobs that are not printed.
    pub fn power(&self, on: bool) {
        let mut machine = self.lock();
        machine.on = on;
        for job in machine.jobs.iter_mut().filter(|job| !job.state.is_final()) {
            job.state = JobState::Aborted;
        }
    }

    /// Documents that came out, with their job names.
    #[must_use]
    pub fn printed(&self) -> Vec<(String, Vec<u8>)> {
        let machine = self.lock();
        let printed = machine
            .jobs
            .iter()
            .filter(|job| job.state == JobState::Completed);
        printed
            .map(|job| (job.name.clone(), job.document.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self) -> Result<MutexGuard<'_, Machine>, FormPrinterError> {
        let machine = self.lock();
        if machine.on {
            Ok(machine)
        } else {
            Err(FormPrinterError::Unreachable("switched off".to_owned()))
        }
    }
}

impl Machine {
    fn stuck(&self) -> bool {
        self.fault.is_some_and(|fault| !fault.still_prints())
    }

    fn work(&mut self) {
        if !self.stuck() {
            for job in self.jobs.iter_mut().filter(|job| !job.state.is_final()) {
                job.state = JobState::Completed;
            }
        }
    }

    fn job(&mut self, id: JobId) -> Result<&mut Job, FormPrinterError> {
        let at = usize::try_from(id.0).ok().and_then(|id| id.checked_sub(1));
        at.and_then(|at| self.jobs.get_mut(at))
            .ok_or(FormPrinterError::UnknownJob(id.0))
    }
}

impl FormPrinter for SimulatedFormPrinter {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        let machine = self.reach()?;
        let waiting = machine.jobs.iter().any(|job| !job.state.is_final());
        Ok(FormPrinterStatus {
            state: if waiting {
                PrinterState::Processing
            } else {
                PrinterState::Idle
            },
            accepting: true,
            faults: machine.fault.into_iter().collect(),
            formats: machine
                .formats
                .iter()
                .map(|format| format.media_type().to_owned())
                .collect(),
            raster_dpi: vec![300, 600],
            model: "Genkan simulated printer".to_owned(),
        })
    }

    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        job_name: &str,
    ) -> Result<JobId, FormPrinterError> {
        let mut machine = self.reach()?;
        if !machine.formats.contains(&format) {
            return Err(FormPrinterError::UnsupportedFormat(format.media_type()));
        }
        // Like a real printer during paper-out: the job merely stays in printing.
        machine.jobs.push(Job {
            document: document.to_vec(),
            name: job_name.to_owned(),
            state: JobState::Printing,
        });
        machine.work();
        i32::try_from(machine.jobs.len())
            .map(JobId)
            .map_err(|_| FormPrinterError::Refused("too many jobs".to_owned()))
    }

    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError> {
        self.reach()?.job(job).map(|job| job.state)
    }

    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError> {
        let mut machine = self.reach()?;
        let job = machine.job(job)?;
        if !job.state.is_final() {
            job.state = JobState::Canceled;
        }
        Ok(())
    }
}
