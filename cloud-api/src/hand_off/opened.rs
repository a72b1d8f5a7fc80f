//! Opening an application that is handed off.

use application::Application;
use cloud_store::ApplicationRow;
use kiosk_api::ApplicationId;

use crate::clients::Caller;
use crate::cloud::Shared;
use crate::refusal::Refusal;

/// An application, opened, with the corrections of staff.
pub(super) async fn opened(
    cloud: &Shared,
    caller: &Caller,
    id: ApplicationId,
) -> Result<(ApplicationRow, Application), Refusal> {
    let opened = cloud.opened_for(caller.actor(), &caller.tenant, id).await?;
    Ok((opened.row, opened.now))
}
