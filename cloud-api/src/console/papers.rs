//! An application's forms: as PDF for the printer, as pictures beside the values.

use std::sync::Arc;

use application::{Application, FormSet};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cloud_store::Permission;
use cloud_store::audit::AuditEvent;
use kiosk_api::{Problem, ProblemCode};

use super::answers::PageRefusals;
use super::opened::opened;
use super::refused;
use crate::cloud::Shared;
use crate::editions::Published;
use crate::form_renderer::ApplicationWithForms;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk};

/// The form beside the values: how many pages it has, or why it can't be drawn.
pub(super) struct Shown {
    pub(super) number: usize,
    pub(super) pages: Vec<usize>,
    pub(super) problem: Option<String>,
}

/// Looks at the `number`th form (from 1). A form that can't be drawn must not hide the values.
pub(super) async fn shown(
    cloud: &Shared,
    clerk: &Clerk,
    application: &Application,
    forms: Result<Arc<Published<FormSet>>, Refusal>,
    number: usize,
) -> Shown {
    let pages = match forms {
        Ok(forms) => {
            let cloud = Arc::clone(cloud);
            let made = ApplicationWithForms {
                tenant: clerk.tenant.clone(),
                application: application.clone(),
                forms,
            };
            off_threads(move || cloud.renderer.pages(&made, number.saturating_sub(1))).await
        }
        Err(refusal) => Err(refusal),
    };
    match pages {
        Ok(pages) => Shown {
            number,
            pages: (1..=pages).collect(),
            problem: None,
        },
        Err(Refusal(problem)) => Shown {
            number,
            pages: Vec::new(),
            problem: Some(match &problem.detail {
                Some(text) => refused::detail(text, clerk.language),
                None => clerk.language.of_problem(problem.code).to_owned(),
            }),
        },
    }
}

/// The `number`th form (from 1) as PDF, drawn with the edition that it was made with.
#[utoipa::path(
    get, path = "/console/{tenant}/applications/{id}/forms/{number}", tag = "console", security(("session" = ["read_application"])),
    params(("tenant" = String, Path), ("id" = String, Path), ("number" = usize, Path, description = "From 1")),
    responses(
        (status = 200, description = "PDF/A-2a", body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, description = "No such tenant, application or form, or its edition is not kept", body = Problem, content_type = "application/problem+json"),
        PageRefusals,
    )
)]
pub(super) async fn pdf(
    State(cloud): State<Shared>,
    clerk: Clerk,
    path: Path<(String, String, String)>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ReadApplication).await?;
    let Path((_, id, number)) = path;
    let index = from_one(&number)?;
    let (reception, made) = made(&cloud, &clerk, &id).await?;
    // A browser prints what it opened; from here on the paper is out of the service's sight.
    let record = clerk.record(AuditEvent::Printed).about(&id);
    let record = record.with(serde_json::json!({ "paper": index + 1 }));
    cloud.store.record(&clerk.realm, &record).await?;
    let pdf = off_threads(move || cloud.renderer.pdf(&made, index)).await?;
    let name = format!("inline; filename=\"{reception}-{number}.pdf\"");
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, pdf).into_response())
}

/// One page (from 1) of the `number`th form as picture.
#[utoipa::path(
    get, path = "/console/{tenant}/applications/{id}/forms/{number}/pages/{page}", tag = "console", security(("session" = ["read_application"])),
    params(
        ("tenant" = String, Path), ("id" = String, Path),
        ("number" = usize, Path, description = "From 1"), ("page" = usize, Path, description = "From 1"),
    ),
    responses(
        (status = 200, description = "Picture", body = Vec<u8>, content_type = "image/png"),
        (status = 404, description = "No such tenant, application, form or page, or its edition is not kept", body = Problem, content_type = "application/problem+json"),
        PageRefusals,
    )
)]
pub(super) async fn picture(
    State(cloud): State<Shared>,
    clerk: Clerk,
    path: Path<(String, String, String, String)>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ReadApplication).await?;
    let Path((_, id, number, page)) = path;
    let (index, page) = (from_one(&number)?, from_one(&page)?);
    let (_, made) = made(&cloud, &clerk, &id).await?;
    let record = clerk.record(AuditEvent::Viewed).about(&id);
    let record = record.with(serde_json::json!({ "paper": index + 1, "page": page }));
    cloud.store.record(&clerk.realm, &record).await?;
    let png = off_threads(move || cloud.renderer.png(&made, index, page)).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

async fn made(
    cloud: &Shared,
    clerk: &Clerk,
    id: &str,
) -> Result<(String, ApplicationWithForms), Refusal> {
    let tenant = clerk.tenant.clone();
    let opened = opened(cloud, clerk, id).await?;
    let forms = tenant.forms_of(&opened.now, opened.row.received_at)?;
    let made = ApplicationWithForms {
        tenant,
        application: opened.now,
        forms,
    };
    Ok((opened.row.reception, made))
}

async fn off_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ProblemCode::Internal)?
}

/// `1` → 0.
fn from_one(text: &str) -> Result<usize, Refusal> {
    let number: usize = text.parse().map_err(|_| ProblemCode::NotFound)?;
    Ok(number.checked_sub(1).ok_or(ProblemCode::NotFound)?)
}
