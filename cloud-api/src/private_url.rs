//! Addresses that secrets and residents' data may go to.

use url::{Host, Url};

/// Whether nobody else reads what goes there: https, or this machine.
#[must_use]
pub fn stays_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_this_machine(url),
        _ => false,
    }
}

/// Whether the address's host is this machine by its own word; no name is resolved but `localhost`.
#[must_use]
pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// A key of the settings that holds such an address.
///
/// # Errors
/// Names the key and the address.
pub(crate) fn check(key: &str, text: &str) -> Result<(), String> {
    if Url::parse(text).is_ok_and(|url| stays_private(&url)) {
        return Ok(());
    }
    Err(format!(
        "{key} = {text:?}: another machine is reached by https only; http is for 127.0.0.1, [::1] and localhost"
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for private in [
            "https://core.example",
            "http://127.0.0.1:8090/a",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost",
            "http://0x7f000001",
        ] {
            assert!(check("url", private).is_ok(), "{private}");
        }
        for plain in [
            "http://core.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://127.0.0.1@core.example",
            "http://10.0.0.5",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:10.0.0.5]",
            "ftp://127.0.0.1",
            "core.example",
        ] {
            let reason = check("url", plain).unwrap_err();
            assert!(reason.contains(plain), "{reason}");
        }
    }
}
