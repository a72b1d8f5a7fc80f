//! What the kiosk asks the cloud for by itself: new editions, the sealing key; and its heartbeat.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::{Heartbeat, HeartbeatReply, SealingKey, TenantPublicKey};

use super::backoff::{Backoff, random};
use super::{Cloud, CloudError, Fetched};
use crate::editions::{Content, Edition, EditionProblem, Forms, Shelf, TownRules};

/// Something new for the loop.
pub enum News {
    /// Another catalogue.
    Catalogue(Edition<Catalogue>),
    /// Other forms.
    Forms(Edition<Forms>),
}

/// Entity tag and time of signing of what is in use.
#[derive(Clone, Default)]
struct InUse {
    etag: Option<String>,
    signed_at: Option<Timestamp>,
    /// The last one refused: not fetched again until another is published.
    refused: Option<String>,
}

/// The task's parts.
pub struct Upkeep {
    /// The cloud.
    pub cloud: Cloud,
    /// Where editions are kept.
    pub shelf: Shelf,
    /// The key that applications are sealed for; replaced when the cloud has another.
    pub sealing_key: Arc<SealingKeyInUse>,
    /// Where new editions go.
    pub news: Box<dyn Fn(News) + Send + Sync>,
    /// How the kiosk is now.
    pub vitals: Box<dyn Fn() -> Heartbeat + Send + Sync>,
    /// Told what the cloud's answer to a heartbeat means: the counted events are delivered.
    pub answered: Box<dyn Fn(&Heartbeat) + Send + Sync>,
    /// Between two heartbeats.
    pub heartbeat_every: Duration,
    /// Between two looks for editions without a hint from a heartbeat.
    pub editions_every: Duration,
}

impl Upkeep {
    /// Works until the program ends. `rules` and `forms` are the ones in use at the start.
    pub async fn run(self, mut rules: TownRules, forms: &Edition<Forms>) {
        let mut catalogue = InUse::of(&rules.in_use());
        let mut masters = InUse {
            etag: Some(rules.masters_etag()),
            ..InUse::default()
        };
        let mut forms = InUse::of(forms);
        let mut backoff = Backoff::new(
            Duration::from_secs(2),
            self.heartbeat_every.max(Duration::from_secs(2)),
        );
        let mut looked: Option<std::time::Instant> = None;
        loop {
            let heartbeat = (self.vitals)();
            let wait = match self.cloud.heartbeat(&heartbeat).await {
                Ok(reply) => {
                    (self.answered)(&heartbeat);
                    backoff.reset();
                    if looked.is_none_or(|last| last.elapsed() >= self.editions_every)
                        || hints(&reply, [&catalogue, &forms, &masters])
                    {
                        looked = Some(std::time::Instant::now());
                        let edition = self.look(&mut catalogue).await;
                        self.renew_rules(&mut rules, edition, &mut masters).await;
                        if let Some(edition) = self.look(&mut forms).await {
                            (self.news)(News::Forms(edition));
                        }
                        self.refresh_sealing_key().await;
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

    /// Another edition, or other masters, make another catalogue.
    async fn renew_rules(
        &self,
        rules: &mut TownRules,
        edition: Option<Edition<Catalogue>>,
        masters: &mut InUse,
    ) {
        let other_masters = self.look_for_masters(rules, masters).await;
        let other_edition = edition.map(|edition| rules.renew(edition)).is_some();
        if other_masters || other_edition {
            (self.news)(News::Catalogue(rules.in_use()));
        }
    }

    async fn look_for_masters(&self, rules: &mut TownRules, in_use: &mut InUse) -> bool {
        let known = in_use.refused.clone().unwrap_or(rules.masters_etag());
        let masters = match self.cloud.masters(&known).await {
            Ok(Fetched::New(masters)) => *masters,
            Ok(Fetched::Unchanged | Fetched::NonePublished) => return false,
            Err(error) => {
                tracing::debug!(kind = "masters", %error);
                return false;
            }
        };
        let etag = masters.etag();
        match rules.accept(masters) {
            Ok(()) => {
                tracing::info!(kind = "masters-new", etag);
                *in_use = InUse {
                    etag: Some(etag),
                    ..InUse::default()
                };
                true
            }
            Err(problem) => {
                tracing::error!(kind = "masters-refused", %problem, "the last good ones stay");
                in_use.refuse(etag, &problem);
                false
            }
        }
    }

    /// A newer edition, if the cloud has one that is good.
    async fn look<T: Content + Send + Sync + 'static>(
        &self,
        in_use: &mut InUse,
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
        let (shelf, signed_at) = (self.shelf.clone(), in_use.signed_at);
        // Compiling a catalogue takes a moment, and so does the disk.
        let accepted =
            tokio::task::spawn_blocking(move || shelf.accept::<T>(signed, signed_at)).await;
        match accepted {
            Ok(Ok(edition)) => {
                tracing::info!(
                    kind = "edition-new",
                    edition = T::KIND.as_str(),
                    name = edition.name
                );
                *in_use = InUse::of(&edition);
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
            Ok(key) => self.sealing_key.replace(key),
            Err(CloudError::Unreachable) => {}
            Err(error) => tracing::warn!(kind = "sealing-key", %error),
        }
    }
}

impl InUse {
    fn of<T>(edition: &Edition<T>) -> Self {
        Self {
            etag: edition.etag.clone(),
            signed_at: edition.signed_at,
            refused: None,
        }
    }

    /// A full disk is no fault of what came: that is tried again.
    fn refuse(&mut self, etag: String, problem: &EditionProblem) {
        self.refused = (!matches!(problem, EditionProblem::Disk { .. })).then_some(etag);
    }

    fn is(&self, etag: &str) -> bool {
        self.etag.as_deref() == Some(etag) || self.refused.as_deref() == Some(etag)
    }
}

/// Whether the cloud has something else than catalogue, forms and masters in use.
fn hints(reply: &HeartbeatReply, in_use: [&InUse; 3]) -> bool {
    [
        &reply.catalogue_etag,
        &reply.forms_etag,
        &reply.masters_etag,
    ]
    .into_iter()
    .zip(in_use)
    .any(|(etag, in_use)| etag.as_deref().is_some_and(|etag| !in_use.is(etag)))
}

/// The key that applications are sealed for. Kept on the disk, so that a kiosk without network can seal.
pub struct SealingKeyInUse {
    key: Mutex<SealingKey>,
    file: std::path::PathBuf,
}

impl SealingKeyInUse {
    /// The kept key in `file`, or the shipped one where none is kept.
    #[must_use]
    pub fn new(file: std::path::PathBuf, shipped: SealingKey) -> Self {
        let key = crate::editions::read_sealing_key(&file).unwrap_or(shipped);
        Self {
            key: Mutex::new(key),
            file,
        }
    }

    /// The key now.
    #[must_use]
    pub fn get(&self) -> SealingKey {
        self.key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn replace(&self, key: SealingKey) {
        let mut now = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == key {
            return;
        }
        if TenantPublicKey::from_bytes(&key.public_key.0).is_err() {
            return tracing::error!(kind = "sealing-key", "not a key; the last one stays");
        }
        let kept = serde_json::to_vec(&key).map_err(std::io::Error::from);
        match kept.and_then(|bytes| crate::durable_file::replace(&self.file, &bytes)) {
            Ok(()) => *now = key,
            Err(error) => tracing::error!(kind = "sealing-key", %error, "the last one stays"),
        }
    }
}
