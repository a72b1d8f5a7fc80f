//! An access token by OAuth 2.0 client credentials (RFC 6749 §4.4), kept until it is refused.

use reqwest::{Client, StatusCode, header};
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::error::{PullError, classify};
use crate::secret_file;
use crate::settings::PullSettings;

/// Largest answer of a token endpoint, in bytes.
const LARGEST: usize = 64 * 1024;

/// Gives a token.
pub struct TokenSource {
    client: Client,
    url: String,
    id: String,
    secret: Zeroizing<String>,
    scope: Option<String>,
    kept: Mutex<Option<Zeroizing<String>>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
}

impl TokenSource {
    pub(super) fn new(client: Client, settings: &PullSettings) -> Result<Self, PullError> {
        let path = &settings.client_secret_file;
        let secret = secret_file::read_text(path).map_err(|source| PullError::Secret {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            client,
            url: settings.token_url.clone(),
            id: settings.client_id.clone(),
            secret: Zeroizing::new(secret.trim().to_owned()),
            scope: settings.scope.clone(),
            kept: Mutex::new(None),
        })
    }

    /// The token at hand, or a first one.
    pub(super) async fn current(&self) -> Result<Zeroizing<String>, PullError> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let token = self.fetch().await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Another token than the one that was refused.
    pub(super) async fn renewed(&self, refused: &str) -> Result<Zeroizing<String>, PullError> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| ***token != *refused) {
            return Ok(token.clone());
        }
        *kept = None;
        let token = self.fetch().await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn fetch(&self) -> Result<Zeroizing<String>, PullError> {
        let mut form = "grant_type=client_credentials".to_owned();
        if let Some(scope) = &self.scope {
            form.push_str("&scope=");
            form.push_str(&form_encoded(scope));
        }
        // RFC 6749 §2.3.1: both are form-encoded before they are put together.
        let (id, secret) = (form_encoded(&self.id), form_encoded(&self.secret));
        let request = self
            .client
            .post(&self.url)
            .basic_auth(id, Some(secret))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(form);
        let mut response = request.send().await.map_err(|error| classify(&error))?;
        if response.status() != StatusCode::OK {
            let status = response.status().as_u16();
            return Err(PullError::Token(format!("status {status}")));
        }
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(PullError::Token("too large an answer".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        read(&body)
    }
}

fn read(body: &[u8]) -> Result<Zeroizing<String>, PullError> {
    let wrong = |reason: &str| PullError::Token(reason.to_owned());
    let answer: TokenAnswer =
        serde_json::from_slice(body).map_err(|_| wrong("not an answer of RFC 6749 §5.1"))?;
    let token = Zeroizing::new(answer.access_token);
    let fits = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
    if !answer.token_type.eq_ignore_ascii_case("bearer") || !fits {
        return Err(wrong("not a bearer token"));
    }
    Ok(token)
}

/// `application/x-www-form-urlencoded`: everything but letters, digits and `-._` as `%XX`.
fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
