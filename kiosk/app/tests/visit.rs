//! One whole visit without a window: the real loop, session, outbox, catalogue, forms and paper; simulated printers, and a
//! cloud on loopback. The application arrives sealed, the papers come out, and everything is forgotten.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod stand_in;
mod test_card;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use application::Source;
use devices::card::simulated::{Card, CardProfile, SimulatedReader, Slot};
use devices::card::{CardChannel, CardError, CardReader, Presence, ReaderMemory};
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use devices::indicator::simulated::SimulatedIndicator;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::status_display::simulated::SimulatedDisplay;
use kiosk::running::{Hardware, Running};
use kiosk::settings::Settings;
use session::effect::Event;
use session::screen::{Body, Choice, Pad, Screen};
use session::text::Text;
use session::touch::{Key, SecretDigit, Touch};
use stand_in::StandIn;
use test_card::TestCard;

/// Longest wait for a screen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(120);

struct Hall {
    folder: tempfile::TempDir,
    town: StandIn,
    receipts: VirtualPrinter,
    forms: SimulatedFormPrinter,
    slot: Slot,
    card: TestCard,
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
            slot: Slot::new(),
            card: TestCard::new(),
            _runtime: runtime,
        }
    }

    fn settings(&self) -> Settings {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        let text = format!(
            "[kiosk]\nid = \"lobby-1\"\nnumber = 7\ntenant = \"990019\"\ntown = {{ ja = \"みほん市\" }}\n\
             data = \"data\"\nassets = {:?}\npostal_codes = \"postal.tsv\"\nplace = \"本庁舎1階\"\n\
             [visit]\nunseen_ms = 0\n{}[trust]\ncard_face = {:?}\n\
             [card.simulated]\n[receipt_printer.simulated]\n[form_printer.simulated]\n[indicator.simulated]\n\
             [status_display.simulated]\n[screen.window]\n",
            assets.canonicalize().unwrap(),
            self.town.settings(),
            self.card.write_trust(self.folder.path()),
        );
        Settings::parse(&text, &self.folder.path().join("kiosk.toml"))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn hardware(&self) -> Hardware {
        let (receipts, forms, slot) =
            (self.receipts.clone(), self.forms.clone(), self.slot.clone());
        Hardware {
            card: Arc::new(move || {
                Box::new(SimulatedReader::new(slot.clone(), Duration::from_secs(1)))
            }),
            receipt_printer: Arc::new(move || {
                Box::new(SimulatedReceiptPrinter::new(receipts.clone()))
            }),
            form_printer: Arc::new(move || Box::new(forms.clone())),
            indicator: Box::new(SimulatedIndicator::new()),
            status_display: Box::new(SimulatedDisplay::new(None)),
        }
    }

    /// A card with this profile on the reader.
    fn lay_card(&self, changes: serde_json::Value) {
        let profile = CardProfile::from_json(&self.card.profile(changes)).unwrap();
        self.slot.insert(Card::new(&profile).unwrap());
    }

    fn open(&self) -> Resident {
        self.open_with(self.hardware())
    }

    fn open_with(&self, hardware: Hardware) -> Resident {
        let (sender, screens) = channel();
        let show = Box::new(move |screen| drop(sender.send(screen)));
        let running = Running::start(&self.settings(), hardware, show)
            .unwrap_or_else(|error| panic!("{error}"));
        let screen = screens.recv_timeout(PATIENCE).unwrap();
        Resident {
            running,
            screens,
            screen,
            with_card: self.slot.insertion().is_some(),
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
    with_card: bool,
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

    /// Says the plainest thing that this screen takes; with a card on the reader, uses it.
    fn act(&mut self) {
        let first = [
            if self.with_card { "use" } else { "" },
            "count:0",
            "no",
            "self",
            "without",
            "unknown",
            "later",
            "paper",
        ];
        match &self.screen.body {
            Body::Welcome { .. } => {
                self.touch(Touch::Begin);
                self.next_screen();
            }
            Body::Working { .. } => self.next_screen(),
            Body::PinPad { .. } => {
                for digit in [1, 2, 3, 4] {
                    self.touch(Touch::Pin(SecretDigit(digit)));
                    self.next_screen();
                }
                self.go_on();
            }
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

#[test]
fn a_printer_without_pdf_gets_rasters_of_the_same_pages() {
    for (format, begins) in [
        (DocumentFormat::PwgRaster, &b"RaS2PwgRaster"[..]),
        (DocumentFormat::Urf, &b"UNIRAST\0"[..]),
    ] {
        let mut hall = Hall::new();
        hall.forms = SimulatedFormPrinter::new(&[format]);
        hall.open().until("done.title");
        let printed = hall.forms.printed();
        assert!(!printed.is_empty());
        for (_, document) in printed {
            assert!(document.starts_with(begins), "{format:?}");
            assert!(document.len() > 20_000, "{format:?}: there is ink on it");
        }
    }
}

#[test]
fn a_printer_that_takes_no_format_of_ours_leads_to_staff_and_nothing_is_lost() {
    let mut hall = Hall::new();
    hall.forms = SimulatedFormPrinter::new(&[]);
    let mut resident = hall.open();
    resident.until("paper.format.title");
    wait_for_delivery(&hall);
    wait_for(&hall, |desk| {
        desk.calls
            .iter()
            .any(|call| call.reason == kiosk_api::StaffCallReason::Printer)
    });
    while resident.title() == "paper.format.title" {
        resident.choose("skip");
        while matches!(resident.screen.body, Body::Working { .. }) {
            resident.next_screen();
        }
    }
    resident.until("done.title");
    assert_eq!(hall.receipts.receipts().len(), 1, "the receipt came out");
}

fn wait_for(hall: &Hall, wanted: impl Fn(&stand_in::Desk) -> bool) {
    hall._runtime.block_on(async {
        loop {
            let came = hall.town.came.notified();
            if wanted(&hall.town.desk()) {
                return;
            }
            tokio::time::timeout(PATIENCE, came)
                .await
                .expect("it never came");
        }
    });
}

/// A driver that breaks at its first document.
struct Breaking(SimulatedFormPrinter, Arc<AtomicBool>);

impl FormPrinter for Breaking {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        self.0.status()
    }

    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        name: &str,
    ) -> Result<JobId, FormPrinterError> {
        assert!(self.1.swap(true, Ordering::Relaxed), "broken on purpose");
        self.0.print_document(document, format, name)
    }

    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError> {
        self.0.job_state(job)
    }

    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError> {
        self.0.cancel(job)
    }
}

#[test]
fn a_driver_that_panics_costs_one_attempt_and_no_application() {
    let hall = Hall::new();
    let (forms, broke) = (hall.forms.clone(), Arc::new(AtomicBool::new(false)));
    let mut hardware = hall.hardware();
    hardware.form_printer = Arc::new(move || Box::new(Breaking(forms.clone(), Arc::clone(&broke))));
    let mut resident = hall.open_with(hardware);
    resident.until("paper.fault.title");
    wait_for_delivery(&hall);
    resident.choose("retry");
    resident.until("done.title");
    assert!(!hall.forms.printed().is_empty());
}

/// A reader whose driver breaks when it is asked to connect.
struct BreakingReader(SimulatedReader);

impl CardReader for BreakingReader {
    fn name(&self) -> String {
        self.0.name()
    }

    fn presence(&mut self) -> Result<Presence, CardError> {
        self.0.presence()
    }

    fn wait_for_change(
        &mut self,
        seen: Presence,
        timeout: Duration,
    ) -> Result<Presence, CardError> {
        self.0.wait_for_change(seen, timeout)
    }

    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError> {
        panic!("broken on purpose")
    }

    fn memory(&self) -> ReaderMemory {
        self.0.memory()
    }
}

#[test]
fn a_reader_that_panics_is_a_page_and_the_visit_goes_on_without_a_card() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({}));
    let slot = hall.slot.clone();
    let mut hardware = hall.hardware();
    hardware.card = Arc::new(move || {
        Box::new(BreakingReader(SimulatedReader::new(
            slot.clone(),
            Duration::from_secs(1),
        )))
    });
    let mut resident = hall.open_with(hardware);
    resident.until("card.reader.title");
    resident.until("done.title");
    wait_for_delivery(&hall);
}

#[test]
fn a_card_is_verified_and_what_it_says_is_in_the_application() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({}));
    let mut resident = hall.open();
    resident.until("done.title");
    assert_eq!(hall.town.desk().proofs.len(), 1, "a login was made");
    let opened = wait_for_delivery(&hall).open(&hall.town.key).ok().unwrap();
    assert!(
        opened
            .values
            .iter()
            .any(|(_, value)| value.source == Source::Card && value.text.contains("玄関"))
    );
}

