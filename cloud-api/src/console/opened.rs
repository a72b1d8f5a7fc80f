//! Opening the application that a path names.

use kiosk_api::{ApplicationId, ProblemCode};

use crate::casework::Opened;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

pub(super) async fn opened(cloud: &Shared, tenant: &Tenant, id: &str) -> Result<Opened, Refusal> {
    let id = ApplicationId(id.parse().map_err(|_| ProblemCode::NotFound)?);
    cloud.opened(tenant, id).await
}
