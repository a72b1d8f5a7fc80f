//! Guessing is slow: tries are counted by the name that is typed, whether or not anybody has it, and by the address that they
//! come from, before they are tried. A browser in which the person has logged in before has a count of its own, so that
//! guesses from elsewhere shut nobody out, not even the only administrator.

use std::convert::Infallible;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cloud_store::audit::AuditEvent;
use cloud_store::{FailedTry, LogInLimit, Realm, StoreError};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{BROWSER_COOKIE, KnownBrowser};
use crate::client_address::counted_address;
use crate::cloud::{Cloud, Shared};
use crate::cookies;
use crate::tenant::RealmKey;

/// How many at once after a rest, and how often one more after them.
struct Pace {
    most: i32,
    every: SignedDuration,
}

/// Of a name: twenty an hour.
const BY_NAME: Pace = Pace {
    most: 5,
    every: SignedDuration::from_mins(3),
};
/// Of an address: everybody behind it.
const BY_ADDRESS: Pace = Pace {
    most: 40,
    every: SignedDuration::from_secs(20),
};
/// Of the second factor: six digits are fewer than passwords, so one in a quarter hour.
const BY_CODE: Pace = Pace {
    most: 5,
    every: SignedDuration::from_mins(15),
};
/// What stands on the page of whoever is too fast.
pub const WAIT: SignedDuration = BY_NAME.every;
/// Failures of so long become one entry of the trail.
pub const FAILURE_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// How often windows are looked at.
const LOOK: std::time::Duration = std::time::Duration::from_secs(60);

/// Who tries to log in, before it is known who that is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visitor {
    /// Network address; empty for who sits at the machine itself.
    pub address: String,
    /// Their browser, if somebody has logged in with it before.
    pub browser: Option<KnownBrowser>,
}

impl Visitor {
    /// The buckets of a password for this name.
    pub(super) fn limits(&self, key: &RealmKey, login: &str) -> Vec<LogInLimit> {
        if let Some(browser) = self.known(key, login) {
            return vec![limit("browser", &browser.of(login), &BY_NAME)];
        }
        let by_address = || limit("address", &self.address, &BY_ADDRESS);
        let mut limits = Vec::new();
        limits.extend((!self.address.is_empty()).then(by_address));
        limits.push(limit("name", login, &BY_NAME));
        limits
    }

    /// The bucket of a code for this person.
    pub(super) fn code_limits(&self, key: &RealmKey, login: &str) -> Vec<LogInLimit> {
        vec![match self.known(key, login) {
            Some(browser) => limit("code in browser", &browser.of(login), &BY_CODE),
            None => limit("code", login, &BY_CODE),
        }]
    }

    /// The same of a session that is logged in: a stranger cannot use it up.
    pub(super) fn proof_limits(session: &[u8]) -> Vec<LogInLimit> {
        vec![limit("session", &hex(session), &BY_NAME)]
    }

    fn known(&self, key: &RealmKey, login: &str) -> Option<&KnownBrowser> {
        let browser = self.browser.as_ref();
        browser.filter(|browser| browser.knows(key, login))
    }
}

/// The bucket of the confirmation number by which somebody is confirmed.
pub(super) fn confirmation_number_limit(person: &str) -> LogInLimit {
    limit("confirmation number", person, &BY_CODE)
}

fn limit(kind: &str, what: &str, pace: &Pace) -> LogInLimit {
    LogInLimit {
        bucket: digest(&SHA256, format!("{kind} {what}").as_bytes())
            .as_ref()
            .to_vec(),
        most: pace.most,
        every: pace.every,
    }
}

/// A session's hash as its page's forms carry it.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        let browser = cookies::presented(&parts.headers, BROWSER_COOKIE);
        Ok(Self {
            address: counted_address(parts),
            browser: browser.and_then(KnownBrowser::presented),
        })
    }
}

impl Cloud {
    /// Counts a failure in the trail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_failed_try(
        &self,
        realm: &Realm,
        address: &str,
        reason: &str,
        object: &str,
    ) -> Result<(), StoreError> {
        let failed = FailedTry {
            event: AuditEvent::LogInFailed,
            reason: reason.to_owned(),
            object: object.to_owned(),
            address: address.to_owned(),
        };
        let now = self.clock.now();
        self.end_failure_windows(realm, now).await?;
        self.store.count_failed_try(realm, &failed, now).await
    }

    /// Brings into the trail what windows that are over have counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_failure_windows(
        &self,
        realm: &Realm,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match now.checked_sub(FAILURE_WINDOW) {
            Ok(begun_before) => self.store.end_windows(realm, begun_before, now).await,
            Err(_) => Ok(()),
        }
    }
}

/// Ends windows and forgets full buckets of every realm, until `stop` says so.
pub async fn run(cloud: Shared, mut stop: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = look.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let towns = cloud.tenants.keys().map(Realm::from);
        for realm in towns.chain([Realm::Platform]) {
            let now = cloud.clock.now();
            let done = async {
                cloud.end_failure_windows(&realm, now).await?;
                cloud.store.forget_full_limits(&realm, now).await
            };
            if let Err(error) = done.await {
                tracing::error!(%realm, %error, "failed tries");
            }
        }
    }
}
