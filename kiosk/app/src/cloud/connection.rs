//! HTTP over mutual TLS, with limits on time and size, and the cloud's problem documents as values.

use std::time::Duration;

use kiosk_api::{Problem, ProblemCode, TenantCode, route};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use rustls::ClientConfig;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::tls::TrustError;
use super::{CloudError, tls};
use crate::settings;
use crate::trusted_time::TrustedTime;

/// Largest answer that is read, bytes. An edition of catalogue or forms with its templates is some 300 kB.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// A connection to the cloud service. Clones share it.
#[derive(Clone)]
pub struct Cloud {
    http: Client,
    /// For what is about a resident: each connection ends with its answer, so that no buffer of it outlives the visit.
    resident_http: Client,
    url: settings::CloudUrl,
    pub(super) tenant: TenantCode,
    online: watch::Sender<Option<bool>>,
}

impl Cloud {
    /// Prepares connections; nothing is sent yet.
    ///
    /// # Errors
    /// [`TrustError`] names the certificate or key file that cannot be used.
    pub fn new(settings: &settings::Cloud, tenant: TenantCode) -> Result<Self, TrustError> {
        Self::with_time(settings, tenant, &TrustedTime::default())
    }

    /// The same; certificates are judged by a time that is never before what is known to have passed.
    ///
    /// # Errors
    /// As [`Cloud::new`].
    pub fn with_time(
        settings: &settings::Cloud,
        tenant: TenantCode,
        time: &TrustedTime,
    ) -> Result<Self, TrustError> {
        let tls = tls::config(settings, time)?;
        let unusable = |error: reqwest::Error| TrustError::Unusable {
            file: settings.client_certificate.to_path_buf(),
            reason: error.to_string(),
        };
        let kept = Duration::from_secs(60);
        let http = client(settings, &tls).pool_idle_timeout(kept).build();
        let resident_http = client(settings, &tls).pool_max_idle_per_host(0).build();
        Ok(Self {
            http: http.map_err(unusable)?,
            resident_http: resident_http.map_err(unusable)?,
            url: settings.url.clone(),
            tenant,
            online: watch::Sender::new(None),
        })
    }

    /// Whether the last request got any answer; `None` before the first one.
    #[must_use]
    pub fn online(&self) -> watch::Receiver<Option<bool>> {
        self.online.subscribe()
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.http
            .post(self.url.route(&route::path(path, &self.tenant)))
    }

    /// As [`Cloud::post`], for what is about a resident.
    pub(super) fn post_for_resident(&self, path: &str) -> RequestBuilder {
        self.resident_http
            .post(self.url.route(&route::path(path, &self.tenant)))
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(self.url.route(&route::path(path, &self.tenant)))
    }

    pub(super) async fn answer<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<T, CloudError> {
        self.answer_or_unchanged(what, request)
            .await?
            .ok_or(CloudError::Malformed(what))
    }

    pub(super) async fn no_answer(&self, request: RequestBuilder) -> Result<(), CloudError> {
        let response = self.send(request).await?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(refusal(response).await)
        }
    }

    /// `None` for 304.
    pub(super) async fn answer_or_unchanged<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Option<T>, CloudError> {
        let response = self.send(request).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        let body = read(response, LARGEST_ANSWER)
            .await
            .ok_or(CloudError::Malformed(what))?;
        serde_json::from_slice(&body).map(Some).map_err(|error| {
            // The position only: the answer may be about people.
            tracing::warn!(
                kind = "malformed-answer",
                what,
                line = error.line(),
                column = error.column()
            );
            CloudError::Malformed(what)
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, CloudError> {
        let sent = request.send().await;
        self.online
            .send_if_modified(|online| online.replace(sent.is_ok()) != Some(sent.is_ok()));
        sent.map_err(|error| {
            tracing::debug!(
                kind = "cloud-unreachable",
                timeout = error.is_timeout(),
                connect = error.is_connect()
            );
            CloudError::Unreachable
        })
    }
}

async fn refusal(response: Response) -> CloudError {
    let status = response.status();
    let code = match read(response, 64 * 1024)
        .await
        .and_then(|body| serde_json::from_slice::<Problem>(&body).ok())
    {
        Some(problem) => problem.code,
        // Not from our service, for example from a gateway: judge by the status.
        None if status == StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
        None if status == StatusCode::NOT_FOUND => ProblemCode::NotFound,
        None => ProblemCode::Unknown,
    };
    CloudError::Refused(code)
}

/// The body, wiped when dropped; `None` when it breaks off or is larger than `most`.
async fn read(mut response: Response, most: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > most {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

fn client(settings: &settings::Cloud, tls: &ClientConfig) -> ClientBuilder {
    Client::builder()
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_millis(settings.connect_ms))
        .timeout(Duration::from_millis(settings.answer_ms))
        .tls_backend_preconfigured(tls.clone())
}
