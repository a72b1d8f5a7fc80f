//! The plain console: applications as they came, their values with sources, their paper. Japanese; no script.
//!
//! There is no log-in yet, so it is served on a loopback listener only, and says so on every page.

mod pages;
mod words;

use ::application::Application;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use kiosk_api::{ApplicationId, ProblemCode, SealedApplication};

use crate::applications::open;
use crate::cloud::Shared;
use crate::device::InPath;
use crate::refusal::Refusal;
use crate::store::ApplicationRow;
use crate::tenant::Tenant;

/// Most rows of one list.
const MOST: i64 = 200;

/// The console's routes.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(towns))
        .route("/console/style.css", get(style))
        .route("/console/{tenant}", get(applications))
        .route("/console/{tenant}/applications/{id}", get(application))
        .route(
            "/console/{tenant}/applications/{id}/forms/{number}",
            get(form),
        )
}

async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../templates/style.css"),
    )
        .into_response()
}

async fn towns(State(cloud): State<Shared>) -> Result<Html<String>, Refusal> {
    let mut towns = Vec::new();
    for tenant in cloud.tenants.values() {
        let count = cloud.store.count_applications(&tenant.code).await?;
        towns.push(pages::TownRow {
            code: tenant.code.to_string(),
            name: tenant.name.clone(),
            count,
        });
    }
    html(&pages::Towns { towns })
}

async fn applications(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
) -> Result<Html<String>, Refusal> {
    let rows = cloud.store.list_applications(&tenant.code, MOST).await?;
    let calls = cloud.store.staff_calls(&tenant.code, 10).await?;
    let kiosks = cloud.store.kiosks(&tenant.code).await?;
    let catalogue = tenant.catalogue();
    let event = |kind: &str| words::event(catalogue.as_deref(), kind);
    html(&pages::Applications {
        town: tenant.name.clone(),
        code: tenant.code.to_string(),
        rows: rows
            .iter()
            .map(|row| pages::ApplicationLine::new(row, event(&row.event)))
            .collect(),
        calls: calls.iter().map(pages::CallLine::new).collect(),
        kiosks: kiosks
            .iter()
            .map(|row| pages::KioskLine::new(row, cloud.clock.now()))
            .collect(),
    })
}

async fn application(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
    Path((_, id)): Path<(String, String)>,
) -> Result<Html<String>, Refusal> {
    let (row, opened) = opened(&cloud, &tenant, &id).await?;
    let (catalogue, forms) = (tenant.catalogue(), tenant.forms());
    let event = words::event(catalogue.as_deref(), &row.event);
    html(&pages::ApplicationPage::new(
        &tenant,
        &row,
        &opened,
        event,
        forms.as_deref(),
    ))
}

/// The `number`th form (from 1) as PDF.
async fn form(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
    Path((_, id, number)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let number: usize = number.parse().map_err(|_| ProblemCode::NotFound)?;
    let (row, opened) = opened(&cloud, &tenant, &id).await?;
    let index = number.checked_sub(1).ok_or(ProblemCode::NotFound)?;
    let pdf = tokio::task::spawn_blocking(move || cloud.paper.pdf(&tenant, &opened, index))
        .await
        .map_err(|_| ProblemCode::Internal)??;
    let name = format!("inline; filename=\"{}-{number}.pdf\"", row.reception);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, pdf).into_response())
}

async fn opened(
    cloud: &Shared,
    tenant: &Tenant,
    id: &str,
) -> Result<(ApplicationRow, Application), Refusal> {
    let id = ApplicationId(id.parse().map_err(|_| ProblemCode::NotFound)?);
    let found = cloud.store.application(&tenant.code, id).await?;
    let (row, envelope) = found.ok_or(ProblemCode::NotFound)?;
    let sealed: SealedApplication =
        serde_json::from_slice(&envelope).map_err(|_| ProblemCode::Internal)?;
    let application = open(tenant, &sealed)?;
    Ok((row, application))
}

fn html(page: &impl Template) -> Result<Html<String>, Refusal> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "console page");
        ProblemCode::Internal.into()
    })
}
