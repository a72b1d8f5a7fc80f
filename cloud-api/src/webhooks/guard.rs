//! Where a webhook may go. A URL in the settings must not reach what only this machine or its network can reach
//! (server-side request forgery, CWE-918): the name is resolved here, every address is checked, and the connection goes to
//! a checked address, whatever the name resolves to a moment later.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use thiserror::Error;
use url::Host;

/// Why a webhook is not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Refused {
    /// Not https, or no host, or a user in it.
    #[error("the address must be https://host/… without a user")]
    Shape,
    /// The name does not resolve.
    #[error("the name does not resolve")]
    Unknown,
    /// It leads to this machine or a private network that the settings do not allow.
    #[error("it leads to an address that is not public and that webhook_networks does not allow")]
    Private,
}

/// Addresses of a name, later.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Resolves names.
pub trait Resolve: Send + Sync {
    /// The addresses of a name.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

/// The machine's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A URL that may be called, and where exactly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The URL.
    pub url: Url,
    /// Addresses of its host, all checked.
    pub addresses: Vec<SocketAddr>,
}

/// Checks URLs.
#[derive(Clone)]
pub struct Guard {
    resolver: Arc<dyn Resolve>,
    allowed: Vec<IpNet>,
}

impl Guard {
    /// `allowed`: networks that may be called although they are not public; without TLS only on this machine.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolve>, allowed: Vec<IpNet>) -> Self {
        Self { resolver, allowed }
    }

    /// Resolves and checks.
    ///
    /// # Errors
    /// [`Refused`]; one address that may not be called refuses them all.
    pub async fn check(&self, url: &Url) -> Result<Target, Refused> {
        let has_user = !url.username().is_empty() || url.password().is_some();
        let port = url.port_or_known_default().ok_or(Refused::Shape)?;
        let addresses = match url.host() {
            _ if has_user => return Err(Refused::Shape),
            None => return Err(Refused::Shape),
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            Some(Host::Domain(name)) => {
                let found = self.resolver.resolve(name).await;
                found.map_err(|_| Refused::Unknown)?
            }
        };
        if addresses.is_empty() {
            return Err(Refused::Unknown);
        }
        let all_allowed = addresses.iter().all(|address| self.allows(*address));
        if !all_allowed
            && !addresses
                .iter()
                .all(|address| self.allows(*address) || is_public(*address))
        {
            return Err(Refused::Private);
        }
        match url.scheme() {
            "https" => {}
            "http" if all_allowed && addresses.iter().all(is_loopback) => {}
            _ => return Err(Refused::Shape),
        }
        let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
        Ok(Target {
            url: url.clone(),
            addresses: addresses.collect(),
        })
    }

    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address))
    }
}

fn is_loopback(address: &IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// IANA's IPv4 Special-Purpose Address Registry, multicast and what is reserved.
const NOT_PUBLIC_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 31, 196, 24),
    v4(192, 52, 193, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 3),
];

/// Of IPv6 only global unicast is public, and not all of that (IANA's IPv6 Special-Purpose Address Registry).
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
const NOT_PUBLIC_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 23),
    v6(0x2001, 0xdb8, 32),
    v6(0x2002, 0, 16),
    v6(0x2620, 0x4f, 32),
    v6(0x3fff, 0, 20),
];

/// Whether an address is one of the public internet. An IPv4 address in IPv6's clothes (`::ffff:127.0.0.1`) counts as what
/// it is.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public() {
        for public in [
            "8.8.8.8",
            "198.17.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "2400:4050::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.1",
            "198.19.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "100::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
