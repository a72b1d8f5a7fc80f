//! Fetches a register from a municipality's server (docs/core-system-import.md, "Pull"): whole at first, then deltas.
//! Whatever goes wrong leaves the last good register.

mod body;
mod error;
mod token;

use std::sync::Arc;
use std::time::Duration;

use cloud_store::PullOutcome;
use error::classify;
use jiff::Timestamp;
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::sync::watch;

use super::import::{Encoding, Import, ImportError, Kind, Origin, Report};
use super::registered::RegisterKeys;
use crate::cloud::Shared;
use crate::settings::PullSettings;
use crate::tenant::Tenant;

pub use error::PullError;
pub use token::TokenSource;

/// Where the next delta goes on; the server's own word, sent back as it came.
const CURSOR: &str = "genkan-cursor";
/// Longest cursor.
const LONGEST_CURSOR: usize = 200;

/// What the town's rows are checked against.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Whether 宛名番号 end in a check digit.
    pub check_digit: bool,
    /// See [`Import::most_rejected_percent`].
    pub most_rejected_percent: u8,
}

/// The adapter of one town.
pub struct Pull {
    tenant: Arc<Tenant>,
    keys: Arc<RegisterKeys>,
    settings: PullSettings,
    limits: Limits,
    client: Client,
    token: TokenSource,
}

impl Pull {
    /// An adapter as the settings say.
    ///
    /// # Errors
    /// A secret that cannot be read, a client that cannot start.
    pub fn new(
        tenant: Arc<Tenant>,
        settings: &PullSettings,
        limits: Limits,
    ) -> Result<Self, PullError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let client = Client::builder()
            .connect_timeout(timeout)
            .read_timeout(timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| PullError::Client)?;
        let keys = tenant.register_keys().map_err(ImportError::from)?;
        Ok(Self {
            keys: Arc::new(keys),
            token: TokenSource::new(client.clone(), settings)?,
            tenant,
            settings: settings.clone(),
            limits,
            client,
        })
    }

    /// Pulls whenever it is due, until `stop` says so. Several replicas take turns by the store.
    pub async fn run(self, cloud: Shared, mut stop: watch::Receiver<bool>) {
        let mut due = tokio::time::interval(Duration::from_secs(60));
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            tokio::select! {
                ended = self.when_due(&cloud) => if let Err(error) = ended {
                    tracing::warn!(tenant = %self.tenant.code, %error, "pull");
                },
                // Half a register that was staged is swept by the next import.
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Pulls if the last try was long enough ago; `None` when it was not.
    ///
    /// # Errors
    /// [`PullError`]; it is kept for the console, too.
    pub async fn when_due(&self, cloud: &Shared) -> Result<Option<Pulled>, PullError> {
        let (tenant, now) = (&self.tenant.code, cloud.clock.now());
        let every = i64::from(self.settings.every_minutes) * 60_000;
        if !cloud.store.take_pull_turn(tenant, now, every).await? {
            return Ok(None);
        }
        let longest = Duration::from_secs(u64::from(self.settings.longest_minutes) * 60);
        let pulled = tokio::time::timeout(longest, self.once(cloud, now))
            .await
            .unwrap_or(Err(PullError::Slow));
        let outcome = match &pulled {
            Ok(Pulled::Unchanged) => PullOutcome::Unchanged(now),
            Ok(Pulled::Loaded(_)) => PullOutcome::Loaded,
            Err(error) => PullOutcome::Failed(error.to_string()),
        };
        cloud.store.finish_pull(tenant, &outcome).await?;
        pulled.map(Some)
    }

    async fn once(&self, cloud: &Shared, now: Timestamp) -> Result<Pulled, PullError> {
        let known = cloud.store.freshness(&self.tenant.code).await?;
        let known =
            known.filter(|known| known.full_at.is_some() && known.key_id == self.keys.key_id);
        if let Some(cursor) = known.and_then(|known| known.cursor) {
            let response = self.ask(Kind::Delta, Some(&cursor)).await?;
            match response.status() {
                StatusCode::NO_CONTENT => return Ok(Pulled::Unchanged),
                StatusCode::GONE => {}
                _ => return self.load(cloud, now, Kind::Delta, response).await,
            }
        }
        let response = self.ask(Kind::Full, None).await?;
        self.load(cloud, now, Kind::Full, response).await
    }

    /// Asks with the token at hand; once more with a new one when that is refused.
    async fn ask(&self, kind: Kind, cursor: Option<&str>) -> Result<Response, PullError> {
        let base = self.settings.url.trim_end_matches('/');
        let mut url = reqwest::Url::parse(&format!("{base}/v1/register/{}", kind.as_str()))
            .map_err(|_| PullError::Client)?;
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("after", cursor);
        }
        let token = self.token.current().await?;
        let response = self.send(url.clone(), &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let token = self.token.renewed(&token).await?;
        self.send(url, &token).await
    }

    async fn send(&self, url: reqwest::Url, token: &str) -> Result<Response, PullError> {
        let request = self.client.get(url).bearer_auth(token);
        request.send().await.map_err(|error| classify(&error))
    }

    async fn load(
        &self,
        cloud: &Shared,
        now: Timestamp,
        kind: Kind,
        response: Response,
    ) -> Result<Pulled, PullError> {
        if response.status() != StatusCode::OK {
            return Err(PullError::Status(response.status().as_u16()));
        }
        let cursor = response.headers().get(CURSOR);
        let cursor = cursor
            .and_then(|value| value.to_str().ok())
            .filter(|text| (1..=LONGEST_CURSOR).contains(&text.len()))
            .map(str::to_owned);
        let import = Import {
            tenant: self.tenant.code.clone(),
            keys: Arc::clone(&self.keys),
            forms: self.tenant.forms().ok_or(ImportError::NoForms)?,
            kind,
            format: self.settings.format.into(),
            encoding: Encoding::Auto,
            check_digit: self.limits.check_digit,
            most_rejected_percent: self.limits.most_rejected_percent,
            now,
            today: cloud.clock.today(),
            origin: Origin::Pull,
            cursor,
        };
        let (reader, fetching) = body::stream(response, self.settings.most_mib);
        let (report, fetched) = tokio::join!(import.run(&cloud.store, reader, |_| {}), fetching);
        // Why the body broke off says more than that the import met its end.
        fetched?;
        Ok(Pulled::Loaded(report?))
    }
}

/// What a pull brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pulled {
    /// The server has nothing new.
    Unchanged,
    /// Rows.
    Loaded(Report),
}
