//! Which services get what happens to applications.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::private_url;
use crate::webhooks::EventType;

/// A webhook of a town.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Its name, kept with what is on its way.
    pub id: String,
    /// Where it goes; https, unless it is on this machine and within `webhook_networks`.
    pub url: String,
    /// File that holds the signing secret (`whsec_…`).
    pub secret_file: PathBuf,
    /// Which events it gets (`application.received`, …); empty: everything.
    #[serde(default)]
    pub events: Vec<String>,
}

impl WebhookSettings {
    /// Where it goes.
    ///
    /// # Errors
    /// A URL that is none.
    pub fn parsed_url(&self) -> Result<Url, String> {
        Url::parse(&self.url).map_err(|error| format!("webhook {}: url: {error}", self.id))
    }

    /// Which events it gets.
    ///
    /// # Errors
    /// An event that there is not.
    pub fn parsed_events(&self) -> Result<Vec<EventType>, String> {
        let events = self.events.iter().map(|event| event.parse());
        events
            .collect::<Result<_, String>>()
            .map_err(|error| format!("webhook {}: events: {error}", self.id))
    }

    /// What must hold.
    pub(super) fn check(&self) -> Result<(), String> {
        self.parsed_url()?;
        private_url::check(&format!("webhook {}: url", self.id), &self.url)?;
        self.parsed_events().map(drop)
    }
}

/// Networks as in the settings: `10.1.2.0/24`, or one address.
///
/// # Errors
/// Which is none.
pub fn networks(texts: &[String]) -> Result<Vec<IpNet>, String> {
    let network = |text: &String| {
        let one = || text.parse().map(|address: std::net::IpAddr| address.into());
        text.parse::<IpNet>()
            .or_else(|_| one())
            .map_err(|_| format!("webhook_networks: {text:?}: expected an address or 10.1.2.0/24"))
    };
    texts.iter().map(network).collect()
}
