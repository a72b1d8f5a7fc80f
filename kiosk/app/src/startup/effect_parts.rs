//! The workers that carry out effects.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use devices::card::CardReader;
use devices::form_printer::FormPrinter;
use devices::receipt_printer::ReceiptPrinter;
use paper::FontSet;
use session::effect::Indication;
use tokio::runtime::Runtime;

use super::{Services, StartError};
use crate::card_face::read_trust;
use crate::effects::{ApplicationStore, Audience, CardService, Designs, Drawing, JOB_LIMIT, Parts};
use crate::hardware::Factory;
use crate::postal_codes::PostalCodes;
use crate::reception_counter::ReceptionCounter;
use crate::settings::Settings;
use crate::worker::Worker;

/// The devices that effects use.
pub(crate) struct Devices {
    pub(crate) card: Factory<dyn CardReader>,
    pub(crate) receipt_printer: Factory<dyn ReceiptPrinter>,
    pub(crate) form_printer: Factory<dyn FormPrinter>,
    /// Sets the light ring.
    pub(crate) indicate: Box<dyn Fn(Indication) + Send>,
}

/// Makes the workers. The devices that they own are made on their threads.
pub(crate) fn effect_parts(
    settings: &Settings,
    services: &Services,
    devices: Devices,
    (fonts, designs): (FontSet, Designs),
    runtime: &Runtime,
) -> Result<Parts, StartError> {
    let audience = Audience {
        tenant: settings.kiosk.tenant.clone(),
        kiosk: settings.kiosk.id.clone(),
    };
    let (receipts, forms, card) = (devices.receipt_printer, devices.form_printer, devices.card);
    let trust = read_trust(settings.trust.card_face.as_deref())?;
    let postal_codes = settings.kiosk.postal_codes.to_path_buf();
    Ok(Parts {
        card: Worker::new("card", JOB_LIMIT, move || {
            CardService::new(card(), trust.clone(), audience.clone())
        }),
        receipt_printer: Arc::new(Worker::new("receipts", JOB_LIMIT, move || receipts())),
        form_printer: Arc::new(Worker::new("forms", JOB_LIMIT, move || forms())),
        store: application_store(settings, services)?,
        drawing: Arc::new(Worker::new("drawing", JOB_LIMIT, move || {
            Drawing::new(fonts.clone(), designs.clone())
        })),
        postal: Worker::new("postal", JOB_LIMIT, move || {
            open_postal_codes(&postal_codes)
        }),
        cloud: services.cloud.clone(),
        runtime: runtime.handle().clone(),
        stored: Arc::clone(&services.stored),
        indicate: devices.indicate,
        health: Arc::clone(&services.health),
        housing: services.housing.clone(),
    })
}

/// The counter is read once: a second one beside it would give numbers twice.
fn application_store(
    settings: &Settings,
    services: &Services,
) -> Result<Worker<ApplicationStore>, StartError> {
    let counter =
        ReceptionCounter::open(settings.kiosk.data.join("reception"), settings.kiosk.number)?;
    let counter = Arc::new(Mutex::new(counter));
    let (queue, key) = (
        Arc::clone(&services.queue),
        Arc::clone(&services.sealing_key),
    );
    let (tenant, kiosk) = (settings.kiosk.tenant.clone(), settings.kiosk.id.clone());
    Ok(Worker::new("store", JOB_LIMIT, move || {
        let next = Arc::clone(&counter);
        let numbers = Box::new(move |day| {
            next.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next(day)
        });
        ApplicationStore::new(
            numbers,
            Arc::clone(&queue),
            Arc::clone(&key),
            tenant.clone(),
            kiosk.clone(),
        )
    }))
}

fn open_postal_codes(file: &Path) -> Option<PostalCodes> {
    PostalCodes::open(file)
        .inspect_err(|error| tracing::error!(kind = "postal-codes", %error))
        .ok()
}
