//! The database's address.

use url::Url;

use crate::private_url::is_this_machine;

/// A PostgreSQL on another machine is spoken to over TLS, and its certificate is checked.
pub(super) fn check(database: &str) -> Result<(), String> {
    if !database.starts_with("postgres") {
        return Ok(());
    }
    let url = Url::parse(database).map_err(|error| format!("database = {database:?}: {error}"))?;
    let option = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    let named = option("host").or_else(|| option("hostaddr"));
    let here = match named.as_deref() {
        // A socket is a file of this machine.
        Some(host) => {
            host.starts_with('/') || host == "localhost" || host == "127.0.0.1" || host == "::1"
        }
        None => {
            url.host_str().is_none_or(str::is_empty)
                || is_this_machine(&url)
                || is_loopback_name(&url)
        }
    };
    let mode = option("sslmode").or_else(|| option("ssl-mode"));
    let checked = matches!(mode.as_deref(), Some("verify-full" | "verify-ca"));
    if here || checked {
        return Ok(());
    }
    Err(format!(
        "database = {database:?}: another machine's database is spoken to over TLS only: add ?sslmode=verify-full (and sslrootcert=FILE for \
         the town hall's own authority)"
    ))
}

/// The parser leaves hosts of other schemes than http as names.
fn is_loopback_name(url: &Url) -> bool {
    let name = url.host_str().unwrap_or_default();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.starts_with("%2F")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::check;

    #[test]
    fn a_database_of_another_machine_needs_tls() {
        for good in [
            "sqlite:data/cloud.sqlite",
            "postgres://genkan@127.0.0.1:5432/genkan",
            "postgres://genkan@localhost/genkan",
            "postgres://genkan@[::1]/genkan",
            "postgresql:///genkan?host=/var/run/postgresql",
            "postgres://genkan@%2Fvar%2Frun%2Fpostgresql/genkan",
            "postgres://genkan@db.example/genkan?sslmode=verify-full",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for plain in [
            "postgres://genkan@db.example/genkan",
            "postgres://genkan@10.0.0.5/genkan?sslmode=prefer",
            "postgres://genkan@10.0.0.5/genkan?sslmode=require",
            "postgres://genkan@localhost/genkan?host=db.example",
        ] {
            assert!(check(plain).unwrap_err().contains("sslmode"), "{plain}");
        }
    }
}
