//! Sends what is due: one try at a time for each town, again after a while when it fails, a dead letter after a day.

use std::sync::Arc;
use std::time::Duration;

use cloud_store::{DeliveryOutcome, DeliveryRow, StoreError};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, StatusCode, header, redirect};
use tokio::sync::watch;

use super::guard::{Guard, Target};
use super::signature::SigningSecret;
use super::webhook::Webhook;
use crate::cloud::Shared;
use crate::tenant::Tenant;

/// Longest time for one try.
const TIMEOUT: Duration = Duration::from_secs(10);
/// When a try counts as lost with the replica that made it; longer than any try takes.
const TURN: SignedDuration = SignedDuration::from_secs(60);
/// The wait after a first failure; it doubles with each.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait between two tries.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// An event that fails when it is older than this is given up.
const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How often the store is asked what is due.
const LOOK: Duration = Duration::from_secs(5);

/// The sender.
#[derive(Clone)]
pub struct Webhooks {
    guard: Guard,
    timeout: Duration,
}

impl Webhooks {
    /// A sender that goes only where the guard lets it.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        let timeout = TIMEOUT;
        Self { guard, timeout }
    }

    /// The same with another longest time for one try.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends a town's events as they become due, until `stop` says so.
    pub async fn run(self, cloud: Shared, tenant: Arc<Tenant>, mut stop: watch::Receiver<bool>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                sent = self.send_due(&cloud, &tenant) => if let Err(error) = sent {
                    tracing::error!(tenant = %tenant.code, %error, "webhooks");
                },
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Tries everything that is due now; returns how many tries that were.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn send_due(&self, cloud: &Shared, tenant: &Tenant) -> Result<usize, StoreError> {
        let mut tries = 0;
        loop {
            let now = cloud.clock.now();
            let due = cloud.store.take_delivery(&tenant.code, now, TURN).await?;
            let Some(delivery) = due else {
                return Ok(tries);
            };
            tries += 1;
            let hook = tenant.webhooks.iter().find(|hook| hook.id == delivery.hook);
            let tried = match hook {
                None => {
                    DeliveryOutcome::Dead("the settings have no such webhook any more".to_owned())
                }
                Some(hook) => self.try_once(hook, &delivery, now).await,
            };
            let ended = cloud.clock.now();
            cloud
                .store
                .finish_delivery(&tenant.code, &delivery, &tried, ended)
                .await?;
        }
    }

    async fn try_once(
        &self,
        hook: &Webhook,
        delivery: &DeliveryRow,
        now: Timestamp,
    ) -> DeliveryOutcome {
        let sent = match self.guard.check(&hook.url).await {
            Err(refused) => Err(refused.to_string()),
            Ok(target) => {
                let what = (delivery.event.as_str(), delivery.body.as_str());
                post_signed(&target, &hook.secret, what, now, self.timeout).await
            }
        };
        match sent {
            Ok(status) if status.is_success() => DeliveryOutcome::Arrived,
            // The receiver says that it takes no more.
            Ok(StatusCode::GONE) => DeliveryOutcome::Dead("status 410".to_owned()),
            Ok(status) => later(delivery, now, format!("status {}", status.as_u16())),
            Err(problem) => later(delivery, now, problem),
        }
    }
}

fn later(delivery: &DeliveryRow, now: Timestamp, problem: String) -> DeliveryOutcome {
    if now.duration_since(delivery.created_at) >= LIFE {
        return DeliveryOutcome::Dead(problem);
    }
    let doublings = u32::try_from(delivery.attempts - 1).unwrap_or(0).min(16);
    let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    DeliveryOutcome::Again(now + wait, problem)
}

/// Posts an event to a checked address, signed. A client for each try: it must know no other address of the name, and no redirect.
pub(crate) async fn post_signed(
    target: &Target,
    secret: &SigningSecret,
    (id, body): (&str, &str),
    now: Timestamp,
    timeout: Duration,
) -> Result<StatusCode, String> {
    let host = target.url.host_str().unwrap_or_default();
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(timeout)
        .resolve_to_addrs(host, &target.addresses)
        .build()
        .map_err(|_| "the client cannot start".to_owned())?;
    let request = client
        .post(target.url.clone())
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.as_second())
        .header("webhook-signature", secret.header(id, now, body))
        .body(body.to_owned());
    // The answer's body says nothing to us and is not read.
    let answer = request.send().await.map(|answer| answer.status());
    answer.map_err(|error| {
        let problem = match (error.is_timeout(), error.is_connect()) {
            (true, _) => "no answer in time",
            (_, true) => "no connection",
            _ => "the answer broke off",
        };
        problem.to_owned()
    })
}
