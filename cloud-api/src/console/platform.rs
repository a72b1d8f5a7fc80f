//! The platform's own page: the towns of the service, in numbers. Its people see no resident's data.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use cloud_store::{Permission, Realm};
use kiosk_api::Problem;

use super::answers::{Page, PageRefusals};
use super::frame::{Frame, OPERATIONS};
use super::render::html;
use crate::cloud::Shared;
use crate::staff::{Away, Operator};

struct Town {
    code: String,
    name: String,
    people: usize,
    kiosks: usize,
    applications: i64,
}

#[derive(Template)]
#[template(path = "platform.html")]
struct PlatformPage {
    frame: Frame,
    towns: Vec<Town>,
}

/// The towns of the service.
#[utoipa::path(
    get, path = "/console/platform", tag = "console", security(("session" = ["see_towns"])),
    responses(
        (status = 404, description = "Somebody of a town", body = Problem, content_type = "application/problem+json"),
        Page, PageRefusals,
    )
)]
pub(super) async fn get_platform(
    State(cloud): State<Shared>,
    Operator(signed): Operator,
) -> Result<Html<String>, Away> {
    signed.require(&cloud, Permission::SeeTowns).await?;
    let mut towns = Vec::new();
    for tenant in cloud.tenants.values() {
        let code = &tenant.code;
        towns.push(Town {
            code: code.to_string(),
            name: tenant.name.clone(),
            people: cloud.store.people(&Realm::from(code)).await?.len(),
            kiosks: cloud.store.kiosks(code).await?.len(),
            applications: cloud.store.count_applications(code).await?,
        });
    }
    Ok(html(&PlatformPage {
        frame: Frame::inside(OPERATIONS, &signed, "", false),
        towns,
    })?)
}
