//! The plain console: applications as they came, their values with sources, their paper. Japanese; no script.
//!
//! There is no log-in yet, so it is served on a loopback listener only, and says so on every page.

mod find;
mod pages;
mod papers;
mod words;

use ::application::Application;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kiosk_api::{ApplicationId, Problem, ProblemCode, SealedApplication};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::find::Wanted;
use crate::applications::open;
use crate::cloud::Shared;
use crate::device::InPath;
use crate::refusal::Refusal;
use crate::store::ApplicationRow;
use crate::tenant::Tenant;

/// Most rows of one list.
const MOST: i64 = 200;

/// The console's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(towns))
        .routes(routes!(style))
        .routes(routes!(applications))
        .routes(routes!(find_application))
        .routes(routes!(application))
        .routes(routes!(papers::pdf))
        .routes(routes!(papers::picture))
}

/// The style sheet.
#[utoipa::path(
    get, path = "/console/style.css", tag = "console",
    responses((status = 200, description = "Style sheet", body = String, content_type = "text/css"))
)]
async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../templates/style.css"),
    )
        .into_response()
}

/// The towns.
#[utoipa::path(
    get, path = "/", tag = "console",
    responses((status = 200, description = "Page", body = String, content_type = "text/html"))
)]
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

/// A town's applications, newest first, with staff calls and kiosks.
#[utoipa::path(
    get, path = "/console/{tenant}", tag = "console", params(("tenant" = String, Path)),
    responses(
        (status = 200, description = "Page", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn applications(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
) -> Result<Html<String>, Refusal> {
    list(&cloud, &tenant, pages::Search::default()).await
}

#[derive(Deserialize)]
struct FindQuery {
    #[serde(default)]
    q: String,
}

/// Goes to the application of a scanned code or a typed reception number.
#[utoipa::path(
    get, path = "/console/{tenant}/find", tag = "console",
    params(("tenant" = String, Path), ("q" = String, Query, description = "Text of a paper's code, or a reception number")),
    responses(
        (status = 303, description = "There it is"),
        (status = 200, description = "The list, which says why there is none", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn find_application(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
    Query(query): Query<FindQuery>,
) -> Result<Response, Refusal> {
    let found = match find::wanted(&query.q, tenant.code.as_str()) {
        Wanted::Unclear(why) => Err(why),
        Wanted::Reception(number) => cloud
            .store
            .application_by_reception(&tenant.code, &number)
            .await?
            .ok_or("この受付番号の申請は届いていません。端末が送信を終えるまでお待ちください。"),
        Wanted::Application(id, reception) => cloud
            .store
            .application(&tenant.code, id)
            .await?
            .filter(|(row, _)| row.reception == reception)
            .map(|_| id)
            .ok_or("このコードの申請は届いていません。端末が送信を終えるまでお待ちください。"),
    };
    match found {
        Ok(id) => {
            let place = format!("/console/{}/applications/{id}", tenant.code);
            Ok(Redirect::to(&place).into_response())
        }
        Err(problem) => {
            let search = pages::Search {
                typed: query.q,
                problem: Some(problem),
            };
            Ok(list(&cloud, &tenant, search).await?.into_response())
        }
    }
}

async fn list(
    cloud: &Shared,
    tenant: &Tenant,
    search: pages::Search,
) -> Result<Html<String>, Refusal> {
    let rows = cloud.store.list_applications(&tenant.code, MOST).await?;
    let calls = cloud.store.staff_calls(&tenant.code, 10).await?;
    let kiosks = cloud.store.kiosks(&tenant.code).await?;
    let catalogue = tenant.catalogue();
    let event = |kind: &str| words::event(catalogue.as_deref(), kind);
    html(&pages::Applications {
        town: tenant.name.clone(),
        code: tenant.code.to_string(),
        search,
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

#[derive(Deserialize)]
struct PaperQuery {
    /// Which form is shown, from 1.
    paper: Option<usize>,
}

/// One application: values with their sources beside the form that they stand on.
#[utoipa::path(
    get, path = "/console/{tenant}/applications/{id}", tag = "console",
    params(("tenant" = String, Path), ("id" = String, Path), ("paper" = Option<usize>, Query, description = "Which form is shown, from 1")),
    responses(
        (status = 200, description = "Page", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant or application", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn application(
    State(cloud): State<Shared>,
    InPath(tenant): InPath,
    place: Path<(String, String)>,
    Query(query): Query<PaperQuery>,
) -> Result<Html<String>, Refusal> {
    let Path((_, id)) = place;
    let (row, opened) = opened(&cloud, &tenant, &id).await?;
    let made_with = tenant.forms_of(&opened, row.received_at);
    let (catalogue, forms) = (
        tenant.catalogue(),
        made_with.as_ref().ok().cloned().or_else(|| tenant.forms()),
    );
    let event = words::event(catalogue.as_deref(), &row.event);
    let number = query.paper.unwrap_or(1);
    let shown = papers::shown(&cloud, tenant.clone(), &opened, made_with, number).await;
    html(&pages::ApplicationPage::new(
        &tenant,
        &row,
        &opened,
        event,
        forms.as_deref(),
        shown,
    ))
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
