//! A town's masters in use: laid over its catalogue for the cloud's own plans, and sent to its kiosks for theirs.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guidance::Catalogue;
use kiosk_api::{Problem, TownMasters};

use crate::catalogue::names;
use crate::cloud::{Cloud, Shared};
use crate::device::Device;
use crate::editions::Published;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// A town's catalogue as it works by it.
pub struct TownCatalogue {
    /// The edition, with the masters over it.
    pub value: Catalogue,
    /// The masters.
    pub masters: TownMasters,
    /// The edition without them, as signed.
    pub edition: Arc<Published<Catalogue>>,
}

/// The last one made; made anew when edition or masters change.
#[derive(Default)]
pub struct MadeCatalogue(Mutex<Option<Arc<TownCatalogue>>>);

impl MadeCatalogue {
    fn of(&self, edition: &Published<Catalogue>, revision: u64) -> Option<Arc<TownCatalogue>> {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |made: &&Arc<TownCatalogue>| {
            made.masters.revision == revision && made.edition.etag == edition.etag
        };
        made.as_ref().filter(fits).cloned()
    }

    fn keep(&self, made: &Arc<TownCatalogue>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
    }
}

impl Cloud {
    /// The catalogue of a town with its masters, if an edition is published. The store is asked each time, so that
    /// every replica plans with what was set last.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn catalogue(&self, tenant: &Tenant) -> Result<Option<Arc<TownCatalogue>>, Refusal> {
        let Some(edition) = tenant.edition() else {
            return Ok(None);
        };
        let revision = self.store.masters_revision(&tenant.code).await?;
        if let Some(made) = tenant.made.of(&edition, revision) {
            return Ok(Some(made));
        }
        let masters = self.store.masters(&tenant.code).await?;
        let value = edition.value.with_masters(&masters.masters);
        let value = value.unwrap_or_else(|error| {
            tracing::error!(tenant = %tenant.code, %error, "masters do not fit; the edition alone is used");
            edition.value.clone()
        });
        let made = Arc::new(TownCatalogue {
            value,
            masters,
            edition,
        });
        tenant.made.keep(&made);
        Ok(Some(made))
    }
}

/// The town's masters.
#[utoipa::path(
    get, path = "/v1/{tenant}/masters", tag = "editions", security(("kiosk" = [])),
    params(("tenant" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "Sites, counters, hours, closed days and fees; ETag in the header", body = TownMasters),
        (status = 304, description = "The ones that are named are still in use"),
        (status = 401, description = "Not an enrolled kiosk", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn get_masters(
    State(cloud): State<Shared>,
    device: Device,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let masters = cloud.store.masters(&device.tenant.code).await?;
    let etag = masters.etag();
    let tag = [(header::ETAG, etag.clone())];
    if names(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(masters)).into_response())
}
