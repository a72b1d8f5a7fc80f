//! One application: its values with their sources, beside the form that they are on.

use axum::extract::{Path, State};
use axum::response::Html;
use cloud_store::audit::AuditEvent;
use cloud_store::{ApplicationRow, Permission, Person};
use serde::Deserialize;

use super::answers::{Malformed, NoApplication, Page, PageRefusals};
use super::application_page::{ApplicationPage, Viewer};
use super::frame::frame;
use super::opened::opened;
use super::render::html;
use super::{papers, words};
use crate::cloud::Shared;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk};

#[derive(Deserialize)]
pub(super) struct PaperQuery {
    /// Which form is shown, from 1.
    paper: Option<usize>,
}

/// One application: values with their sources beside the form that they are on.
#[utoipa::path(
    get, path = "/console/{tenant}/applications/{id}", tag = "console", security(("session" = ["read_application"])),
    params(("tenant" = String, Path), ("id" = String, Path), ("paper" = Option<usize>, Query, description = "Which form is shown, from 1")),
    responses(Page, PageRefusals, Malformed, NoApplication)
)]
pub(super) async fn application(
    State(cloud): State<Shared>,
    clerk: Clerk,
    path: Path<(String, String)>,
    InQuery(query): InQuery<PaperQuery>,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::ReadApplication).await?;
    let Path((_, id)) = path;
    Ok(page(&cloud, &clerk, &id, query.paper.unwrap_or(1), None).await?)
}

/// The page of one application, with a message about the last action on it. Whatever it is shown for, showing it is an entry
/// of the trail.
pub(super) async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    id: &str,
    paper: usize,
    message: Option<String>,
) -> Result<Html<String>, Refusal> {
    let tenant = &clerk.tenant;
    let opened = opened(cloud, clerk, id).await?;
    let record = clerk.record(AuditEvent::Opened).about(id);
    cloud.store.record(&clerk.realm, &record).await?;
    let made_with = tenant.forms_of(&opened.now, opened.row.received_at);
    let catalogue = cloud.catalogue(tenant).await?;
    let forms = made_with.as_ref().ok().cloned().or_else(|| tenant.forms());
    let shown = papers::shown(cloud, clerk, &opened.now, made_with, paper).await;
    let claimer = claimer(cloud, clerk, &opened.row).await?;
    html(&ApplicationPage::new(
        frame(cloud, clerk, ""),
        Viewer {
            clerk,
            claimer,
            message,
        },
        &opened,
        words::event(
            clerk.language,
            catalogue.as_ref().map(|town| &town.value),
            &opened.row.event,
        ),
        forms.as_deref(),
        shown,
    ))
}

/// Who has claimed an application and still has it.
async fn claimer(
    cloud: &Shared,
    clerk: &Clerk,
    row: &ApplicationRow,
) -> Result<Option<Person>, Refusal> {
    let claim = row.claim.as_ref().filter(|(_, until)| *until > clerk.now);
    let Some((staff, _)) = claim else {
        return Ok(None);
    };
    let person = cloud.store.person(&clerk.realm, staff).await?;
    Ok(person.map(|(person, _)| person))
}
