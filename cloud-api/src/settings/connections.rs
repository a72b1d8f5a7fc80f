//! How many connections a listener holds, and how long its clients may take.

use serde::Deserialize;

use crate::client_address::Proxies;

/// Bounds of both listeners. Each listener counts its own connections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionSettings {
    /// Most connections to the office listener; by default a part of the process's limit of open files.
    pub office: Option<usize>,
    /// Most connections to the device listener; by default a part of the process's limit of open files.
    pub device: Option<usize>,
    /// Most connections of one address (of IPv6: of one network of 64 bits) to one listener; by default a quarter of all.
    pub per_address: Option<usize>,
    /// Proxies before a listener, as addresses or networks: bounded in all only, and their `X-Forwarded-For` is believed.
    /// Default: programs of this machine if `origin` is set, else nobody.
    pub proxies: Option<Vec<String>>,
    /// Longest time for a whole ClientHello, in milliseconds.
    pub hello_ms: u64,
    /// Longest time for the rest of the handshake, in milliseconds.
    pub handshake_ms: u64,
    /// Longest time for a request's head, in milliseconds.
    pub head_ms: u64,
    /// Longest time for a request's body, in milliseconds.
    pub body_ms: u64,
    /// Longest time between two requests on one connection, in milliseconds.
    pub idle_ms: u64,
    /// Longest time in which a client takes no 16 KiB of an answer that waits, in milliseconds.
    pub answer_ms: u64,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            office: None,
            device: None,
            per_address: None,
            proxies: None,
            hello_ms: 5_000,
            handshake_ms: 10_000,
            head_ms: 10_000,
            body_ms: 30_000,
            idle_ms: 60_000,
            answer_ms: 30_000,
        }
    }
}

impl ConnectionSettings {
    pub(super) fn check(&self) -> Result<(), String> {
        let counts = [self.office, self.device, self.per_address];
        let times = [
            self.hello_ms,
            self.handshake_ms,
            self.head_ms,
            self.body_ms,
            self.idle_ms,
            self.answer_ms,
        ];
        if counts.contains(&Some(0)) || times.contains(&0) {
            return Err(
                "connections: 0 would let nobody in; leave the key out for its default".to_owned(),
            );
        }
        self.named_proxies().map(drop)
    }

    fn named_proxies(&self) -> Result<Option<Proxies>, String> {
        self.proxies.as_deref().map(Proxies::parse).transpose()
    }

    /// The proxies before the listeners; `origin` says that there is one on this machine.
    ///
    /// # Errors
    /// Names what is no address.
    pub fn proxies(&self, origin: Option<&str>) -> Result<Proxies, String> {
        let usual = || match origin {
            Some(_) => Proxies::loopback(),
            None => Proxies::default(),
        };
        Ok(self.named_proxies()?.unwrap_or_else(usual))
    }
}
