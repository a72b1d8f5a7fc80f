//! `make bench`: what Genkan takes, beside what others take for the same on the same machine in the same run.
//!
//! One line of JSON a figure on standard output; `figure.rs` says what each key means, `tests/README.md` what each figure
//! is. Standard error says which profile is measured and what could not be measured; then the exit code is 1. `--smoke`: one round
//! of each of our own figures, no peers; `make test` runs it with the profile `dev`. A name as argument: only that part.

mod chromium;
mod figure;
mod peers;
mod planning;
mod printing;
mod queue;
mod reader;
mod running;
mod screen;
mod service;
mod start;

// The service's folder, processes, database and people, as its own tests have them.
#[path = "../../../cloud-api/tests/cloud/certificates.rs"]
#[allow(clippy::unwrap_used)]
mod certificates;

#[path = "../../../cloud-api/tests/cloud/clerk.rs"]
#[allow(clippy::unwrap_used)]
mod clerk;

#[path = "../../../cloud-api/tests/cloud/house.rs"]
#[allow(clippy::unwrap_used, dead_code)]
mod house;

#[path = "../../../cloud-api/tests/cloud/postgres.rs"]
#[allow(clippy::unwrap_used, dead_code)]
mod postgres;

#[path = "../../../cloud-api/tests/cloud/secrets.rs"]
#[allow(clippy::unwrap_used)]
mod secrets;

#[path = "../../../kiosk/ui/tests/samples/mod.rs"]
mod samples;

#[path = "../../../shared/paper/tests/demo/mod.rs"]
mod papers;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use figure::{Figure, Times};
use peers::Peers;

/// A bench that cannot measure says why and goes on with the next part.
type Done<T> = Result<T, Box<dyn Error>>;

/// Measures one part.
type Measure = fn(&mut Bench) -> Done<Vec<Figure>>;

/// The parts, in the order in which they are measured.
const PARTS: &[(&str, Measure)] = &[
    ("start", start::measure),
    ("screen", screen::measure),
    ("guidance", planning::measure),
    ("paper", printing::measure),
    ("queue", queue::measure),
    ("card", reader::measure),
    ("search_sqlite", service::search::sqlite),
    ("search_postgresql", service::search::postgresql),
    ("accepting", service::accepting::measure),
    ("log_ins", service::log_ins::measure),
    ("outage", service::outage::measure),
    ("silent", service::silent::measure),
    ("replicas", service::replicas::measure),
];

/// What every part needs.
pub(crate) struct Bench {
    smoke: bool,
    peers: Option<Peers>,
}

impl Bench {
    /// How often something is measured; once in a smoke.
    fn rounds(&self, usual: usize) -> usize {
        if self.smoke { 1 } else { usual }
    }
}

/// Milliseconds of each of `rounds` repetitions, which get their number.
fn timed(rounds: usize, mut work: impl FnMut(usize) -> Done<()>) -> Done<Times> {
    let mut all = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let start = Instant::now();
        work(round)?;
        all.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Times::new(all))
}

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| one != "--bench")
        .collect();
    let done = match arguments.first().map(String::as_str) {
        Some(reader::AT_THE_READER) => reader::at_the_reader(&arguments[1..]).map(|()| true),
        _ => bench(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &[String]) -> Done<bool> {
    let smoke = arguments.iter().any(|one| one == "--smoke");
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|one| !one.starts_with("--"))
        .collect();
    report(&format!("measuring the profile {}", figure::profile()));
    let peers = if smoke { None } else { Some(Peers::start()?) };
    let mut bench = Bench { smoke, peers };
    let mut whole = true;
    for (name, measure) in PARTS {
        if !wanted.is_empty() && !wanted.iter().any(|one| one == name) {
            continue;
        }
        let printed = measure(&mut bench).and_then(|figures| print(&figures));
        if let Err(error) = printed {
            report(&*format!("{name}: {error}"));
            whole = false;
        }
    }
    Ok(whole)
}

fn print(figures: &[Figure]) -> Done<()> {
    let mut out = std::io::stdout().lock();
    for figure in figures {
        writeln!(out, "{}", figure.line()?)?;
    }
    Ok(())
}

/// To standard error; standard output is for figures alone.
fn report(text: &(impl std::fmt::Display + ?Sized)) {
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}
