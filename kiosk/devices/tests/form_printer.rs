//! The form-printer contract: in memory, and on Debian's ippeveprinter in a namespace of its own.
//! The second needs the packages cups-ipp-utils, avahi-daemon and dbus, and root or unprivileged user namespaces.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use devices::form_printer::ipp::IppPrinter;
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, JobId, JobState, PrinterState,
};

const PATIENCE: Duration = Duration::from_secs(20);
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// `paper(false)` takes the paper away from the next job, `paper(true)` puts it back.
fn play_all(printer: &mut dyn FormPrinter, paper: &dyn Fn(bool), takes_raster: bool) {
    let status = printer.status().unwrap();
    assert_eq!(
        (status.state, status.accepting, status.trouble()),
        (PrinterState::Idle, true, None)
    );
    assert!(status.accepts(DocumentFormat::Pdf) && !status.model.is_empty());
    let job = printer
        .print_document(PDF, DocumentFormat::Pdf, "form 1")
        .unwrap();
    wait(printer, job, JobState::Completed);

    paper(false);
    let stuck = printer
        .print_document(PDF, DocumentFormat::Pdf, "form 2")
        .unwrap();
    let end = Instant::now() + PATIENCE;
    while printer.status().unwrap().trouble() != Some(Fault::PaperOut) {
        assert!(Instant::now() < end, "paper-out was never reported");
        std::thread::yield_now();
    }
    assert_eq!(
        printer.job_state(stuck).unwrap(),
        JobState::Printing,
        "the job itself reports nothing"
    );
    paper(true);
    wait(printer, stuck, JobState::Completed);
    let end = Instant::now() + PATIENCE;
    while printer.status().unwrap().trouble().is_some() {
        assert!(Instant::now() < end, "paper-out never ended");
        std::thread::yield_now();
    }
    printer.cancel(stuck).unwrap();
    assert_eq!(
        printer.job_state(stuck).unwrap(),
        JobState::Completed,
        "what is printed stays printed"
    );
    assert_eq!(
        printer.job_state(JobId(4711)),
        Err(FormPrinterError::UnknownJob(4711))
    );
    let raster = printer.print_document(b"RaS2", DocumentFormat::PwgRaster, "raster");
    assert_eq!(raster.is_ok(), takes_raster);
    if let Ok(job) = raster {
        wait(printer, job, JobState::Completed);
    }
    let end = Instant::now() + PATIENCE;
    while printer.status().unwrap().state != PrinterState::Idle {
        assert!(Instant::now() < end, "never idle again");
        std::thread::yield_now();
    }
}

fn wait(printer: &mut dyn FormPrinter, job: JobId, expected: JobState) {
    let end = Instant::now() + PATIENCE;
    loop {
        let state = printer.job_state(job).unwrap();
        if state.is_final() {
            assert_eq!(state, expected);
            return;
        }
        assert!(Instant::now() < end, "job stays {state:?}");
        std::thread::yield_now();
    }
}

#[test]
fn the_simulated_printer_keeps_the_contract() {
    let machine = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
    let hand = machine.clone();
    let paper = move |there: bool| hand.set_fault((!there).then_some(Fault::PaperOut));
    play_all(&mut machine.clone(), &paper, false);
    assert_eq!(machine.printed().len(), 2);
    assert_eq!(machine.printed()[0].1, PDF);
    machine.power(false);
    assert!(matches!(
        machine.clone().status(),
        Err(FormPrinterError::Unreachable(_))
    ));
}

#[test]
fn the_real_client_keeps_the_contract_on_ippeveprinter() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _namespace = Namespace::start(folder.path(), port);
    let reason = folder.path().join("reason");
    let paper = |there: bool| match there {
        true => std::fs::remove_file(&reason).unwrap(),
        false => std::fs::write(&reason, "media-empty-error").unwrap(),
    };
    for scheme in ["http", "ipp"] {
        let uri = format!("{scheme}://127.0.0.1:{port}/ipp/print");
        let mut printer = IppPrinter::new(&uri, Duration::from_secs(5)).unwrap();
        play_all(&mut printer, &paper, true);
    }
    let kept = std::fs::read_dir(folder.path().join("printed"))
        .unwrap()
        .flatten();
    let documents: Vec<Vec<u8>> = kept
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    assert!(
        documents.iter().filter(|document| *document == PDF).count() >= 4,
        "byte for byte"
    );
}

#[test]
fn nobody_at_the_address_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut printer = IppPrinter::new(
        &format!("http://127.0.0.1:{port}/ipp/print"),
        Duration::from_secs(1),
    )
    .unwrap();
    assert!(matches!(
        printer.status(),
        Err(FormPrinterError::Unreachable(_))
    ));
    assert!(IppPrinter::new("not a uri", Duration::from_secs(1)).is_err());
}

/// The script's process; ended whatever happens to the test.
struct Namespace(Child);

impl Namespace {
    fn start(folder: &Path, port: u16) -> Self {
        let mut child = Command::new("sh")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/scripts/with-ippeveprinter.sh"
            ))
            .arg(folder)
            .arg(port.to_string())
            .arg(env!("CARGO_BIN_EXE_namespace-door"))
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let namespace = Self(child);
        assert_eq!(
            line, "ready\n",
            "are cups-ipp-utils, avahi-daemon and dbus installed?"
        );
        namespace
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
