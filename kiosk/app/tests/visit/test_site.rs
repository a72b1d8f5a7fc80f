//! A kiosk: a kiosk's settings and simulated parts, and the town hall behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use devices::card::simulated::{Card, CardProfile, SimulatedReader, Slot};
use devices::form_printer::DocumentFormat;
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::indicator::simulated::SimulatedIndicator;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::status_display::simulated::SimulatedDisplay;
use kiosk::hardware::Hardware;
use kiosk::running_kiosk::RunningKiosk;
use kiosk::settings::Settings;

use crate::PATIENCE;
use crate::fake_cloud::{FakeCloud, FakeCloudState};
use crate::resident::Resident;
use crate::test_card::TestCard;

pub(crate) struct TestSite {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) town: FakeCloud,
    pub(crate) receipts: VirtualPrinter,
    pub(crate) forms: SimulatedFormPrinter,
    pub(crate) slot: Slot,
    pub(crate) card: TestCard,
    /// Keeps the fake cloud's tasks alive.
    runtime: tokio::runtime::Runtime,
}

impl TestSite {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let town = runtime.block_on(FakeCloud::start(folder.path()));
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
            runtime,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        let text = format!(
            "[kiosk]\nid = \"lobby-1\"\nnumber = 7\ntenant = \"990019\"\ntown = {{ ja = \"みほん市\" }}\n\
             data = \"data\"\nassets = {:?}\npostal_codes = \"postal.tsv\"\nplace = \"本庁舎1階\"\n\
             [visit]\nunseen_ms = 0\n{}heartbeat_seconds = 1\n{}[trust]\ncard_face = {:?}\n\
             [card.simulated]\n[receipt_printer.simulated]\n[form_printer.simulated]\n[indicator.simulated]\n\
             [status_display.simulated]\n[screen.window]\n",
            assets.canonicalize().unwrap(),
            self.town.settings(),
            self.staff_settings(),
            self.card.write_trust(self.folder.path()),
        );
        Settings::parse(&text, &self.folder.path().join("kiosk.toml"))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn staff_settings(&self) -> &'static str {
        if self.folder.path().join("staff-number").exists() {
            "[staff]\nnumber = \"staff-number\"\n"
        } else {
            ""
        }
    }

    /// Gives the kiosk a number for staff, by its line.
    pub(crate) fn write_staff_number(&self, line: &str) {
        std::fs::write(self.folder.path().join("staff-number"), line).unwrap();
    }

    /// The kiosk ends, and its disk is what it was before anything could be put in order.
    pub(crate) fn power_cut(&self, resident: Resident) {
        let (data, cut) = (
            self.folder.path().join("data"),
            self.folder.path().join("cut"),
        );
        copy(&data, &cut);
        drop(resident);
        std::fs::remove_dir_all(&data).unwrap();
        std::fs::rename(&cut, &data).unwrap();
    }

    pub(crate) fn hardware(&self) -> Hardware {
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
    pub(crate) fn lay_card(&self, changes: serde_json::Value) {
        let profile = CardProfile::from_json(&self.card.profile(changes)).unwrap();
        self.slot.insert(Card::new(&profile).unwrap());
    }

    pub(crate) fn open(&self) -> Resident {
        self.open_with(self.hardware())
    }

    pub(crate) fn open_with(&self, hardware: Hardware) -> Resident {
        let (sender, screens) = channel();
        let show = Box::new(move |screen| drop(sender.send(screen)));
        let running = RunningKiosk::start(&self.settings(), hardware, show)
            .unwrap_or_else(|error| panic!("{error}"));
        Resident::new(running, screens, self.slot.insertion().is_some())
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.folder.path().join("data/outbox")
    }

    /// The first application at the town hall, as it was sealed.
    pub(crate) fn wait_for_delivery(&self) -> kiosk_api::SealedApplication {
        self.wait_for(|state| !state.applications.is_empty());
        let state = self.town.state();
        state.applications.values().next().unwrap().clone()
    }

    /// Until the town hall's state is as expected.
    pub(crate) fn wait_for(&self, expected: impl Fn(&FakeCloudState) -> bool) {
        self.runtime.block_on(async {
            loop {
                let came = self.town.came.notified();
                if expected(&self.town.state()) {
                    return;
                }
                tokio::time::timeout(PATIENCE, came)
                    .await
                    .expect("it never came");
            }
        });
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &name);
        } else {
            std::fs::copy(entry.path(), name).unwrap();
        }
    }
}
