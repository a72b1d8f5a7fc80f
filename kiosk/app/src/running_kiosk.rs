//! A kiosk from its start to its end: services, workers, loop, watchers and cloud tasks.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use session::screen::Screen;
use tokio::runtime::Runtime;

use crate::durable_file;
use crate::editions::Forms;
use crate::effects::EffectRunner;
use crate::event_loop::EventLoop;
use crate::from_settings;
use crate::hardware::Hardware;
use crate::kiosk_health::KioskHealth;
use crate::loop_event::{EventSender, LoopEvent};
use crate::outbox::Queue;
use crate::settings::Settings;
use crate::startup::{
    Devices, Services, StartError, effect_parts, load_edition, load_rules, spawn_cloud_tasks,
};
use crate::watchers::{self, StopSignal};

/// A running kiosk; dropping it ends it.
pub struct RunningKiosk {
    /// Takes touches and notices.
    pub events: EventSender,
    /// What the watchers and effects noticed.
    pub health: Arc<KioskHealth>,
    stop: StopSignal,
    event_loop: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
    /// Threads that keep the outbox open until they end.
    outbox_users: Vec<JoinHandle<()>>,
    queue: Option<Arc<dyn Queue>>,
}

impl RunningKiosk {
    /// Starts everything. `show` gets each screen, on the loop's thread.
    ///
    /// # Errors
    /// [`StartError`] names what is missing.
    pub fn start(
        settings: &Settings,
        mut hardware: Hardware,
        show: Box<dyn FnMut(Screen) + Send>,
    ) -> Result<Self, StartError> {
        let data: &Path = &settings.kiosk.data;
        durable_file::make_folder(data)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (sender, events) = channel();
        let services = Services::new(settings, EventSender::new(sender))?;
        // Before the first screen: a housing that is open now closes the kiosk.
        if let Ok(senses) = hardware.indicator.sense() {
            services.housing.switch(senses.tampered, || ());
        }
        let edition_store = from_settings::edition_store(settings)?;
        let rules = load_rules(&edition_store)?;
        let catalogue = rules.catalogue();
        let forms = load_edition::<Forms>(&edition_store)?;
        services.health.catalogue(&catalogue.name);
        services.health.forms(&forms.name);
        let designs = from_settings::designs(settings, &catalogue, &forms);
        let fonts = from_settings::fonts(settings)?;
        let (devices, display) = watch_devices(settings, &services, hardware, &runtime);
        let drawing = (fonts, designs.clone());
        let parts = effect_parts(settings, &services, devices, drawing, &runtime)?;
        let supplies = watchers::supplies(
            Arc::clone(&parts.receipt_printer),
            Arc::clone(&parts.form_printer),
            Arc::clone(&services.queue),
            services.events.clone(),
            Arc::clone(&services.health),
            services.stop.clone(),
        );
        let town = from_settings::town(settings, &catalogue, &forms);
        let effects = EffectRunner::new(parts, services.events.clone());
        let state = (Arc::clone(&services.health), services.housing.clone());
        let event_loop = EventLoop::new(town, designs, effects, state, show);
        let event_loop = std::thread::Builder::new()
            .name("event-loop".into())
            .spawn(move || event_loop.run(&events))?;
        spawn_cloud_tasks(settings, &services, edition_store, (rules, forms), &runtime);
        Ok(Self {
            events: services.events,
            health: services.health,
            stop: services.stop,
            event_loop: Some(event_loop),
            runtime: Some(runtime),
            outbox_users: supplies.into_iter().chain(display).collect(),
            queue: Some(services.queue),
        })
    }
}

impl Drop for RunningKiosk {
    /// Forgets the visit, ends every part and closes the outbox: another process may open it then.
    fn drop(&mut self) {
        self.events.send(LoopEvent::Quit);
        self.stop.stop();
        if let Some(event_loop) = self.event_loop.take() {
            let _ = event_loop.join();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
        for user in self.outbox_users.drain(..) {
            let _ = user.join();
        }
        let queue = self.queue.take();
        let held = queue.as_ref().map_or(0, Arc::strong_count) - 1;
        tracing::info!(kind = "outbox-closed", held_elsewhere = held);
    }
}

/// Starts the watchers that own a device; returns the devices that effects use, and the thread that keeps the outbox open.
fn watch_devices(
    settings: &Settings,
    services: &Services,
    hardware: Hardware,
    runtime: &Runtime,
) -> (Devices, Option<JoinHandle<()>>) {
    let events = || services.events.clone();
    let health = || Arc::clone(&services.health);
    let stop = || services.stop.clone();
    watchers::ticks(events(), stop());
    watchers::cards((hardware.card)(), events(), health(), stop());
    runtime.spawn(watchers::online(services.cloud.clone(), events()));
    tracing::info!(kind = "started", kiosk = settings.kiosk.id.as_str());
    let indicate = watchers::indicator(
        hardware.indicator,
        events(),
        health(),
        services.housing.clone(),
        stop(),
    );
    let display = watchers::status_display(
        hardware.status_display,
        settings.kiosk.id.to_string(),
        &services.cloud,
        Arc::clone(&services.queue),
        health(),
        stop(),
    );
    let devices = Devices {
        card: hardware.card,
        receipt_printer: hardware.receipt_printer,
        form_printer: hardware.form_printer,
        indicate,
    };
    (devices, display)
}
