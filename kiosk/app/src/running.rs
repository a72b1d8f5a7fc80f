//! A kiosk put together: parts, loop, watchers and the tasks that talk to the cloud.

use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use devices::card::CardReader;
use devices::form_printer::FormPrinter;
use devices::indicator::Indicator;
use devices::receipt_printer::ReceiptPrinter;
use devices::status_display::StatusDisplay;
use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::EventKind;
use paper::FontSet;
use session::screen::Screen;
use session::touch::Language;
use session::{Policy, Town};
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::card_face::{CardFaceError, read_trust};
use crate::cloud::delivery::Delivery;
use crate::cloud::upkeep::{SealingKeyInUse, Upkeep};
use crate::cloud::{Cloud, TrustError};
use crate::editions::{
    Edition, EditionProblem, Forms, KeyError, Shelf, TownRules, TrustedKeys, read_sealing_key,
};
use crate::effects::card::{Audience, CardDesk};
use crate::effects::store::StoreDesk;
use crate::effects::{Designs, Drawing, Effects, HUNG, Parts};
use crate::lobby::{Happening, Lobby, Tell};
use crate::outbox::on_disk::DiskQueue;
use crate::outbox::{Queue, QueueError};
use crate::postal::PostalCodes;
use crate::reception::{Counter, ReceptionError};
use crate::settings::Settings;
use crate::vitals::Vitals;
use crate::watch::{self, Stop};
use crate::worker::Worker;

/// Makes a part, each time anew: after a panic or a hang the next job gets a fresh one.
pub type Make<T> = Arc<dyn Fn() -> Box<T> + Send + Sync>;

/// The parts around the screen, real or simulated; whoever starts a kiosk chooses.
pub struct Hardware {
    /// The card reader; made twice, once to work and once to watch.
    pub card: Make<dyn CardReader>,
    /// The receipt printer.
    pub receipt_printer: Make<dyn ReceiptPrinter>,
    /// The A4 printer.
    pub form_printer: Make<dyn FormPrinter>,
    /// Light ring and sensors.
    pub indicator: Box<dyn Indicator>,
    /// The display inside the case.
    pub status_display: Box<dyn StatusDisplay>,
}

