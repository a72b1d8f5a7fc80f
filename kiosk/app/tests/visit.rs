//! One whole visit without a window: the real loop, session, outbox, catalogue, forms and paper; simulated printers, and a
//! cloud on loopback. The application arrives sealed, the papers come out, and everything is forgotten.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod stand_in;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use application::Source;
use devices::card::simulated::{SimulatedReader, Slot};
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{DocumentFormat, Fault};
use devices::indicator::simulated::SimulatedIndicator;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::status_display::simulated::SimulatedDisplay;
use kiosk::running::{Hardware, Running};
use kiosk::settings::Settings;
use session::effect::Event;
use session::screen::{Body, Choice, Pad, Screen};
use session::text::Text;
use session::touch::{Key, Touch};
use stand_in::StandIn;

/// Longest wait for a screen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(120);

struct Hall {
    folder: tempfile::TempDir,
    town: StandIn,
    receipts: VirtualPrinter,
    forms: SimulatedFormPrinter,
    /// Keeps the stand-in's tasks alive.
    _runtime: tokio::runtime::Runtime,
}

impl Hall {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let town = runtime.block_on(StandIn::start(folder.path()));
        town.write_edition_key(folder.path());
        std::fs::write(
            folder.path().join("postal.tsv"),
            "1000001\t東京都\t千代田区\t千代田\tトウキョウト\n",
        )
        .unwrap();
        Self {
            folder,
            town,
            receipts: VirtualPrinter::new(None),
            forms: SimulatedFormPrinter::new(&[DocumentFormat::Pdf]),
            _runtime: runtime,
        }
    }

    fn settings(&self) -> Settings {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        let text = format!(
            "[kiosk]\nid = \"lobby-1\"\nnumber = 7\ntenant = \"990019\"\ntown = {{ ja = \"みほん市\" }}\n\
             data = \"data\"\nassets = {:?}\npostal_codes = \"postal.tsv\"\nplace = \"本庁舎1階\"\n[visit]\nunseen_ms = 0\n{}\
             [card.simulated]\n[receipt_printer.simulated]\n[form_printer.simulated]\n[indicator.simulated]\n\
             [status_display.simulated]\n[screen.window]\n",
            assets.canonicalize().unwrap(),
            self.town.settings(),
        );
        Settings::parse(&text, &self.folder.path().join("kiosk.toml"))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn open(&self) -> Resident {
        let (receipts, forms, slot) = (self.receipts.clone(), self.forms.clone(), Slot::new());
        let hardware = Hardware {
            card: Arc::new(move || {
                Box::new(SimulatedReader::new(slot.clone(), Duration::from_secs(1)))
            }),
            receipt_printer: Arc::new(move || {
                Box::new(SimulatedReceiptPrinter::new(receipts.clone()))
            }),
            form_printer: Arc::new(move || Box::new(forms.clone())),
            indicator: Box::new(SimulatedIndicator::new()),
            status_display: Box::new(SimulatedDisplay::new(None)),
        };
        let (sender, screens) = channel();
        let show = Box::new(move |screen| drop(sender.send(screen)));
        let running = Running::start(&self.settings(), hardware, show)
            .unwrap_or_else(|error| panic!("{error}"));
        let screen = screens.recv_timeout(PATIENCE).unwrap();
        Resident {
            running,
            screens,
            screen,
        }
    }

    fn outbox(&self) -> PathBuf {
        self.folder.path().join("data/outbox")
    }
}

/// Somebody before the kiosk: looks at a screen, touches, waits for the next one.
struct Resident {
    running: Running,
    screens: Receiver<Screen>,
    screen: Screen,
}

impl Resident {
    fn touch(&mut self, touch: Touch) {
        self.running.tell.event(Event::Touch(touch));
    }

    fn next_screen(&mut self) {
        self.screen = self
            .screens
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("stuck at {}", self.title()));
    }

    fn offers(&self, id: &str) -> bool {
        choices(&self.screen.body)
            .iter()
            .any(|choice| choice.id == id)
    }

    fn choose(&mut self, id: &str) {
        self.touch(Touch::Choose(id.to_owned()));
        self.next_screen();
    }

    fn go_on(&mut self) {
        self.touch(Touch::Next);
        self.next_screen();
    }

    fn ready(&self) -> bool {
        matches!(self.screen.frame.next, Some((_, true)))
    }

    fn title(&self) -> String {
        match title(&self.screen.body) {
            Some(Text::Key(key, _)) => (*key).to_owned(),
            Some(Text::Words(words)) => words.get("ja").to_owned(),
            _ => String::new(),
        }
    }

    /// Plays until the title is reached.
    fn until(&mut self, wanted: &str) {
        for _ in 0..2_000 {
            if self.title() == wanted {
                return;
            }
            self.act();
        }
        panic!("{wanted} was not reached; at {}", self.title());
    }

    /// Says the plainest thing that this screen takes.
    fn act(&mut self) {
        let first = [
            "count:0", "no", "self", "without", "unknown", "later", "paper",
        ];
        match &self.screen.body {
            Body::Welcome { .. } => {
                self.touch(Touch::Begin);
                self.next_screen();
            }
            Body::Working { .. } => self.next_screen(),
            Body::Entry {
                pad: Pad::Date(pad),
                ..
            } => {
                let era = pad.eras.iter().any(|era| era.chosen);
                if let Some(id) = ["day:today", "unknown"]
                    .into_iter()
                    .find(|id| self.offers(id))
                {
                    self.choose(id);
                } else if self.ready() {
                    self.go_on();
                } else if era {
                    for digit in "50615".chars() {
                        self.touch(Touch::Key(Key::Char(digit)));
                        self.next_screen();
                    }
                } else {
                    self.choose("era:showa");
                }
            }
            Body::Choices { many: true, .. } | Body::Review { .. } | Body::Plan { .. }
                if self.ready() =>
            {
                self.go_on()
            }
            Body::Tiles { .. } if self.offers("event:move_within") => {
                self.choose("event:move_within")
            }
            Body::Tiles { .. } if self.offers("more") => self.choose("more"),
            body => {
                let plain = first
                    .into_iter()
                    .find(|id| self.offers(id))
                    .map(str::to_owned);
                match plain.or_else(|| choices(body).first().map(|choice| choice.id.clone())) {
                    Some(id) => self.choose(&id),
                    None if self.ready() => self.go_on(),
                    None => self.next_screen(),
                }
            }
        }
    }
}

