//! The background tasks that talk to the cloud.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kiosk_api::EventKind;
use tokio::runtime::Runtime;

use super::Services;
use crate::cloud::{CloudSync, Delivery};
use crate::editions::{Edition, EditionStore, Forms, TownRules};
use crate::loop_event::LoopEvent;
use crate::settings::Settings;

/// Starts delivery, synchronisation and the count of failures.
pub(crate) fn spawn_cloud_tasks(
    settings: &Settings,
    services: &Services,
    edition_store: EditionStore,
    (rules, forms): (TownRules, Edition<Forms>),
    runtime: &Runtime,
) {
    let delivery = Delivery {
        queue: Arc::clone(&services.queue),
        cloud: services.cloud.clone(),
        stored: Arc::clone(&services.stored),
    };
    runtime.spawn(delivery.run());
    let (events, health, queue) = (
        services.events.clone(),
        Arc::clone(&services.health),
        Arc::clone(&services.queue),
    );
    let (counts, housing) = (Arc::clone(&services.health), services.housing.clone());
    let signed = [rules.catalogue().signed_at, forms.signed_at];
    signed
        .into_iter()
        .flatten()
        .for_each(|at| services.time.signed(at));
    let cloud_sync = CloudSync {
        cloud: services.cloud.clone(),
        time: services.time.clone(),
        edition_store,
        sealing_key: Arc::clone(&services.sealing_key),
        new_edition: Box::new(move |edition| events.send(LoopEvent::NewEdition(edition))),
        heartbeat: Box::new(move || health.heartbeat(Timestamp::now(), queue.len())),
        heartbeat_delivered: Box::new(move |heartbeat| {
            counts.delivered(heartbeat);
            housing.reported(heartbeat);
        }),
        heartbeat_every: Duration::from_secs(settings.cloud.heartbeat_seconds),
        editions_every: Duration::from_secs(settings.cloud.edition_seconds),
    };
    runtime.spawn(async move { cloud_sync.run(rules, &forms).await });
    let unreachable = Arc::clone(&services.health);
    let mut online = services.cloud.online();
    runtime.spawn(async move {
        while online.changed().await.is_ok() {
            if *online.borrow_and_update() == Some(false) {
                unreachable.count(EventKind::CloudUnreachable);
            }
        }
    });
}
