//! What is made first and shared by the loop, the effects, the watchers and the cloud tasks.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use super::StartError;
use crate::cloud::Cloud;
use crate::editions::TrustedKeys;
use crate::housing::Housing;
use crate::kiosk_health::KioskHealth;
use crate::loop_event::EventSender;
use crate::outbox::{DiskQueue, Queue};
use crate::sealing_key::{SealingKeyInUse, read_sealing_key};
use crate::settings::Settings;
use crate::staff_number::StaffNumber;
use crate::trusted_time::TrustedTime;
use crate::watchers::StopSignal;

/// One of each in a running kiosk.
pub(crate) struct Services {
    pub(crate) cloud: Cloud,
    pub(crate) time: TrustedTime,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) sealing_key: Arc<SealingKeyInUse>,
    pub(crate) health: Arc<KioskHealth>,
    /// Whether the kiosk is closed.
    pub(crate) housing: Housing,
    /// Notified when something is in the outbox.
    pub(crate) stored: Arc<Notify>,
    pub(crate) events: EventSender,
    pub(crate) stop: StopSignal,
}

impl Services {
    pub(crate) fn new(settings: &Settings, events: EventSender) -> Result<Self, StartError> {
        let data: &Path = &settings.kiosk.data;
        let opened = DiskQueue::open(&data.join("outbox"))?;
        for alarm in &opened.alarms {
            tracing::error!(kind = "outbox-alarm", %alarm);
        }
        let time = TrustedTime::open(data.join("trusted-time"));
        let sealing_key = SealingKeyInUse::new(
            data.join("sealing-key.json"),
            read_sealing_key(&settings.cloud.sealing_key)?,
            settings.kiosk.tenant.clone(),
            TrustedKeys::read(&settings.cloud.edition_keys)?,
        );
        let health = Arc::<KioskHealth>::default();
        let number = settings.staff.number.as_deref().map(StaffNumber::read);
        let housing = Housing::open(
            data.join("housing.json"),
            number.transpose()?,
            Arc::clone(&health),
        );
        Ok(Self {
            cloud: Cloud::with_time(&settings.cloud, settings.kiosk.tenant.clone(), &time)?,
            time,
            queue: Arc::new(opened.queue),
            sealing_key: Arc::new(sealing_key),
            health,
            housing,
            stored: Arc::default(),
            events,
            stop: StopSignal::default(),
        })
    }
}