/// Why a kiosk does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Certificates and keys for the cloud.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Authorities of the card face.
    #[error(transparent)]
    CardFace(#[from] CardFaceError),
    /// Keys for editions and sealing.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Neither a kept nor a shipped edition is good.
    #[error(transparent)]
    Edition(#[from] EditionProblem),
    /// The outbox.
    #[error("outbox: {0}")]
    Queue(#[from] QueueError),
    /// The reception counter.
    #[error(transparent)]
    Reception(#[from] ReceptionError),
    /// Fonts.
    #[error(transparent)]
    Fonts(#[from] paper::FontError),
    /// Threads, or the data folder.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// A running kiosk.
pub struct Running {
    /// Where touches and notices go.
    pub tell: Tell,
    /// How it is.
    pub vitals: Arc<Vitals>,
    stop: Stop,
    lobby: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
    /// Watchers that hold the outbox.
    holders: Vec<JoinHandle<()>>,
    queue: Option<Arc<dyn Queue>>,
}

/// What is made before the loop and shared by much.
struct Common {
    cloud: Cloud,
    queue: Arc<dyn Queue>,
    sealing_key: Arc<SealingKeyInUse>,
    vitals: Arc<Vitals>,
    stored: Arc<Notify>,
    tell: Tell,
    stop: Stop,
}

impl Running {
    /// Starts everything. `show` gets each screen, on the loop's thread.
    ///
    /// # Errors
    /// [`StartError`] names what is missing.
    pub fn start(
        settings: &Settings,
        hardware: Hardware,
        show: Box<dyn FnMut(Screen) + Send>,
    ) -> Result<Self, StartError> {
        let data: &Path = &settings.kiosk.data;
        crate::durable_file::make_folder(data)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (sender, happenings) = channel();
        let common = Common::new(settings, Tell::new(sender))?;
        let shelf = shelf(settings)?;
        let rules = begin_rules(&shelf)?;
        let catalogue = rules.in_use();
        let forms = begin::<Forms>(&shelf)?;
        common.vitals.catalogue(&catalogue.name);
        common.vitals.forms(&forms.name);
        let designs = designs(settings, &catalogue, &forms);
        let fonts = fonts(settings)?;
        watch(settings, &common, &hardware, &runtime);
        let (parts, display) = parts(
            settings,
            &common,
            hardware,
            (fonts, designs.clone()),
            &runtime,
        )?;
        let supplies = watch_supplies(&common, &parts);
        let town = town(settings, &catalogue, &forms);
        let effects = Effects::new(parts, common.tell.clone());
        let lobby = Lobby::new(town, designs, effects, Arc::clone(&common.vitals), show);
        let lobby = std::thread::Builder::new()
            .name("lobby".into())
            .spawn(move || lobby.run(&happenings))?;
        converse(settings, &common, shelf, (rules, forms), &runtime);
        Ok(Self {
            tell: common.tell,
            vitals: common.vitals,
            stop: common.stop,
            lobby: Some(lobby),
            runtime: Some(runtime),
            holders: supplies.into_iter().chain(display).collect(),
            queue: Some(common.queue),
        })
    }
}

impl Drop for Running {
    /// The visit is forgotten, every part let go of, and the outbox closed: another process may open it then.
    fn drop(&mut self) {
        self.tell.send(Happening::Quit);
        self.stop.stop();
        if let Some(lobby) = self.lobby.take() {
            let _ = lobby.join();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
        for holder in self.holders.drain(..) {
            let _ = holder.join();
        }
        let queue = self.queue.take();
        let held = queue.as_ref().map_or(0, Arc::strong_count) - 1;
        tracing::info!(kind = "outbox-closed", held_elsewhere = held);
    }
}

impl Common {
    fn new(settings: &Settings, tell: Tell) -> Result<Self, StartError> {
        let data: &Path = &settings.kiosk.data;
        let opened = DiskQueue::open(&data.join("outbox"))?;
        for alarm in &opened.alarms {
            tracing::error!(kind = "outbox-alarm", %alarm);
        }
        let shipped = read_sealing_key(&settings.cloud.sealing_key)?;
        Ok(Self {
            cloud: Cloud::new(&settings.cloud, settings.kiosk.tenant.clone())?,
            queue: Arc::new(opened.queue),
            sealing_key: Arc::new(SealingKeyInUse::new(data.join("sealing-key.json"), shipped)),
            vitals: Arc::default(),
            stored: Arc::default(),
            tell,
            stop: Stop::default(),
        })
    }
}

/// Where editions come from.
///
/// # Errors
/// When no key is trusted.
pub fn shelf(settings: &Settings) -> Result<Shelf, KeyError> {
    let keys = TrustedKeys::read(&settings.cloud.edition_keys)?;
    let kept = settings.kiosk.data.join("editions");
    Ok(Shelf::new(
        &kept,
        &settings.kiosk.assets,
        settings.kiosk.tenant.clone(),
        keys,
    ))
}

fn begin<T: crate::editions::Content>(shelf: &Shelf) -> Result<Edition<T>, EditionProblem> {
    let (edition, problem) = shelf.begin::<T>()?;
    if let Some(problem) = problem {
        tracing::error!(kind = "edition-kept", %problem, "the shipped one is used");
    }
    Ok(edition)
}

/// The catalogue to begin with, masters over it.
fn begin_rules(shelf: &Shelf) -> Result<TownRules, EditionProblem> {
    let (rules, problems) = shelf.begin_rules()?;
    for problem in problems {
        tracing::error!(kind = "edition-kept", %problem, "the shipped one is used");
    }
    Ok(rules)
}

/// The fonts that the settings name.
///
/// # Errors
/// Names the missing family.
pub fn fonts(settings: &Settings) -> Result<FontSet, paper::FontError> {
    let folders: Vec<_> = settings
        .paper
        .fonts
        .iter()
        .map(|folder| folder.to_path_buf())
        .collect();
    FontSet::load(&folders)
}

fn designs(settings: &Settings, catalogue: &Edition<Catalogue>, forms: &Edition<Forms>) -> Designs {
    Designs {
        forms: Arc::clone(&forms.content),
        catalogue: Arc::clone(&catalogue.content),
        town: settings.kiosk.town.get("ja").to_owned(),
        tenant: settings.kiosk.tenant.to_string(),
        place: settings.kiosk.place.clone(),
    }
}

fn town(settings: &Settings, catalogue: &Edition<Catalogue>, forms: &Edition<Forms>) -> Town {
    let visit = settings.visit;
    Town {
        name: settings.kiosk.town.clone(),
        tenant: settings.kiosk.tenant.to_string(),
        kiosk: settings.kiosk.id.to_string(),
        languages: settings
            .kiosk
            .languages
            .iter()
            .cloned()
            .map(Language)
            .collect(),
        catalogue: Arc::clone(&catalogue.content),
        forms: Arc::clone(&forms.content.set),
        forms_edition: forms.etag.clone(),
        policy: Policy {
            warn_after: visit.warn_after,
            grace: visit.grace,
            staff_after: visit.staff_after,
            papers: visit.papers,
            card_left: visit.card_left,
            patience: visit.patience,
            print_patience: visit.print_patience,
            unseen_ms: visit.unseen_ms,
            ..Policy::default()
        },
    }
}

fn show_status(
    settings: &Settings,
    common: &Common,
    display: Box<dyn StatusDisplay>,
) -> Option<JoinHandle<()>> {
    watch::status_display(
        display,
        settings.kiosk.id.to_string(),
        &common.cloud,
        Arc::clone(&common.queue),
        Arc::clone(&common.vitals),
        common.stop.clone(),
    )
}

fn watch_supplies(common: &Common, parts: &Parts) -> Option<JoinHandle<()>> {
    watch::supplies(
        Arc::clone(&parts.receipt_printer),
        Arc::clone(&parts.form_printer),
        Arc::clone(&common.queue),
        common.tell.clone(),
        Arc::clone(&common.vitals),
        common.stop.clone(),
    )
}

fn parts(
    settings: &Settings,
    common: &Common,
    hardware: Hardware,
    (fonts, designs): (FontSet, Designs),
    runtime: &Runtime,
) -> Result<(Parts, Option<JoinHandle<()>>), StartError> {
    let audience = Audience {
        tenant: settings.kiosk.tenant.clone(),
        kiosk: settings.kiosk.id.clone(),
    };
    let (receipts, forms, card) = (
        hardware.receipt_printer,
        hardware.form_printer,
        hardware.card,
    );
    let trust = read_trust(settings.trust.card_face.as_deref())?;
    let postal_codes = settings.kiosk.postal_codes.to_path_buf();
    let indicator = watch::indicator(
        hardware.indicator,
        common.tell.clone(),
        Arc::clone(&common.vitals),
        common.stop.clone(),
    );
    let display = show_status(settings, common, hardware.status_display);
    let parts = Parts {
        card: Worker::new("card", HUNG, move || {
            CardDesk::new(card(), trust.clone(), audience.clone())
        }),
        receipt_printer: Arc::new(Worker::new("receipts", HUNG, move || receipts())),
        form_printer: Arc::new(Worker::new("forms", HUNG, move || forms())),
        store: store(settings, common)?,
        drawing: Arc::new(Worker::new("drawing", HUNG, move || {
            Drawing::new(fonts.clone(), designs.clone())
        })),
        postal: Worker::new("postal", HUNG, move || read_postal_codes(&postal_codes)),
        cloud: common.cloud.clone(),
        runtime: runtime.handle().clone(),
        stored: Arc::clone(&common.stored),
        indicate: indicator,
        vitals: Arc::clone(&common.vitals),
    };
    Ok((parts, display))
}

/// The counter is read once: a second one beside it would give numbers twice.
fn store(settings: &Settings, common: &Common) -> Result<Worker<StoreDesk>, StartError> {
    let counter = Counter::open(settings.kiosk.data.join("reception"), settings.kiosk.number)?;
    let counter = Arc::new(Mutex::new(counter));
    let (queue, key) = (Arc::clone(&common.queue), Arc::clone(&common.sealing_key));
    let (tenant, kiosk) = (settings.kiosk.tenant.clone(), settings.kiosk.id.clone());
    Ok(Worker::new("store", HUNG, move || {
        let next = Arc::clone(&counter);
        let numbers = Box::new(move |day| {
            next.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next(day)
        });
        StoreDesk::new(
            numbers,
            Arc::clone(&queue),
            Arc::clone(&key),
            tenant.clone(),
            kiosk.clone(),
        )
    }))
}

fn read_postal_codes(file: &Path) -> Option<PostalCodes> {
    PostalCodes::open(file)
        .inspect_err(|error| tracing::error!(kind = "postal-codes", %error))
        .ok()
}

fn watch(settings: &Settings, common: &Common, hardware: &Hardware, runtime: &Runtime) {
    watch::ticks(common.tell.clone(), common.stop.clone());
    watch::cards(
        (hardware.card)(),
        common.tell.clone(),
        Arc::clone(&common.vitals),
        common.stop.clone(),
    );
    runtime.spawn(watch::online(common.cloud.clone(), common.tell.clone()));
    tracing::info!(kind = "started", kiosk = settings.kiosk.id.as_str());
}

/// The tasks that talk to the cloud by themselves.
fn converse(
    settings: &Settings,
    common: &Common,
    shelf: Shelf,
    (rules, forms): (TownRules, Edition<Forms>),
    runtime: &Runtime,
) {
    let delivery = Delivery {
        queue: Arc::clone(&common.queue),
        cloud: common.cloud.clone(),
        stored: Arc::clone(&common.stored),
    };
    runtime.spawn(delivery.run());
    let (tell, vitals, queue) = (
        common.tell.clone(),
        Arc::clone(&common.vitals),
        Arc::clone(&common.queue),
    );
    let counted = Arc::clone(&common.vitals);
    let upkeep = Upkeep {
        cloud: common.cloud.clone(),
        shelf,
        sealing_key: Arc::clone(&common.sealing_key),
        news: Box::new(move |news| tell.send(Happening::News(news))),
        vitals: Box::new(move || vitals.heartbeat(Timestamp::now(), queue.len())),
        answered: Box::new(move |heartbeat| counted.delivered(heartbeat)),
        heartbeat_every: Duration::from_secs(settings.cloud.heartbeat_seconds),
        editions_every: Duration::from_secs(settings.cloud.edition_seconds),
    };
    runtime.spawn(async move { upkeep.run(rules, &forms).await });
    let unreachable = Arc::clone(&common.vitals);
    let mut online = common.cloud.online();
    runtime.spawn(async move {
        while online.changed().await.is_ok() {
            if *online.borrow_and_update() == Some(false) {
                unreachable.count(EventKind::CloudUnreachable);
            }
        }
    });
}
