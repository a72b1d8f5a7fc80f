//! Anchors what is new in the trails, again and again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_store::audit::Entry;
use cloud_store::{Realm, StoreError};
use reqwest::{Client, header, redirect};
use thiserror::Error;
use tokio::sync::{Mutex, watch};
use url::Url;

use super::file::AnchorFile;
use super::signed_head::SignedHead;
use super::time_stamp::{StampError, StampRequest, verify_stamp};
use crate::cloud::Shared;
use crate::webhooks::{Guard, SigningSecret, post_signed};

/// Longest time for one question to another machine.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer of a time-stamping authority.
const LARGEST: usize = 64 * 1024;

/// Why a head was not anchored.
#[derive(Debug, Error)]
pub enum AnchorError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("anchor file: {0}")]
    File(#[from] std::io::Error),
    /// The last entry was not written by this program: signing it would make it look so.
    #[error(
        "entry {0} has no tag of this service: the trail was changed; run `cloud-api audit verify`"
    )]
    Forged(i64),
    /// What was anchored before is not there any more.
    #[error(
        "entry {0} is not the one that was anchored: the trail was rebuilt or cut off; run `cloud-api audit verify`"
    )]
    Rebuilt(i64),
    /// A service that gets heads.
    #[error("anchor webhook: {0}")]
    Webhook(String),
    /// The time-stamping authority.
    #[error("time stamp: {0}")]
    TimeStamp(#[from] StampError),
    /// It cannot be asked.
    #[error("time stamp: {0}")]
    Unreachable(String),
}

/// Where heads go.
pub struct Anchoring {
    /// The file.
    pub file: Option<AnchorFile>,
    /// A service that gets each head, and the secret it knows us by.
    pub webhook: Option<(Url, SigningSecret)>,
    /// A time-stamping authority, and the certificates (DER) under which its own must be.
    pub time_stamp: Option<(Url, Vec<Vec<u8>>)>,
    /// Between two rounds.
    pub every: Duration,
    /// Where webhooks may go.
    pub guard: Guard,
    /// The last head of each realm that was anchored.
    pub anchored: Mutex<BTreeMap<Realm, SignedHead>>,
}

impl Anchoring {
    /// Anchors until `stop` says so, and once more then.
    pub async fn run(self: Arc<Self>, cloud: Shared, mut stop: watch::Receiver<bool>) {
        let mut look = tokio::time::interval(self.every);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let ends = tokio::select! {
                _ = look.tick() => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            for realm in cloud.realms() {
                if let Err(error) = self.anchor(&cloud, &realm).await {
                    tracing::error!(%realm, %error, "the trail's head is not anchored");
                }
            }
            if ends {
                return;
            }
        }
    }

    /// Anchors a realm's head, if it is another than the last one; gives it.
    ///
    /// # Errors
    /// [`AnchorError`]; the next round tries again.
    pub async fn anchor(
        &self,
        cloud: &Shared,
        realm: &Realm,
    ) -> Result<Option<SignedHead>, AnchorError> {
        let Some(keys) = cloud.store.keys_of(realm) else {
            return Ok(None);
        };
        let mut anchored = self.anchored.lock().await;
        let before = match anchored.get(realm) {
            Some(head) => Some(head.clone()),
            None => self.last_in_file(realm, &keys.head_key())?,
        };
        if let Some(before) = &before {
            let entry = cloud.store.trail(realm, before.seq, 1).await?;
            let same = |entry: &Entry| (entry.seq, entry.hash) == (before.seq, before.hash);
            if !entry.first().is_some_and(same) {
                return Err(AnchorError::Rebuilt(before.seq));
            }
        }
        let Some(last) = cloud.store.last_entry(realm).await? else {
            return Ok(None);
        };
        if before.is_some_and(|head| head.seq == last.seq) {
            return Ok(None);
        }
        if !keys.wrote(&last) {
            return Err(AnchorError::Forged(last.seq));
        }
        let at = cloud.clock.now();
        let mut head = SignedHead::sign(keys, realm, (last.seq, last.hash), at);
        if let Some((url, authorities)) = &self.time_stamp {
            let token = ask(url, head.signature.as_bytes()).await?;
            verify_stamp(&token, head.signature.as_bytes(), authorities)?;
            head.time_stamp = Some(STANDARD.encode(token));
        }
        if let Some(file) = &self.file {
            file.append(&head)?;
        }
        if let Some((url, secret)) = &self.webhook {
            self.post(url, secret, &head).await?;
        }
        anchored.insert(realm.clone(), head.clone());
        Ok(Some(head))
    }

    fn last_in_file(
        &self,
        realm: &Realm,
        key: &[u8; 32],
    ) -> Result<Option<SignedHead>, AnchorError> {
        let anchors = self.file.as_ref().map(|file| file.read(realm, key));
        let anchors = anchors.transpose()?.unwrap_or_default();
        Ok(anchors.last().cloned())
    }

    async fn post(
        &self,
        url: &Url,
        secret: &SigningSecret,
        head: &SignedHead,
    ) -> Result<(), AnchorError> {
        let refused = |error: String| AnchorError::Webhook(error);
        let target = self
            .guard
            .check(url)
            .await
            .map_err(|e| refused(e.to_string()))?;
        let body = serde_json::to_string(head).map_err(|e| refused(e.to_string()))?;
        let id = format!("head_{}_{}", head.realm, head.seq);
        let status = post_signed(&target, secret, (&id, &body), head.at, TIMEOUT)
            .await
            .map_err(refused)?;
        if status.is_success() {
            Ok(())
        } else {
            Err(refused(format!("status {}", status.as_u16())))
        }
    }
}

/// Asks a time-stamping authority.
async fn ask(url: &Url, message: &[u8]) -> Result<Vec<u8>, AnchorError> {
    let mut nonce = [0; 8];
    aws_lc_rs::rand::fill(&mut nonce)
        .map_err(|_| AnchorError::Unreachable("the system gave no randomness".to_owned()))?;
    let request = StampRequest::new(message, nonce);
    let unreachable =
        |error: reqwest::Error| AnchorError::Unreachable(error.without_url().to_string());
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .map_err(unreachable)?;
    let mut answer = client
        .post(url.clone())
        .header(header::CONTENT_TYPE, "application/timestamp-query")
        .body(request.der())
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(unreachable)?;
    let mut response = Vec::new();
    while let Some(some) = answer.chunk().await.map_err(unreachable)? {
        response.extend_from_slice(&some);
        if response.len() > LARGEST {
            return Err(AnchorError::Unreachable(
                "the answer is too large".to_owned(),
            ));
        }
    }
    Ok(request.token(&response)?)
}
