//! Who asks, as an address: the connection's own, or, behind a proxy that the settings name, the one that the proxy saw.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr as _;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// The header in which a proxy adds the address that it saw, at the end of what it was given.
const FORWARDED: &str = "x-forwarded-for";

/// The client of a request; beside every request of both listeners.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientAddress(pub IpAddr);

/// What counts as one address: an IPv4 address, or an IPv6 network of 64 bits, which is what one subscriber gets (RFC 6177).
pub type Network = IpAddr;

/// The network of an address. An IPv4 address that is written as IPv6 is the IPv4 address.
#[must_use]
pub fn network_of(address: IpAddr) -> Network {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(network).into()
        }
    }
}

/// The client's network as guesses are counted by it; empty for whoever sits at the machine itself.
pub(crate) fn counted_address(parts: &Parts) -> String {
    match parts.extensions.get::<ClientAddress>() {
        Some(ClientAddress(address)) if !address.to_canonical().is_loopback() => {
            network_of(*address).to_string()
        }
        _ => String::new(),
    }
}

/// [`counted_address`] as an argument of a handler.
pub struct CountedAddress(pub String);

impl<S: Sync> FromRequestParts<S> for CountedAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(counted_address(parts)))
    }
}

/// Proxies whose word about addresses is taken.
#[derive(Clone, Default, Debug)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// From addresses (`10.0.0.5`) and networks (`10.0.0.0/24`).
    ///
    /// # Errors
    /// Names the text that is neither.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let network = |text: &String| {
            IpNet::from_str(text)
                .or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)))
                .map_err(|_| {
                    format!("proxies: {text:?} is neither an address nor a network (10.1.2.0/24)")
                })
        };
        texts
            .iter()
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Programs of this machine.
    #[must_use]
    pub fn loopback() -> Self {
        let networks = ["127.0.0.0/8", "::1/128"];
        Self(
            networks
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
        )
    }

    /// Whether a proxy has this address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who asks: of what proxies added, the last address that is no proxy's; what stands before that anybody may have written.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> = headers
            .get_all(FORWARDED)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops {
            if !self.contains(client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        ClientAddress(client)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies = Proxies::parse(&["10.0.0.0/24".to_owned(), "::1".to_owned()]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        let ClientAddress(address) = proxies.client(peer.parse().unwrap(), &headers);
        address.to_string()
    }

    #[test]
    fn only_a_proxys_word_is_taken_and_only_what_it_added() {
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(client("10.0.0.5", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client("10.0.0.5", &["203.0.113.9, 198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("::1", &["203.0.113.9", "198.51.100.1, 10.0.0.6"]),
            "198.51.100.1"
        );
        assert_eq!(client("::ffff:10.0.0.5", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(client("10.0.0.5", &["nonsense"]), "10.0.0.5");
        assert_eq!(client("10.0.0.5", &[]), "10.0.0.5");
    }

    #[test]
    fn a_proxy_that_is_no_address_is_named() {
        let wrong = Proxies::parse(&["proxy.example".to_owned()]).unwrap_err();
        assert!(wrong.contains("\"proxy.example\""), "{wrong}");
    }
}
