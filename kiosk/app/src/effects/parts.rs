//! What effects are carried out with.

use std::sync::Arc;

use devices::form_printer::FormPrinter;
use devices::receipt_printer::ReceiptPrinter;
use session::effect::Indication;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::{ApplicationStore, CardService, Drawing};
use crate::cloud::Cloud;
use crate::housing::Housing;
use crate::kiosk_health::KioskHealth;
use crate::postal_codes::PostalCodes;
use crate::worker::Worker;

/// Every part that an effect may need. Workers have a thread each.
pub struct Parts {
    /// Reads cards and keeps the login proof of the visit.
    pub card: Worker<CardService>,
    /// Prints receipts.
    pub receipt_printer: Arc<Worker<Box<dyn ReceiptPrinter>>>,
    /// Prints A4 pages.
    pub form_printer: Arc<Worker<Box<dyn FormPrinter>>>,
    /// Reception numbers, seal and outbox.
    pub store: Worker<ApplicationStore>,
    /// Forms and receipts as pictures and PDF.
    pub drawing: Arc<Worker<Drawing>>,
    /// Postal codes, where the table could be read.
    pub postal: Worker<Option<PostalCodes>>,
    /// For the household and for calling staff.
    pub cloud: Cloud,
    /// Runs the requests to the cloud.
    pub runtime: Handle,
    /// Notified when something is in the outbox.
    pub stored: Arc<Notify>,
    /// Sets the light ring.
    pub indicate: Box<dyn Fn(Indication) + Send>,
    /// Counts what happened, for staff.
    pub health: Arc<KioskHealth>,
    /// Opens the closed kiosk again.
    pub housing: Housing,
}
