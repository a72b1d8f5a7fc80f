//! Who may use the browser screen: only whoever calls it by a name of this machine, from its own page.
//!
//! A page on the internet can point a name of its own to 127.0.0.1 (DNS rebinding). Its Origin then equals its Host, so that
//! comparing the two is not enough: the Host itself must be one that nobody else can have.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, header};

/// The names that are let in beside `localhost` and loopback addresses.
#[derive(Clone, Default)]
pub(super) struct Door(Arc<[String]>);

impl Door {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// Whether a request with these headers is answered.
    pub(super) fn lets_in(&self, headers: &HeaderMap) -> bool {
        let host = text(headers, &header::HOST);
        host.is_some_and(|host| self.knows(host) && same_origin(headers, host))
    }

    fn knows(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        // `name@127.0.0.1` has an authority, too, but no browser sends it.
        if host.contains('@') {
            return false;
        }
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            || name.eq_ignore_ascii_case("localhost")
            || self.0.iter().any(|own| name.eq_ignore_ascii_case(own))
    }
}

/// A page of another site, open in the same browser, must not drive the kiosk.
fn same_origin(headers: &HeaderMap, host: &str) -> bool {
    match text(headers, &header::ORIGIN) {
        None => !headers.contains_key(header::ORIGIN),
        Some(origin) => origin.strip_prefix("http://") == Some(host),
    }
}

/// The only value of this name.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Door;

    fn headers(host: Option<&'static str>, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        headers
    }

    #[test]
    fn only_names_of_this_machine_are_let_in_whatever_the_origin_says() {
        let door = Door::new(vec!["kiosk.test".to_owned()]);
        for host in [
            "127.0.0.1:8080",
            "127.0.0.2",
            "localhost:9",
            "LocalHost",
            "[::1]:8080",
            "kiosk.test:80",
        ] {
            assert!(door.lets_in(&headers(Some(host), None)), "{host}");
        }
        for (host, origin) in [
            ("evil.example:8080", "http://evil.example:8080"),
            ("localhost.evil.example", "http://localhost.evil.example"),
            ("127.0.0.1.evil.example", "http://127.0.0.1.evil.example"),
            ("0.0.0.0:8080", "http://0.0.0.0:8080"),
            ("192.0.2.7", "http://192.0.2.7"),
            ("x@127.0.0.1", "http://x@127.0.0.1"),
            ("", "http://"),
        ] {
            assert!(!door.lets_in(&headers(Some(host), Some(origin))), "{host}");
            assert!(!door.lets_in(&headers(Some(host), None)), "{host}");
        }
        assert!(!door.lets_in(&headers(None, None)), "no name at all");
        assert!(!door.lets_in(&headers(Some("localhost"), Some("http://evil.example"))));
        assert!(door.lets_in(&headers(Some("localhost"), Some("http://localhost"))));
    }

    #[test]
    fn two_names_are_none() {
        let mut two = headers(Some("localhost"), None);
        two.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!Door::default().lets_in(&two));
        let mut two = headers(Some("localhost"), Some("http://localhost"));
        two.append(
            header::ORIGIN,
            HeaderValue::from_static("http://evil.example"),
        );
        assert!(!Door::default().lets_in(&two));
    }
}
