//! Cookies under the prefix `__Host-` where people come by https: a browser takes such a cookie over TLS alone, from this very host
//! and for all of its paths (RFC 6265bis, 4.1.3.2), so that no neighbour under the town's domain can set or replace one.
//!
//! Handlers name their cookies plainly and say whose realm they are for by the path; that path becomes part of the name here, since
//! the prefix allows none. What comes without the prefix is not handed on.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const PREFIX: &str = "__Host-";

/// Between browser and handlers.
pub(super) async fn host_cookies(mut request: Request, next: Next) -> Response {
    let realm = realm(request.uri().path()).map(str::to_owned);
    take_in(request.headers_mut(), realm.as_deref());
    let mut response = next.run(request).await;
    give_out(response.headers_mut());
    response
}

/// The realm of `/console/{realm}` and what is below it.
fn realm(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/console/")?;
    rest.split('/').next().filter(|realm| !realm.is_empty())
}

/// Cookies of this realm and of all realms, by their plain names.
fn take_in(headers: &mut HeaderMap, realm: Option<&str>) {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(PREFIX)?.split_once('='));
    let own: Vec<String> = pairs
        .filter_map(|(name, value)| match name.split_once('.') {
            None => Some(format!("{name}={value}")),
            Some((name, of)) if Some(of) == realm => Some(format!("{name}={value}")),
            Some(_) => None,
        })
        .collect();
    headers.remove(header::COOKIE);
    if let Ok(line) = HeaderValue::try_from(own.join("; "))
        && !own.is_empty()
    {
        headers.insert(header::COOKIE, line);
    }
}

fn give_out(headers: &mut HeaderMap) {
    let lines: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|line| HeaderValue::try_from(prefixed(line.to_str().ok()?)?).ok())
        .collect();
    headers.remove(header::SET_COOKIE);
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
}

/// `NAME=VALUE; Path=/console/REALM; …` as `__Host-NAME.REALM=VALUE; Path=/; Secure; …`.
fn prefixed(line: &str) -> Option<String> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let (mut path, mut others) = ("/", String::new());
    for part in parts {
        match part.split_once('=') {
            Some((key, value)) if key.eq_ignore_ascii_case("path") => path = value,
            _ if part.eq_ignore_ascii_case("secure") => {}
            _ => {
                others.push_str("; ");
                others.push_str(part);
            }
        }
    }
    let of = realm(path).map_or_else(String::new, |realm| format!(".{realm}"));
    Some(format!(
        "{PREFIX}{name}{of}={value}; Path=/; Secure{others}"
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn taken_in(line: &str, path: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, line.parse().unwrap());
        take_in(&mut headers, realm(path));
        let line = headers.get(header::COOKIE)?;
        Some(line.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_realms_cookie_carries_the_realm_in_its_name() {
        assert_eq!(
            prefixed(
                "genkan=abc; Path=/console/990019; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
            )
            .unwrap(),
            "__Host-genkan.990019=abc; Path=/; Secure; Max-Age=60; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            prefixed("language=en; Path=/; HttpOnly").unwrap(),
            "__Host-language=en; Path=/; Secure; HttpOnly"
        );
    }

    #[test]
    fn only_what_has_the_prefix_and_is_of_the_realm_is_handed_on() {
        let line =
            "genkan=evil; __Host-genkan.990019=own; __Host-genkan.990027=other; __Host-language=en";
        assert_eq!(
            taken_in(line, "/console/990019/me").unwrap(),
            "genkan=own; language=en"
        );
        assert_eq!(taken_in(line, "/").unwrap(), "language=en");
        assert_eq!(taken_in("genkan=evil", "/console/990019"), None);
    }
}
