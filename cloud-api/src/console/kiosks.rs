//! The page of the town's kiosks: how they are, and who called staff.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use cloud_store::Permission;

use super::answers::{NoTown, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::kiosk_lines::{CallLine, KioskLine};
use super::render::html;
use crate::cloud::Shared;
use crate::staff::{Away, Clerk};

/// Most calls shown.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "kiosks.html")]
struct KiosksPage {
    frame: Frame,
    kiosks: Vec<KioskLine>,
    calls: Vec<CallLine>,
    live: bool,
}

/// Kiosks and calls.
#[utoipa::path(
    get, path = "/console/{tenant}/kiosks", tag = "console", security(("session" = ["see_kiosks"])),
    params(("tenant" = String, Path)),
    responses(Page, PageRefusals, NoTown)
)]
pub(super) async fn get_kiosks(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::SeeKiosks).await?;
    let code = &clerk.tenant.code;
    let kiosks = cloud.store.kiosks(code).await?;
    let calls = cloud.store.staff_calls(code, MOST).await?;
    let masters = cloud.store.masters(code).await?.masters;
    Ok(html(&KiosksPage {
        frame: frame(&cloud, &clerk, "/kiosks"),
        kiosks: kiosks
            .iter()
            .map(|row| KioskLine::new(clerk.language, row, &masters, clerk.now))
            .collect(),
        calls: calls
            .iter()
            .map(|row| CallLine::new(clerk.language, row))
            .collect(),
        live: cloud.console.htmx.is_some(),
    })?)
}
