//! The console: what people of a town hall work with. Japanese, server-rendered; htmx renews lists where it is served.
//!
//! Every page but the list of towns and the log-in is for somebody who is logged in to the realm that its path names.

mod find;
mod frame;
mod links;
mod log_in;
mod me;
mod pages;
mod papers;
mod provider;
mod refused;
mod words;

use std::sync::Arc;

use ::application::Application;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kiosk_api::{ApplicationId, Problem, ProblemCode, SealedApplication};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::find::Wanted;
use self::frame::Frame;
use crate::applications::open;
use crate::audit::Deed;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::{Action, Away, Clerk};
use crate::store::{ApplicationRow, Realm};
use crate::tenant::Tenant;

/// Most rows of one list.
const MOST: i64 = 200;

/// The console's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(towns))
        .routes(routes!(style))
        .routes(routes!(htmx))
        .routes(routes!(log_in::get_log_in, log_in::post_log_in))
        .routes(routes!(log_in::get_code, log_in::post_code))
        .routes(routes!(log_in::get_enrol, log_in::post_enrol))
        .routes(routes!(log_in::post_log_out))
        .routes(routes!(me::me))
        .routes(routes!(links::links))
        .routes(routes!(links::post_job))
        .routes(routes!(links::post_letter))
        .routes(routes!(provider::to_provider))
        .routes(routes!(provider::from_provider))
        .routes(routes!(applications))
        .routes(routes!(find_application))
        .routes(routes!(application))
        .routes(routes!(papers::pdf))
        .routes(routes!(papers::picture))
        .layer(axum::middleware::from_fn(refused::as_page))
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

/// htmx, when the settings name its file.
#[utoipa::path(
    get, path = "/console/htmx.js", tag = "console",
    responses(
        (status = 200, description = "Script", body = String, content_type = "text/javascript"),
        (status = 404, description = "Not served", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn htmx(State(cloud): State<Shared>) -> Result<Response, Refusal> {
    let script = cloud.office.htmx.clone().ok_or(ProblemCode::NotFound)?;
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    Ok((kind, script).into_response())
}

/// The towns.
#[utoipa::path(
    get, path = "/", tag = "console",
    responses((status = 200, description = "Page", body = String, content_type = "text/html"))
)]
async fn towns(State(cloud): State<Shared>) -> Result<Html<String>, Refusal> {
    let town = |tenant: &Arc<Tenant>| pages::TownRow {
        code: tenant.code.to_string(),
        name: tenant.name.clone(),
    };
    html(&pages::Towns {
        frame: Frame::outside("", &Realm::Platform),
        towns: cloud.tenants.values().map(town).collect(),
    })
}

/// A town's applications, newest first, with staff calls and kiosks.
#[utoipa::path(
    get, path = "/console/{tenant}", tag = "console", security(("session" = ["list_applications"])), params(("tenant" = String, Path)),
    responses(
        (status = 200, description = "Page", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn applications(State(cloud): State<Shared>, clerk: Clerk) -> Result<Html<String>, Away> {
    Ok(list(&cloud, &clerk, pages::Search::default()).await?)
}

#[derive(Deserialize)]
struct FindQuery {
    #[serde(default)]
    q: String,
}

/// Goes to the application of a scanned code or a typed reception number.
#[utoipa::path(
    get, path = "/console/{tenant}/find", tag = "console", security(("session" = ["list_applications"])),
    params(("tenant" = String, Path), ("q" = String, Query, description = "Text of a paper's code, or a reception number")),
    responses(
        (status = 303, description = "There it is"),
        (status = 200, description = "The list, which says why there is none", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn find_application(
    State(cloud): State<Shared>,
    clerk: Clerk,
    Query(query): Query<FindQuery>,
) -> Result<Response, Away> {
    clerk.needs(&cloud, Action::ListApplications).await?;
    let tenant = &clerk.tenant;
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
            Ok(list(&cloud, &clerk, search).await?.into_response())
        }
    }
}

async fn list(
    cloud: &Shared,
    clerk: &Clerk,
    search: pages::Search,
) -> Result<Html<String>, Refusal> {
    clerk.needs(cloud, Action::ListApplications).await?;
    let tenant = &clerk.tenant;
    let rows = cloud.store.list_applications(&tenant.code, MOST).await?;
    let calls = cloud.store.staff_calls(&tenant.code, 10).await?;
    let kiosks = cloud.store.kiosks(&tenant.code).await?;
    let catalogue = tenant.catalogue();
    let event = |kind: &str| words::event(catalogue.as_deref(), kind);
    let shown = clerk
        .note(Deed::Listed)
        .with(json!({ "shown": rows.len() }));
    cloud.store.note(&clerk.realm, &shown).await?;
    html(&pages::Applications {
        frame: frame(cloud, clerk, ""),
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
    get, path = "/console/{tenant}/applications/{id}", tag = "console", security(("session" = ["read_application"])),
    params(("tenant" = String, Path), ("id" = String, Path), ("paper" = Option<usize>, Query, description = "Which form is shown, from 1")),
    responses(
        (status = 200, description = "Page", body = String, content_type = "text/html"),
        (status = 404, description = "No such tenant or application", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn application(
    State(cloud): State<Shared>,
    clerk: Clerk,
    place: Path<(String, String)>,
    Query(query): Query<PaperQuery>,
) -> Result<Html<String>, Away> {
    clerk.needs(&cloud, Action::ReadApplication).await?;
    let (Path((_, id)), tenant) = (place, &clerk.tenant);
    let (row, opened) = opened(&cloud, tenant, &id).await?;
    let note = clerk.note(Deed::Opened).about(row.id);
    cloud.store.note(&clerk.realm, &note).await?;
    let made_with = tenant.forms_of(&opened, row.received_at);
    let (catalogue, forms) = (
        tenant.catalogue(),
        made_with.as_ref().ok().cloned().or_else(|| tenant.forms()),
    );
    let event = words::event(catalogue.as_deref(), &row.event);
    let number = query.paper.unwrap_or(1);
    let shown = papers::shown(&cloud, tenant.clone(), &opened, made_with, number).await;
    Ok(html(&pages::ApplicationPage::new(
        frame(&cloud, &clerk, ""),
        &row,
        &opened,
        event,
        forms.as_deref(),
        shown,
    ))?)
}

fn frame(cloud: &Shared, clerk: &Clerk, here: &str) -> Frame {
    Frame::inside(&clerk.tenant.name, clerk, here, cloud.office.htmx.is_some())
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
