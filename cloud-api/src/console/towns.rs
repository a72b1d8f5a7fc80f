//! The page of the service's towns.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use cloud_store::Realm;

use super::answers::Page;
use super::frame::Frame;
use super::render::html;
use crate::cloud::Shared;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

#[derive(Template)]
#[template(path = "towns.html")]
struct TownsPage {
    frame: Frame,
    towns: Vec<TownRow>,
}

struct TownRow {
    code: String,
    name: String,
}

/// The towns.
#[utoipa::path(get, path = "/", tag = "console", responses(Page))]
pub(super) async fn towns(
    State(cloud): State<Shared>,
    language: Language,
) -> Result<Html<String>, Refusal> {
    let town = |tenant: &Arc<Tenant>| TownRow {
        code: tenant.code.to_string(),
        name: tenant.name.clone(),
    };
    html(&TownsPage {
        frame: Frame::outside("", &Realm::Platform, language, "/"),
        towns: cloud.tenants.values().map(town).collect(),
    })
}
