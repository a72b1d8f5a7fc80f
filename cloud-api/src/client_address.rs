//! Where a request comes from, as far as guesses are counted by it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::cloud::{Cloud, Shared};

/// What a proxy adds, at the end of what it was sent.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The network address of a request; empty for whoever sits at the machine itself. Of IPv6 the network (/64), since one
/// household or office has as many addresses in it as it likes.
pub(crate) fn client_address(parts: &Parts, cloud: &Cloud) -> String {
    // Only a proxy that the settings name may say for whom it asks.
    let proxy = cloud.console.origin.is_some();
    let forwarded = proxy.then(|| forwarded(parts)).flatten();
    let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = forwarded.or_else(|| Some(peer()?.0.ip()));
    match address.map(|address| address.to_canonical()) {
        Some(address) if address.is_loopback() => String::new(),
        Some(IpAddr::V6(address)) => network(address),
        Some(address) => address.to_string(),
        None => String::new(),
    }
}

/// The same, as an argument of a handler.
pub struct ClientAddress(pub String);

impl FromRequestParts<Shared> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Infallible> {
        Ok(Self(client_address(parts, cloud)))
    }
}

/// The last address of the last header: what stands before it came from the client.
fn forwarded(parts: &Parts) -> Option<IpAddr> {
    let last = parts.headers.get_all(FORWARDED_FOR).iter().next_back()?;
    let text = last.to_str().ok()?.rsplit(',').next()?.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port)
}

fn network(address: Ipv6Addr) -> String {
    let [a, b, c, d, ..] = address.segments();
    format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
}
