//! `kiosk doctor --settings FILE`: every part, found or not, its state, version and last error.

use std::path::Path;
use std::process::ExitCode;

use devices::card::{CardReader, Presence};
use devices::receipt_printer::ReceiptPrinterError;
use guidance::Catalogue;
use jiff::Timestamp;
use kiosk::card_face::read_trust;
use kiosk::cloud::{Cloud, CloudError};
use kiosk::editions::{Content, Forms};
use kiosk::from_settings::{edition_store, fonts};
use kiosk::kiosk_health::KioskHealth;
use kiosk::outbox::{DiskQueue, Queue as _};
use kiosk::postal_codes::PostalCodes;
use kiosk::settings::Settings;
use serde_json::{Map, Value, json};
use ui::WordBook;

use super::hardware;
use super::outcome::{Failure, Outcome, print, print_json};

/// What was found out about one part.
struct Finding {
    found: bool,
    state: String,
    version: Option<String>,
    error: Option<String>,
}

impl Finding {
    fn good(state: impl Into<String>) -> Self {
        Self {
            found: true,
            state: state.into(),
            version: None,
            error: None,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at its callers")]
    fn bad(error: impl ToString) -> Self {
        Self {
            found: false,
            state: "missing".into(),
            version: None,
            error: Some(error.to_string()),
        }
    }

    fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    fn json(self) -> Value {
        json!({ "found": self.found, "state": self.state, "version": self.version, "last_error": self.error })
    }
}

pub(super) fn doctor(file: &Path, as_json: bool) -> Outcome {
    let settings = Settings::read(file).map_err(Failure::input)?;
    let outbox = outbox(&settings);
    let findings = [
        ("card_reader", card_reader(&settings)),
        ("card_face", card_face(&settings)),
        (
            "receipt_printer",
            receipt_printer(&settings, outbox.state == IN_USE),
        ),
        ("form_printer", form_printer(&settings)),
        (
            "indicator",
            found(hardware::indicator(&settings.indicator).map(|_| "ready")),
        ),
        (
            "status_display",
            found(hardware::status_display(&settings.status_display).map(|_| "ready")),
        ),
        ("outbox", outbox),
        ("cloud", cloud(&settings)),
        ("catalogue", edition::<Catalogue>(&settings)),
        ("forms", edition::<Forms>(&settings)),
        (
            "fonts",
            fonts(&settings).map_or_else(Finding::bad, |_| Finding::good("ready")),
        ),
        (
            "postal_codes",
            PostalCodes::open(&settings.kiosk.postal_codes)
                .and_then(|codes| codes.check())
                .map_or_else(Finding::bad, |_| Finding::good("ready")),
        ),
        (
            "words",
            WordBook::from_folder(&settings.kiosk.assets.join("words"))
                .map_or_else(Finding::bad, |_| Finding::good("ready")),
        ),
    ];
    let all_good = findings.iter().all(|(_, finding)| finding.error.is_none());
    let mut report = Map::new();
    report.insert(
        "program".into(),
        Finding::good("ready")
            .version(env!("CARGO_PKG_VERSION"))
            .json(),
    );
    report.extend(findings.map(|(part, finding)| (part.to_owned(), finding.json())));
    if as_json {
        print_json(&Value::Object(report))?;
    } else {
        print(plain(&report).as_bytes())?;
    }
    Ok(if all_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn found(part: Result<&str, Failure>) -> Finding {
    part.map_or_else(|failure| Finding::bad(failure.reason), Finding::good)
}

fn card_reader(settings: &Settings) -> Finding {
    let mut reader: Box<dyn CardReader> = match hardware::card(&settings.card) {
        Ok(make) => make(),
        Err(failure) => return Finding::bad(failure.reason),
    };
    match reader.presence() {
        Ok(Presence::NoReader) => Finding::bad("no reader is connected"),
        Ok(Presence::Empty) => Finding::good("empty").version(reader.name()),
        Ok(Presence::Card { .. }) => Finding::good("card").version(reader.name()),
        Ok(Presence::Mute) => Finding::good("mute card").version(reader.name()),
        Err(error) => Finding::bad(error),
    }
}

/// Without an authority every card is 未確認, which is a choice, not a fault.
fn card_face(settings: &Settings) -> Finding {
    match read_trust(settings.trust.card_face.as_deref()) {
        Ok(trust) => Finding::good(format!("{} trusted", trust.authorities())),
        Err(error) => Finding::bad(error),
    }
}

/// State of a part that the running kiosk has opened.
const IN_USE: &str = "in use";

/// These printers answer one program at a time: while the kiosk runs, no answer is what is expected.
fn receipt_printer(settings: &Settings, kiosk_runs: bool) -> Finding {
    let status = match hardware::receipt_printer(&settings.receipt_printer) {
        Ok(make) => make().status(),
        Err(failure) => return Finding::bad(failure.reason),
    };
    match status {
        Ok(status) => troubled(status.trouble().map(|trouble| format!("{trouble:?}"))),
        Err(ReceiptPrinterError::Timeout) if kiosk_runs => Finding::good(IN_USE),
        Err(error) => Finding::bad(error),
    }
}

fn form_printer(settings: &Settings) -> Finding {
    let status = match hardware::form_printer(&settings.form_printer) {
        Ok(make) => make().status(),
        Err(failure) => return Finding::bad(failure.reason),
    };
    match status {
        Ok(status) => {
            troubled(status.trouble().map(|fault| format!("{fault:?}"))).version(status.model)
        }
        Err(error) => Finding::bad(error),
    }
}

fn troubled(trouble: Option<String>) -> Finding {
    match trouble {
        Some(trouble) => Finding {
            error: Some(trouble),
            ..Finding::good("stopped")
        },
        None => Finding::good("ready"),
    }
}

/// While the kiosk runs, the outbox is locked: in use, which is good.
fn outbox(settings: &Settings) -> Finding {
    let folder = settings.kiosk.data.join("outbox");
    if !folder.exists() {
        return Finding::good("new");
    }
    match DiskQueue::open(&folder) {
        Ok(opened) => {
            let alarms: Vec<String> = opened.alarms.iter().map(ToString::to_string).collect();
            let error = (!alarms.is_empty()).then(|| alarms.join("; "));
            Finding {
                error,
                ..Finding::good(format!("{} waiting", opened.queue.len()))
            }
        }
        Err(error) if error.to_string().contains("could not acquire lock") => Finding::good(IN_USE),
        Err(error) => Finding::bad(error),
    }
}

fn cloud(settings: &Settings) -> Finding {
    let cloud = match Cloud::new(&settings.cloud, settings.kiosk.tenant.clone()) {
        Ok(cloud) => cloud,
        Err(error) => return Finding::bad(error),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return Finding::bad(error),
    };
    match runtime.block_on(cloud.heartbeat(&KioskHealth::default().heartbeat(Timestamp::now(), 0)))
    {
        Ok(_) => Finding::good("ready"),
        Err(error @ CloudError::Refused(_)) => Finding {
            error: Some(error.to_string()),
            ..Finding::good("refuses")
        },
        Err(error) => Finding::bad(error),
    }
}

fn edition<T: Content>(settings: &Settings) -> Finding {
    let store = match edition_store(settings) {
        Ok(store) => store,
        Err(error) => return Finding::bad(error),
    };
    match store.load::<T>() {
        Ok((edition, problem)) => {
            let state = if edition.etag.is_some() {
                "kept"
            } else {
                "shipped"
            };
            let error = problem.map(|problem| problem.to_string());
            Finding {
                error,
                ..Finding::good(state)
            }
            .version(edition.name)
        }
        Err(problem) => Finding::bad(problem),
    }
}

fn plain(report: &Map<String, Value>) -> String {
    let mut lines = String::new();
    for (part, finding) in report {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        lines += &format!(
            "{part:<16} {:<10} {} {}\n",
            text("state"),
            text("version"),
            text("last_error")
        );
    }
    lines
}
