//! Who one is here, and what one may do.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use cloud_store::{Permission, Role};

use super::answers::{NoTown, Page};
use super::frame::{Frame, frame};
use super::render::html;
use crate::cloud::Shared;
use crate::labels::Label;
use crate::staff::{Away, Clerk};

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    frame: Frame,
    login: String,
    roles: Vec<&'static str>,
    actions: Vec<(&'static str, bool)>,
}

/// The person's own page.
#[utoipa::path(
    get, path = "/console/{tenant}/me", tag = "console", security(("session" = [])),
    params(("tenant" = String, Path)),
    responses(
        (status = 303, description = "Nobody is logged in: to the log-in"),
        Page, NoTown,
    )
)]
pub(super) async fn me(State(cloud): State<Shared>, clerk: Clerk) -> Result<Html<String>, Away> {
    let rights = &clerk.person.rights;
    Ok(html(&MePage {
        frame: frame(&cloud, &clerk, "/me"),
        login: clerk.person.login.clone(),
        roles: rights.roles.iter().copied().map(Role::japanese).collect(),
        actions: Permission::ALL
            .iter()
            .map(|action| (action.japanese(), rights.may(*action)))
            .collect(),
    })?)
}
