//! Opening an application that is handed off.

use application::Application;
use cloud_store::ApplicationRow;
use kiosk_api::ApplicationId;

use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// An application, opened, with the corrections of staff.
pub(super) async fn opened(
    cloud: &Shared,
    tenant: &Tenant,
    id: ApplicationId,
) -> Result<(ApplicationRow, Application), Refusal> {
    let opened = cloud.opened(tenant, id).await?;
    Ok((opened.row, opened.now))
}
