//! Opening the application that a path names.

use cloud_store::audit::Actor;
use kiosk_api::{ApplicationId, ProblemCode};

use crate::casework::Opened;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::Clerk;

pub(super) async fn opened(cloud: &Shared, clerk: &Clerk, id: &str) -> Result<Opened, Refusal> {
    let id = ApplicationId(id.parse().map_err(|_| ProblemCode::NotFound)?);
    let actor = Actor::Staff(clerk.person.id.clone());
    cloud.opened_for(actor, &clerk.tenant, id).await
}
