//! A town's own OpenID provider (OpenID Connect Core 1.0, authorization code with PKCE). People must have been added here
//! before; the provider says only who they are, never what they may do.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud_store::SignIn;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::{Client, RequestBuilder, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zeroize::Zeroizing;

/// Largest answer of a provider, in bytes.
const LARGEST: usize = 256 * 1024;
/// How far the provider's clock may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(2);
/// How long somebody may take at the provider.
pub const SIGN_IN_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Why the provider named nobody.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// It cannot be used as set.
    #[error("OpenID provider: {0}")]
    Settings(String),
    /// It does not answer, or not in time.
    #[error("OpenID provider does not answer")]
    Unreachable,
    /// It answers what cannot be read or does not hold.
    #[error("OpenID provider: {0}")]
    Wrong(String),
}

/// A provider, as the settings name it.
pub struct Provider {
    client: Client,
    issuer: String,
    client_id: String,
    secret: Zeroizing<String>,
    claim: String,
    callback: String,
}

/// Who somebody is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Issuer and subject; never changes for a person.
    pub subject: String,
    /// The log-in name, by which an administrator added them.
    pub login: String,
    /// When they proved to the provider who they are, if it says so.
    pub proven_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    aud: Audience,
    azp: Option<String>,
    auth_time: Option<i64>,
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

/// For whom a token is: one name, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Whether it is this client alone.
    fn is_only(&self, client: &str) -> bool {
        match self {
            Self::One(own) => own == client,
            Self::Several(all) => all.iter().all(|own| own == client),
        }
    }
}

/// Secrets and identities travel to and from it: https, or this machine itself.
fn is_safe(url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

impl Claims {
    /// Why the token is not for this log-in, at this time (OpenID Connect Core 1.0, 3.1.3.7).
    fn fault(&self, client: &str, nonce: &str, now: Timestamp) -> Option<&'static str> {
        let (now, skew) = (now.as_second(), SKEW.as_secs());
        let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
        let party = self.azp.as_deref();
        if now > self.exp.saturating_add(skew) {
            Some("the token is over")
        } else if begins > now.saturating_add(skew) {
            Some("the token does not hold yet")
        } else if self.iat < now.saturating_sub(SIGN_IN_WITHIN.as_secs() + skew) {
            Some("the token is older than the log-in")
        } else if party.is_some_and(|party| party != client) {
            Some("the token was issued to another party")
        } else if party.is_none() && !self.aud.is_only(client) {
            Some("the token is for several and does not say to whom it was issued")
        } else if self.nonce.as_deref() != Some(nonce) {
            Some("the token belongs to another log-in")
        } else {
            None
        }
    }
}

