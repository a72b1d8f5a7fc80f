//! What the kiosk exchanges with the cloud by itself: its heartbeat, and what comes back: editions, masters, the sealing key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiosk_api::{Heartbeat, HeartbeatReply, ProblemCode};

use super::backoff::{Backoff, random};
use super::{Cloud, CloudError, Fetched};
use crate::editions::{
    Content, Edition, EditionProblem, EditionStore, Forms, NewEdition, TownRules,
};
use crate::sealing_key::SealingKeyInUse;
use crate::trusted_time::TrustedTime;

/// Everything in use that the cloud may replace.
struct InUse {
    rules: TownRules,
    catalogue: Version,
    masters: Version,
    forms: Version,
}

/// Entity tag and time of signing of one of them.
#[derive(Clone, Default)]
struct Version {
    etag: Option<String>,
    signed_at: Option<Timestamp>,
    /// The last one refused: not fetched again until another is published.
    refused: Option<String>,
    /// When the refused one may be tried again after all: it is dated ahead.
    pending_until: Option<Timestamp>,
}

/// The background task with everything it reads and reports to.
pub struct CloudSync {
    /// The connection that is asked.
    pub cloud: Cloud,
    /// Learns how late it is.
    pub time: TrustedTime,
    /// Checks and keeps what comes.
    pub edition_store: EditionStore,
    /// The key that applications are sealed for; replaced when the cloud has another.
    pub sealing_key: Arc<SealingKeyInUse>,
    /// Called with each accepted edition.
    pub new_edition: Box<dyn Fn(NewEdition) + Send + Sync>,
    /// Makes the next heartbeat.
    pub heartbeat: Box<dyn Fn() -> Heartbeat + Send + Sync>,
    /// Called once the cloud has answered a heartbeat: the events that it counted are delivered.
    pub heartbeat_delivered: Box<dyn Fn(&Heartbeat) + Send + Sync>,
    /// Between two heartbeats.
    pub heartbeat_every: Duration,
    /// Longest time between two checks for editions when no heartbeat's answer names another one.
    pub editions_every: Duration,
}