#[test]
fn a_copied_card_is_refused_and_one_of_an_unknown_authority_is_for_staff() {
    let hall = Hall::new();
    hall.lay_card(serde_json::json!({"issuer": {"forgery": "copy"}}));
    let mut resident = hall.open();
    resident.until("card.forged.title");
    drop(resident);
    let stranger: serde_json::Value =
        serde_json::from_str(&TestCard::new().profile(serde_json::json!({}))).unwrap();
    hall.lay_card(serde_json::json!({ "issuer": stranger["issuer"] }));
    let mut resident = hall.open();
    resident.until("household.unverified.title");
    resident.until("done.title");
    assert!(
        hall.town.desk().proofs.is_empty(),
        "no household was asked for"
    );
    let opened = wait_for_delivery(&hall).open(&hall.town.key).ok().unwrap();
    assert_eq!(opened.card, application::CardCheck::Unverified);
    assert!(
        opened
            .notes
            .iter()
            .any(|note| note.kind == application::StaffNoteKind::CardUnverified)
    );
}

#[test]
fn the_cloud_cut_at_any_stage_changes_no_ending() {
    // Screens until the cut: welcome, card, household, questions, forms, and never back before the end.
    for (cut_after, nonsense) in [(0, false), (4, true), (7, false), (9, true), (14, false)] {
        let hall = Hall::new();
        hall.lay_card(serde_json::json!({}));
        let mut resident = hall.open();
        for _ in 0..cut_after {
            resident.act();
        }
        {
            let mut desk = hall.town.desk();
            desk.nonsense = nonsense;
            desk.refuse = (!nonsense).then_some(kiosk_api::ProblemCode::Busy);
        }
        resident.until("done.title");
        let Body::Done { reception, .. } = resident.screen.body.clone() else {
            panic!("not done")
        };
        assert!(hall.town.desk().applications.is_empty());
        {
            let mut desk = hall.town.desk();
            (desk.nonsense, desk.refuse) = (false, None);
        }
        let opened = wait_for_delivery(&hall).open(&hall.town.key).ok().unwrap();
        assert_eq!(opened.reception, Some(reception), "cut after {cut_after}");
    }
}
