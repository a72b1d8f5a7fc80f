//! `GET /healthz`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cloud_store::Unwell;
use serde::Serialize;
use utoipa::ToSchema;

use crate::cloud::Shared;

/// How the service is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`, or `failing` when the database would not keep what is written now.
    pub status: &'static str,
    /// Why it is failing: `locked` (another program holds the write lock), `full` (no room on the disk), `replaced` (the
    /// database's file is another one or gone), `corrupt` (a page is damaged), `unwritable` (the disk refuses), `read_only`, or `away` (no answer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
    /// Version of the program.
    pub version: &'static str,
    /// `sqlite` or `postgresql`.
    pub database: &'static str,
    /// Trust anchors and revocation lists in use; absent when card login is not set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardHealth>,
    /// Each town.
    pub tenants: Vec<TenantHealth>,
}

/// What card login stands on.
#[derive(Serialize, ToSchema)]
pub struct CardHealth {
    /// Trust anchors.
    pub trust_anchors: usize,
    /// Revocation lists.
    pub revocation_lists: usize,
}

/// One town.
#[derive(Serialize, ToSchema)]
pub struct TenantHealth {
    /// 全国地方公共団体コード
    pub code: String,
    /// Catalogue edition that is served.
    pub catalogue: Option<String>,
    /// Forms edition that is served.
    pub forms: Option<String>,
}

/// Whether the service can work.
#[utoipa::path(
    get, path = "/healthz", tag = "operations",
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 503, description = "The database would not keep what is written now; `problem` says why", body = Health),
    )
)]
pub async fn get_health(State(cloud): State<Shared>) -> (StatusCode, Json<Health>) {
    let database = cloud.store.health().await;
    let health = Health {
        status: if database.is_ok() { "ok" } else { "failing" },
        problem: database.err().map(Unwell::as_str),
        version: env!("CARGO_PKG_VERSION"),
        database: cloud.store.kind(),
        card: cloud.card.as_ref().map(|card| {
            let (trust_anchors, revocation_lists) = card.authority.counts();
            CardHealth {
                trust_anchors,
                revocation_lists,
            }
        }),
        tenants: cloud
            .tenants
            .values()
            .map(|tenant| TenantHealth {
                code: tenant.code.to_string(),
                catalogue: tenant
                    .edition()
                    .map(|published| published.edition.edition.clone()),
                forms: tenant
                    .forms()
                    .map(|published| published.edition.edition.clone()),
            })
            .collect(),
    };
    let status = if database.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health))
}