impl CloudSync {
    /// Works until the program ends. `rules` and `forms` are the ones in use at the start.
    pub async fn run(self, rules: TownRules, forms: &Edition<Forms>) {
        let mut in_use = InUse::new(rules, forms);
        let mut backoff = Backoff::new(
            Duration::from_secs(2),
            self.heartbeat_every.max(Duration::from_secs(2)),
        );
        let mut checked: Option<Instant> = None;
        loop {
            let heartbeat = (self.heartbeat)();
            let wait = match self.cloud.heartbeat(&heartbeat).await {
                Ok(reply) => {
                    (self.heartbeat_delivered)(&heartbeat);
                    self.time.cloud_says(reply.now);
                    in_use.time_is(reply.now);
                    backoff.reset();
                    if checked.is_none_or(|last| last.elapsed() >= self.editions_every)
                        || in_use.differs_from(&reply)
                    {
                        checked = Some(Instant::now());
                        self.update(&mut in_use, reply.now).await;
                    }
                    self.heartbeat_every
                }
                Err(error) => {
                    tracing::debug!(kind = "heartbeat", %error);
                    backoff.next(random())
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn update(&self, in_use: &mut InUse, now: Timestamp) {
        // Another edition, or other masters, make another catalogue.
        let edition = self.fetch_edition(&mut in_use.catalogue, now).await;
        let other_masters = self.fetch_masters(in_use).await;
        let other_edition = edition.map(|edition| in_use.rules.set_edition(edition));
        if other_masters || other_edition.is_some() {
            (self.new_edition)(NewEdition::Catalogue(in_use.rules.catalogue()));
        }
        if let Some(edition) = self.fetch_edition(&mut in_use.forms, now).await {
            (self.new_edition)(NewEdition::Forms(edition));
        }
        self.refresh_sealing_key().await;
    }

    /// Whether other masters were accepted.
    async fn fetch_masters(&self, in_use: &mut InUse) -> bool {
        let refused = in_use.masters.refused.clone();
        let known = refused.unwrap_or(in_use.rules.masters_etag());
        let masters = match self.cloud.masters(&known).await {
            Ok(Fetched::New(masters)) => *masters,
            Ok(Fetched::Unchanged | Fetched::NonePublished) => return false,
            Err(error) => {
                tracing::debug!(kind = "masters", %error);
                return false;
            }
        };
        let etag = masters.etag();
        match in_use.rules.accept(masters) {
            Ok(()) => {
                tracing::info!(kind = "masters-new", etag);
                in_use.masters = Version {
                    etag: Some(etag),
                    ..Version::default()
                };
                true
            }
            Err(problem) => {
                tracing::error!(kind = "masters-refused", %problem, "the last good ones stay");
                in_use.masters.refuse(etag, &problem);
                false
            }
        }
    }

    /// A newer edition, if the cloud has one that is good.
    async fn fetch_edition<T: Content + Send + Sync + 'static>(
        &self,
        in_use: &mut Version,
        now: Timestamp,
    ) -> Option<Edition<T>> {
        let signed = match self
            .cloud
            .edition(
                T::KIND,
                in_use.refused.as_deref().or(in_use.etag.as_deref()),
            )
            .await
        {
            Ok(Fetched::New(signed)) => *signed,
            Ok(Fetched::Unchanged | Fetched::NonePublished) => return None,
            Err(error) => {
                tracing::debug!(kind = "edition", edition = T::KIND.as_str(), %error);
                return None;
            }
        };
        let etag = signed.etag();
        let (edition_store, signed_at) = (self.edition_store.clone(), in_use.signed_at);
        // Compiling a catalogue takes a moment, and so does the disk.
        let accepted =
            tokio::task::spawn_blocking(move || edition_store.accept::<T>(signed, signed_at, now))
                .await;
        match accepted {
            Ok(Ok(edition)) => {
                tracing::info!(
                    kind = "edition-new",
                    edition = T::KIND.as_str(),
                    name = edition.name
                );
                *in_use = Version::of(&edition);
                Some(edition)
            }
            Ok(Err(problem)) => {
                tracing::error!(kind = "edition-refused", %problem, "the last good one stays");
                in_use.refuse(etag, &problem);
                None
            }
            Err(_) => {
                tracing::error!(
                    kind = "edition-panic",
                    edition = T::KIND.as_str(),
                    "the last good one stays"
                );
                None
            }
        }
    }

    async fn refresh_sealing_key(&self) {
        match self.cloud.sealing_key().await {
            Ok(key) => self.sealing_key.replace(&key),
            // Not found: the town has signed none, and the one in use stays.
            Err(CloudError::Unreachable | CloudError::Refused(ProblemCode::NotFound)) => {}
            Err(error) => tracing::warn!(kind = "sealing-key", %error),
        }
    }
}

impl InUse {
    fn new(rules: TownRules, forms: &Edition<Forms>) -> Self {
        Self {
            catalogue: Version::of(&rules.catalogue()),
            masters: Version {
                etag: Some(rules.masters_etag()),
                ..Version::default()
            },
            forms: Version::of(forms),
            rules,
        }
    }

    /// What was dated ahead is tried again when its day has come by the cloud's time.
    fn time_is(&mut self, now: Timestamp) {
        for version in [&mut self.catalogue, &mut self.forms] {
            if version.pending_until.is_some_and(|until| until <= now) {
                (version.refused, version.pending_until) = (None, None);
            }
        }
    }

    /// Whether the cloud names another catalogue, other forms or other masters.
    fn differs_from(&self, reply: &HeartbeatReply) -> bool {
        let differs = |etag: &Option<String>, in_use: &Version| {
            etag.as_deref().is_some_and(|etag| !in_use.knows(etag))
        };
        differs(&reply.catalogue_etag, &self.catalogue)
            || differs(&reply.forms_etag, &self.forms)
            || differs(&reply.masters_etag, &self.masters)
    }
}

impl Version {
    fn of<T>(edition: &Edition<T>) -> Self {
        Self {
            etag: edition.etag.clone(),
            signed_at: edition.signed_at,
            ..Self::default()
        }
    }

    /// A full disk says nothing about what came: that is tried again.
    fn refuse(&mut self, etag: String, problem: &EditionProblem) {
        self.refused = (!matches!(problem, EditionProblem::Disk { .. })).then_some(etag);
        self.pending_until = match problem {
            EditionProblem::Ahead { signed_at, .. } => Some(*signed_at),
            _ => None,
        };
    }

    /// Whether it is the one in use or the one refused.
    fn knows(&self, etag: &str) -> bool {
        self.etag.as_deref() == Some(etag) || self.refused.as_deref() == Some(etag)
    }
}
