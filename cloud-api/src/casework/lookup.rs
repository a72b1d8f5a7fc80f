//! Asks the town's core system whether somebody of an application is under 支援措置 (JK-3.4): after the kiosk has its receipt,
//! so that nothing the resident sees, prints or can time depends on the answer, and until there is one.

use std::sync::Arc;
use std::time::Duration;

use cloud_store::Protection;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{Lookup, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::watch;

use super::Opened;
use super::named::named;
use crate::cloud::Cloud;
use crate::core_system::CoreError;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// Longest time for all questions about one application.
const LONGEST: Duration = Duration::from_secs(60);
/// When a turn counts as lost with the replica that took it; longer than any turn takes.
const TURN: SignedDuration = SignedDuration::from_mins(2);
/// The wait after a first failure; it doubles with each.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait between two tries.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// How often the store is asked what is due.
const LOOK: Duration = Duration::from_secs(3);

/// Asks for a town until `stop` says so; at once no more, where it has no core system.
pub async fn run(cloud: Arc<Cloud>, tenant: Arc<Tenant>, mut stop: watch::Receiver<bool>) {
    let begun = match &tenant.core {
        Some(_) => cloud.store.queue_lookups(&tenant.code).await,
        None => cloud.store.cancel_lookups(&tenant.code).await,
    };
    if let Err(error) = begun {
        tracing::error!(tenant = %tenant.code, %error, "older applications are not looked up");
    }
    if tenant.core.is_none() {
        return;
    }
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            asked = cloud.look_up_due(&tenant) => if let Err(error) = asked {
                tracing::error!(tenant = %tenant.code, %error, "lookups");
            },
            // A question that is broken off is due again when its turn has passed.
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl Cloud {
    /// Asks about every application that is due; gives how many answers came. A core system that is away ends the round.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn look_up_due(&self, tenant: &Tenant) -> Result<usize, StoreError> {
        let mut answers = 0;
        loop {
            let now = self.clock.now();
            let due = self.store.take_lookup(&tenant.code, now, TURN).await?;
            let Some(lookup) = due else {
                return Ok(answers);
            };
            let opened = match self.opened(tenant, lookup.application).await {
                Ok(opened) => opened,
                Err(Refusal(problem)) => {
                    tracing::error!(tenant = %tenant.code, application = %lookup.application, code = ?problem.code, "cannot be looked up");
                    self.ask_later(tenant, lookup, now).await?;
                    continue;
                }
            };
            match ask(tenant, &opened).await {
                Ok(known) => {
                    let record =
                        AuditRecord::new(self.clock.now(), Actor::Service, AuditEvent::Protected)
                            .about(lookup.application)
                            .with(json!({ "result": known.as_str(), "tries": lookup.tries }));
                    self.store
                        .settle_protection(&tenant.code, &opened.row, known, &record)
                        .await?;
                    answers += 1;
                }
                Err(error) => {
                    tracing::warn!(tenant = %tenant.code, %error, tries = lookup.tries, "a lookup waits");
                    self.ask_later(tenant, lookup, now).await?;
                    if matches!(error, CoreError::Unreachable | CoreError::Slow) {
                        return Ok(answers);
                    }
                }
            }
        }
    }

    async fn ask_later(
        &self,
        tenant: &Tenant,
        lookup: Lookup,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let doublings = u32::try_from(lookup.tries - 1).unwrap_or(0).min(16);
        let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
        self.store
            .postpone_lookup(&tenant.code, lookup, now + wait)
            .await
    }
}

/// What the core system knows of whoever is named now, or was when it came.
async fn ask(tenant: &Tenant, opened: &Opened) -> Result<Protection, CoreError> {
    let eras = tenant.eras();
    let mut people = named(&opened.came, &eras);
    people.extend(named(&opened.now, &eras));
    let Some(core) = tenant.core.as_ref().filter(|_| !people.is_empty()) else {
        return Ok(Protection::Unasked);
    };
    let questions = async {
        for person in &people {
            if core.system.protects(person).await? {
                return Ok(Protection::Found);
            }
        }
        Ok(Protection::Clear)
    };
    let asked = tokio::time::timeout(LONGEST, questions).await;
    asked.unwrap_or(Err(CoreError::Slow))
}
