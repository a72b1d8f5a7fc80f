//! What the kiosk asks the cloud for by itself: new editions, the sealing key; and its heartbeat.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::{Heartbeat, HeartbeatReply, SealingKey, TenantPublicKey};

use super::backoff::{Backoff, random};
use super::{Cloud, CloudError, Fetched};
use crate::editions::{Content, Edition, EditionProblem, Forms, Shelf};

/// Something new for the loop.
pub enum News {
    /// Another catalogue.
    Catalogue(Edition<Catalogue>),
    /// Other forms.
    Forms(Edition<Forms>),
}

/// Entity tag and time of signing of the edition in use.
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
    /// Works until the program ends. `catalogue` and `forms` are the editions in use at the start.
    pub async fn run(self, catalogue: &Edition<Catalogue>, forms: &Edition<Forms>) {
        let mut catalogue = InUse::of(catalogue);
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
                        || hints(&reply, &catalogue, &forms)
                    {
                        looked = Some(std::time::Instant::now());
                        self.look(&mut catalogue, News::Catalogue).await;
                        self.look(&mut forms, News::Forms).await;
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

    async fn look<T: Content + Send + Sync + 'static>(
        &self,
        in_use: &mut InUse,
        news: impl Fn(Edition<T>) -> News,
    ) {
        let signed = match self
            .cloud
            .edition(
                T::KIND,
                in_use.refused.as_deref().or(in_use.etag.as_deref()),
            )
            .await
        {
            Ok(Fetched::New(signed)) => *signed,
            Ok(Fetched::Unchanged | Fetched::NonePublished) => return,
            Err(error) => {
                return tracing::debug!(kind = "edition", edition = T::KIND.as_str(), %error);
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
                (self.news)(news(edition));
            }
            Ok(Err(problem)) => {
                tracing::error!(kind = "edition-refused", %problem, "the last good one stays");
                // A full disk is no fault of the edition: that one is tried again.
                in_use.refused = (!matches!(problem, EditionProblem::Disk { .. })).then_some(etag);
            }
            Err(_) => tracing::error!(
                kind = "edition-panic",
                edition = T::KIND.as_str(),
                "the last good one stays"
            ),
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

    fn is(&self, etag: &str) -> bool {
        self.etag.as_deref() == Some(etag) || self.refused.as_deref() == Some(etag)
    }
}

fn hints(reply: &HeartbeatReply, catalogue: &InUse, forms: &InUse) -> bool {
    let other = |etag: &Option<String>, in_use: &InUse| {
        etag.as_deref().is_some_and(|etag| !in_use.is(etag))
    };
    other(&reply.catalogue_etag, catalogue) || other(&reply.forms_etag, forms)
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