impl Provider {
    /// A provider; `callback` is where it sends people back to.
    ///
    /// # Errors
    /// An issuer that is neither `https:` nor on loopback, or no HTTP client.
    pub fn new(
        issuer: &str,
        client_id: &str,
        secret: &str,
        claim: &str,
        callback: &str,
    ) -> Result<Self, ProviderError> {
        let wrong = |reason: &str| ProviderError::Settings(reason.to_owned());
        let url = Url::parse(issuer).map_err(|_| wrong("issuer is not a URL"))?;
        if !is_safe(&url) {
            return Err(wrong("issuer must be https, unless it is on loopback"));
        }
        let client = Client::builder()
            .timeout(Duration::from_secs(10))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ProviderError::Settings(error.to_string()))?;
        Ok(Self {
            client,
            issuer: issuer.trim_end_matches('/').to_owned(),
            client_id: client_id.to_owned(),
            secret: Zeroizing::new(secret.trim().to_owned()),
            claim: claim.to_owned(),
            callback: callback.to_owned(),
        })
    }

    async fn discover(&self) -> Result<Discovery, ProviderError> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let found: Discovery = ask(self.client.get(url)).await?;
        if found.issuer.trim_end_matches('/') != self.issuer {
            return Err(ProviderError::Wrong("it names another issuer".to_owned()));
        }
        let places = [
            &found.authorization_endpoint,
            &found.token_endpoint,
            &found.jwks_uri,
        ];
        if let Some(open) = places.into_iter().find(|url| !is_safe(url)) {
            let reason = format!("it names a place that is not https: {open}");
            return Err(ProviderError::Wrong(reason));
        }
        Ok(found)
    }

    /// Where to send somebody; `again`: the provider must ask for the password, and say when it did.
    ///
    /// # Errors
    /// The provider does not answer.
    pub async fn begin(&self, sign_in: &SignIn, again: bool) -> Result<String, ProviderError> {
        let mut url = self.discover().await?.authorization_endpoint;
        let challenge =
            URL_SAFE_NO_PAD.encode(digest(&SHA256, sign_in.verifier.as_bytes()).as_ref());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.callback)
            .append_pair("scope", "openid profile")
            .append_pair("state", &sign_in.state)
            .append_pair("nonce", &sign_in.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if again {
            url.query_pairs_mut()
                .append_pair("prompt", "login")
                .append_pair("max_age", "0");
        }
        Ok(url.into())
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn finish(
        &self,
        sign_in: &SignIn,
        code: &str,
        now: Timestamp,
    ) -> Result<Identity, ProviderError> {
        let places = self.discover().await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback),
            ("code_verifier", &sign_in.verifier),
        ];
        let body = serde_urlencoded::to_string(form)
            .map_err(|error| ProviderError::Wrong(error.to_string()))?;
        let request = self
            .client
            .post(places.token_endpoint)
            .basic_auth(
                form_escaped(&self.client_id),
                Some(form_escaped(&self.secret)),
            )
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let tokens: Tokens = ask(request).await?;
        let keys: JwkSet = ask(self.client.get(places.jwks_uri)).await?;
        self.identity(&tokens.id_token, &keys, &sign_in.nonce, now)
    }

    /// Checks an identity token: signature by one of the provider's keys, issuer, audience, times, nonce.
    fn identity(
        &self,
        token: &str,
        keys: &JwkSet,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Identity, ProviderError> {
        let wrong = |reason: &str| ProviderError::Wrong(reason.to_owned());
        let header = decode_header(token).map_err(|_| wrong("the token is none"))?;
        // Only signatures by a key pair: a client secret or "none" must never do.
        if !matches!(
            header.alg,
            Algorithm::RS256
                | Algorithm::ES256
                | Algorithm::ES384
                | Algorithm::EdDSA
                | Algorithm::PS256
        ) {
            return Err(wrong("the token is signed in a way that is not taken"));
        }
        let named = header.kid.as_deref().and_then(|kid| keys.find(kid));
        let key = named
            .or(match keys.keys.as_slice() {
                [only] if header.kid.is_none() => Some(only),
                _ => None,
            })
            .ok_or_else(|| wrong("the token's key is not among the provider's"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| wrong("the provider's key is none"))?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer, &format!("{}/", self.issuer)]);
        validation.set_audience(&[&self.client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked below, by the service's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = decode::<Claims>(token, &key, &validation)
            .map_err(|_| wrong("the token does not hold"))?
            .claims;
        if let Some(fault) = claims.fault(&self.client_id, nonce, now) {
            return Err(wrong(fault));
        }
        let login = match self.claim.as_str() {
            "sub" => Some(claims.sub.as_str()),
            claim => claims.others.get(claim).and_then(|value| value.as_str()),
        };
        let login = login.ok_or_else(|| {
            ProviderError::Wrong(format!("the token has no claim {:?}", self.claim))
        })?;
        Ok(Identity {
            subject: format!("{} {}", self.issuer, claims.sub),
            login: login.to_owned(),
            proven_at: claims
                .auth_time
                .and_then(|at| Timestamp::from_second(at).ok()),
        })
    }
}

/// Client id and secret are form-encoded before they become HTTP Basic (RFC 6749 §2.3.1).
fn form_escaped(text: &str) -> String {
    serde_urlencoded::to_string([("", text)])
        .unwrap_or_default()
        .trim_start_matches('=')
        .to_owned()
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ProviderError> {
    let mut response = request
        .send()
        .await
        .map_err(|_| ProviderError::Unreachable)?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(ProviderError::Wrong(format!("it answers status {status}")));
    }
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| ProviderError::Unreachable)?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(ProviderError::Wrong("its answer is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body)
        .map_err(|_| ProviderError::Wrong("its answer cannot be read".to_owned()))
}
