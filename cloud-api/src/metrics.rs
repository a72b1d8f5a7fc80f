//! `GET /metrics`, in Prometheus' text format. Labels are routes, codes, towns and kiosks.

use std::time::Duration;

use jiff::Timestamp;
use kiosk_api::{Heartbeat, KioskId, TenantCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: String,
    status: u32,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    tenant: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KioskLabels {
    tenant: String,
    kiosk: String,
}

/// The counters.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    logins: Family<OutcomeLabels, Counter>,
    applications: Family<OutcomeLabels, Counter>,
    kiosk_seen: Family<KioskLabels, Gauge>,
    kiosk_outbox: Family<KioskLabels, Gauge>,
}

fn histogram() -> Histogram {
    Histogram::new([
        0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
    ])
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("genkan");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let (logins, applications) = (Family::default(), Family::default());
        let (kiosk_seen, kiosk_outbox) = (Family::default(), Family::default());
        registry.register(
            "requests",
            "Requests by route, method and status",
            requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Time to answer, by route",
            seconds.clone(),
        );
        registry.register("card_logins", "Card logins by outcome", logins.clone());
        registry.register(
            "applications",
            "Applications received, new or repeated",
            applications.clone(),
        );
        registry.register(
            "kiosk_seen_timestamp_seconds",
            "When a kiosk was heard last",
            kiosk_seen.clone(),
        );
        registry.register(
            "kiosk_outbox",
            "Applications that wait in a kiosk",
            kiosk_outbox.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            logins,
            applications,
            kiosk_seen,
            kiosk_outbox,
        }
    }
}

impl Metrics {
    /// One answered request. `route` is the pattern, never the path itself.
    pub fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        let labels = RequestLabels {
            route: route.to_owned(),
            method: method.to_owned(),
            status: u32::from(status),
        };
        self.requests.get_or_create(&labels).inc();
        self.seconds
            .get_or_create(&RouteLabels {
                route: route.to_owned(),
            })
            .observe(took.as_secs_f64());
    }

    /// One card login.
    pub fn login(&self, tenant: &TenantCode, outcome: &str) {
        self.logins
            .get_or_create(&outcome_labels(tenant, outcome))
            .inc();
    }

    /// One application.
    pub fn application(&self, tenant: &TenantCode, outcome: &str) {
        self.applications
            .get_or_create(&outcome_labels(tenant, outcome))
            .inc();
    }

    /// One heartbeat.
    pub fn heartbeat(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        now: Timestamp,
        heartbeat: &Heartbeat,
    ) {
        let labels = KioskLabels {
            tenant: tenant.to_string(),
            kiosk: kiosk.to_string(),
        };
        self.kiosk_seen.get_or_create(&labels).set(now.as_second());
        self.kiosk_outbox
            .get_or_create(&labels)
            .set(i64::from(heartbeat.outbox));
    }

    /// The text format.
    ///
    /// # Errors
    /// When a label can't be written.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn outcome_labels(tenant: &TenantCode, outcome: &str) -> OutcomeLabels {
    OutcomeLabels {
        tenant: tenant.to_string(),
        outcome: outcome.to_owned(),
    }
}