fn choices(body: &Body) -> &[Choice] {
    match body {
        Body::Tiles { tiles, extra, .. } => {
            if tiles.iter().any(|tile| tile.id == "event:move_within") {
                tiles
            } else {
                extra
            }
        }
        Body::Choices { choices, .. }
        | Body::CardPlace { choices, .. }
        | Body::PinPad { choices, .. }
        | Body::Notice { choices, .. }
        | Body::Entry { choices, .. }
        | Body::Sign { choices, .. }
        | Body::Done { choices, .. } => choices,
        _ => &[],
    }
}

fn title(body: &Body) -> Option<&Text> {
    match body {
        Body::Tiles { title, .. }
        | Body::Choices { title, .. }
        | Body::CardPlace { title, .. }
        | Body::Working { title, .. }
        | Body::Notice { title, .. }
        | Body::Plan { title, .. }
        | Body::Entry { title, .. }
        | Body::Review { title, .. }
        | Body::Preview { title, .. }
        | Body::Sign { title, .. }
        | Body::Done { title, .. }
        | Body::Leave { title, .. } => Some(title),
        _ => None,
    }
}

#[test]
fn an_application_is_sealed_stored_printed_and_delivered() {
    let hall = Hall::new();
    let mut resident = hall.open();
    resident.until("done.title");
    let Body::Done { reception, .. } = &resident.screen.body else {
        panic!("not done")
    };
    assert!(
        application::parse_reception(reception).is_ok(),
        "{reception}"
    );
    assert!(
        reception.starts_with("07-"),
        "the kiosk's number is its head: {reception}"
    );

    let printed = hall.forms.printed();
    assert!(!printed.is_empty());
    for (name, document) in &printed {
        assert_eq!(
            name, reception,
            "staff see the reception number on the printer, no person"
        );
        assert!(document.starts_with(b"%PDF-"));
    }
    assert_eq!(hall.receipts.receipts().len(), 1);

    let desk = wait_for_delivery(&hall);
    let opened = desk
        .open(&hall.town.key)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.reception.as_ref(), Some(reception));
    assert_eq!(
        (opened.event.as_str(), opened.forms.len()),
        ("move_within", printed.len())
    );
    assert!(
        opened
            .values
            .iter()
            .all(|(_, value)| value.source != Source::Card)
    );
}

fn wait_for_delivery(hall: &Hall) -> kiosk_api::SealedApplication {
    hall._runtime.block_on(async {
        loop {
            let came = hall.town.came.notified();
            if let Some(sealed) = hall.town.desk().applications.values().next() {
                return sealed.clone();
            }
            tokio::time::timeout(PATIENCE, came)
                .await
                .expect("nothing was delivered");
        }
    })
}

#[test]
fn a_printer_without_paper_keeps_the_application_and_goes_on_after_help() {
    let hall = Hall::new();
    hall.forms.set_fault(Some(Fault::PaperOut));
    let mut resident = hall.open();
    resident.until("paper.out.title");
    assert!(hall.forms.printed().is_empty());
    wait_for_delivery(&hall);
    hall.forms.set_fault(None);
    assert!(
        hall.forms.printed().is_empty(),
        "the job was withdrawn: nothing comes out for somebody else"
    );
    resident.choose("retry");
    resident.until("done.title");
    assert!(!hall.forms.printed().is_empty());
}

#[test]
fn with_the_cloud_away_everything_waits_sealed() {
    let hall = Hall::new();
    hall.town.desk().refuse = Some(kiosk_api::ProblemCode::Busy);
    let mut resident = hall.open();
    resident.until("done.title");
    let Body::Done { reception, .. } = resident.screen.body.clone() else {
        panic!("not done")
    };
    drop(resident);
    let opened = kiosk::outbox::on_disk::DiskQueue::open(&hall.outbox())
        .unwrap_or_else(|error| panic!("{error}"));
    let record = kiosk::outbox::Queue::peek(&opened.queue)
        .unwrap()
        .expect("it waits");
    let text = String::from_utf8(record.sealed.clone()).unwrap();
    assert!(
        !text.contains(&reception) && !text.contains("move_within"),
        "nothing of it can be read"
    );
    let sealed: kiosk_api::SealedApplication = serde_json::from_slice(&record.sealed).unwrap();
    assert_eq!(
        sealed
            .open(&hall.town.key)
            .unwrap_or_else(|error| panic!("{error}"))
            .reception,
        Some(reception)
    );
}
