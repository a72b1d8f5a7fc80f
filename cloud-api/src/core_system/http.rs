//! A core system behind HTTP: time-outs, a size limit, no redirects, one bearer token.

use std::time::Duration;

use kiosk_api::FourItems;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::record::{Found, HouseholdRecord};
use super::{CoreError, CoreSystem, Later, Named};

/// Largest answer, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Why the adapter cannot be made.
#[derive(Debug, Error)]
pub enum HttpCoreError {
    /// The token is not usable in a header.
    #[error("core system: the token file must hold one line of visible ASCII")]
    Token,
    /// No HTTP client.
    #[error("core system: {0}")]
    Client(#[from] reqwest::Error),
}

/// The adapter.
pub struct HttpCore {
    client: Client,
    base: String,
    token: Zeroizing<String>,
}

#[derive(Serialize)]
struct FindRequest<'a> {
    name: &'a str,
    address: &'a str,
    birth_date: jiff::civil::Date,
    sex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindReply {
    matches: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectedReply {
    protected: bool,
}

impl HttpCore {
    /// An adapter for `base` (without `/v1`).
    ///
    /// # Errors
    /// A token that fits no header, a client that cannot start.
    pub fn new(base: &str, token: &str, timeout: Duration) -> Result<Self, HttpCoreError> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(HttpCoreError::Token);
        }
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
            token: Zeroizing::new(token.to_owned()),
        })
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Response, CoreError> {
        request
            .bearer_auth(&*self.token)
            .send()
            .await
            .map_err(|error| classify(&error))
    }
}

/// The error's own text holds the URL, and so a household's number: only its kind goes on.
fn classify(error: &reqwest::Error) -> CoreError {
    if error.is_timeout() {
        CoreError::Slow
    } else if error.is_connect() || error.is_request() {
        CoreError::Unreachable
    } else {
        CoreError::WrongAnswer("the answer broke off".to_owned())
    }
}

async fn read<T: DeserializeOwned>(mut response: Response) -> Result<T, CoreError> {
    if response.status() != StatusCode::OK {
        return Err(CoreError::WrongAnswer(format!(
            "status {}",
            response.status().as_u16()
        )));
    }
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(CoreError::WrongAnswer("larger than 1 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|error| {
        CoreError::WrongAnswer(format!(
            "not as agreed at line {} column {}",
            error.line(),
            error.column()
        ))
    })
}

impl CoreSystem for HttpCore {
    fn find<'a>(&'a self, items: &'a FourItems) -> Later<'a, Vec<Found>> {
        Box::pin(async move {
            let body = FindRequest {
                name: &items.name,
                address: &items.address,
                birth_date: items.birth_date,
                sex: items.sex.to_string(),
            };
            let url = format!("{}/v1/residents/find", self.base);
            let reply: FindReply = read(self.ask(self.client.post(url).json(&body)).await?).await?;
            Ok(reply.matches)
        })
    }

    fn household<'a>(&'a self, id: &'a str) -> Later<'a, Option<HouseholdRecord>> {
        Box::pin(async move {
            // The id comes from outside: it must stay one segment of the path.
            if id.is_empty()
                || id.len() > 64
                || !id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            {
                return Err(CoreError::WrongAnswer(
                    "a household id that is none".to_owned(),
                ));
            }
            let response = self
                .ask(self.client.get(format!("{}/v1/households/{id}", self.base)))
                .await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            read(response).await.map(Some)
        })
    }

    fn protects<'a>(&'a self, person: &'a Named) -> Later<'a, bool> {
        Box::pin(async move {
            let url = format!("{}/v1/residents/protected", self.base);
            let request = self.client.post(url).json(person);
            let reply: ProtectedReply = read(self.ask(request).await?).await?;
            Ok(reply.protected)
        })
    }
}
