//! Putting an event on its way.

use cloud_store::{NewDelivery, Store, StoreError};
use serde_json::json;

use super::event::Event;
use crate::tenant::Tenant;

/// The delivery of an event to those of the town's webhooks that ask for it; `None` when none does.
#[must_use]
pub fn new_delivery(tenant: &Tenant, event: &Event<'_>) -> Option<NewDelivery> {
    let subscribed = tenant.webhooks.iter().filter(|hook| hook.wants(event.kind));
    let hooks: Vec<String> = subscribed.map(|hook| hook.id.clone()).collect();
    if hooks.is_empty() {
        return None;
    }
    let body = json!({
        "type": event.kind.as_str(),
        "timestamp": event.at,
        "data": {
            "tenant": tenant.code,
            "application": event.application,
            "reception": event.reception,
        },
    });
    Some(NewDelivery {
        hooks,
        event: event.id(),
        body: body.to_string(),
        at: event.at,
    })
}

/// Puts an event on its way to those of the town's webhooks that ask for it. Doing so again does nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn announce(store: &Store, tenant: &Tenant, event: &Event<'_>) -> Result<(), StoreError> {
    match new_delivery(tenant, event) {
        Some(delivery) => store.enqueue_deliveries(&tenant.code, &delivery).await,
        None => Ok(()),
    }
}
