//! The console: what people of a town hall work with. Japanese or English, server-rendered; htmx renews lists where it is served.
//!
//! Every page but the list of towns and the log-in is for somebody who is logged in to the realm that its path names.

mod answers;
mod clients;
mod enrol;
mod find;
mod frame;
mod inbox;
mod interview;
mod kiosks;
mod links;
mod log_in;
mod masters;
mod me;
mod pages;
mod papers;
mod people;
mod platform;
mod provider;
mod refused;
mod switch;
mod trail;
mod words;
mod work;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Permission, Realm};
use kiosk_api::{ApplicationId, Problem, ProblemCode};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answers::{Malformed, NoApplication, Page, PageRefusals};
use self::frame::Frame;
use crate::casework::Opened;
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::{InQuery, Refusal};
use crate::staff::{Away, Clerk};
use crate::tenant::Tenant;

/// The console's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(towns))
        .routes(routes!(style))
        .routes(routes!(htmx))
        .routes(routes!(switch::to_language))
        .routes(routes!(log_in::get_log_in, log_in::post_log_in))
        .routes(routes!(log_in::get_code, log_in::post_code))
        .routes(routes!(enrol::get_enrol, enrol::post_enrol))
        .routes(routes!(log_in::post_log_out))
        .routes(routes!(me::me))
        .routes(routes!(links::links))
        .routes(routes!(links::post_job))
        .routes(routes!(links::post_letter))
        .routes(routes!(provider::to_provider))
        .routes(routes!(provider::from_provider))
        .routes(routes!(inbox::get_inbox))
        .routes(routes!(inbox::post_find))
        .routes(routes!(work::claim))
        .routes(routes!(work::release))
        .routes(routes!(work::change_state))
        .routes(routes!(work::correct))
        .routes(routes!(work::protection))
        .routes(routes!(work::hand_off))
        .routes(routes!(application))
        .routes(routes!(papers::pdf))
        .routes(routes!(papers::picture))
        .routes(routes!(kiosks::get_kiosks))
        .routes(routes!(interview::get_interview, interview::post_interview))
        .routes(routes!(people::get_people, people::post_people))
        .routes(routes!(people::get_person, people::post_person))
        .routes(routes!(clients::post_client))
        .routes(routes!(clients::revoke_client))
        .routes(routes!(masters::get_masters, masters::post_masters))
        .routes(routes!(trail::get_trail))
        .routes(routes!(platform::get_platform))
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
#[utoipa::path(get, path = "/", tag = "console", responses(Page))]
async fn towns(State(cloud): State<Shared>, language: Language) -> Result<Html<String>, Refusal> {
    let town = |tenant: &Arc<Tenant>| pages::TownRow {
        code: tenant.code.to_string(),
        name: tenant.name.clone(),
    };
    html(&pages::Towns {
        frame: Frame::outside("", &Realm::Platform, language, "/"),
        towns: cloud.tenants.values().map(town).collect(),
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
    responses(Page, PageRefusals, Malformed, NoApplication)
)]
async fn application(
    State(cloud): State<Shared>,
    clerk: Clerk,
    place: Path<(String, String)>,
    InQuery(query): InQuery<PaperQuery>,
) -> Result<Html<String>, Away> {
    clerk.needs(&cloud, Permission::ReadApplication).await?;
    let Path((_, id)) = place;
    let record = clerk.record(AuditEvent::Opened).about(&id);
    let page = one(&cloud, &clerk, &id, query.paper.unwrap_or(1), None).await?;
    cloud.store.record(&clerk.realm, &record).await?;
    Ok(page)
}

/// The page of one application, with what is to be said about the last deed on it.
async fn one(
    cloud: &Shared,
    clerk: &Clerk,
    id: &str,
    paper: usize,
    said: Option<String>,
) -> Result<Html<String>, Refusal> {
    let tenant = &clerk.tenant;
    let opened = opened(cloud, tenant, id).await?;
    let made_with = tenant.forms_of(&opened.now, opened.row.received_at);
    let catalogue = cloud.catalogue(tenant).await?;
    let forms = made_with.as_ref().ok().cloned().or_else(|| tenant.forms());
    let shown = papers::shown(cloud, clerk, &opened.now, made_with, paper).await;
    let claimer = match &opened.row.claim {
        Some((staff, until)) if *until > clerk.now => {
            let person = cloud.store.person(&clerk.realm, staff).await?;
            person.map(|(person, _)| person)
        }
        _ => None,
    };
    html(&pages::ApplicationPage::new(
        frame(cloud, clerk, ""),
        pages::Standing {
            clerk,
            claimer,
            said,
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

fn frame(cloud: &Shared, clerk: &Clerk, here: &str) -> Frame {
    Frame::inside(&clerk.tenant.name, clerk, here, cloud.office.htmx.is_some())
}

async fn opened(cloud: &Shared, tenant: &Tenant, id: &str) -> Result<Opened, Refusal> {
    let id = ApplicationId(id.parse().map_err(|_| ProblemCode::NotFound)?);
    cloud.opened(tenant, id).await
}

fn html(page: &impl Template) -> Result<Html<String>, Refusal> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "console page");
        ProblemCode::Internal.into()
    })
}
